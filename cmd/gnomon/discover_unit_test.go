package main

import (
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

var openAI = traffic.Verdict{Service: "OpenAI API", ID: "openai-api", How: traffic.HowCatalogue}

func TestDistinct(t *testing.T) {
	for _, n := range []int{0, 1, 100, maxExact, 20_000, 500_000} {
		var whole, left, right distinct
		for i := range n {
			name := "user" + strconv.Itoa(i)
			whole.text(name)
			whole.text(name)
			if i%3 == 0 {
				left.text(name)
			} else {
				right.text(name)
			}
		}
		left.text("user0")
		if n == 0 {
			left = distinct{}
		}
		left.merge(&right)
		for what, d := range map[string]*distinct{"whole": &whole, "merged": &left} {
			got, estimate := d.count()
			if slack := int64(n) / 33; got < int64(n)-slack || got > int64(n)+slack || n <= maxExact && (estimate || got != int64(n)) {
				t.Errorf("%s: %d (estimate: %v), want %d", what, got, estimate, n)
			}
		}
		a, _ := whole.count()
		if b, _ := left.count(); a != b {
			t.Errorf("%d as a whole, %d merged", a, b)
		}
	}
	var d distinct
	for i := range 256 {
		d.address(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}))
		d.address(netip.AddrFrom4([4]byte{192, 0, byte(i), 2}))
	}
	if n, _ := d.count(); n != 511 {
		t.Errorf("%d addresses, want 511", n)
	}
}

func TestTimeline(t *testing.T) {
	for _, tt := range []struct {
		name  string
		hours map[int64]int64
		slots int
		unit  string
		ends  string // labels of the first and the last slot
	}{
		{"none", nil, 0, "", ""},
		{"one hour", map[int64]int64{10: 5}, 1, "hour", "1970-01-01 10:00 1970-01-01 10:00"},
		{"two days", map[int64]int64{0: 1, 47: 4}, 48, "hour", "1970-01-01 00:00 1970-01-02 23:00"},
		{"a month", map[int64]int64{0: 1, 30 * 24: 4}, 31, "day", "1970-01-01 1970-01-31"},
		{"a year", map[int64]int64{0: 1, 364 * 24: 4}, 53, "week", "1970-01-01 1970-12-31"},
		{"years of the calendar", map[int64]int64{hourOf(2011, 1): 1, hourOf(2011, 365): 1, hourOf(2026, 1): 4}, 16, "year", "2011 2026"},
		{"centuries", map[int64]int64{0: 1, 900 * 365 * 24: 4}, 62, "year", "1970 2031"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			slots, unit := timeline(tt.hours)
			var sum, want int64
			for _, s := range slots {
				sum += s.n
			}
			for _, n := range tt.hours {
				want += n
			}
			if len(slots) != tt.slots || unit != tt.unit || sum != want {
				t.Errorf("%d slots by %q with %d requests, want %d by %q with %d", len(slots), unit, sum, tt.slots, tt.unit, want)
			}
			if len(slots) > 0 && slots[0].label+" "+slots[len(slots)-1].label != tt.ends {
				t.Errorf("labels from %q to %q, want %q", slots[0].label, slots[len(slots)-1].label, tt.ends)
			}
		})
	}
}

// hourOf returns the first hour of a day, since 1970.
func hourOf(year, day int) int64 {
	return time.Date(year, 1, day, 0, 0, 0, 0, time.UTC).Unix() / 3600
}

// TestTableFits: whatever the names are, no line is wider than the terminal.
func TestTableFits(t *testing.T) {
	long := strings.Repeat("very-long-name.", 20) + "\x1b[31m\u202e"
	at := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	d := &discovered{
		Services: []foundService{{Service: inventory.Service{Service: long, ID: "x", Status: traffic.StatusConditional, Users: 99999, Requests: 12345678, Up: 1 << 50, Down: 999_999, FirstSeen: at, LastSeen: at, How: traffic.HowCatalogueUnverified}}},
		Unknown:  []unknownRow{{Host: long, Confidence: 0.95, Features: []string{long, long}, Requests: 5}},
		names:    []hiddenName{{blindRow{"doh", 1, 2}, long, at, at}},
	}
	for _, width := range []int{80, 100, 120, 200} {
		var b strings.Builder
		d.table(&b, width, 25, false)
		for line := range strings.Lines(b.String()) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("width %d: a line has %d: %s", width, n, line)
			}
		}
		if strings.Contains(b.String(), "\x1b") {
			t.Error("a name steers the terminal")
		}
	}
	var b strings.Builder
	d.Services[0].Service.Service, d.Services[0].Clients = "One", 7
	d.table(&b, 120, 25, false)
	if got := strings.Fields(strings.SplitN(b.String(), "\n", 3)[1]); len(got) < 5 || got[2] != "99999" || got[3] != "7" {
		t.Errorf("users and clients are not apart on a wide terminal: %q", got)
	}
	b.Reset()
	d.table(&b, 80, 25, true)
	if !strings.Contains(b.String(), "\x1b[1m") {
		t.Error("no bold title where colour is wanted")
	}
}

func TestProgressLine(t *testing.T) {
	for _, tt := range []struct {
		got, want string
	}{
		{progressLine(500, 1000, 0, 1, 2*time.Second), "[##########          ]  50% of 1.0 kB, 250 B/s, 2 s left"},
		{progressLine(2_700_000_000, 2_700_000_000, 12, 12, 10*time.Second), "[####################] 100% of 2.7 GB, file 12 of 12, 270 MB/s, 0 s left"},
		{progressLine(12_300_000, 0, 0, 1, time.Second), "12 MB read, 12 MB/s"},
		{byteCount(0), "0 B"}, {byteCount(999), "999 B"}, {byteCount(1000), "1.0 kB"}, {byteCount(999_600), "1.0 MB"}, {byteCount(1 << 62), "5 EB"},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}
