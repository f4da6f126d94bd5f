package main

import (
	"net/netip"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

func TestBook(t *testing.T) {
	const limit = 5000
	b := newBook[addressBits, int]()
	key := func(i int) addressBits { return bitsOf(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})) }
	for i := range 2 * limit {
		number, added := b.add(key(i), limit)
		if added != (i < limit) || added && number != i || !added && number != -1 {
			t.Fatalf("%d: added %v, as %d", i, added, number)
		}
		if added {
			b.at(number).value = 3 * i
		}
	}
	for i := range 2 * limit {
		number := b.find(key(i))
		if (number >= 0) != (i < limit) || number >= 0 && (number != i || b.at(number).value != 3*i) {
			t.Fatalf("%d: found as %d", i, number)
		}
		if again, added := b.add(key(i), limit); added || again != number {
			t.Fatalf("%d: another %d, added %v", i, again, added)
		}
	}
	for _, text := range []string{"10.0.0.7", "2001:db8::1"} {
		if a := netip.MustParseAddr(text); bitsOf(a).address() != a {
			t.Errorf("%v comes back as %v", a, bitsOf(a).address())
		}
	}
	if n := testing.AllocsPerRun(100, func() { b.find(key(3)); b.find(key(limit)) }); n != 0 {
		t.Errorf("a lookup allocates %v times", n)
	}
}

// TestSitesLearn: one name explains a server, two don't, whoever told.
func TestSitesLearn(t *testing.T) {
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	one, two := netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2")
	left, right := newSites(), newSites()
	right.learn(two, a, "other") // so that numbers differ
	for range 3 {
		left.learn(a, one, "x")
		left.learn(a, two, "x")
		right.learn(b, two, "")
		right.learn(netip.Addr{}, one, "x")
	}
	all := newSites()
	all.merge(left)
	all.merge(right)
	all.flush()
	what := func(client, server netip.Addr) reachedThing { return all.what(client, netip.AddrPortFrom(server, 443)) }
	for _, tt := range []struct {
		client, server netip.Addr
		id             string
		own, known     bool
	}{
		{a, one, "x", true, true}, {b, one, "x", false, true}, {a, two, "x", true, true}, {b, two, "", true, true},
		{one, two, "", false, false}, {a, b, "", false, false}, {two, a, "other", true, true},
	} {
		if f := what(tt.client, tt.server); f.id != tt.id || f.own != tt.own || f.known != tt.known {
			t.Errorf("%v at %v: %+v, want %+v", tt.client, tt.server, f, tt)
		}
	}
	all.learn(a, two, "y")
	all.flush()
	if what(a, two).known {
		t.Error("two names at one server, and one is taken")
	}
}

// TestSitesBounds: a flood of addresses costs bounded memory.
func TestSitesBounds(t *testing.T) {
	n := newSites()
	for i := range 3 * maxAddresses {
		client, server := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), netip.AddrFrom4([4]byte{11, byte(i >> 16), byte(i >> 8), byte(i)})
		n.learn(client, server, "x")
		n.learnRequest(&logs.Record{Client: client, Server: netip.AddrPortFrom(server, uint16(i))}, "x")
	}
	n.flush()
	if n.addresses.n != maxAddresses || n.pairs.n > maxPairs || n.ports.n > maxPairs {
		t.Errorf("%d addresses, %d pairs, %d with a port", n.addresses.n, n.pairs.n, n.ports.n)
	}
}
