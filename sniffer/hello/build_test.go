package hello_test

import (
	"crypto/tls"
	"encoding/binary"
	"net"
	"testing"
)

// ext is an extension of a hello that a test makes.
type ext struct {
	id   uint16
	body []byte
}

// message returns a ClientHello with its handshake header.
func message(version uint16, suites []uint16, exts ...ext) []byte {
	b := binary.BigEndian.AppendUint16(nil, version)
	b = append(b, make([]byte, 32)...) // random
	b = append(b, 0)                   // session id
	if version>>8 != 3 {
		b = append(b, 2, 0xaa, 0xbb) // cookie
	}
	b = append(b, vec16(words(suites...))...)
	b = append(b, 1, 0) // null compression
	if len(exts) > 0 {
		var list []byte
		for _, e := range exts {
			list = append(binary.BigEndian.AppendUint16(list, e.id), vec16(e.body)...)
		}
		b = append(b, vec16(list)...)
	}
	return handshake(b)
}

func handshake(body []byte) []byte {
	n := len(body)
	return append([]byte{1, byte(n >> 16), byte(n >> 8), byte(n)}, body...)
}

func words(list ...uint16) (b []byte) {
	for _, v := range list {
		b = binary.BigEndian.AppendUint16(b, v)
	}
	return b
}

func vec8(b []byte) []byte { return append([]byte{byte(len(b))}, b...) }

func vec16(b []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...)
}

// sni is a server_name extension with host names.
func sni(names ...string) ext {
	var list []byte
	for _, n := range names {
		list = append(append(list, 0), vec16([]byte(n))...)
	}
	return ext{0, vec16(list)}
}

func alpn(protocols ...string) ext {
	var list []byte
	for _, p := range protocols {
		list = append(list, vec8([]byte(p))...)
	}
	return ext{16, vec16(list)}
}

// chrome is the example of JA4's technical details, with GREASE as Chrome puts it.
func chrome(name string) []byte {
	return message(0x0303,
		[]uint16{0x3a3a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035},
		ext{0x0a0a, nil}, ext{0x001b, []byte{2, 0, 2}}, sni(name), ext{0x0033, nil}, alpn("h2", "http/1.1"), ext{0x4469, nil}, ext{0x0017, nil},
		ext{0x002d, nil}, ext{0x000d, vec16(words(0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601))},
		ext{0x0005, nil}, ext{0x0023, nil}, ext{0x0012, nil}, ext{0x002b, vec8(words(0x5a5a, 0x0304, 0x0303))},
		ext{0xff01, []byte{0}}, ext{0x000b, nil}, ext{0x000a, vec16(words(0x7a7a, 29, 23))}, ext{0x0015, nil}, ext{0xaaaa, []byte{0}})
}

// stdlib returns what Go's own client sends: a record with a ClientHello that has
// post-quantum keys.
func stdlib(t testing.TB, name string) []byte {
	t.Helper()
	client, server := net.Pipe()
	go func() {
		tls.Client(client, &tls.Config{ServerName: name, NextProtos: []string{"h2", "http/1.1"}}).Handshake()
		client.Close()
	}()
	defer server.Close()
	b := make([]byte, 1<<14)
	n := 0
	for n < 5 || n < 5+int(binary.BigEndian.Uint16(b[3:])) {
		k, err := server.Read(b[n:])
		if err != nil {
			t.Fatal(err)
		}
		n += k
	}
	return b[:n]
}

// records cuts a message into records of n bytes.
func records(msg []byte, n int) (b []byte) {
	for len(msg) > 0 {
		k := min(n, len(msg))
		b = append(append(b, 22, 3, 1), vec16(msg[:k])...)
		msg = msg[k:]
	}
	return b
}
