package main

import (
	"encoding/binary"
	"net/netip"

	"github.com/gnomon-proxy/gnomon/sniffer/keyed"
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

// hash returns a hash of k.
func (k addressBits) hash(s *keyed.Secret) uint64 { return s.Words(k[0], k[1]) }

// bookKey is what a book can be asked for.
type bookKey interface {
	comparable
	hash(s *keyed.Secret) uint64
}

// book is a map that each line of a log looks into and that few lines add to.
// Its entries are numbered in the order in which they came and never move, so
// that a growing book leaves no garbage; of each key a search looks at 8 bytes
// first.
type book[K bookKey, V any] struct {
	secret keyed.Secret
	places []uint64 // a key's hash in the upper half, and which entry it is, from 1; 0 is free
	chunks [][]entry[K, V]
	n      int // entries
}

type entry[K bookKey, V any] struct {
	key   K
	value V
}

// chunkBits: a chunk has 2^chunkBits entries.
const chunkBits = 8

func newBook[K bookKey, V any]() book[K, V] {
	return book[K, V]{secret: keyed.NewSecret(), places: make([]uint64, 16)}
}

// at returns an entry of the book.
func (b *book[K, V]) at(number int) *entry[K, V] {
	return &b.chunks[number>>chunkBits][number&(1<<chunkBits-1)]
}

// hash returns the hash of k in this book, of 32 bits in the upper half.
func (b *book[K, V]) hash(k K) uint64 { return k.hash(&b.secret) >> 32 << 32 }

// warm looks where a key with this hash should be. Done for several keys before
// the first of them is looked for, the processor waits for memory once instead of
// each time. What it returns means nothing.
func (b *book[K, V]) warm(hash uint64) uint64 { return b.places[int(hash>>32)&(len(b.places)-1)] }

// find returns the number of k's entry, -1 when it is not in the book.
func (b *book[K, V]) find(k K) int {
	number, _ := b.add(k, 0)
	return number
}

// add is find that adds k where the book has fewer entries than limit.
func (b *book[K, V]) add(k K, limit int) (number int, added bool) {
	return b.addHashed(b.hash(k), k, limit)
}

// addHashed is add of a key whose hash is known.
func (b *book[K, V]) addHashed(h uint64, k K, limit int) (number int, added bool) {
	mask := len(b.places) - 1
	at := int(h>>32) & mask
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
	if b.places[at] = h | uint64(b.n); 2*b.n > len(b.places) {
		b.grow()
	}
	return number, true
}

// grow doubles the places: at most half of them are taken.
func (b *book[K, V]) grow() {
	old := b.places
	b.places = make([]uint64, 2*len(old))
	mask := len(b.places) - 1
	for _, p := range old {
		if p == 0 {
			continue
		}
		at := int(p>>32) & mask
		for b.places[at] != 0 {
			at = (at + 1) & mask
		}
		b.places[at] = p
	}
}
