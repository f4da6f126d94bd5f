package sniffer

import (
	"net/netip"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/keyed"
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
	if len(s.msg.Addresses) == 0 {
		return
	}
	from, now := s.marks.secret.Address(client), s.now.Unix()
	for i := range s.msg.Addresses {
		a := &s.msg.Addresses[i]
		server := s.marks.secret.Address(a.Addr)
		pair := s.marks.secret.Words(from, server)
		ttl := time.Duration(a.TTL) * time.Second
		switch {
		case matters:
			if s.marks.pairs.has(pair, now) {
				s.learned.Learn(client, a.Addr, another, anotherTTL, s.now)
			} else if s.marks.servers.has(server, markOther, now) {
				s.learned.Learn(netip.Addr{}, a.Addr, another, anotherTTL, s.now)
			}
			s.marks.servers.add(server, markAI, now)
		case !s.marks.servers.has(server, markAI, now):
			s.marks.pairs.add(pair, now)
			s.marks.servers.add(server, markOther, now)
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

// marks tell, roughly, which addresses stood for what.
type marks struct {
	secret  keyed.Secret
	pairs   *markTable       // other names, by client and address
	servers *serverMarkTable // AI and other names, by address
}

func newMarks() marks { return marks{keyed.NewSecret(), new(markTable), new(serverMarkTable)} }

// markTable is a set of hashes. A newer one may push out an older one. Each is a
// tag, the upper half of the hash, and the second in which it was added.
type markTable [1 << 15]uint64

// markTime is how long a mark counts, in seconds: most records live shorter.
const markTime = 600

func markOf(hash uint64, now int64) uint64 { return hash&^(1<<32-1) | uint64(uint32(now)) }

func isMark(mark, hash uint64, now int64) bool {
	age := int32(uint32(now) - uint32(mark)) // below 0: captures are not quite in order
	return mark>>32 == hash>>32 && -markTime <= age && age <= markTime
}

func (t *markTable) add(hash uint64, now int64) { t[hash%uint64(len(t))] = markOf(hash, now) }

func (t *markTable) has(hash uint64, now int64) bool {
	return isMark(t[hash%uint64(len(t))], hash, now)
}

// serverMarkTable is two sets in one: of addresses that are looked for in the one
// and then put into the other.
type serverMarkTable [1 << 15][2]uint64

// The two sets.
const (
	markOther = iota
	markAI
)

func (t *serverMarkTable) add(hash uint64, which int, now int64) {
	t[hash%uint64(len(t))][which] = markOf(hash, now)
}

func (t *serverMarkTable) has(hash uint64, which int, now int64) bool {
	return isMark(t[hash%uint64(len(t))][which], hash, now)
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
