package sniffer

import (
	"hash/maphash"
	"net/netip"
	"sync/atomic"
	"time"
)

// learn remembers what client was told about n.
//
// Nearly all names are no AI, and all that matters of them is that an address
// that stands for an AI service stands for others too. So they only leave a mark,
// which is far cheaper than an entry, until their address is known for AI.
func (s *Sniffer) learn(n *name, client netip.Addr) {
	matters := n.verdict.AI()
	for i := range s.msg.Services {
		if v := &s.msg.Services[i]; v.ECH && len(v.PublicName) > 0 {
			matters = true
			s.stats.ECHConfigs++
			s.text = lower(s.text[:0], v.PublicName)
			s.learned.LearnECH(client, s.names.of(s.text).text, n.text, time.Duration(v.TTL)*time.Second, s.now)
		}
	}
	for i := range s.msg.Addresses {
		a := &s.msg.Addresses[i]
		pair, server := s.marks.hash(client, a.Addr)
		ttl, now := time.Duration(a.TTL)*time.Second, s.now.Unix()
		switch {
		case matters:
			if s.marks.pairs.has(pair, now) {
				s.learned.Learn(client, a.Addr, another, anotherTTL, s.now)
			} else if s.marks.servers.has(server, now) {
				s.learned.Learn(netip.Addr{}, a.Addr, another, anotherTTL, s.now)
			}
			s.marks.ai.add(server, now)
		case !s.marks.ai.has(server, now):
			s.marks.pairs.add(pair, now)
			s.marks.servers.add(server, now)
			continue
		}
		s.learned.Learn(client, a.Addr, n.text, ttl, s.now)
	}
}

// another stands for the names that only left a mark. No DNS name looks like it.
const (
	another    = "?"
	anotherTTL = 10 * time.Minute
)

// marks tell, roughly, which addresses stood for what. Sniffers may share them.
type marks struct {
	seed maphash.Seed

	pairs, servers, ai markTable // other names: by client and address, by address; AI: by address
}

func newMarks() *marks { return &marks{seed: maphash.MakeSeed()} }

// hash returns the hashes of an address that a client was given.
func (m *marks) hash(client, address netip.Addr) (pair, server uint64) {
	both := [2][16]byte{client.As16(), address.As16()}
	return maphash.Comparable(m.seed, both), maphash.Comparable(m.seed, both[1])
}

// markTable is a set of hashes. A newer one may push out an older one. Each is a
// tag, the upper half of the hash, and the second in which it was added.
type markTable [1 << 15]atomic.Uint64

// markTime is how long a mark counts, in seconds: most records live shorter.
const markTime = 600

func (t *markTable) add(hash uint64, now int64) {
	e, mark := &t[hash%uint64(len(t))], hash&^(1<<32-1)|uint64(uint32(now))
	if e.Load() != mark { // else other cores keep it in their caches
		e.Store(mark)
	}
}

func (t *markTable) has(hash uint64, now int64) bool {
	mark := t[hash%uint64(len(t))].Load()
	age := int32(uint32(now) - uint32(mark)) // below 0: a Sniffer that is ahead added it
	return mark>>32 == hash>>32 && -markTime <= age && age <= markTime
}

// lower appends b in lower case.
func lower(dst, b []byte) []byte {
	for _, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}
