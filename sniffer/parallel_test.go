package sniffer_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// told is all that a capture gives, as text: observations in order, the rest as
// sets.
type told struct {
	observations, flows, blind []string
	stats                      string
	err                        string
}

// readBy reads a capture with that many workers.
func readBy(t testing.TB, workers int, file []byte, cfg sniffer.Config) (all told) {
	t.Helper()
	src, err := capture.New(bytes.NewReader(file))
	if err != nil {
		return told{err: err.Error()}
	}
	defer src.Close()
	cfg.Names = learned.New(1 << 12)
	p := sniffer.NewParallel(cfg, sniffer.Sink{
		Observation: func(o *sniffer.Observation) {
			plain := *o
			plain.Verdict = nil // its address is different each time
			all.observations = append(all.observations, fmt.Sprint(plain, o.Verdict.ID))
		},
		Flow:  func(f *traffic.Flow) { all.flows = append(all.flows, fmt.Sprint(*f)) },
		Blind: func(b *traffic.BlindSpot) { all.blind = append(all.blind, fmt.Sprint(*b)) },
	}, workers)
	if err := p.Run(t.Context(), src); err != nil {
		all.err = err.Error()
	}
	slices.Sort(all.flows)
	slices.Sort(all.blind)
	st := p.Stats()
	all.stats = fmt.Sprintf("%+v %v", st, st.Malformed())
	return all
}

// sameByAll reads a capture with 1, 2 and 4 workers and wants the same.
func sameByAll(t *testing.T, file []byte, cfg sniffer.Config) told {
	t.Helper()
	want := readBy(t, 1, file, cfg)
	for _, workers := range []int{2, 4} {
		got := readBy(t, workers, file, cfg)
		for _, part := range []struct {
			name      string
			got, want []string
		}{{"observations", got.observations, want.observations}, {"flows", got.flows, want.flows}, {"blind spots", got.blind, want.blind},
			{"stats", []string{got.stats, got.err}, []string{want.stats, want.err}}} {
			if !slices.Equal(part.got, part.want) {
				i := 0
				for i < min(len(part.got), len(part.want)) && part.got[i] == part.want[i] {
					i++
				}
				t.Errorf("%d workers: %d %s, want %d; from %d on:\n%s\nwant\n%s", workers, len(part.got), part.name, len(part.want), i,
					strings.Join(part.got[i:min(i+1, len(part.got))], ""), strings.Join(part.want[i:min(i+1, len(part.want))], ""))
			}
		}
	}
	return want
}

// everyName makes every name a service, so that all sessions are flows and
// addresses are learned.
func everyName(host string) traffic.Verdict {
	return traffic.Verdict{Service: host, ID: host, How: traffic.HowCatalogue, Confidence: 1}
}

func TestParallelSame(t *testing.T) {
	for _, file := range captures(t) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for name, cfg := range map[string]sniffer.Config{"all": {}, "services": {Classify: everyName}} {
			t.Run(filepath.Base(file)+"/"+name, func(t *testing.T) { sameByAll(t, b, cfg) })
		}
	}
}

func TestParallelSameMixed(t *testing.T) {
	w := mixed(t, 60_000)
	blind := rules.NewBlindIndex([]rules.BlindSpot{{Kinds: []rules.BlindKind{rules.BlindDoH}, Name: "A resolver", Hosts: []string{"host3.example3.com"}, Domains: []string{"example4.com"}}})
	all := sameByAll(t, w.Bytes(), sniffer.Config{Classify: classify, Blind: blind})
	if len(all.observations) < 25_000 || len(all.flows) == 0 || len(all.blind) == 0 {
		t.Errorf("%d observations, %d flows, %d blind spots", len(all.observations), len(all.flows), len(all.blind))
	}
}

