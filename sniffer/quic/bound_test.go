package quic_test

import (
	"encoding/binary"
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/hello"
	"github.com/gnomon-proxy/gnomon/sniffer/quic"
)

// sender returns the nth of many clients.
func sender(n int) netip.AddrPort {
	var a [4]byte
	binary.BigEndian.PutUint32(a[:], uint32(n))
	return netip.AddrPortFrom(netip.AddrFrom4(a), 50000)
}

// TestFlood sends beginnings of hellos from a hundred times as many clients as a
// table remembers.
func TestFlood(t *testing.T) {
	msg := clientHello("a.example", 16000)
	b := initial{version: v1, dcid: "clientschoice", frames: append(crypto(msg, 0, 300), crypto(msg, 15000, 15100)...)}.seal()
	tb := quic.New(quic.Options{Connections: 200, Bytes: 1 << 20})
	for i := range 20000 {
		if _, ok := tb.Datagram(sender(i), server, start, b); ok {
			t.Fatal("a part was taken for a whole")
		}
		if n := tb.Pending(); i%1000 == 0 && n > 200 {
			t.Fatalf("%d connections remembered, want 200 at most", n)
		}
	}
	if got := tb.Stats.Failed()["quic_evicted"]; got < 20000-200 {
		t.Errorf("%d evicted", got)
	}
}

// TestFloodMemory does so with the defaults, and looks at the heap.
func TestFloodMemory(t *testing.T) {
	msg := clientHello("a.example", 16000)
	b := initial{version: v1, dcid: "clientschoice", frames: crypto(msg, 15000, 15100)}.seal()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	tb := quic.New(quic.Options{})
	for i := range 30000 {
		tb.Datagram(sender(i), server, start, b)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > 64<<20 {
		t.Errorf("holds %d MB after a flood", held>>20)
	}
	runtime.KeepAlive(tb)
}

// TestPartial checks that the start of a hello is handed out once, when its
// connection is forgotten, whatever for.
func TestPartial(t *testing.T) {
	msg := clientHello("a.example", 3000)
	first := initial{version: v1, dcid: "clientschoice", frames: append(crypto(msg, 0, 300), crypto(msg, 400, 500)...)}.seal()
	whole := initial{version: v1, dcid: "clientschoice", frames: crypto(clientHello("b.example", 300), 0, 300)}.seal()
	var lost []netip.AddrPort
	tb := quic.New(quic.Options{Connections: 20, Partial: func(src, dst netip.AddrPort, at time.Time, got []byte) {
		lost = append(lost, src)
		var h hello.Hello
		if err := hello.ParsePartial(got, &h); err != nil || len(got) != 300 || h.Name() != "a.example" || dst != server || !at.Equal(start) {
			t.Errorf("%v: %d bytes, %v, %q, %v, %v", src, len(got), err, h.Name(), dst, at)
		}
	}})
	for i := range 50 {
		tb.Datagram(sender(i), server, start, first)
	}
	if len(lost) == 0 {
		t.Error("none was handed out for want of room")
	}
	tb.Datagram(sender(100), server, start, whole)
	tb.Flush()
	tb.Flush()
	slices.SortFunc(lost, netip.AddrPort.Compare)
	if len(lost) != 50 || len(slices.Compact(lost)) != 50 || tb.Pending() != 0 {
		t.Errorf("%d handed out, %d pending; want 50, 0", len(lost), tb.Pending())
	}
}

// TestForged checks that packets that don't decrypt are not remembered.
func TestForged(t *testing.T) {
	b := initial{version: v1, dcid: "clientschoice", frames: make([]byte, 500)}.seal()
	b[200] ^= 1
	tb := quic.New(quic.Options{})
	for i := range 1000 {
		tb.Datagram(sender(i), server, start, b)
	}
	if n := tb.Pending(); n != 0 {
		t.Errorf("%d forged connections remembered", n)
	}
}

func TestAllocs(t *testing.T) {
	tb := quic.New(quic.Options{})
	first := initial{version: v1, dcid: "clientschoice", frames: crypto(clientHello("a.example", 300), 0, 300), size: 1200}.seal()
	answer := initial{version: v1, server: true, keyCID: "clientschoice", scid: "servers", frames: []byte{1}, size: 1200}.seal()
	short := append([]byte{0x40}, make([]byte, 1300)...)
	other := append([]byte{0x80, 0x60, 1, 2, 3}, make([]byte, 300)...)
	tb.Datagram(client, server, start, first)
	for name, f := range map[string]func(){
		"a short header":     func() { tb.Datagram(client, server, start, short) },
		"what is not QUIC":   func() { tb.Datagram(client, server, start, other) },
		"a hello sent again": func() { tb.Datagram(client, server, start, first) },
		"a server's answer":  func() { tb.Datagram(server, client, start, answer) },
	} {
		if n := testing.AllocsPerRun(1000, f); n != 0 {
			t.Errorf("%s allocates %v times, want 0", name, n)
		}
	}
	i := 0
	if n := testing.AllocsPerRun(1000, func() { i++; tb.Datagram(sender(i), server, start, first) }); n > 8 {
		t.Errorf("a connection allocates %v times, want 8 at most", n)
	}
}

func BenchmarkDatagram(b *testing.B) {
	msg := clientHello("a.example", 300)
	big := clientHello("a.example", 1900)
	one := initial{version: v1, dcid: "clientschoice", frames: crypto(msg, 0, 300), size: 1200}.seal()
	first := initial{version: v1, dcid: "clientschoice", frames: crypto(big, 0, 1000), size: 1200}.seal()
	second := initial{version: v1, dcid: "clientschoice", number: 1, frames: crypto(big, 1000, 1900), size: 1200}.seal()
	forged := append([]byte(nil), one...)
	forged[300] ^= 1
	for _, bb := range []struct {
		name      string
		datagrams [][]byte
		fresh     bool
	}{
		{"hello", [][]byte{one}, true},
		{"hello in two", [][]byte{first, second}, true},
		{"sent again", [][]byte{one}, false},
		{"forged", [][]byte{forged}, true},
		{"short header", [][]byte{append([]byte{0x40}, make([]byte, 1300)...)}, false},
		{"other", [][]byte{append([]byte{0x80, 0x60, 1, 2, 3}, make([]byte, 1300)...)}, false},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			tb := quic.New(quic.Options{})
			i := 0
			for b.Loop() {
				if bb.fresh {
					i++
				}
				for _, d := range bb.datagrams {
					tb.Datagram(sender(i), server, start, d)
				}
			}
		})
	}
}
