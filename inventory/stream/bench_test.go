package stream_test

import (
	"path/filepath"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/stream"
)

// BenchmarkAppend is what one event costs in each format.
func BenchmarkAppend(b *testing.B) {
	list := samples()
	for _, f := range lineFormats {
		b.Run(string(f), func(b *testing.B) {
			b.ReportAllocs()
			var buf []byte
			for b.Loop() {
				buf, _ = f.Append(buf[:0], &stream.Record{Event: &list[6], From: from})
			}
			b.SetBytes(int64(len(buf)))
		})
	}
}

// BenchmarkRecord is what the inventory waits for: a batch of 1000 on disk.
func BenchmarkRecord(b *testing.B) {
	s := open(b, stream.Config{To: "file://" + filepath.Join(b.TempDir(), "none", "out")})
	defer s.Close()
	list := make([]inventory.Event, 0, 1000)
	list = append(list, events(0, 1000)...)
	b.ReportAllocs()
	for b.Loop() {
		record(s, list)
	}
}