// TestParallelClient keeps a client's lookups and sessions together: the name is
// learned by one message and used by another flow of the same client.
func TestParallelClient(t *testing.T) {
	w := newWire()
	resolver := netip.MustParseAddrPort("192.0.2.53:53")
	for i := range 200 { // some clients for every worker
		client := netip.AddrFrom4([4]byte{10, 9, 0, byte(i)})
		w.answered(client, "api.openai.com", cloud)
		w.answered(client, "www.example.com", cloud)
		w.udp(netip.AddrPortFrom(client, 4000), resolver, lookup(9, "api.openai.com", 28)) // the same lookup
		k := w.dial(netip.AddrPortFrom(client, uint16(2000+i)), to)
		k.up([]byte("no hello at all"))
		k.down([]byte("nor this"))
		k.close()
	}
	all := sameByAll(t, w.Bytes(), sniffer.Config{Classify: classify})
	if len(all.flows) != 200 { // lookups; the sessions belong to www.example.com
		t.Errorf("%d flows, want 200", len(all.flows))
	}
}

// TestParallelFragments puts a datagram together whose fragments are far apart.
func TestParallelFragments(t *testing.T) {
	w := newWire()
	for i := range 3000 {
		src := netip.AddrFrom4([4]byte{10, 0, byte(i), 7})
		b := lookup(uint16(i), fmt.Sprintf("host%d.example", i), 1, cloud, cloud.Next())
		u := binary.BigEndian.AppendUint16(nil, 53)
		u = binary.BigEndian.AppendUint16(u, 4000)
		u = append(binary.BigEndian.AppendUint16(u, uint16(8+len(b))), 0, 0)
		w.fragment(uint16(i), 0, true, cloud, src, append(u, b...)[:40])
		w.fragment(uint16(i), 5, false, cloud, src, append(u, b...)[40:])
	}
	if all := sameByAll(t, w.Bytes(), sniffer.Config{}); len(all.observations) != 3000 {
		t.Errorf("%d observations, want 3000", len(all.observations))
	}
}

// fragment writes a fragment of a UDP datagram.
func (w *wire) fragment(id, units uint16, more bool, src, dst netip.Addr, data []byte) {
	at := w.Len()
	w.ip(17, netip.AddrPortFrom(src, 0), netip.AddrPortFrom(dst, 0), data)
	h := w.Bytes()[at+16:]
	if binary.BigEndian.PutUint16(h[4:], id); more {
		units |= 0x2000
	}
	binary.BigEndian.PutUint16(h[6:], units)
}

// TestParallelBig has packets that are bigger than a batch, and damage at the end.
func TestParallelBig(t *testing.T) {
	w := newWire()
	for i := range 40 {
		q := lookup(uint16(i), fmt.Sprintf("host%d.example", i), 1)
		w.udp(from, netip.MustParseAddrPort("192.0.2.53:53"), append(q, make([]byte, 60_000)...))
	}
	sameByAll(t, w.Bytes()[:w.Len()-10], sniffer.Config{})
}

