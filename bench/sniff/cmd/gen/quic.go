package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// quic is a QUIC v1 connection (RFC 9000): its Initial packets are encrypted as
// RFC 9001 says, with keys that whoever sees the first one can derive.
func (g *generator) quic(start time.Duration) *talk {
	s := g.Server()
	t := g.newTalk(start, s.V4, s.V6, 443)
	id, serverID := g.connectionID(), g.connectionID()
	client, server := initialKeys(id)
	rtt := g.between(2*time.Millisecond, 60*time.Millisecond)
	hello := g.clientHello(s.Name, helloKind{large: g.Rand.IntN(2) == 0, quic: true})
	g.truth.QUIC++
	const each = 1150 // of the hello in one datagram of 1,250 bytes
	for n, at := 0, 0; at < len(hello); n++ {
		part := hello[at:min(at+each, len(hello))]
		t.udp(true, 20*time.Microsecond, client.seal(uint32(n), id, nil, crypto(at, part), 1250))
		at += len(part)
	}
	answer := append([]byte{2, 0, 0, 0, 0}, crypto(0, g.serverHello())...)                     // ACK of packet 0
	t.udp(false, rtt, append(server.seal(0, nil, serverID, answer, 250), g.handshake(950)...)) // coalesced (RFC 9000, section 12.2)
	t.udp(true, time.Millisecond, g.handshake(80))
	for range 1 + g.Rand.IntN(3) {
		t.udp(true, time.Millisecond, g.short(serverID, 60+g.Rand.IntN(900)))
		t.udp(false, rtt, g.short(nil, 200+g.Rand.IntN(1000)))
	}
	return t
}

// connectionID returns an id that no other connection has: noise repeats itself,
// and tshark takes connections by their id.
func (g *generator) connectionID() []byte {
	return binary.BigEndian.AppendUint64(nil, g.Rand.Uint64())
}

// crypto is a CRYPTO frame.
func crypto(offset int, b []byte) []byte {
	f := binary.BigEndian.AppendUint16([]byte{6}, 0x4000|uint16(offset))
	return append(binary.BigEndian.AppendUint16(f, 0x4000|uint16(len(b))), b...)
}

// handshake is a packet that nobody beside the two can read; short one behind the
// handshake.
func (g *generator) handshake(n int) []byte {
	b := append([]byte{0xe0 | g.noise(1)[0]&0xf, 0, 0, 0, 1, 0, 0}, 0x40|byte(n>>8), byte(n))
	return append(b, g.noise(n)...)
}

func (g *generator) short(id []byte, n int) []byte {
	return append(append([]byte{0x40 | g.noise(1)[0]&0x3f}, id...), g.noise(n)...)
}

// keys protect the Initial packets of one side.
type keys struct {
	aead   cipher.AEAD
	iv     []byte
	header cipher.Block
}

// initialSalt is that of QUIC v1 (RFC 9001, section 5.2).
var initialSalt = []byte{0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a}

func initialKeys(id []byte) (client, server keys) {
	secret, err := hkdf.Extract(sha256.New, id, initialSalt)
	must(err)
	return newKeys(expand(secret, "client in", 32)), newKeys(expand(secret, "server in", 32))
}

func newKeys(secret []byte) keys {
	block, err := aes.NewCipher(expand(secret, "quic key", 16))
	must(err)
	aead, err := cipher.NewGCM(block)
	must(err)
	header, err := aes.NewCipher(expand(secret, "quic hp", 16))
	must(err)
	return keys{aead, expand(secret, "quic iv", 12), header}
}

// expand is HKDF-Expand-Label (RFC 8446, section 7.1).
func expand(secret []byte, label string, n int) []byte {
	info := append([]byte{0, byte(n), byte(6 + len(label))}, "tls13 "+label...)
	out, err := hkdf.Expand(sha256.New, secret, string(append(info, 0)), n)
	must(err)
	return out
}

// seal makes an Initial packet of size bytes: padded, encrypted, its number and
// the type's low bits hidden.
func (k keys) seal(number uint32, dst, src, frames []byte, size int) []byte {
	b := append([]byte{0xc3, 0, 0, 0, 1, byte(len(dst))}, dst...)
	b = append(append(b, byte(len(src))), src...)
	b = append(b, 0) // no token
	length := size - len(b) - 2
	b = binary.BigEndian.AppendUint16(b, 0x4000|uint16(length))
	at := len(b)
	b = binary.BigEndian.AppendUint32(b, number)
	plain := make([]byte, length-4-k.aead.Overhead()) // PADDING frames are zeros
	if copy(plain, frames) < len(frames) {
		panic("frames too long for their packet")
	}
	nonce := append([]byte(nil), k.iv...)
	nonce[11] ^= byte(number)
	b = k.aead.Seal(b, nonce, plain, b)
	var mask [16]byte
	k.header.Encrypt(mask[:], b[at+4:at+20])
	b[0] ^= mask[0] & 0xf
	for i := range 4 {
		b[at+i] ^= mask[1+i]
	}
	return b
}
