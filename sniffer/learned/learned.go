package learned

import (
	"net/netip"
	"sync/atomic"
	"time"
)

const (
	// DefaultEntries is the number of (client, server) pairs kept: a day of
	// lookups of a thousand clients.
	DefaultEntries = 1 << 16

	// MinTTL and MaxTTL bound how long a name is kept.
	MinTTL = time.Minute
	MaxTTL = 24 * time.Hour

	// maxName bounds the names that are learned. A host name has 253 bytes at
	// most; longer ones are made of escapes and belong to no service.
	maxName = 255
)

// How tells what a name was found by, the surest last.
type How uint8

// The ways.
const (
	Unknown      How = iota
	ByServer         // others were given the address for this name only
	ByECH            // the client was given ECH for this name, and for no other under that public name
	ByClientLast     // the client was given the address for several names, for this one last
	ByClient         // the client was given the address for this name only
)

var hows = [...]string{"unknown", "server", "ech", "client_last", "client"}

func (h How) String() string {
	if int(h) >= len(hows) {
		return hows[Unknown]
	}
	return hows[h]
}

// Match is a name found. The zero value means that none was.
type Match struct {
	Name string
	How  How
}

// Names are the tables.
type Names struct {
	pairs   *table[pair]
	servers *table[key]
	configs *table[pair]
	news    atomic.Pointer[outbox] // nil: nobody is told
}

// key is an address in 16 bytes, IPv4 mapped into IPv6.
type key [16]byte

type pair struct{ client, server key }

// New returns empty tables for about n pairs of client and server, a quarter as
// many servers, and an eighth as many clients with ECH; DefaultEntries when n is
// 0.
func New(n int) *Names {
	if n <= 0 {
		n = DefaultEntries
	}
	return &Names{pairs: newTable[pair](n), servers: newTable[key](n / 4), configs: newTable[pair](n / 8)}
}

// Learn notes that client was given server as an address of name, at now.
func (t *Names) Learn(client, server netip.Addr, name string, ttl time.Duration, now time.Time) {
	if t.learn(client, server, name, ttl, now) && t.news.Load() != nil {
		t.tell(Fact{Client: client, Server: server, Name: name, TTL: ttl, At: now})
	}
}

func (t *Names) learn(client, server netip.Addr, name string, ttl time.Duration, now time.Time) bool {
	if name == "" || len(name) > maxName || !server.IsValid() || server.IsUnspecified() || server.IsLoopback() {
		return false // 0.0.0.0 and ::1 are how filters say no: they stand for everything
	}
	from := now.UnixNano()
	until := from + int64(min(max(ttl, MinTTL), MaxTTL))
	s := server.As16()
	if client.IsValid() {
		t.pairs.put(pair{client.As16(), s}, name, from, until)
	}
	t.servers.put(s, name, from, until)
	return true
}

// LearnECH notes that client was given a configuration for an encrypted client
// hello to name, which shows public in its stead.
func (t *Names) LearnECH(client netip.Addr, public, name string, ttl time.Duration, now time.Time) {
	if t.learnECH(client, public, name, ttl, now) && t.news.Load() != nil && len(public) <= maxName {
		t.tell(Fact{Client: client, Public: public, Name: name, TTL: ttl, At: now})
	}
}

func (t *Names) learnECH(client netip.Addr, public, name string, ttl time.Duration, now time.Time) bool {
	if public == "" || name == "" || len(name) > maxName || !client.IsValid() {
		return false
	}
	from := now.UnixNano()
	t.configs.put(pair{client.As16(), digest(public)}, name, from, from+int64(min(max(ttl, MinTTL), MaxTTL)))
	return true
}

// Name returns what client meant by server at now.
func (t *Names) Name(client, server netip.Addr, now time.Time) Match {
	if !server.IsValid() {
		return Match{}
	}
	s, at := server.As16(), now.UnixNano()
	if client.IsValid() {
		var found names
		if n := t.pairs.get(pair{client.As16(), s}, at, &found); n == 1 && !found.more {
			return Match{found.list[0], ByClient}
		} else if n > 0 {
			return Match{found.list[0], ByClientLast}
		}
	}
	var found names
	if n := t.servers.get(s, at, &found); n == 1 && !found.more {
		return Match{found.list[0], ByServer}
	}
	return Match{}
}

// Inner returns what client meant by server when its hello shows the public
// name of ECH configurations: of the names that it was given the address for,
// the latest that it was given such a configuration for too; else the only one
// that it was given such a configuration for.
func (t *Names) Inner(client, server netip.Addr, public string, now time.Time) Match {
	if !client.IsValid() || !server.IsValid() {
		return Match{}
	}
	var given, hidden names
	at := now.UnixNano()
	c := client.As16()
	if t.configs.get(pair{c, digest(public)}, at, &hidden) == 0 {
		return Match{}
	}
	n, both, last := t.pairs.get(pair{c, server.As16()}, at, &given), 0, ""
	for _, name := range given.list[:n] {
		if hidden.has(name) {
			if both++; both == 1 {
				last = name
			}
		}
	}
	switch {
	case both == 1 && !given.more:
		return Match{last, ByClient}
	case both > 0:
		return Match{last, ByClientLast}
	case hidden.n == 1 && !hidden.more:
		return Match{hidden.list[0], ByECH}
	}
	return Match{}
}

// HasECH reports whether client was given a configuration for an encrypted
// client hello under the public name: a hello that shows public then hides
// another name, whatever else it looks like.
func (t *Names) HasECH(client netip.Addr, public string, now time.Time) bool {
	var found names
	return client.IsValid() && t.configs.get(pair{client.As16(), digest(public)}, now.UnixNano(), &found) > 0
}

// All appends to dst the names that anybody was given server for, the latest
// first. complete is false when there were more than are kept.
func (t *Names) All(server netip.Addr, now time.Time, dst []string) (all []string, complete bool) {
	if !server.IsValid() {
		return dst, true
	}
	var found names
	n := t.servers.get(server.As16(), now.UnixNano(), &found)
	return append(dst, found.list[:n]...), !found.more
}
