package quic_test

import (
	"bytes"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/hello"
	"github.com/gnomon-proxy/gnomon/sniffer/quic"
)

// FuzzDatagram sends anything, twice and back, to a table that knows a part of a
// connection.
func FuzzDatagram(f *testing.F) {
	a, big := clientHello("a.example", 300), clientHello("big.example", 2000)
	f.Add(initial{version: v1, dcid: "clientschoice", frames: crypto(a, 0, 300), size: 1200}.seal())
	f.Add(initial{version: v2, dcid: "clientschoice", scid: "x", token: "token", frames: crypto(a, 0, 300)}.seal())
	f.Add(initial{version: v1, dcid: "clientschoice", number: 1, frames: crypto(big, 1000, 2000)}.seal())
	f.Add(initial{version: v1, dcid: "clientschoice", number: 1, frames: []byte{2, 0, 0, 1, 0, 0, 0, 0x1c, 0, 0, 0, 1}}.seal())
	f.Add(append([]byte{0xd0, 0, 0, 0, 1, 1, 9, 0, 1, 7}, 0xf0, 0, 0, 0, 1, 0, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		given := bytes.Clone(b)
		tb := quic.New(quic.Options{})
		tb.Datagram(client, server, start, initial{version: v1, dcid: "clientschoice", frames: crypto(big, 0, 1000)}.seal())
		for _, send := range []func() ([]byte, bool){
			func() ([]byte, bool) { return tb.Datagram(client, server, start, b) },
			func() ([]byte, bool) { return tb.Datagram(client, server, start, b) },
			func() ([]byte, bool) { return tb.Datagram(server, client, start, b) },
		} {
			if msg, ok := send(); ok != (len(msg) > 0) || len(msg) > 16<<10 || ok && msg[0] != 1 {
				t.Errorf("Datagram = %d bytes, %v", len(msg), ok)
			}
		}
		if !bytes.Equal(b, given) {
			t.Error("the datagram was written to")
		}
	})
}

// FuzzFrames fuzzes what is inside a packet, which nothing else gets at.
func FuzzFrames(f *testing.F) {
	msg := clientHello("a.example", 300)
	f.Add(crypto(msg, 0, 300), crypto(msg, 0, 300))
	f.Add(append(crypto(msg, 200, 300), crypto(msg, 100, 210)...), crypto(msg, 0, 100))
	f.Add([]byte{2, 5, 0x41, 0, 2, 1, 1, 1, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1}, []byte{0x1c, 10, 6, 3, 'w', 'h', 'y', 0x1d, 0, 0})
	f.Fuzz(func(t *testing.T, one, two []byte) {
		if len(one) > 15000 || len(two) > 15000 {
			return
		}
		tb := quic.New(quic.Options{})
		for i, frames := range [][]byte{one, two} {
			msg, ok := tb.Datagram(client, server, start, initial{version: v1, dcid: "clientschoice", number: uint32(i), frames: frames}.seal())
			if !ok {
				continue
			}
			if n := 4 + int(msg[1])<<16 + int(msg[2])<<8 + int(msg[3]); msg[0] != 1 || n != len(msg) {
				t.Errorf("a message of %d bytes says that it has %d", len(msg), n)
			}
			hello.Parse(msg, new(hello.Hello))
		}
	})
}
