package sniffer_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
)

// TestDamage cuts and corrupts every shared capture: no panic, no fault of
// ours, and what stands before the damage is still read.
func TestDamage(t *testing.T) {
	names := learned.New(1 << 10)
	for _, file := range captures(t) {
		whole, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		whole = whole[:min(len(whole), 60_000)]
		for i := range 40 {
			b := bytes.Clone(whole[:len(whole)*(i+1)/40])
			for j := i + 24; j < len(b); j += 97 + 40*i {
				b[j] ^= byte(1 << (i % 8))
			}
			st, _ := run(t.Context(), b, sniffer.Config{Names: names}, sniffer.Sink{})
			if st.Faults != 0 {
				t.Errorf("%s, variant %d: %d faults", filepath.Base(file), i, st.Faults)
			}
			if st.Streams.Flows != 0 || st.Streams.Held != 0 {
				t.Errorf("%s, variant %d: something is left at the end: %+v", filepath.Base(file), i, st.Streams)
			}
		}
	}
}

// TestMemory reads the traffic of 2,000 clients, then a flood of new addresses,
// names, half hellos and holes: 64 MB must do.
func TestMemory(t *testing.T) {
	const bound = 64 << 20
	s := sniffer.New(sniffer.Config{Classify: classify}, sniffer.Sink{})
	feed := func(w *wire) {
		src, err := capture.New(bytes.NewReader(w.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		var f capture.Frame
		for src.Next(&f) == nil {
			s.Frame(&f)
		}
	}
	feed(mixed(t, 100_000))
	if n := heapOf(s); n > bound {
		t.Errorf("2,000 clients: %d MB, want at most %d", n>>20, bound>>20)
	}
	r, hello := rand.New(rand.NewPCG(3, 4)), clientHello(t, "half.example")
	for range 10 {
		w := newWire()
		for i := range 20_000 {
			c := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32())}), uint16(r.Uint32()|1024))
			switch i % 4 {
			case 0:
				w.tcp(c, to, ack, 1, hello[:1000])
			case 1:
				w.tcp(c, to, syn, 0, nil)
				w.tcp(c, to, ack, 3, hello[:1000])
			case 2:
				w.udp(c, netip.MustParseAddrPort("192.0.2.53:53"), lookup(1, fmt.Sprintf("n%d.example", r.Uint32()), 1))
			default:
				w.udp(c, to, make([]byte, 100))
			}
			w.now = w.now.Add(-900e3) // all within seconds
		}
		feed(w)
	}
	st := s.Stats()
	if n := heapOf(s); n > bound {
		t.Errorf("a flood: %d MB, want at most %d; %+v", n>>20, bound>>20, st)
	}
	if st.Streams.Evicted == 0 || st.Streams.Memory == 0 {
		t.Errorf("stats = %+v, want evictions and directions given up", st.Streams)
	}
}

// heapOf returns the bytes in use while s is.
func heapOf(s *sniffer.Sniffer) uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	runtime.KeepAlive(s)
	return m.HeapAlloc
}
