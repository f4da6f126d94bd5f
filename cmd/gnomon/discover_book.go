package main

import (
	"encoding/binary"
	"hash/maphash"
	"net/netip"
)

// addressBits is an address in 16 bytes, IPv4 mapped into IPv6 (what logs tell
// has no zone): quicker to hash and to compare than a netip.Addr, and nothing for
// the garbage collector.
type addressBits [2]uint64

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

// book is a map that each line of a log looks into and that few lines add to.
// Its entries are numbered in the order in which they came and never move, so
// that a growing book leaves no garbage; of each key a search looks at 8 bytes
// first.
type book[K comparable, V any] struct {
	seed   maphash.Seed
	places []uint64 // the upper half of a key's hash, and which entry it is, from 1; 0 is free
	chunks [][]entry[K, V]
	n      int // entries
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

// chunkBits: a chunk has 2^chunkBits entries.
const chunkBits = 8

func newBook[K comparable, V any]() book[K, V] {
	return book[K, V]{seed: maphash.MakeSeed(), places: make([]uint64, 16)}
}

// at returns an entry of the book.
func (b *book[K, V]) at(number int) *entry[K, V] {
	return &b.chunks[number>>chunkBits][number&(1<<chunkBits-1)]
}

// find returns the number of k's entry, -1 when it is not in the book.
func (b *book[K, V]) find(k K) int {
	number, _ := b.add(k, 0)
	return number
}

// add is find that adds k where the book has fewer entries than limit.
func (b *book[K, V]) add(k K, limit int) (number int, added bool) {
	h, mask := maphash.Comparable(b.seed, k), uint64(len(b.places)-1)
	at := h & mask
	for ; b.places[at] != 0; at = (at + 1) & mask {
		p := b.places[at]
		if (p^h)>>32 != 0 {
			continue
		}
		if number := int(uint32(p)) - 1; b.at(number).key == k {
			return number, false
		}
	}
	number = b.n
	if number >= limit {
		return -1, false
	}
	if number>>chunkBits == len(b.chunks) {
		b.chunks = append(b.chunks, make([]entry[K, V], 1<<chunkBits))
	}
	b.at(number).key = k
	b.n++
	if b.places[at] = h>>32<<32 | uint64(b.n); 2*b.n > len(b.places) {
		b.grow()
	}
	return number, true
}

// grow doubles the places: at most half of them are taken.
func (b *book[K, V]) grow() {
	b.places = make([]uint64, 2*len(b.places))
	mask := uint64(len(b.places) - 1)
	for i := range b.n {
		h := maphash.Comparable(b.seed, b.at(i).key)
		at := h & mask
		for b.places[at] != 0 {
			at = (at + 1) & mask
		}
		b.places[at] = h>>32<<32 | uint64(i+1)
	}
}
