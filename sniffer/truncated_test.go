package sniffer_test

import (
	"bytes"
	"maps"
	"net/netip"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestTruncatedDNS: messages that are not whole are counted by their reason, and
// what came of them is read; the same by one goroutine and by several.
func TestTruncatedDNS(t *testing.T) {
	resolver := netip.MustParseAddrPort("192.0.2.53:53")
	truncated := lookup(1, "host.example", 1, cloud)
	truncated[2] |= 2 // TC
	question := lookup(1, "host.example", 1)
	long := append(framed(question), framed(append(question, make([]byte, 100)...))[:40]...)
	for _, tt := range []struct {
		name  string
		send  func(w *wire)
		names int
		want  map[string]int64
	}{
		{"a reply that says so", func(w *wire) { w.udp(resolver, from, truncated) }, 1, map[string]int64{"dns_truncated": 1}},
		{"that, and damage", func(w *wire) {
			b := bytes.Clone(truncated)
			b[len(b)-5] = 3 // an address of three bytes
			w.udp(resolver, from, b)
		}, 1, map[string]int64{"dns_data": 1}},
		{"a length that never comes", func(w *wire) { w.dial(from, resolver).up(long) }, 1, map[string]int64{"dns_incomplete": 1}},
		{"and the connection ends", func(w *wire) { k := w.dial(from, resolver); k.up(long); k.close() }, 1, map[string]int64{"dns_incomplete": 1}},
		{"a whole one", func(w *wire) { k := w.dial(from, resolver); k.up(framed(question)); k.close() }, 1, map[string]int64{}},
		{"in pieces", func(w *wire) {
			k := w.dial(from, resolver)
			k.up(framed(question)[:9])
			k.up(framed(question)[9:])
			k.close()
		}, 1, map[string]int64{}},
		{"begun in a message", func(w *wire) { w.tcp(from, resolver, ack, 5, framed(question)[:20]) }, 0, map[string]int64{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWire()
			tt.send(w)
			for _, cfg := range []sniffer.Config{{}, {Classify: func(string) traffic.Verdict { return traffic.Verdict{} }}} {
				n := 0
				st, err := run(t.Context(), w.Bytes(), cfg, sniffer.Sink{Observation: func(*sniffer.Observation) { n++ }})
				if got := st.Malformed(); err != nil || n != tt.names || !maps.Equal(got, tt.want) {
					t.Errorf("%d observations, %v, %v; want %d, %v", n, got, err, tt.names, tt.want)
				}
			}
		})
	}
}
