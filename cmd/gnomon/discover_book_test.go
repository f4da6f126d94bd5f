package main

import (
	"net/netip"
	"testing"
)

func TestBook(t *testing.T) {
	const limit = 5000
	b := newBook[pairBits, int]()
	key := func(i int) pairBits {
		return pairBits{bitsOf(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})), bitsOf(netip.MustParseAddr("2001:db8::1"))}
	}
	for i := range 2 * limit {
		v, added := b.add(key(i), limit)
		if added != (i < limit) || added != (v != nil) {
			t.Fatalf("%d: added %v, %v", i, added, v)
		}
		if added {
			*v = i
		}
	}
	for i := range 2 * limit {
		v := b.get(key(i))
		if (v != nil) != (i < limit) || v != nil && *v != i {
			t.Fatalf("%d: %v", i, v)
		}
		if again, added := b.add(key(i), limit); added || again != v {
			t.Fatalf("%d: another %v, added %v", i, again, added)
		}
	}
	if got, want := key(7).pair(), (pairKey{netip.MustParseAddr("10.0.0.7"), netip.MustParseAddr("2001:db8::1")}); got != want {
		t.Errorf("pair %v, want %v", got, want)
	}
	if n := testing.AllocsPerRun(100, func() { b.get(key(3)); b.get(key(limit)) }); n != 0 {
		t.Errorf("a lookup allocates %v times", n)
	}
}

// TestNamelessLearn: one name explains a server, two don't, whoever told.
func TestNamelessLearn(t *testing.T) {
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	one, two := netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2")
	left, right := newNameless(), newNameless()
	for range 3 {
		left.learn(a, one, "x")
		left.learn(a, two, "x")
		right.learn(b, two, "")
		right.learn(netip.Addr{}, one, "x")
	}
	left.merge(right)
	for _, tt := range []struct {
		client, server netip.Addr
		id             string
		own, known     bool
	}{{a, one, "x", true, true}, {b, one, "x", false, true}, {a, two, "x", true, true}, {b, two, "", true, true}, {one, two, "x", false, false}, {a, b, "", false, false}} {
		id, own, known := left.service(pairBits{bitsOf(tt.client), bitsOf(tt.server)})
		if id != tt.id || own != tt.own || known != tt.known {
			t.Errorf("%v at %v: %q own %v known %v, want %+v", tt.client, tt.server, id, own, known, tt)
		}
	}
	left.learn(a, two, "y")
	if _, _, known := left.service(pairBits{bitsOf(a), bitsOf(two)}); known {
		t.Error("two names at one server, and one is taken")
	}
}
