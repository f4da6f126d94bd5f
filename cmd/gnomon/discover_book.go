package main

import (
	"encoding/binary"
	"hash/maphash"
	"net/netip"
)

// addressBits is an address in 16 bytes, IPv4 mapped into IPv6 (what logs tell
// has no zone), pairBits that of a client and that of a server: quicker to hash
// and to compare than a netip.Addr, and nothing for the garbage collector.
type (
	addressBits [2]uint64
	pairBits    [2]addressBits
)

func bitsOf(a netip.Addr) addressBits {
	b := a.As16()
	return addressBits{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

func (k addressBits) address() netip.Addr {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], k[0])
	binary.BigEndian.PutUint64(b[8:], k[1])
	return netip.AddrFrom16(b).Unmap()
}

func (k pairBits) pair() pairKey { return pairKey{k[0].address(), k[1].address()} }

// book is a map that each line of a log looks into and that few lines add to.
// Its entries lie side by side in the order in which they came; of each key a
// search looks at 8 bytes first.
type book[K comparable, V any] struct {
	seed    maphash.Seed
	places  []uint64 // the upper half of a key's hash, and which entry it is, from 1; 0 is free
	entries []entry[K, V]
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

func newBook[K comparable, V any]() book[K, V] {
	return book[K, V]{seed: maphash.MakeSeed(), places: make([]uint64, 16)}
}

// get returns the value of k, nil when it is not in the book. It is good until
// a key is added.
func (b *book[K, V]) get(k K) *V {
	v, _ := b.add(k, 0)
	return v
}

// add is get that adds k where the book has fewer entries than limit.
func (b *book[K, V]) add(k K, limit int) (v *V, added bool) {
	h, mask := maphash.Comparable(b.seed, k), uint64(len(b.places)-1)
	at := h & mask
	for ; b.places[at] != 0; at = (at + 1) & mask {
		p := b.places[at]
		if (p^h)>>32 != 0 {
			continue
		}
		if e := &b.entries[uint32(p)-1]; e.key == k {
			return &e.value, false
		}
	}
	n := len(b.entries)
	if n >= limit {
		return nil, false
	}
	b.entries = append(b.entries, entry[K, V]{key: k})
	if b.places[at] = h>>32<<32 | uint64(n+1); 2*n > len(b.places) {
		b.grow()
	}
	return &b.entries[n].value, true
}

// grow doubles the places: at most half of them are taken.
func (b *book[K, V]) grow() {
	b.places = make([]uint64, 2*len(b.places))
	mask := uint64(len(b.places) - 1)
	for i := range b.entries {
		h := maphash.Comparable(b.seed, b.entries[i].key)
		at := h & mask
		for b.places[at] != 0 {
			at = (at + 1) & mask
		}
		b.places[at] = h>>32<<32 | uint64(i+1)
	}
}
