package dlp

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"strings"
)

// base58Check checks the last four bytes of a base58 text: the double SHA-256 of
// the others. Addresses and keys of Bitcoin and its kin are such texts.
func base58Check(value []byte) bool {
	const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	var out [96]byte // big-endian, filled from its end
	if len(value) > 120 {
		return false
	}
	used := 0
	for _, c := range value {
		x := strings.IndexByte(alphabet, c)
		if x < 0 {
			return false
		}
		carry := x
		for i := len(out) - 1; i >= len(out)-used || carry > 0; i-- {
			if i < 0 {
				return false
			}
			carry += int(out[i]) * 58
			out[i] = byte(carry)
			carry >>= 8
			used = max(used, len(out)-i)
		}
	}
	for _, c := range value { // each leading 1 is a zero byte
		if c != '1' || used == len(out) {
			break
		}
		used++
	}
	b := out[len(out)-used:]
	if len(b) < 25 {
		return false
	}
	sum := sha256.Sum256(b[:len(b)-4])
	sum = sha256.Sum256(sum[:])
	return bytes.Equal(sum[:4], b[len(b)-4:])
}

// bech32 checks a segregated-witness address (BIP 173, BIP 350).
func bech32(value []byte) bool {
	const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	sep := bytes.LastIndexByte(value, '1')
	if sep < 1 || len(value)-sep < 7 || len(value) > 120 {
		return false
	}
	sum := uint32(1)
	step := func(x byte) {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ uint32(x)
		for i, g := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	for _, c := range value[:sep] {
		step(fold(c) >> 5)
	}
	step(0)
	for _, c := range value[:sep] {
		step(fold(c) & 31)
	}
	for _, c := range value[sep+1:] {
		x := strings.IndexByte(alphabet, fold(c))
		if x < 0 {
			return false
		}
		step(byte(x))
	}
	return sum == 1 || sum == 0x2bc830a3
}

// eip55 checks the letter case of an Ethereum address: that of each letter is a
// bit of the Keccak hash of the address in small letters (EIP-55). An address in
// one case has no checksum.
func eip55(value []byte) bool {
	if len(value) != 42 {
		return false
	}
	var small [40]byte
	upper, lower := false, false
	for i, c := range value[2:] {
		upper, lower = upper || isUpper(c), lower || isLower(c)
		small[i] = fold(c)
	}
	if !upper || !lower {
		return false
	}
	sum := keccak256(small[:])
	for i, c := range value[2:] {
		if isAlpha(c) && isUpper(c) != (sum[i/2]>>(4-4*(i%2))&8 != 0) {
			return false
		}
	}
	return true
}

// keccak256 is the hash of Ethereum over less than one block: SHA-3 with the
// padding that it had before FIPS 202.
func keccak256(data []byte) [32]byte {
	const rate = 136
	var block [rate]byte
	copy(block[:], data)
	block[len(data)] = 0x01
	block[rate-1] |= 0x80
	var a [25]uint64
	for i := range rate / 8 {
		a[i] = binary.LittleEndian.Uint64(block[8*i:])
	}
	keccakF(&a)
	var out [32]byte
	for i := range 4 {
		binary.LittleEndian.PutUint64(out[8*i:], a[i])
	}
	return out
}

// keccakF is the permutation Keccak-f[1600] (FIPS 202, section 3.3). Its round
// constants come from the shift register of section 3.2.5.
func keccakF(a *[25]uint64) {
	register := byte(1)
	for range 24 {
		var c [5]uint64
		for x := range 5 {
			c[x] = a[x] ^ a[x+5] ^ a[x+10] ^ a[x+15] ^ a[x+20]
		}
		for x := range 5 {
			d := c[(x+4)%5] ^ bits.RotateLeft64(c[(x+1)%5], 1)
			for y := 0; y < 25; y += 5 {
				a[x+y] ^= d
			}
		}
		x, y, last := 1, 0, a[1]
		for t := range 24 {
			x, y = y, (2*x+3*y)%5
			last, a[x+5*y] = a[x+5*y], bits.RotateLeft64(last, (t+1)*(t+2)/2)
		}
		for y := 0; y < 25; y += 5 {
			row := [5]uint64(a[y : y+5])
			for x := range 5 {
				a[y+x] = row[x] ^ ^row[(x+1)%5]&row[(x+2)%5]
			}
		}
		for j := range 7 {
			if register&1 == 1 {
				a[0] ^= 1 << (1<<j - 1)
			}
			carry := register >> 7
			register = register<<1 ^ carry*0x71
		}
	}
}

// seedPhrase checks the shape of a wallet's recovery phrase (BIP 39): twelve to
// twenty-four words of three to eight letters, few of which repeat.
func seedPhrase(value []byte) bool {
	words, repeated := 0, 0
	var last []byte
	for w := range bytes.FieldsFuncSeq(value, func(r rune) bool { return r < 'a' || r > 'z' }) {
		if len(w) < 3 || len(w) > 8 {
			return false
		}
		if bytes.Equal(w, last) {
			repeated++
		}
		words, last = words+1, w
	}
	switch words {
	case 12, 15, 18, 21, 24:
		return repeated < 2
	}
	return false
}
