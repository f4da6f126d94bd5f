package sniffer_test

import (
	"bytes"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// check fails on what no input may cause.
func check(t *testing.T, all []sniffer.Observation, st sniffer.Stats) {
	t.Helper()
	if st.Faults != 0 {
		t.Error("a fault was survived")
	}
	if st.Streams.Flows != 0 || st.Streams.Held != 0 {
		t.Errorf("something is left at the end: %+v", st.Streams)
	}
	kinds := map[sniffer.Kind]int64{}
	for _, o := range all {
		kinds[o.Kind]++
		if o.Name == "" || len(o.Name) > 1020 || o.Name != strings.ToLower(o.Name) || strings.ContainsFunc(o.Name, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("name %q", o.Name)
		}
		if !o.Client.IsValid() || o.Client.Is4In6() {
			t.Errorf("client %v", o.Client)
		}
	}
	if kinds[sniffer.KindQuery] != st.Queries || kinds[sniffer.KindReply] != st.Replies || kinds[sniffer.KindHello] != st.TLSHellos+st.QUICHellos-st.NoName {
		t.Errorf("observations %v, counted %+v", kinds, st)
	}
}

// FuzzFile reads whole files: every package from the capture's format to the
// sessions takes part.
func FuzzFile(f *testing.F) {
	f.Add(pcap(f, 1, prefix(query(f, "api.openai.com"), be16(12, 0x8100, 7, 0x0800)...)))
	f.Add([]byte("\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x4d\x3c\x2b\x1a\x01\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x1c\x00\x00\x00" +
		"\x01\x00\x00\x00\x14\x00\x00\x00\x65\x00\x00\x00\x00\x00\x00\x00\x14\x00\x00\x00" + "\x03\x00\x00\x00\x14\x00\x00\x00\x04\x00\x00\x00\x45\x00\x00\x00\x14\x00\x00\x00"))
	w := newWire()
	k := w.dial(from, to)
	k.segments = 300
	k.up(clientHello(f, "api.openai.com", "h2"))
	k.down(make([]byte, 100))
	k.close()
	f.Add(w.Bytes())
	w = newWire()
	for _, b := range initials(f, []byte("12345678"), quicHello(f, "api.openai.com", true)) {
		w.udp(from, to, b)
	}
	q := lookup(1, "api.openai.com", 1, cloud)
	w.dial(from, netip.AddrPortFrom(cloud, 53)).up(append([]byte{0, byte(len(q))}, q...))
	f.Add(w.Bytes())
	names := learned.New(64)
	f.Fuzz(func(t *testing.T, b []byte) {
		var all []sniffer.Observation
		st, _ := run(t.Context(), b, sniffer.Config{Names: names, Blind: rules.NewBlindIndex(spots)}, sniffer.Sink{
			Observation: func(o *sniffer.Observation) { all = append(all, *o) },
			Flow: func(f *traffic.Flow) {
				if f.Up < 0 || f.Down < 0 || f.Host == "" || !f.Client.IsValid() {
					t.Errorf("flow = %+v", f)
				}
			},
			Blind: func(b *traffic.BlindSpot) {
				if b.Kind == "" || b.Flows < 1 {
					t.Errorf("blind spot = %+v", b)
				}
			},
		})
		check(t, all, st)
	})
}

func FuzzWalk(f *testing.F) {
	f.Add(uint16(1), prefix(query(f, "api.openai.com"), be16(12, 0x0800)...))
	f.Add(uint16(113), prefix(query6(f, "api.openai.com"), be16(14, 0x86dd)...))
	f.Add(uint16(1), prefix(query(f, "api.openai.com"), be16(12, 0x88a8, 20, 0x8864, 0x1100, 1, 99, 0x0021)...))
	f.Add(uint16(101), query6(f, "a.example", gopacket.Payload([]byte{17, 0, 1, 4, 0, 0, 0, 0})))
	f.Fuzz(func(t *testing.T, link uint16, frame []byte) {
		all, st, err := read(t, pcap(t, uint32(link), frame))
		if err != nil && len(frame) <= 65535 {
			t.Error(err)
		}
		check(t, all, st)
	})
}

// FuzzNames compares the names with gopacket's reader where both read the
// message: case apart, they are the same.
func FuzzNames(f *testing.F) {
	f.Add([]byte{0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 2, 'A', 'i', 0, 0, 1, 0, 1, 1, 'x', 0xc0, 12, 0, 28, 0, 1})
	f.Add([]byte{0, 1, 0x81, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'a', '.', 0xff, 0, 0, 1, 0, 1})
	f.Fuzz(func(t *testing.T, msg []byte) {
		if len(msg) > 1400 {
			return
		}
		all, st, err := read(t, pcap(t, 101, dnsPacket(t, msg)))
		if err != nil {
			t.Fatal(err)
		}
		check(t, all, st)
		var d layers.DNS
		if safely(func() error { return d.DecodeFromBytes(msg, gopacket.NilDecodeFeedback) }) != nil || len(st.Malformed()) > 0 {
			return
		}
		if len(d.Questions) != len(all) {
			t.Fatalf("%d questions, gopacket reads %d", len(all), len(d.Questions))
		}
		for i, q := range d.Questions {
			if plain := bytes.ToLower(q.Name); !strings.Contains(all[i].Name, `\`) && len(plain) > 0 && isASCII(plain) && string(plain) != all[i].Name {
				t.Errorf("name %q, gopacket reads %q", all[i].Name, plain)
			}
		}
	})
}

var errPanic = errors.New("panic")

// safely turns a panic of gopacket into an error: see the package comment.
func safely(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errPanic
		}
	}()
	return f()
}

func isASCII(b []byte) bool {
	return !bytes.ContainsFunc(b, func(r rune) bool { return r <= ' ' || r > '~' })
}
