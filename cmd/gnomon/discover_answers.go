package main

import (
	"maps"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/keyed"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// answers is what DNS logs say of addresses: which stood for names of AI
// services, for whom and when, and which for anything else meanwhile. All inputs
// share it; what it holds does not depend on their order.
type answers struct {
	names  *learned.Names // of AI services
	others *shadow        // addresses of all other names

	mu      sync.Mutex // guards servers and hosts
	servers map[netip.Addr]struct{}
	hosts   map[string]string // one string for each name
}

const (
	maxAIServers = 1 << 18
	maxAIHosts   = 1 << 16

	// early is how much sooner than the lookup a flow may seem to begin: logs
	// drop fractions of a second, and machines' clocks differ.
	early = 2 * time.Second
)

func newAnswers() *answers {
	return &answers{names: learned.New(0), others: newShadow(), servers: make(map[netip.Addr]struct{}), hosts: make(map[string]string)}
}

// learn takes what a lookup got; ai says that its name is an AI service's. A
// lookup without a time says nothing of when its answer held.
func (a *answers) learn(rec *logs.Record, ai bool) {
	if a == nil || rec.Blocked || rec.Time.IsZero() {
		return
	}
	from := rec.Time.Add(-early)
	if !ai {
		rec.Answers.Each(func(server netip.Addr, ttl time.Duration) {
			until := rec.Time.Add(max(ttl, learned.MinTTL))
			a.others.add(netip.Addr{}, server, from, until)
			a.others.add(rec.Client, server, from, until)
		})
		return
	}
	host := a.host(rec.Host)
	rec.Answers.Each(func(server netip.Addr, ttl time.Duration) {
		a.names.Learn(rec.Client, server, host, max(ttl, learned.MinTTL)+early, from)
		a.mu.Lock()
		if len(a.servers) < maxAIServers {
			a.servers[server] = struct{}{}
		}
		a.mu.Unlock()
	})
}

// allServers returns a copy of the addresses that names of AI services had.
func (a *answers) allServers() map[netip.Addr]struct{} {
	if a == nil {
		return make(map[netip.Addr]struct{})
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.servers)
}

// host returns a copy of name that is kept.
func (a *answers) host(name string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	own, ok := a.hosts[name]
	if !ok {
		own = strings.Clone(name)
		if len(a.hosts) < maxAIHosts {
			a.hosts[own] = own
		}
	}
	return own
}

// name returns the name of an AI service that client, or where how says so
// anybody, was given server for at that time. other says that it was given for
// something else, too, or for that only.
func (a *answers) name(client, server netip.Addr, at time.Time) (m learned.Match, other bool) {
	if a == nil {
		return m, false
	}
	if m = a.names.Name(client, server, at); m.How >= learned.ByClientLast {
		return m, a.others.covers(client, server, at)
	}
	return m, a.others.covers(netip.Addr{}, server, at)
}

// shadow notes from when to when addresses stood for names that are nothing
// special, of which there are many: one word for each client and address. Where
// two fall upon one place the later is kept, which may only cost a doubt.
type shadow struct {
	secret keyed.Secret
	words  []atomic.Uint64
}

const (
	shadowBits = 20
	// A word has a tag, the beginning and the length, in units that reach to 2068.
	shadowUnit  = 8 // seconds
	shadowBegin = 946684800
	shadowSpan  = 1<<28 - 1
)

func newShadow() *shadow {
	return &shadow{secret: keyed.NewSecret(), words: make([]atomic.Uint64, 1<<shadowBits)}
}

// place returns the word of a client and a server, and its tag.
func (s *shadow) place(client, server netip.Addr) (word *atomic.Uint64, tag uint64) {
	h := server.As16()
	b := bitsOf(netip.AddrFrom16(h))
	hash := s.secret.Words(b[0], b[1])
	if client.IsValid() {
		c := bitsOf(client)
		hash = s.secret.Words(c[0]^hash, c[1])
	}
	return &s.words[hash&(1<<shadowBits-1)], hash >> 56
}

func shadowTime(t time.Time) uint64 {
	return uint64(min(max(0, t.Unix()-shadowBegin)/shadowUnit, shadowSpan))
}

func (s *shadow) add(client, server netip.Addr, from, until time.Time) {
	word, tag := s.place(client, server)
	begin, end := shadowTime(from), shadowTime(until)+1
	for {
		old := word.Load()
		b, e := begin, end
		if old != 0 && old>>56 == tag { // one span for all: what is doubtful stays so
			b = min(b, old>>28&shadowSpan)
			e = max(e, old>>28&shadowSpan+old&shadowSpan)
		}
		if now := tag<<56 | b<<28 | min(e-b, shadowSpan); now == old || word.CompareAndSwap(old, now) {
			return
		}
	}
}

func (s *shadow) covers(client, server netip.Addr, at time.Time) bool {
	word, tag := s.place(client, server)
	w := word.Load()
	when, begin := shadowTime(at), w>>28&shadowSpan
	return w != 0 && w>>56 == tag && begin <= when && when <= begin+w&shadowSpan
}
