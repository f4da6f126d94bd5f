package main

import (
	"net/netip"
	"testing"
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
	pair := func(client, server netip.Addr) numbers {
		return pairOf(all.addresses.find(bitsOf(client)), all.addresses.find(bitsOf(server)))
	}
	for _, tt := range []struct {
		client, server netip.Addr
		id             string
		own, known     bool
	}{
		{a, one, "x", true, true}, {b, one, "x", false, true}, {a, two, "x", true, true}, {b, two, "", true, true},
		{one, two, "x", false, false}, {a, b, "", false, false}, {two, a, "other", true, true},
	} {
		id, own, known := all.service(pair(tt.client, tt.server))
		if id != tt.id || own != tt.own || known != tt.known {
			t.Errorf("%v at %v: %q own %v known %v, want %+v", tt.client, tt.server, id, own, known, tt)
		}
	}
	all.learn(a, two, "y")
	all.flush()
	if _, _, known := all.service(pair(a, two)); known {
		t.Error("two names at one server, and one is taken")
	}
}

// TestSitesBounds: a flood of addresses costs bounded memory.
func TestSitesBounds(t *testing.T) {
	n := newSites()
	for i := range 3 * maxAddresses {
		client, server := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), netip.AddrFrom4([4]byte{11, byte(i >> 16), byte(i >> 8), byte(i)})
		n.learn(client, server, "x")
	}
	n.flush()
	if n.addresses.n != maxAddresses || n.pairs.n > maxPairs {
		t.Errorf("%d addresses, %d pairs", n.addresses.n, n.pairs.n)
	}
}