// TestParallelCancelled ends while the sink waits, with all goroutines gone and
// what was read told.
func TestParallelCancelled(t *testing.T) {
	w := mixed(t, 60_000)
	src, err := capture.New(bytes.NewReader(w.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	ctx, cancel := context.WithCancel(t.Context())
	n, over := 0, false
	p := sniffer.NewParallel(sniffer.Config{}, sniffer.Sink{Observation: func(*sniffer.Observation) {
		if over {
			t.Error("told after Run")
		}
		if n++; n == 1 {
			cancel()
		}
	}}, 3)
	err = p.Run(ctx, src)
	over = true
	st := p.Stats()
	if !errors.Is(err, context.Canceled) || st.Packets == 0 || st.Packets >= int64(w.packets) {
		t.Errorf("error %v after %d packets of %d", err, st.Packets, w.packets)
	}
	if seen := st.Queries + st.Replies + st.TLSHellos + st.QUICHellos; int64(n) != seen {
		t.Errorf("%d observations told, %d seen", n, seen)
	}
}

// quietSource has a packet now and then, as an interface does.
type quietSource struct {
	capture.Source
	at  int
	say func(at int) // before a packet
}

func (q *quietSource) Ready() bool { return false }

func (q *quietSource) Next(f *capture.Frame) error {
	q.say(q.at)
	q.at++
	return q.Source.Next(f)
}

// TestParallelAtOnce wants what was seen told before the source waits.
func TestParallelAtOnce(t *testing.T) {
	w := newWire()
	resolver := netip.MustParseAddrPort("192.0.2.53:53")
	for i := range 5 {
		w.udp(from, resolver, lookup(uint16(i), fmt.Sprintf("host%d.example", i), 1))
	}
	src, err := capture.New(bytes.NewReader(w.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	seen := make(chan string, 10)
	p := sniffer.NewParallel(sniffer.Config{}, sniffer.Sink{Observation: func(o *sniffer.Observation) { seen <- o.Name }}, 2)
	err = p.Run(t.Context(), &quietSource{Source: src, say: func(at int) {
		if at == 0 {
			return
		}
		select {
		case name := <-seen:
			if name != fmt.Sprintf("host%d.example", at-1) {
				t.Errorf("packet %d: %s", at-1, name)
			}
		case <-time.After(time.Minute): // a bound against hangs
			t.Fatalf("packet %d is not told before the next comes", at-1)
		}
		if st := p.Stats(); st.Packets != int64(at) {
			t.Errorf("stats of %d packets, want %d", st.Packets, at)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// TestParallelKnow replaces the rules while packets are read.
func TestParallelKnow(t *testing.T) {
	w := newWire()
	resolver := netip.MustParseAddrPort("192.0.2.53:53")
	for i := range 6 {
		w.udp(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 4000), resolver, lookup(1, "new.example", 1))
	}
	src, err := capture.New(bytes.NewReader(w.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var got []string
	p := sniffer.NewParallel(sniffer.Config{Classify: classify}, sniffer.Sink{Observation: func(o *sniffer.Observation) { got = append(got, o.Verdict.Service) }}, 2)
	if err := p.Run(t.Context(), &quietSource{Source: src, say: func(at int) {
		if at == 3 {
			p.Know(everyName, nil)
		}
	}}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"", "", "", "new.example", "new.example", "new.example"}; !slices.Equal(got, want) {
		t.Errorf("services %q, want %q", got, want)
	}
}

// TestParallelDamage has bytes of packets flipped, not of the clock: flows idle
// out as the packets of a worker go on, which is not in step where time jumps.
func TestParallelDamage(t *testing.T) {
	w := mixed(t, 3000)
	for step := 211; step < 1000; step += 97 {
		b := bytes.Clone(w.Bytes())
		for at := 24; at < len(b); {
			n := int(binary.LittleEndian.Uint32(b[at+8:]))
			data := b[at+16 : at+16+n]
			for i := at % step; i < n; i += step {
				data[i] ^= byte(at + i)
			}
			at += 16 + n
		}
		sameByAll(t, b, sniffer.Config{Classify: classify})
	}
}

// TestParallelHuge has frames that no chunk has room for, among many small ones,
// from a file and from a source that is copied.
func TestParallelHuge(t *testing.T) {
	w := newWire()
	for i := range 30 {
		h := make([]byte, 16+1<<20)
		binary.LittleEndian.PutUint32(h, uint32(w.now.Unix()))
		binary.LittleEndian.PutUint32(h[8:], 1<<20)
		binary.LittleEndian.PutUint32(h[12:], 1<<20)
		w.Write(h)
		w.packets++
		for j := range 200 * (i % 7) {
			w.udp(from, netip.MustParseAddrPort("192.0.2.53:53"), lookup(uint16(j), fmt.Sprintf("host%d.example%d", j, i), 1))
		}
	}
	all := sameByAll(t, w.Bytes(), sniffer.Config{Classify: classify})
	src, err := capture.New(bytes.NewReader(w.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	n := 0
	p := sniffer.NewParallel(sniffer.Config{Classify: classify}, sniffer.Sink{Observation: func(*sniffer.Observation) { n++ }}, 3)
	if err := p.Run(t.Context(), struct{ capture.Source }{src}); err != nil || n != len(all.observations) || n == 0 || p.Stats().Packets != int64(w.packets) {
		t.Errorf("copied: %d observations, %d packets, error %v; want %d, %d", n, p.Stats().Packets, err, len(all.observations), w.packets)
	}
}
