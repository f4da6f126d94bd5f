package learned_test

import (
	"fmt"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/learned"
)

var (
	shareClient = netip.MustParseAddr("192.0.2.7")
	shareServer = netip.MustParseAddr("2001:db8::5")
)

// TestShare: what one machine learns, another one knows, as well and as long.
func TestShare(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	a, b := learned.New(64), learned.New(64)
	a.Tell()
	a.Learn(shareClient, shareServer, "api.openai.com", 5*time.Minute, now)
	a.Learn(netip.Addr{}, netip.MustParseAddr("203.0.113.9"), "claude.ai", time.Second, now)
	a.LearnECH(shareClient, "cloudflare-ech.com", "chatgpt.com", time.Hour, now)
	facts, dropped := a.Take(nil)
	if len(facts) != 3 || dropped != 0 {
		t.Fatalf("%d facts, %d dropped; want 3 and none", len(facts), dropped)
	}
	if err := learned.ReadFacts(learned.AppendFacts(nil, facts), func(f *learned.Fact) { b.Hear(f, now) }); err != nil {
		t.Fatal(err)
	}
	for _, when := range []time.Duration{0, 4 * time.Minute, 6 * time.Minute} {
		at := now.Add(when)
		if got, want := b.Name(shareClient, shareServer, at), a.Name(shareClient, shareServer, at); got != want {
			t.Errorf("after %v: %v, want %v", when, got, want)
		}
		if got, want := b.Name(shareClient, netip.MustParseAddr("203.0.113.9"), at), a.Name(shareClient, netip.MustParseAddr("203.0.113.9"), at); got != want {
			t.Errorf("after %v: %v, want %v", when, got, want)
		}
		if !b.HasECH(shareClient, "cloudflare-ech.com", at) {
			t.Errorf("after %v: ECH is not known", when)
		}
	}
	b.Tell()
	for i := range facts {
		b.Hear(&facts[i], now)
	}
	if told, _ := b.Take(nil); len(told) > 0 {
		t.Errorf("what was heard is told on: %v", told)
	}
}

// TestShareOnce: a fact that others know for long enough is not repeated, and
// memory stays bounded when nobody takes anything.
func TestShareOnce(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	a := learned.New(64)
	a.Learn(shareClient, shareServer, "before.example", time.Hour, now)
	a.Tell()
	for i := range 3 {
		a.Learn(shareClient, shareServer, "api.openai.com", time.Hour, now.Add(time.Duration(i)*time.Minute))
	}
	a.Learn(shareClient, shareServer, "api.openai.com", time.Hour, now.Add(40*time.Minute))
	if facts, _ := a.Take(nil); len(facts) != 2 {
		t.Errorf("%d facts, want 2: %v", len(facts), facts)
	}
	for i := range 6000 {
		a.Learn(shareClient, shareServer, fmt.Sprintf("h%d.example", i), time.Hour, now)
	}
	if facts, dropped := a.Take(nil); len(facts) != 4096 || dropped != 6000-4096 {
		t.Errorf("%d facts, %d dropped", len(facts), dropped)
	}
}

// TestHearBounds leaves out what can't be true.
func TestHearBounds(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for name, f := range map[string]learned.Fact{
		"future": {Client: shareClient, Server: shareServer, Name: "x.example", TTL: time.Hour, At: now.Add(time.Hour)},
		"old":    {Client: shareClient, Server: shareServer, Name: "x.example", TTL: time.Hour, At: now.Add(-48 * time.Hour)},
		"over":   {Client: shareClient, Server: shareServer, Name: "x.example", TTL: time.Hour, At: now.Add(-2 * time.Hour)},
		"empty":  {},
	} {
		names := learned.New(64)
		names.Hear(&f, now)
		if m := names.Name(shareClient, shareServer, now); m.Name != "" {
			t.Errorf("%s: %v", name, m)
		}
	}
}

func FuzzReadFacts(f *testing.F) {
	f.Add(learned.AppendFacts(nil, []learned.Fact{{Client: shareClient, Server: shareServer, Name: "api.openai.com", TTL: time.Hour, At: time.UnixMilli(1)}}))
	f.Add(learned.AppendFacts(nil, []learned.Fact{{Client: shareClient, Public: "p.example", Name: "n.example"}, {}}))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		var facts []learned.Fact
		if learned.ReadFacts(b, func(f *learned.Fact) { facts = append(facts, *f) }) != nil {
			return
		}
		var again []learned.Fact
		if err := learned.ReadFacts(learned.AppendFacts(nil, facts), func(f *learned.Fact) { again = append(again, *f) }); err != nil || !reflect.DeepEqual(facts, again) {
			t.Errorf("%v became %v, %v", facts, again, err)
		}
		names := learned.New(8)
		for i := range facts {
			names.Hear(&facts[i], time.UnixMilli(0))
		}
	})
}
