package learned_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/learned"
)

var (
	ann, bob = netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	edge     = netip.MustParseAddr("104.18.37.228")
	other    = netip.MustParseAddr("2606:4700::6812:25e4")
	start    = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
)

const hour = time.Hour

func TestName(t *testing.T) {
	n := learned.New(0)
	n.Learn(ann, edge, "chatgpt.com", hour, start)
	for _, tt := range []struct {
		name           string
		client, server netip.Addr
		after          time.Duration
		want           learned.Match
	}{
		{"who asked", ann, edge, time.Second, learned.Match{Name: "chatgpt.com", How: learned.ByClient}},
		{"another", bob, edge, time.Second, learned.Match{Name: "chatgpt.com", How: learned.ByServer}},
		{"nobody known", netip.Addr{}, edge, time.Second, learned.Match{Name: "chatgpt.com", How: learned.ByServer}},
		{"another address", ann, other, time.Second, learned.Match{}},
		{"mapped addresses", netip.MustParseAddr("::ffff:10.0.0.1"), netip.MustParseAddr("::ffff:104.18.37.228"), 0, learned.Match{Name: "chatgpt.com", How: learned.ByClient}},
		{"at once", ann, edge, 0, learned.Match{Name: "chatgpt.com", How: learned.ByClient}},
		{"before", ann, edge, -time.Second, learned.Match{}},
		{"at the end", ann, edge, hour - 1, learned.Match{Name: "chatgpt.com", How: learned.ByClient}},
		{"after it", ann, edge, hour, learned.Match{}},
		{"no server", ann, netip.Addr{}, 0, learned.Match{}},
	} {
		if got := n.Name(tt.client, tt.server, start.Add(tt.after)); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestSeveralNames(t *testing.T) {
	n := learned.New(0)
	n.Learn(ann, edge, "a.example", hour, start)
	n.Learn(ann, edge, "b.example", time.Minute, start.Add(1))
	n.Learn(bob, edge, "b.example", time.Minute, start.Add(2))
	at := start.Add(time.Second)
	if got := n.Name(ann, edge, at); got != (learned.Match{Name: "b.example", How: learned.ByClientLast}) {
		t.Errorf("two names, the last is meant: %+v", got)
	}
	if got := n.Name(bob, edge, at); got != (learned.Match{Name: "b.example", How: learned.ByClient}) {
		t.Errorf("what another client was told does not count: %+v", got)
	}
	if got := n.Name(netip.Addr{}, edge, at); got != (learned.Match{}) {
		t.Errorf("a guess between two names: %+v", got)
	}
	if all, complete := n.All(edge, at, nil); !complete || !slices.Equal(all, []string{"b.example", "a.example"}) {
		t.Errorf("all: %q, %v", all, complete)
	}
	at = start.Add(2 * time.Minute) // b.example is over
	if got := n.Name(ann, edge, at); got != (learned.Match{Name: "a.example", How: learned.ByClient}) {
		t.Errorf("one is left: %+v", got)
	}
	if got := n.Name(netip.Addr{}, edge, at); got != (learned.Match{Name: "a.example", How: learned.ByServer}) {
		t.Errorf("one is left: %+v", got)
	}
	n.Learn(ann, edge, "a.example", hour, at)
	if got := n.Name(ann, edge, at.Add(hour-1)); got.Name != "a.example" {
		t.Errorf("told again: %+v", got)
	}
	if got := n.Name(ann, edge, start.Add(time.Second)); got.Name == "" {
		t.Error("told again, and the time before is forgotten")
	}
}

// TestCrowd gives an address more names than are kept of it.
func TestCrowd(t *testing.T) {
	n := learned.New(0)
	for i := range 6 {
		n.Learn(ann, edge, fmt.Sprintf("n%d.example", i), hour, start)
	}
	all, complete := n.All(edge, start, []string{"before"})
	if complete || !slices.Equal(all, []string{"before", "n5.example", "n4.example", "n3.example", "n2.example"}) {
		t.Errorf("all: %q, %v", all, complete)
	}
	n.Learn(bob, edge, "late.example", 3*hour, start.Add(2*hour)) // the crowd is over
	if got := n.Name(netip.Addr{}, edge, start.Add(2*hour)); got.Name != "late.example" {
		t.Errorf("the only name is not found: %+v", got)
	}
	if got := n.Name(ann, edge, start); got != (learned.Match{Name: "n5.example", How: learned.ByClientLast}) {
		t.Errorf("%+v", got)
	}
}

func TestTTL(t *testing.T) {
	for ttl, keeps := range map[time.Duration]time.Duration{
		0: learned.MinTTL, time.Second: learned.MinTTL, 5 * time.Minute: 5 * time.Minute, 24 * hour: learned.MaxTTL, 9999 * hour: learned.MaxTTL, -1: learned.MinTTL,
	} {
		n := learned.New(0)
		n.Learn(ann, edge, "a.example", ttl, start)
		if n.Name(ann, edge, start.Add(keeps-1)).Name == "" || n.Name(ann, edge, start.Add(keeps)).Name != "" {
			t.Errorf("TTL %v is not kept for %v", ttl, keeps)
		}
	}
}

func TestNotLearned(t *testing.T) {
	n := learned.New(0)
	for _, a := range []string{"0.0.0.0", "::", "127.0.0.1", "::1"} {
		server := netip.MustParseAddr(a)
		n.Learn(ann, server, "blocked.example", hour, start)
		if got := n.Name(ann, server, start); got.Name != "" {
			t.Errorf("%s stands for %+v", a, got)
		}
	}
	n.Learn(ann, edge, "", hour, start)
	n.Learn(ann, edge, strings.Repeat("a", 256), hour, start)
	n.Learn(ann, netip.Addr{}, "a.example", hour, start)
	if got := n.Name(ann, edge, start); got.Name != "" {
		t.Errorf("learned: %+v", got)
	}
}

func TestInner(t *testing.T) {
	const public = "cloudflare-ech.com"
	hidden := func(name string, when time.Time) func(*learned.Names) {
		return func(n *learned.Names) { n.LearnECH(ann, public, name, hour, when) }
	}
	given := func(name string, server netip.Addr) func(*learned.Names) {
		return func(n *learned.Names) { n.Learn(ann, server, name, hour, start) }
	}
	for _, tt := range []struct {
		name  string
		steps []func(*learned.Names)
		want  learned.Match
	}{
		{"nothing known", nil, learned.Match{}},
		{"address only", []func(*learned.Names){given("a.example", edge)}, learned.Match{}},
		{"ech and address", []func(*learned.Names){hidden("a.example", start), given("a.example", edge)}, learned.Match{Name: "a.example", How: learned.ByClient}},
		{"the last with ech", []func(*learned.Names){hidden("a.example", start), hidden("b.example", start), given("b.example", edge), given("a.example", edge), given("c.example", edge)},
			learned.Match{Name: "a.example", How: learned.ByClientLast}},
		{"ech elsewhere", []func(*learned.Names){hidden("a.example", start), given("a.example", other)}, learned.Match{Name: "a.example", How: learned.ByECH}},
		{"two of them elsewhere", []func(*learned.Names){hidden("a.example", start), hidden("b.example", start), given("a.example", other)}, learned.Match{}},
		{"ech over", []func(*learned.Names){hidden("a.example", start.Add(-2*hour)), given("a.example", edge)}, learned.Match{}},
	} {
		n := learned.New(0)
		for _, step := range tt.steps {
			step(n)
		}
		at := start.Add(time.Second)
		if got := n.Inner(ann, edge, public, at); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
		if got := n.Inner(bob, edge, public, at); got != (learned.Match{}) {
			t.Errorf("%s: another client hides %+v", tt.name, got)
		}
		if got := n.Inner(ann, edge, "other.example", at); got != (learned.Match{}) {
			t.Errorf("%s: another public name hides %+v", tt.name, got)
		}
		if n.HasECH(ann, public, at) != (len(tt.steps) > 0 && tt.name != "ech over" && tt.name != "address only") || n.HasECH(bob, public, at) {
			t.Errorf("%s: HasECH is wrong", tt.name)
		}
	}
}

// TestFlood learns far more than there is room for: what is in use stays.
func TestFlood(t *testing.T) {
	n := learned.New(1024)
	n.Learn(ann, edge, "kept.example", 24*hour, start)
	found := 0
	for i := range 20_000 {
		n.Learn(bob, netip.AddrFrom4([4]byte{byte(i >> 16), byte(i >> 8), byte(i), 1}), "flood.example", hour, start)
		if i%16 == 0 && n.Name(ann, edge, start).Name == "kept.example" {
			found++
		}
	}
	if found < 1230 { // of 1250
		t.Errorf("a name in use was lost: found %d times of 1250", found)
	}
	kept := 0
	for i := range 20_000 {
		if n.Name(bob, netip.AddrFrom4([4]byte{byte(i >> 16), byte(i >> 8), byte(i), 1}), start).How == learned.ByClient {
			kept++
		}
	}
	if kept > 1024 || kept < 1000 {
		t.Errorf("%d pairs are kept, want nearly 1024", kept)
	}
}

// TestConcurrent is for the race detector.
func TestConcurrent(t *testing.T) {
	n := learned.New(256)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 2000 {
				server := netip.AddrFrom4([4]byte{192, 0, byte(i % 7), byte(g)})
				n.Learn(ann, server, "a.example", hour, start)
				n.LearnECH(ann, "p.example", "a.example", hour, start)
				if got := n.Name(ann, server, start); got.Name != "" && got.Name != "a.example" {
					t.Errorf("%+v", got)
				}
				n.Inner(ann, server, "p.example", start)
				n.All(server, start, nil)
			}
		})
	}
	wg.Wait()
}

