package dlp

import (
	"encoding/binary"
	"math/bits"
)

// sipHash is SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash for short
// texts that can't be guessed without the key.
func sipHash(k0, k1 uint64, text []byte) uint64 {
	ends, hashes := [1]int{len(text)}, [1]uint64{}
	sipHashes(k0, k1, text, ends[:], hashes[:])
	return hashes[0]
}

// sipHashes fills hashes with those of the parts of text that end at ends, which
// rise. What they have in common is read once.
func sipHashes(k0, k1 uint64, text []byte, ends []int, hashes []uint64) {
	v0, v1 := k0^0x736f6d6570736575, k1^0x646f72616e646f6d
	v2, v3 := k0^0x6c7967656e657261, k1^0x7465646279746573
	at := 0
	for k, end := range ends {
		for ; at+8 <= end; at += 8 {
			m := binary.LittleEndian.Uint64(text[at:])
			v3 ^= m
			v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
			v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
			v0 ^= m
		}
		hashes[k] = sipFinish(v0, v1, v2, v3, text[at:end], byte(end))
	}
}

// sipFinish reads what is left of a text, less than eight bytes, and the last byte
// of its length.
func sipFinish(v0, v1, v2, v3 uint64, rest []byte, length byte) uint64 {
	m := uint64(length) << 56
	for i, c := range rest {
		m |= uint64(c) << (8 * i)
	}
	v3 ^= m
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	v0 ^= m
	v2 ^= 0xff
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	return v0 ^ v1 ^ v2 ^ v3
}

func sipRound(v0, v1, v2, v3 uint64) (uint64, uint64, uint64, uint64) {
	v0 += v1
	v1 = bits.RotateLeft64(v1, 13) ^ v0
	v0 = bits.RotateLeft64(v0, 32)
	v2 += v3
	v3 = bits.RotateLeft64(v3, 16) ^ v2
	v0 += v3
	v3 = bits.RotateLeft64(v3, 21) ^ v0
	v2 += v1
	v1 = bits.RotateLeft64(v1, 17) ^ v2
	return v0, v1, bits.RotateLeft64(v2, 32), v3
}
