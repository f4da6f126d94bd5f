// Package keyed hashes what tables are looked up by. In: a few words, addresses
// or bytes of a packet; out: 64 bits that nobody can aim at, since each Secret is
// random. It is for tables in memory: fast, a product of 128 bits for every 16
// bytes, but no cryptography, so hashes must not leave the process.
//
// hash/maphash does the same at three times the price for keys as short as
// addresses, which every packet has two of.
package keyed

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"net/netip"
)

// Secret makes the hashes of one process differ from those of all others. Make
// it with NewSecret: the zero value can be aimed at.
type Secret struct{ a, b, c, d uint64 }

// NewSecret returns a random Secret.
func NewSecret() Secret {
	return Secret{rand.Uint64() | 1, rand.Uint64() | 1, rand.Uint64() | 1, rand.Uint64() | 1}
}

// mix is the product of both, folded.
func mix(x, y uint64) uint64 {
	hi, lo := bits.Mul64(x, y)
	return hi ^ lo
}

// Words hashes two words.
func (s *Secret) Words(x, y uint64) uint64 { return mix(mix(x^s.a, y^s.b)^s.c, s.d) }

// Address hashes an address; one of IPv4 and its form in IPv6 are the same.
func (s *Secret) Address(a netip.Addr) uint64 {
	b := a.As16()
	return s.Words(binary.LittleEndian.Uint64(b[:8]), binary.LittleEndian.Uint64(b[8:]))
}

// Bytes hashes bytes.
func (s *Secret) Bytes(b []byte) uint64 {
	n, h := uint64(len(b)), s.c
	for ; len(b) > 16; b = b[16:] {
		h = mix(binary.LittleEndian.Uint64(b)^s.a, binary.LittleEndian.Uint64(b[8:])^h)
	}
	var x, y uint64
	switch {
	case len(b) >= 8:
		x, y = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[len(b)-8:])
	case len(b) >= 4:
		x, y = uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[len(b)-4:]))
	case len(b) > 0:
		x = uint64(b[0])<<16 | uint64(b[len(b)/2])<<8 | uint64(b[len(b)-1])
	}
	return mix(mix(x^s.b, y^h)^s.d, n^s.a)
}
