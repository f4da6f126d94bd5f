package main

import (
	"net/netip"
	"testing"
	"time"
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

// TestNamelessLearn: one name explains a server, two don't, whoever told.
func TestNamelessLearn(t *testing.T) {
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	one, two := netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2")
	left, right := newNameless(), newNameless()
	right.learn(two, a, "other") // so that numbers differ
	for range 3 {
		left.learn(a, one, "x")
		left.learn(a, two, "x")
		right.learn(b, two, "")
		right.learn(netip.Addr{}, one, "x")
	}
	all := newNameless()
	all.merge(left)
	all.merge(right)
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
	if _, _, known := all.service(pair(a, two)); known {
		t.Error("two names at one server, and one is taken")
	}
}

// TestNamelessMerge: flows of two inputs add up as if one had them all.
func TestNamelessMerge(t *testing.T) {
	addr := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{198, 51, byte(i >> 8), byte(i)}) }
	at := time.Date(2026, 3, 2, 9, 0, 0, 500, time.UTC)
	left, right, whole := newNameless(), newNameless(), newNameless()
	for i := range 3000 {
		s := &seen{client: addr(i * 7919 % 40), time: at.Add(time.Duration(i*7919%3000) * time.Second), requests: 1, up: int64(i), down: -1}
		if i%11 == 0 {
			s.time = time.Time{}
		}
		half := left
		if i%2 == 1 {
			half = right
		}
		half.flow(addr(100+i%70), "log", s)
		whole.flow(addr(100+i%70), "log", s)
	}
	left.merge(right)
	whole.flush()
	for i := range whole.flows.n {
		want := whole.summed(i)
		e := left.flows.find(pairOf(left.addresses.find(bitsOf(want.pair.client)), left.addresses.find(bitsOf(want.pair.server))))
		if e < 0 {
			t.Fatalf("no flow of %v", want.pair)
		}
		if got := left.summed(e); *got != *want || !got.last.After(got.first) {
			t.Errorf("flow %+v, want %+v", *got, *want)
		}
	}
	if left.flows.n != whole.flows.n || left.lost+whole.lost != 0 {
		t.Errorf("%d flows, %d lost, want %d", left.flows.n, left.lost, whole.flows.n)
	}
}

// TestNamelessBounds: a flood of addresses costs bounded memory, and is told.
func TestNamelessBounds(t *testing.T) {
	n := newNameless()
	for i := range 3 * maxAddresses {
		client, server := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), netip.AddrFrom4([4]byte{11, byte(i >> 16), byte(i >> 8), byte(i)})
		n.flow(server, "log", &seen{client: client, requests: 1})
		n.learn(client, server, "x")
	}
	n.flush()
	if n.addresses.n != maxAddresses || n.flows.n != maxNameless || n.pairs.n > maxPairs || n.lost != 3*maxAddresses-maxNameless {
		t.Errorf("%d addresses, %d flows, %d pairs, %d lost", n.addresses.n, n.flows.n, n.pairs.n, n.lost)
	}
}
