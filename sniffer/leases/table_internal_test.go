package leases

import (
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestFlatten compares with a plain search: of the leases that hold at a time
// the one that started last, of those the last in the list.
func TestFlatten(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	net := netip.MustParsePrefix("192.0.2.1/32")
	for range 500 {
		b := newBuilder(100, time.UTC)
		b.report = &Report{}
		for range 1 + r.IntN(8) {
			from := int64(r.IntN(20))
			e := entry{net: net, from: from, until: from + int64(r.IntN(10)), user: string(rune('a' + r.IntN(20)))}
			if r.IntN(4) == 0 {
				e.user, e.until = "", never // a release
			}
			b.add(e)
		}
		list := append([]lease(nil), b.leases...)
		table := newTable(b.leases, b.names)
		for at := range int64(35) {
			want := reference(list, b.names, at)
			got := "-"
			if l := table.find(addressOf(net.Addr()), at); l != nil {
				got = table.names[l.user]
			}
			if got != want {
				t.Fatalf("at %d: %q, want %q of %+v", at, got, want, list)
			}
		}
	}
}

// reference is the plain search. Of leases that start at once only the last
// counts.
func reference(list []lease, names []string, at int64) string {
	last := make(map[int64]lease)
	for _, l := range list {
		last[l.from] = l
	}
	for from := at; from >= 0; from-- {
		if l, ok := last[from]; ok && at < l.until {
			if l.user == 0 {
				return "-"
			}
			return names[l.user]
		}
	}
	return "-"
}

func TestNetworks(t *testing.T) {
	b := newBuilder(100, time.UTC)
	b.report = &Report{}
	for net, user := range map[string]string{
		"0.0.0.0/0": "anyone", "192.0.2.0/24": "office", "192.0.2.9/32": "one", "2001:db8::/32": "six", "::/0": "any six",
	} {
		b.add(entry{net: netip.MustParsePrefix(net), from: always, until: never, user: user})
	}
	b.add(entry{net: netip.MustParsePrefix("192.0.2.8/32"), from: 100, until: 200, user: "brief"})
	tables := []*table{newTable(b.leases, b.names)}
	for _, tt := range []struct {
		client string
		at     int64
		want   string
	}{
		{"192.0.2.9", 0, "one"}, {"192.0.2.8", 150, "brief"}, {"192.0.2.8", 250, "office"}, {"203.0.113.1", 0, "anyone"},
		{"2001:db8::1", 0, "six"}, {"2001:db9::1", 0, "any six"},
	} {
		if got, _, _ := lookup(tables, netip.MustParseAddr(tt.client), time.Unix(tt.at, 0)); got != tt.want {
			t.Errorf("%s at %d: %q, want %q", tt.client, tt.at, got, tt.want)
		}
	}
	if _, _, ok := lookup(tables, netip.Addr{}, time.Now()); ok {
		t.Error("no address has a user")
	}
}

// FuzzRead reads anything as a file of leases.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*")
	if err != nil || len(files) < 8 {
		f.Fatalf("%d samples, %v", len(files), err)
	}
	for _, name := range files {
		if info, err := os.Stat(name); err != nil || info.IsDir() {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := newBuilder(1000, time.UTC)
		var r Report
		if err := b.read(strings.NewReader(s), &r); err != nil {
			return
		}
		table := newTable(b.leases, b.names)
		if len(table.leases) > 2*len(b.leases) {
			t.Fatalf("%d leases became %d", len(b.leases), len(table.leases))
		}
		for i := range table.leases {
			l := &table.leases[i]
			if l.from >= l.until {
				t.Fatalf("lease %+v ends before it starts", l)
			}
			if n := len(table.names[l.user]); n > maxName*3 { // a byte may become U+FFFD
				t.Fatalf("a name of %d bytes", n)
			}
			if table.find(l.addr, l.from) == nil {
				t.Fatalf("lease %+v is not found", l)
			}
		}
	})
}
