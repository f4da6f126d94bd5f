package sniffer_test

import (
	"crypto/tls"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/traffic"
)

var (
	alice = netip.MustParseAddr("192.0.2.7")
	bob   = netip.MustParseAddr("192.0.2.8")
	cloud = netip.MustParseAddr("203.0.113.10")
	from  = netip.AddrPortFrom(alice, 40000)
	to    = netip.AddrPortFrom(cloud, 443)
)

// seen is all that a sniffer told.
type seen struct {
	observations []sniffer.Observation
	flows        []traffic.Flow
	blind        []traffic.BlindSpot
	sniffer.Stats
}

// sniff reads w with a catalogue of one service, and the blind spots given.
func sniff(t testing.TB, w *wire, spots ...rules.BlindSpot) (s seen) {
	t.Helper()
	var err error
	s.Stats, err = run(t.Context(), w.Bytes(), sniffer.Config{Origin: "test", Classify: classify, Blind: rules.NewBlindIndex(spots)}, sniffer.Sink{
		Observation: func(o *sniffer.Observation) { s.observations = append(s.observations, *o) },
		Flow:        func(f *traffic.Flow) { s.flows = append(s.flows, *f) },
		Blind:       func(b *traffic.BlindSpot) { s.blind = append(s.blind, *b) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if bad := s.Malformed(); len(bad) > 0 {
		t.Errorf("malformed: %v", bad)
	}
	return s
}

// session returns the flow that is no lookup, if it is the only one.
func (s *seen) session(t testing.TB) traffic.Flow {
	t.Helper()
	var all []traffic.Flow
	for _, f := range s.flows {
		if f.Sensor != traffic.SensorDNS {
			all = append(all, f)
		}
	}
	if len(all) != 1 {
		t.Fatalf("sessions = %+v, want one", all)
	}
	return all[0]
}

const ai = "api.openai.com"

func TestSession(t *testing.T) {
	w := newWire()
	w.answered(alice, ai, cloud)
	h := clientHello(t, ai)
	k := w.dial(from, to)
	k.up(h)
	k.down(make([]byte, 5000))
	w.now = w.now.Add(10 * time.Second)
	k.up(make([]byte, 700))
	k.close()
	s := sniff(t, w)
	if len(s.flows) != 2 || s.flows[0].Sensor != traffic.SensorDNS || s.flows[0].Host != ai || s.flows[0].Client != alice {
		t.Fatalf("flows = %+v, want a lookup and a session", s.flows)
	}
	f := s.session(t)
	if f.Sensor != traffic.SensorTLS || f.Host != ai || f.Client != alice || f.ClientPort != 40000 || f.Server != to || f.Origin != "test" || f.Continued || f.Guess != 0 {
		t.Errorf("session = %+v", f)
	}
	if f.Up != int64(len(h)+700) || f.Down != 5000 {
		t.Errorf("%d bytes up and %d down, want %d and 5000", f.Up, f.Down, len(h)+700)
	}
	if f.Duration < 10*time.Second || f.Duration > 11*time.Second {
		t.Errorf("duration = %v, want about 10 s", f.Duration)
	}
	var hellos []sniffer.Observation
	for _, o := range s.observations {
		if o.Kind == sniffer.KindHello {
			hellos = append(hellos, o)
		}
	}
	if len(hellos) != 1 || hellos[0].Name != ai || hellos[0].Client != alice || hellos[0].Server != cloud || hellos[0].ServerPort != 443 || hellos[0].Sensor != traffic.SensorTLS || hellos[0].Verdict.Service != "OpenAI API" {
		t.Errorf("hellos = %+v", hellos)
	}
}

func TestOtherSessionsAreNoFlows(t *testing.T) {
	w := newWire()
	w.answered(alice, "www.example.com", cloud)
	k := w.dial(from, to)
	k.up(clientHello(t, "www.example.com"))
	k.down(make([]byte, 500))
	k.close()
	if s := sniff(t, w); len(s.flows) != 0 || len(s.observations) != 3 {
		t.Errorf("flows = %+v, %d observations; want none and 3", s.flows, len(s.observations))
	}
	st, err := run(t.Context(), w.Bytes(), sniffer.Config{}, sniffer.Sink{Flow: func(f *traffic.Flow) {
		if f.Host != "www.example.com" {
			t.Errorf("flow = %+v", f)
		}
	}})
	if err != nil || st.Sessions != 1 || st.Lookups != 1 {
		t.Errorf("without a catalogue: %+v, %v; want a session and a lookup", st, err)
	}
}

// TestLongSession sees that what is reported on the way adds up.
func TestLongSession(t *testing.T) {
	w := newWire()
	k := w.dial(from, to)
	h := clientHello(t, ai)
	k.up(h)
	for range 60 {
		w.now = w.now.Add(10 * time.Second)
		k.down(make([]byte, 1000))
	}
	w.now = w.now.Add(time.Second)
	k.close()
	s := sniff(t, w)
	if len(s.flows) < 4 || len(s.flows) > 7 {
		t.Fatalf("%d reports of 10 minutes, want one every 2 minutes", len(s.flows))
	}
	var up, down int64
	var lasted time.Duration
	for i, f := range s.flows {
		up, down, lasted = up+f.Up, down+f.Down, lasted+f.Duration
		if f.Continued != (i > 0) {
			t.Errorf("report %d: continued = %v", i, f.Continued)
		}
	}
	if up != int64(len(h)) || down != 60_000 || lasted < 600*time.Second || lasted > 602*time.Second {
		t.Errorf("sum of the reports: %d up, %d down, %v; want %d, 60000, 601 s", up, down, lasted, len(h))
	}
}

func TestHelloHoweverItComes(t *testing.T) {
	h := clientHello(t, ai, "h2")
	records := func(n int) (b []byte) { // the message cut into records of n bytes
		for msg := h[5:]; len(msg) > 0; msg = msg[min(n, len(msg)):] {
			m := min(n, len(msg))
			b = append(append(b, 22, 3, 1, byte(m>>8), byte(m)), msg[:m]...)
		}
		return b
	}
	for _, tt := range []struct {
		name string
		send func(w *wire)
	}{
		{"one segment", func(w *wire) { w.dial(from, to).up(h) }},
		{"tiny segments", func(w *wire) { k := w.dial(from, to); k.segments = 1; k.up(h) }},
		{"many records", func(w *wire) { w.dial(from, to).up(records(50)) }},
		{"records of a byte", func(w *wire) { w.dial(from, to).up(records(1)) }},
		{"reordered", func(w *wire) {
			k := w.dial(from, to)
			w.tcp(from, to, ack, k.cSeq+700, h[700:])
			w.tcp(from, to, ack, k.cSeq+300, h[300:700])
			w.tcp(from, to, ack, k.cSeq, h[:300])
		}},
		{"repeated and overlapping", func(w *wire) {
			k := w.dial(from, to)
			w.tcp(from, to, ack, k.cSeq, h[:300])
			w.tcp(from, to, ack, k.cSeq, h[:300])
			w.tcp(from, to, ack, k.cSeq+200, h[200:])
		}},
		{"no start", func(w *wire) { w.tcp(from, to, ack, 77, h) }},
		{"after STARTTLS", func(w *wire) {
			k := w.dial(from, netip.AddrPortFrom(cloud, 25))
			k.down([]byte("220 mail\r\n"))
			k.up([]byte("EHLO x\r\nSTARTTLS\r\n"))
			k.down([]byte("220 go\r\n"))
			k.up(h)
		}},
		{"after CONNECT, in one segment", func(w *wire) {
			w.dial(from, netip.AddrPortFrom(cloud, 3128)).up(append([]byte("CONNECT "+ai+":443 HTTP/1.1\r\n\r\n"), h...))
		}},
		{"after 60 KB", func(w *wire) { k := w.dial(from, to); k.up(make([]byte, 60<<10)); k.up(h) }},
		{"odd port", func(w *wire) { w.dial(from, netip.AddrPortFrom(cloud, 47111)).up(h) }},
		{"from who accepted the connection", func(w *wire) {
			k := w.dial(to, from)
			k.down([]byte("hi\r\n"))
			k.down(h)
			k.up(make([]byte, 100))
		}},
		{"behind a hole", func(w *wire) {
			k := w.dial(from, to)
			k.up(make([]byte, 100))
			k.cSeq += 50
			k.up(h)
			k.close()
		}},
		{"QUIC", func(w *wire) { w.udp(from, to, initials(t, []byte("12345678"), quicHello(t, ai, false))[0]) }},
		{"QUIC, two datagrams", func(w *wire) {
			for _, b := range initials(t, []byte("12345678"), quicHello(t, ai, true)) {
				w.udp(from, to, b)
			}
		}},
		{"QUIC, the server's port is the higher one", func(w *wire) {
			w.udp(netip.AddrPortFrom(alice, 80), netip.AddrPortFrom(cloud, 4433), initials(t, []byte("12345678"), quicHello(t, ai, false))[0])
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWire()
			tt.send(w)
			s := sniff(t, w)
			if len(s.observations) != 1 || s.observations[0].Name != ai || s.observations[0].Client != alice || s.observations[0].Server != cloud {
				t.Fatalf("observations = %+v, want one hello", s.observations)
			}
			f, want := s.session(t), traffic.SensorTLS
			if strings.HasPrefix(tt.name, "QUIC") {
				want = traffic.SensorQUIC
			}
			if f.Host != ai || f.Client != alice || f.Sensor != want || f.Up < 200 {
				t.Errorf("session = %+v", f)
			}
		})
	}
}

// TestSecondHello sees the hello that a server asks for (RFC 8446, section
// 4.1.4) counted, and the session once.
func TestSecondHello(t *testing.T) {
	h := clientHello(t, ai)
	w := newWire()
	k := w.dial(from, to)
	k.up(h)
	k.down([]byte{22, 3, 3, 0, 4, 2, 0, 0, 0})
	k.up(append([]byte{20, 3, 3, 0, 1, 1}, h...))
	k.up([]byte{23, 3, 3, 0, 1, 1})
	k.close()
	s := sniff(t, w)
	if len(s.observations) != 2 || s.TLSHellos != 2 {
		t.Errorf("%d observations, %d hellos; want 2", len(s.observations), s.TLSHellos)
	}
	s.session(t)
}

func TestSessionNamedByAddress(t *testing.T) {
	noName := clientHello(t, "")
	for _, tt := range []struct {
		name string
		send func(w *wire)
		want float64 // 0: not named
	}{
		{"no server name", func(w *wire) {
			w.answered(alice, ai, cloud)
			k := w.dial(from, to)
			k.up(noName)
			k.down(make([]byte, 100))
		}, 0.9},
		{"no start", func(w *wire) {
			w.answered(alice, ai, cloud)
			w.tcp(from, to, ack, 5, make([]byte, 100))
			w.tcp(to, from, ack, 5, make([]byte, 100))
		}, 0.9},
		{"name learned later", func(w *wire) {
			w.tcp(from, to, ack, 5, make([]byte, 100))
			w.tcp(to, from, ack, 5, make([]byte, 100))
			w.answered(alice, ai, cloud)
		}, 0.9},
		{"QUIC without its start", func(w *wire) {
			w.answered(alice, ai, cloud)
			w.udp(from, to, append([]byte{0x41}, make([]byte, 100)...))
			w.udp(to, from, append([]byte{0x41}, make([]byte, 100)...))
		}, 0.9},
		{"another client asked", func(w *wire) {
			w.answered(bob, ai, cloud)
			k := w.dial(from, to)
			k.up(noName)
			k.down(make([]byte, 100))
		}, 0.4},
		{"others asked for several names", func(w *wire) {
			w.answered(bob, ai, cloud)
			w.answered(bob, "www.example.com", cloud)
			w.dial(from, to).up(noName)
		}, 0},
		{"others asked for several names, this one last", func(w *wire) {
			w.answered(bob, "www.example.com", cloud)
			w.answered(bob, ai, cloud)
			w.dial(from, to).up(noName)
		}, 0},
		{"asked for this name last", func(w *wire) {
			w.answered(alice, "www.example.com", cloud)
			w.answered(alice, ai, cloud)
			w.dial(from, to).up(noName)
		}, 0.6},
		{"another asked for something else before", func(w *wire) {
			w.answered(bob, "www.example.com", cloud)
			w.answered(alice, ai, cloud)
			w.dial(from, to).up(noName)
		}, 0.9},
		{"asked for something else long before", func(w *wire) {
			w.answered(alice, "www.example.com", cloud)
			w.now = w.now.Add(time.Hour)
			w.answered(alice, ai, cloud)
			w.dial(from, to).up(noName)
		}, 0.9},
		{"asked for something else last", func(w *wire) {
			w.answered(alice, ai, cloud)
			w.answered(alice, "www.example.com", cloud)
			w.dial(from, to).up(noName)
		}, 0},
		{"a shell", func(w *wire) {
			w.answered(alice, ai, cloud)
			k := w.dial(from, netip.AddrPortFrom(cloud, 22))
			k.up([]byte("SSH-2.0-x\r\n"))
			k.down([]byte("SSH-2.0-y\r\n"))
		}, 0},
		{"nobody asked", func(w *wire) { w.dial(from, to).up(noName) }, 0},
		{"nothing was said", func(w *wire) { w.answered(alice, ai, cloud); w.dial(from, to) }, 0},
		{"another name was read", func(w *wire) {
			w.answered(alice, ai, cloud)
			w.dial(from, to).up(clientHello(t, "www.example.com"))
		}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWire()
			tt.send(w)
			s := sniff(t, w)
			s.flows = slices.DeleteFunc(s.flows, func(f traffic.Flow) bool { return f.Sensor == traffic.SensorDNS })
			if tt.want == 0 {
				if len(s.flows) != 0 {
					t.Fatalf("sessions = %+v, want none", s.flows)
				}
				return
			}
			if f := s.session(t); f.Host != ai || f.Guess != tt.want {
				t.Errorf("session = %+v, want a guess of %v", f, tt.want)
			}
		})
	}
}

func TestLookupCountsOnce(t *testing.T) {
	w := newWire()
	c, r := netip.AddrPortFrom(alice, 40001), netip.MustParseAddrPort("192.0.2.53:53")
	for i, qtype := range []uint16{1, 28, 65} {
		w.udp(c, r, lookup(uint16(i), ai, qtype))
		w.udp(r, c, lookup(uint16(i), ai, qtype, cloud))
	}
	w.now = w.now.Add(15 * time.Second)
	w.udp(r, c, lookup(0, ai, 1, cloud)) // a reply that is late
	if s := sniff(t, w); len(s.flows) != 1 || s.Lookups != 1 || len(s.observations) != 7 {
		t.Errorf("%d flows, %d observations; want 1 and 7", len(s.flows), len(s.observations))
	}
	w.now = w.now.Add(time.Minute)
	w.udp(c, r, lookup(9, ai, 1))
	w.udp(netip.AddrPortFrom(bob, 40001), r, lookup(9, ai, 1))
	if s := sniff(t, w); len(s.flows) != 3 {
		t.Errorf("%d flows, want 3: alice twice, bob once", len(s.flows))
	}
}

func TestFeatures(t *testing.T) {
	w := newWire()
	k := w.dial(from, to)
	k.up(tlsRecord(t, &tls.Config{ServerName: ai}))
	k.close()
	if s := sniff(t, w); len(s.flows) != 1 || len(s.flows[0].Features) != 0 {
		t.Errorf("flows = %+v, want one without features", s.flows)
	}
}
