package quic_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"testing"
)

// What the tests protect packets with is written apart from what the package
// opens them with, over crypto/hkdf.

// Versions and their salts.
const (
	v1      = 0x00000001
	v2      = 0x6b3343cf
	draft27 = 0xff00001b
	draft29 = 0xff00001d
	draft34 = 0xff000022
	grease  = 0x1a2a3a4a
)

var salts = map[uint32]string{
	v1:      "38762cf7f55934b34d179ae6a4c80cadccbb7f0a",
	draft34: "38762cf7f55934b34d179ae6a4c80cadccbb7f0a",
	draft29: "afbfec289993d24c9e9786f19c6111e04390a899",
	draft27: "c3eef712c72ebb5a11a7d2432bb46365bef9f502",
	v2:      "0dede3def700a6db819381be6e269dcbf9bd2ed9",
}

// initial is an Initial packet that a test sends.
type initial struct {
	version    uint32
	salt       uint32 // version whose keys protect it; version if 0
	keyCID     string // connection id that the keys are made of; dcid if ""
	server     bool
	dcid, scid string
	token      string
	number     uint32
	numberLen  int // 4 if 0
	frames     []byte
	size       int // padded to it; 0: as it is
}

func expandLabel(secret []byte, label string, n int) []byte {
	info := binary.BigEndian.AppendUint16(nil, uint16(n))
	info = append(info, byte(6+len(label)))
	info = append(append(info, "tls13 "+label...), 0)
	b, err := hkdf.Expand(sha256.New, secret, string(info), n)
	if err != nil {
		panic(err)
	}
	return b
}

// seal returns the packet as it goes over the wire.
func (p initial) seal() []byte {
	if p.salt == 0 {
		p.salt = p.version
	}
	if p.keyCID == "" {
		p.keyCID = p.dcid
	}
	if p.numberLen == 0 {
		p.numberLen = 4
	}
	salt, err := hex.DecodeString(salts[p.salt])
	if err != nil {
		panic(err)
	}
	secret, err := hkdf.Extract(sha256.New, []byte(p.keyCID), salt)
	if err != nil {
		panic(err)
	}
	side, prefix, kind := "client in", "quic ", byte(0)
	if p.server {
		side = "server in"
	}
	if p.salt == v2 {
		prefix, kind = "quicv2 ", 1
	}
	secret = expandLabel(secret, side, 32)
	key, iv, hp := expandLabel(secret, prefix+"key", 16), expandLabel(secret, prefix+"iv", 12), expandLabel(secret, prefix+"hp", 16)

	b := []byte{0xc0 | kind<<4 | byte(p.numberLen-1)}
	b = binary.BigEndian.AppendUint32(b, p.version)
	b = append(append(b, byte(len(p.dcid))), p.dcid...)
	b = append(append(b, byte(len(p.scid))), p.scid...)
	b = append(appendVarint(b, len(p.token)), p.token...)
	frames := p.frames
	if pad := p.size - (len(b) + 2 + p.numberLen + len(frames) + 16); pad > 0 {
		frames = append(frames[:len(frames):len(frames)], make([]byte, pad)...)
	}
	for len(frames) < 4 {
		frames = append(frames, 0)
	}
	b = binary.BigEndian.AppendUint16(b, 0x4000|uint16(p.numberLen+len(frames)+16))
	at := len(b)
	number := binary.BigEndian.AppendUint32(nil, p.number)
	b = append(b, number[4-p.numberLen:]...)

	nonce := append([]byte(nil), iv...)
	for i := range number {
		nonce[8+i] ^= number[i]
	}
	b = gcm(key).Seal(b, nonce, frames, b)
	block, err := aes.NewCipher(hp)
	if err != nil {
		panic(err)
	}
	var mask [16]byte
	block.Encrypt(mask[:], b[at+4:at+20])
	b[0] ^= mask[0] & 0x0f
	for i := range p.numberLen {
		b[at+i] ^= mask[1+i]
	}
	return b
}

func gcm(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	a, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return a
}

func appendVarint(b []byte, v int) []byte {
	if v < 64 {
		return append(b, byte(v))
	}
	return binary.BigEndian.AppendUint16(b, 0x4000|uint16(v))
}

// crypto is a CRYPTO frame with a part of a message.
func crypto(msg []byte, from, to int) []byte {
	b := appendVarint([]byte{6}, from)
	return append(appendVarint(b, to-from), msg[from:to]...)
}

// clientHello is a ClientHello of n bytes for a name.
func clientHello(name string, n int) []byte {
	b := append([]byte{3, 3}, make([]byte, 32)...)
	copy(b[2:], name) // random, so that no two are the same
	b = append(b, 0, 0, 2, 0x13, 1, 1, 0)
	sni := binary.BigEndian.AppendUint16(nil, 0)
	sni = binary.BigEndian.AppendUint16(sni, uint16(len(name)+5))
	sni = binary.BigEndian.AppendUint16(sni, uint16(len(name)+3))
	sni = append(sni, 0)
	sni = binary.BigEndian.AppendUint16(sni, uint16(len(name)))
	sni = append(sni, name...)
	pad := max(n-4-len(b)-2-len(sni)-4, 0)
	sni = append(sni, 0, 21, byte(pad>>8), byte(pad))
	sni = append(sni, make([]byte, pad)...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(sni)))
	b = append(b, sni...)
	return append([]byte{1, byte(len(b) >> 16), byte(len(b) >> 8), byte(len(b))}, b...)
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
