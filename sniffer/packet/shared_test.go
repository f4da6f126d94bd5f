package packet_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/packet"
)

// captures returns the shared capture files.
func captures(t *testing.T) []string {
	t.Helper()
	dir := os.Getenv("SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "pcaps", "*.pcap*"))
	if len(files) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no captures in %s/pcaps: set SHARED", dir)
		}
		t.Skipf("NOT TESTED: no captures in %s/pcaps (set SHARED)", dir)
	}
	return files
}

// TestDamage cuts and corrupts every shared capture: no panic, and memory stays
// bounded though one Decoder sees all of it.
func TestDamage(t *testing.T) {
	d := packet.NewDecoder()
	var p packet.Packet
	read := func(b []byte) (packets int) {
		c, err := capture.New(bytes.NewReader(b))
		if err != nil {
			return 0
		}
		defer c.Close()
		var f capture.Frame
		for c.Next(&f) == nil {
			if ok, why := d.Decode(&f, &p); ok {
				packets++
				if len(p.Payload) > p.PayloadLen {
					t.Errorf("payload of %d bytes is said to have %d", len(p.Payload), p.PayloadLen)
				}
			} else if int(why) >= packet.Reasons {
				t.Errorf("reason %d", why)
			}
		}
		return packets
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	whole, damaged := 0, 0
	for _, file := range captures(t) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		b = b[:min(len(b), 30_000)]
		whole += read(b)
		for i := range 20 {
			bad := bytes.Clone(b[:len(b)*(i+1)/20])
			for j := i + 24; j < len(bad); j += 61 {
				bad[j] ^= byte(1 << (i % 8))
			}
			damaged += read(bad)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if whole < 1000 || damaged < 1000 {
		t.Errorf("%d packets read of whole files, %d of damaged ones: is anything tested?", whole, damaged)
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 16<<20 {
		t.Errorf("the decoder holds %d bytes", grown)
	}
	runtime.KeepAlive(d)
}
