package sniffer_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer"
)

// framed returns messages as TCP carries them.
func framed(msgs ...[]byte) (b []byte) {
	for _, m := range msgs {
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(m))), m...)
	}
	return b
}

func TestDNSOverTCP(t *testing.T) {
	resolver := netip.MustParseAddrPort("192.0.2.53:53")
	q := func(i int) []byte { return lookup(uint16(i), fmt.Sprintf("host%d.example", i), 1) }
	for _, tt := range []struct {
		name string
		send func(w *wire)
		want int
	}{
		{"one", func(w *wire) { w.dial(from, resolver).up(framed(q(1))) }, 1},
		{"two directions", func(w *wire) {
			k := w.dial(from, resolver)
			k.up(framed(q(1)))
			k.down(framed(lookup(1, "host1.example", 1, cloud)))
		}, 2},
		{"many a segment", func(w *wire) { w.dial(from, resolver).up(framed(q(1), q(2), q(3), q(4))) }, 4},
		{"byte by byte", func(w *wire) { k := w.dial(from, resolver); k.segments = 1; k.up(framed(q(1), q(2), q(3))) }, 3},
		{"length by itself", func(w *wire) { k := w.dial(from, resolver); b := framed(q(1)); k.up(b[:2]); k.up(b[2:]) }, 1},
		{"hours long", func(w *wire) {
			k := w.dial(from, resolver)
			for i := range 5000 {
				k.up(framed(q(i), q(i+1)))
			}
		}, 10000},
		{"big message", func(w *wire) {
			b := q(1)
			w.dial(from, resolver).up(framed(append(b, make([]byte, 40000)...), q(2)))
		}, 2},
		{"start not seen", func(w *wire) { w.tcp(from, resolver, ack, 5, framed(q(1), q(2))) }, 2},
		{"begun in a message", func(w *wire) {
			b := framed(q(1), q(2))
			w.tcp(from, resolver, ack, 5, b[20:40])
			w.tcp(from, resolver, ack, 25, framed(q(3)))
		}, 1},
		{"a hole", func(w *wire) {
			k := w.dial(from, resolver)
			k.up(framed(q(1)))
			k.cSeq += 7
			for i := range 30 {
				k.up(framed(q(i)))
			}
		}, 31},
		{"garbage first, framed", func(w *wire) {
			w.dial(from, resolver).up(framed([]byte("this is no message of DNS at all"), q(1), q(2)))
		}, 2},
		{"garbage first, with a length that is too small", func(w *wire) {
			k := w.dial(from, resolver)
			k.up([]byte("\x00\x05hello"))
			k.up(framed(q(1)))
			k.up(framed(q(2)))
		}, 2},
		{"garbage first, with the length of much more", func(w *wire) {
			k := w.dial(from, resolver)
			k.up([]byte("GET / HTTP/1.1\r\n\r\n"))
			for i := range 4 {
				k.up(framed(q(i)))
			}
		}, 4},
		{"garbage first, of one byte: it takes a message with it", func(w *wire) {
			k := w.dial(from, resolver)
			k.up([]byte{0xff})
			for i := range 4 {
				k.up(framed(q(i)))
			}
		}, 3},
		{"garbage between messages", func(w *wire) {
			k := w.dial(from, resolver)
			k.up(framed(q(1)))
			k.up([]byte("GET / HTTP/1.1\r\n\r\n"))
			k.up(framed(q(2)))
		}, 2},
		{"garbage first in both directions", func(w *wire) {
			k := w.dial(from, resolver)
			k.up([]byte("GET / HTTP/1.1\r\n\r\n"))
			k.down([]byte("HTTP/1.1 400\r\n\r\n"))
			k.up(framed(q(1)))
			k.down(framed(lookup(1, "host1.example", 1, cloud)))
		}, 2},
		{"keep-alive", func(w *wire) {
			k := w.dial(from, resolver)
			k.up(framed(q(1)))
			w.tcp(from, resolver, ack, k.cSeq-1, []byte{0})
			k.up(framed(q(2)))
		}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWire()
			tt.send(w)
			n := 0
			st, err := run(t.Context(), w.Bytes(), sniffer.Config{}, sniffer.Sink{Observation: func(o *sniffer.Observation) {
				if n++; o.Client != alice || o.Server != resolver.Addr() || o.ServerPort != 53 {
					t.Errorf("observation = %+v", o)
				}
			}})
			if err != nil || n != tt.want {
				t.Errorf("%d observations, %v; want %d. %+v", n, err, tt.want, st)
			}
			if st.Streams.Held != 0 {
				t.Errorf("%d bytes are still held", st.Streams.Held)
			}
		})
	}
}

func TestDNSOnOddPort(t *testing.T) {
	w := newWire()
	w.udp(from, netip.AddrPortFrom(cloud, 8443), lookup(1, ai, 1))
	w.udp(netip.AddrPortFrom(cloud, 8443), from, lookup(1, ai, 1, cloud))
	w.udp(from, netip.AddrPortFrom(cloud, 9000), append(lookup(1, ai, 1), 0)) // a byte too many
	w.udp(from, netip.AddrPortFrom(cloud, 5353), lookup(1, "printer.local", 1))
	w.udp(from, netip.AddrPortFrom(cloud, 5355), lookup(1, "printer", 1))
	w.udp(from, netip.AddrPortFrom(cloud, 137), lookup(1, "printer", 1))
	s := sniff(t, w)
	if len(s.observations) != 2 || s.OddPorts != 2 || s.Local != 3 || len(s.flows) != 1 {
		t.Errorf("%d observations, %d flows, %+v", len(s.observations), len(s.flows), s.Stats)
	}
}

// TestTLSAtPortOfDNS has a client say hello where firewalls let everybody through.
func TestTLSAtPortOfDNS(t *testing.T) {
	for _, size := range []int{1400, 100} {
		w := newWire()
		k := w.dial(from, netip.MustParseAddrPort("203.0.113.9:53"))
		k.segments = size
		k.up(clientHello(t, "tunnel.example"))
		var got []string
		st, err := run(t.Context(), w.Bytes(), sniffer.Config{}, sniffer.Sink{Observation: func(o *sniffer.Observation) {
			got = append(got, string(o.Kind)+" "+o.Name)
		}})
		if err != nil || len(got) != 1 || got[0] != "hello tunnel.example" || len(st.Malformed()) > 0 {
			t.Errorf("segments of %d: got %q, %v, %v", size, got, err, st.Malformed())
		}
	}
}