func TestHow(t *testing.T) {
	for how, want := range map[learned.How]string{
		learned.Unknown: "unknown", learned.ByServer: "server", learned.ByECH: "ech", learned.ByClientLast: "client_last", learned.ByClient: "client", 99: "unknown",
	} {
		if how.String() != want {
			t.Errorf("%d is called %q", how, how)
		}
	}
}

func TestAllocs(t *testing.T) {
	n := learned.New(0)
	room := make([]string, 0, 8)
	i := byte(0)
	if a := testing.AllocsPerRun(1000, func() {
		i++
		server := netip.AddrFrom4([4]byte{192, 0, 2, i})
		n.Learn(ann, server, "a.example", hour, start)
		n.LearnECH(ann, "p.example", "a.example", hour, start)
		n.Name(ann, server, start)
		n.Inner(ann, server, "p.example", start)
		room, _ = n.All(server, start, room[:0])
	}); a != 0 {
		t.Errorf("%v allocations, want 0", a)
	}
}

func BenchmarkLearn(b *testing.B) {
	n := learned.New(0)
	i := uint32(0)
	b.ReportAllocs()
	for b.Loop() {
		i++
		n.Learn(ann, netip.AddrFrom4([4]byte{byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)}), "a.example", hour, start)
	}
}

func BenchmarkName(b *testing.B) {
	n := learned.New(0)
	n.Learn(ann, edge, "a.example", hour, start)
	b.ReportAllocs()
	for b.Loop() {
		n.Name(ann, edge, start)
	}
}
