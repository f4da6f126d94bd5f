package main

import "encoding/binary"

// helloKind is what a ClientHello has beside its name.
type helloKind struct {
	large bool // a post-quantum key share (RFC 9794), too large for one segment
	quic  bool
}

// clientHello builds a handshake message as browsers send it (RFC 8446, section
// 4.1.2), without record.
func (g *generator) clientHello(name string, k helloKind) []byte {
	b := []byte{3, 3}
	b = append(b, g.noise(32)...)
	if k.quic {
		b = append(b, 0)
	} else {
		b = append(append(b, 32), g.noise(32)...)
	}
	b = append16(b, "\x0a\x0a\x13\x01\x13\x02\x13\x03\xc0\x2b\xc0\x2f\xc0\x2c\xc0\x30\xcc\xa9\xcc\xa8\xc0\x13\xc0\x14\x00\x9c\x00\x9d\x00\x2f\x00\x35")
	b = append(b, 1, 0)
	b = append16(b, string(g.extensions(name, k)))
	return append([]byte{1, 0, byte(len(b) >> 8), byte(len(b))}, b...)
}

func (g *generator) extensions(name string, k helloKind) []byte {
	var e []byte
	add := func(id uint16, body string) {
		e = append16(binary.BigEndian.AppendUint16(e, id), body)
	}
	groups, share := "\x00\x1d\x00\x17\x00\x18", "\x00\x1d\x00\x20"+string(g.noise(32))
	if k.large {
		groups, share = "\x11\xec"+groups, "\x11\xec\x04\xc0"+string(g.noise(1216))+share
	}
	alpn := "\x02h2\x08http/1.1"
	if k.quic {
		alpn = "\x02h3"
	}
	add(0x2a2a, "")
	add(23, "")
	add(13, vector("\x04\x03\x08\x04\x04\x01\x05\x03\x08\x05\x05\x01\x08\x06\x06\x01"))
	add(10, vector(groups))
	add(51, vector(share))
	add(0, vector("\x00"+vector(name)))
	add(16, vector(alpn))
	add(43, "\x02\x03\x04")
	add(45, "\x01\x01")
	add(5, "\x01\x00\x00\x00\x00")
	if k.quic {
		add(57, "\x01\x04\x80\x00\x75\x30\x03\x02\x45\xc0\x04\x04\x80\x60\x00\x00\x08\x02\x40\x64\x0f\x00")
		return e
	}
	add(0xff01, "\x00")
	add(35, "")
	add(11, "\x01\x00")
	add(18, "")
	add(0xfe0d, "\x00\x00\x01\x00\x01"+string(g.noise(1))+"\x00\x20"+string(g.noise(32))+vector(string(g.noise(176)))) // GREASE ECH, as Chrome's
	return e
}

// serverHello is its answer; all behind it is encrypted.
func (g *generator) serverHello() []byte {
	b := []byte{3, 3}
	b = append(b, g.noise(32)...)
	b = append(append(b, 32), g.noise(32)...)
	b = append(b, 0x13, 0x01, 0)
	b = append16(b, "\x00\x2b\x00\x02\x03\x04\x00\x33\x00\x24\x00\x1d\x00\x20"+string(g.noise(32)))
	return append([]byte{2, 0, byte(len(b) >> 8), byte(len(b))}, b...)
}

// record puts b into a TLS record.
func record(kind, minor byte, b []byte) []byte {
	return append16([]byte{kind, 3, minor}, string(b))
}

func vector(s string) string { return string(append16(nil, s)) }

func append16(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint16(b, uint16(len(s))), s...)
}
