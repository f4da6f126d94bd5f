package sniffer_test

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// oddName is a name of 255 bytes on the wire, of which each but four is shown as four;
// no two are the same.
func oddName(r *rand.Rand) []byte {
	var name []byte
	for _, n := range []int{63, 63, 63, 61} {
		name = append(append(name, byte(n)), bytes.Repeat([]byte{byte(n % 30)}, n)...)
	}
	binary.BigEndian.PutUint64(name[1:], r.Uint64()&0x0f0f0f0f0f0f0f0f)
	return append(name, 0)
}

// TestLinesBounded has packets of many questions about one long name: a hundred
// times as many bytes of lines as of packets, which must not be held together.
func TestLinesBounded(t *testing.T) {
	w, r := newWire(), rand.New(rand.NewPCG(1, 2))
	for i := range 500 {
		m := binary.BigEndian.AppendUint16(nil, uint16(i))
		m = append(m, 1, 0, 0, 64, 0, 0, 0, 0, 0, 0)
		m = append(append(m, oddName(r)...), 0, 1, 0, 1)
		for range 63 {
			m = append(m, 0xc0, 12, 0, 1, 0, 1)
		}
		w.udp(from, netip.MustParseAddrPort("192.0.2.53:53"), m)
	}
	var want string
	for _, workers := range []int{1, 2, 4} {
		src, err := capture.New(bytes.NewReader(w.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		sum, longest, lines := md5.New(), 0, 0
		p := sniffer.NewParallel(sniffer.Config{Classify: classify}, sniffer.Sink{Lines: &sniffer.Lines{
			New: func() func([]byte, *sniffer.Observation) []byte {
				return func(b []byte, o *sniffer.Observation) []byte { return append(append(b, o.Name...), '\n') }
			},
			Write: func(b []byte) {
				longest = max(longest, len(b))
				lines += bytes.Count(b, []byte{'\n'})
				sum.Write(b)
			},
		}}, workers)
		err = p.Run(t.Context(), src)
		src.Close()
		got := fmt.Sprintf("%x", sum.Sum(nil))
		if want == "" {
			want = got
		}
		if err != nil || lines != 32_000 || got != want {
			t.Errorf("%d workers: error %v, %d lines of sum %s, want 32,000 of %s", workers, err, lines, got, want)
		}
		if longest > 1<<19 {
			t.Errorf("%d workers: %d bytes of lines at once, want at most %d", workers, longest, 1<<19)
		}
	}
}

// oddHello is a TLS record with a ClientHello for name.
func oddHello(name []byte) []byte {
	n := len(name)
	b := append([]byte{3, 3}, make([]byte, 32)...)
	b = append(b, 0, 0, 2, 0x13, 1, 1, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(n+9))
	for _, v := range []int{0, n + 5, n + 3} {
		b = binary.BigEndian.AppendUint16(b, uint16(v))
	}
	b = append(binary.BigEndian.AppendUint16(append(b, 0), uint16(n)), name...)
	m := append([]byte{1, 0, byte(len(b) >> 8), byte(len(b))}, b...)
	return append([]byte{22, 3, 1, byte(len(m) >> 8), byte(len(m))}, m...)
}

// TestMemoryNames floods us with long names in lookups and sessions, half of them of
// an AI service: what is kept of them is bounded.
func TestMemoryNames(t *testing.T) {
	const bound = 64 << 20
	s := sniffer.New(sniffer.Config{Classify: func(host string) traffic.Verdict {
		if strings.HasSuffix(host, "a.openai.com") {
			return everyName("openai.com")
		}
		return traffic.Verdict{}
	}}, sniffer.Sink{})
	r := rand.New(rand.NewPCG(5, 6))
	for range 4 {
		w := newWire()
		for i := range 10_000 {
			c := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32())}), uint16(r.Uint32()|1024))
			name := oddName(r)
			if i%2 == 0 {
				name = append(append(name[:3*64:3*64], 45), name[3*64+1:3*64+45]...)
				name = append(name, "a\x06openai\x03com\x00"...)
			}
			q := binary.BigEndian.AppendUint16(nil, uint16(i))
			q = append(append(append(q, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0), name...), 0, 1, 0, 1)
			w.udp(c, netip.MustParseAddrPort("192.0.2.53:53"), q)
			if i%2 == 0 {
				name = append(name[1:len(name)-12], ".openai.com"...)
			}
			w.tcp(c, to, ack, 1, oddHello(name))
			w.tcp(to, c, ack, 1, []byte("anything"))
			w.now = w.now.Add(-2900e3) // all within seconds
		}
		src, err := capture.New(bytes.NewReader(w.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		var f capture.Frame
		for src.Next(&f) == nil {
			s.Frame(&f)
		}
		src.Close()
	}
	st := s.Stats()
	if st.Queries != 40_000 || st.TLSHellos != 40_000 || st.Lookups < 19_000 {
		t.Errorf("%d queries, %d lookups, %d hellos, want 40,000, 20,000, 40,000", st.Queries, st.Lookups, st.TLSHellos)
	}
	if n := heapOf(s); n > bound {
		t.Errorf("%d MB are held, want at most %d", n>>20, bound>>20)
	} else {
		t.Logf("%d MB are held", n>>20)
	}
	s.Flush()
	if st = s.Stats(); st.Sessions < 19_000 {
		t.Errorf("%d sessions with an AI service, want 20,000", st.Sessions)
	}
}
