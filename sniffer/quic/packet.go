package quic

import "encoding/binary"

// maxCID is the longest connection id (RFC 9000, section 17.2).
const maxCID = 20

// cid is a connection id.
type cid struct {
	n byte
	b [maxCID]byte
}

func newCID(b []byte) (c cid) {
	c.n = byte(copy(c.b[:], b))
	return c
}

func (c *cid) bytes() []byte { return c.b[:c.n] }

// packet is a packet with a long header (RFC 9000, section 17.2) that may be an
// Initial.
type packet struct {
	version   uint32
	protocols []*protocol
	initial   bool
	dcid      []byte
	scid      []byte
	b         []byte // from the first byte to the end of the packet
	number    int    // where the packet number is

	mask, nonce [16]byte // here because what an interface is handed is allocated
}

// firstBytes is what a header has at least: type, version, lengths of two ids.
const firstBytes = 7

// cut reads the header of the packet that b starts with and returns what is
// behind the packet. Nothing more is to be read when p.b is nil: a short header,
// a version that we don't know, Retry or version negotiation. ok is false when
// a header contradicts itself.
func (p *packet) cut(b []byte) (rest []byte, ok bool) {
	p.version, p.protocols, p.initial, p.dcid, p.scid, p.b, p.number = 0, nil, false, nil, nil, nil, 0
	if len(b) < firstBytes || b[0]&0x80 == 0 {
		return nil, true
	}
	p.version = binary.BigEndian.Uint32(b[1:])
	if p.protocols = protocols(p.version); p.protocols == nil {
		return nil, true
	}
	kind := b[0] >> 4 & 3
	if kind == p.protocols[0].retry {
		return nil, true
	}
	p.initial = kind == p.protocols[0].initial
	at := 5
	if p.dcid, at, ok = connectionID(b, at); !ok {
		return nil, false
	}
	if p.scid, at, ok = connectionID(b, at); !ok {
		return nil, false
	}
	if p.initial { // token
		n, next, ok := varint(b, at)
		if !ok || n > uint64(len(b)-next) {
			return nil, false
		}
		at = next + int(n)
	}
	n, at, ok := varint(b, at)
	if !ok || n > uint64(len(b)-at) {
		return nil, false
	}
	p.b, p.number = b[:at+int(n)], at
	return b[at+int(n):], true
}

func connectionID(b []byte, at int) (id []byte, next int, ok bool) {
	if at >= len(b) || b[at] > maxCID || at+1+int(b[at]) > len(b) {
		return nil, 0, false
	}
	next = at + 1 + int(b[at])
	return b[at+1 : next], next, true
}

// varint reads a number of 1, 2, 4 or 8 bytes (RFC 9000, section 16).
func varint(b []byte, at int) (v uint64, next int, ok bool) {
	if at >= len(b) {
		return 0, 0, false
	}
	n := 1 << (b[at] >> 6)
	if at+n > len(b) {
		return 0, 0, false
	}
	v = uint64(b[at] & 0x3f)
	for _, c := range b[at+1 : at+n] {
		v = v<<8 | uint64(c)
	}
	return v, at + n, true
}

// open removes the protection of the packet (RFC 9001, sections 5.3 and 5.4) and
// returns its frames, in scratch, and its number; largest is the largest number
// seen before, or -1.
func (p *packet) open(k *keys, largest int64, scratch []byte) (frames, grown []byte, number int64, ok bool) {
	const sample = 16
	if len(p.b) < p.number+4+sample {
		return nil, scratch, 0, false
	}
	b := append(scratch[:0], p.b...)
	mask := &p.mask
	k.hp.Encrypt(mask[:], b[p.number+4:p.number+4+sample])
	b[0] ^= mask[0] & 0x0f
	n := int(b[0]&3) + 1
	var short uint64
	for i := range n {
		b[p.number+i] ^= mask[1+i]
		short = short<<8 | uint64(b[p.number+i])
	}
	number = fullNumber(short, n, largest)
	nonce := p.nonce[:copy(p.nonce[:], k.iv[:])]
	for i := range 8 {
		nonce[4+i] ^= byte(uint64(number) >> (56 - 8*i))
	}
	head, sealed := b[:p.number+n], b[p.number+n:]
	frames, err := k.aead.Open(sealed[:0], nonce, sealed, head)
	return frames, b[:0], number, err == nil
}

// fullNumber completes a packet number of which n bytes were sent (RFC 9000,
// appendix A.3).
func fullNumber(short uint64, n int, largest int64) int64 {
	expected, window := uint64(largest+1), uint64(1)<<(8*n)
	v := expected&^(window-1) | short
	switch {
	case v+window/2 <= expected && v < 1<<62-window:
		v += window
	case v > expected+window/2 && v >= window:
		v -= window
	}
	return int64(v)
}
