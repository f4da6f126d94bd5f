package logs_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// endless repeats the lines of a sample n times, after its header once.
func endless(t testing.TB, file string, n int) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "samples", file))
	if err != nil {
		t.Fatal(err)
	}
	var head, body []byte
	for line := range bytes.Lines(text) {
		if line[0] == '#' || bytes.HasPrefix(line, []byte("ts,te")) || bytes.HasPrefix(line, []byte("version ")) {
			if len(body) == 0 {
				head = append(head, line...)
			}
			continue
		}
		body = append(body, line...)
	}
	return append(head, bytes.Repeat(body, n)...)
}

// BenchmarkFormats reads each format from memory, through detection and all:
// lines/s is what one core does.
func BenchmarkFormats(b *testing.B) {
	for format, file := range samples {
		b.Run(format, func(b *testing.B) {
			text := endless(b, file, 2000)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			var lines int64
			for b.Loop() {
				r, err := logs.New(bytes.NewReader(text), file, sampleOptions)
				if err != nil {
					b.Fatal(err)
				}
				var rec logs.Record
				for err == nil {
					err = r.Next(&rec)
				}
				if err != io.EOF {
					b.Fatal(err)
				}
				lines += r.Stats().Lines
				r.Close()
			}
			b.ReportMetric(float64(lines)/b.Elapsed().Seconds(), "lines/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}
