package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/learned"
)

// squidLog is n lines of a proxy's log: many hosts, one line of fifty to an AI
// service, half of the rest with a path.
func squidLog(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		client, user := i%250+1, i%200
		switch {
		case i%50 == 0:
			fmt.Fprintf(&b, "%d.%03d %6d 192.0.2.%d TCP_TUNNEL/200 %d CONNECT api.openai.com:443 user%d HIER_DIRECT/203.0.113.20 -\n", 1772442904+i/100, i%1000, i%977, client, i%65537, user)
		case i%2 == 0:
			fmt.Fprintf(&b, "%d.%03d %6d 192.0.2.%d TCP_TUNNEL/200 %d CONNECT www.example%d.com:443 user%d HIER_DIRECT/203.0.113.20 -\n", 1772442904+i/100, i%1000, i%977, client, i%65537, i*7919%3000, user)
		default:
			fmt.Fprintf(&b, "%d.%03d %6d 192.0.2.%d TCP_MISS/200 %d GET http://cdn%d.example.net/assets/js/%d/main.js user%d HIER_DIRECT/203.0.113.20 text/html\n", 1772442904+i/100, i%1000, i%977, client, i%65537, i*7919%3000, i, user)
		}
	}
	return b.Bytes()
}

// BenchmarkDiscover reads a log of Squid from memory to the result.
func BenchmarkDiscover(b *testing.B) {
	const lines = 100_000
	log := squidLog(lines)
	k, err := loadKnowledge(nil, passingKey())
	if err != nil {
		b.Fatal(err)
	}
	in := &input{name: "log", open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(log)), nil }}
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		d := &discovery{ctx: b.Context(), knowledge: k, names: learned.New(0)}
		r := d.read(context.Background(), in)
		if r.report.err != nil || r.report.Lines != lines {
			b.Fatal(r.report.err, r.report.Lines)
		}
	}
	b.ReportMetric(float64(lines)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
