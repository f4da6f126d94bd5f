package leases_test

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/leases"
)

// who asks m, in the form "user/device", "-" when nobody is known.
func who(m *leases.Map, client, clock string) string {
	at, err := time.Parse("2006-01-02 15:04:05", clock)
	if err != nil {
		panic(err)
	}
	user, device, ok := m.Lookup(netip.MustParseAddr(client), at)
	if !ok {
		return "-"
	}
	return user + "/" + device
}

type ask struct{ client, at, want string }

// TestFormats reads a file of each format and asks at, before and after the
// ends of its leases.
func TestFormats(t *testing.T) {
	for _, tt := range []struct {
		file, format string
		leases       int
		skipped      map[leases.Reason]int
		first        int // the first line that could not be read
		asks         []ask
	}{
		{"users.csv", "csv", 4, map[leases.Reason]int{leases.ReasonAddress: 1, leases.ReasonTime: 1, leases.ReasonQuoting: 1}, 6, []ask{
			{"192.0.2.10", "2026-03-02 07:59:59", "-"},
			{"192.0.2.10", "2026-03-02 08:00:00", "alice/alice-laptop"},
			{"192.0.2.10", "2026-03-02 12:59:59", "bob, jr/bob-phone"},
			{"192.0.2.10", "2026-03-02 13:00:00", "alice/alice-laptop"},
			{"192.0.2.10", "2026-03-02 18:00:00", "-"},
			{"2001:db8::15", "1999-01-01 00:00:00", "carol/"},
			{"198.51.100.77", "2026-03-02 23:59:59", "guest/"},
			{"198.51.100.77", "2026-03-03 00:00:00", "-"},
			{"198.51.101.77", "2026-03-02 00:00:00", "-"},
		}},
		{"dhcpd.leases", "isc-dhcpd", 4, map[leases.Reason]int{leases.ReasonTime: 1}, 37, []ask{
			{"192.0.2.10", "2026-03-02 10:29:59", "/alice-laptop"},
			{"192.0.2.10", "2026-03-02 10:30:00", "-"}, // released before its end
			{"192.0.2.10", "2026-03-02 11:00:00", "/bob-phone"},
			{"192.0.2.10", "2030-03-02 11:00:00", "/bob-phone"},
			{"192.0.2.99", "2026-03-02 09:00:00", "-"},
			{"2001:db8::15", "2026-03-02 10:59:59", "/carol.example.com"},
			{"2001:db8::15", "2026-03-02 11:00:00", "-"},
		}},
		{"dhcpd-lines.leases", "isc-dhcpd", 4, map[leases.Reason]int{leases.ReasonTime: 1}, 4, []ask{
			{"192.0.2.10", "2026-03-02 09:59:59", `/x; } { # "q"`},
			{"192.0.2.10", "2026-03-02 10:00:00", "-"},
			{"192.0.2.11", "2030-03-02 11:00:00", "/printer"},
			{"192.0.2.12", "2026-03-02 08:00:00", "/third"},
			{"192.0.2.13", "2026-03-02 08:00:00", "-"},
		}},
		{"dhcpd-brace.leases", "isc-dhcpd", 2, map[leases.Reason]int{leases.ReasonAddress: 1}, 17, []ask{
			{"192.0.2.10", "2026-03-02 09:59:59", "/alice-laptop"},
			{"192.0.2.10", "2026-03-02 10:00:00", "-"},
			{"192.0.2.11", "2030-03-02 11:00:00", "/printer"},
		}},
		{"kea-leases4.csv", "kea", 2, map[leases.Reason]int{leases.ReasonTime: 1}, 6, []ask{
			{"192.0.2.10", "2026-03-02 07:59:59", "/bob-phone"}, // in the file beside it
			{"192.0.2.10", "2026-03-02 08:59:59", "/alice-laptop"},
			{"192.0.2.10", "2026-03-02 09:00:00", "-"}, // released
			{"192.0.2.11", "2020-03-02 09:00:00", "/printer,1"},
			{"192.0.2.12", "2026-03-02 08:30:00", "-"},
		}},
		{"kea-leases6.csv", "kea", 2, nil, 0, []ask{
			{"2001:db8::15", "2026-03-02 09:59:59", "/carol-pc"},
			{"2001:db8:1:7f::1", "2026-03-02 09:00:00", "/branch-router"},
			{"2001:db8:1:100::1", "2026-03-02 09:00:00", "-"},
		}},
		{"dnsmasq.leases", "dnsmasq", 4, map[leases.Reason]int{leases.ReasonTime: 1}, 6, []ask{
			{"192.0.2.10", "2026-03-02 09:00:00", "/alice-laptop"},
			{"192.0.2.10", "2026-03-01 09:00:00", "-"},
			{"192.0.2.10", "2026-03-02 14:00:00", "-"},
			{"192.0.2.11", "2036-03-02 14:00:00", "/printer"},
			{"192.0.2.12", "2026-03-02 09:00:00", "-"},
			{"2001:db8::15", "2026-03-02 09:00:00", "/carol-pc"},
		}},
		{"DhcpSrvLog-Mon.log", "windows-dhcp", 3, map[leases.Reason]int{leases.ReasonTime: 1}, 15, []ask{
			{"192.0.2.10", "2026-03-02 07:59:59", "-"},
			{"192.0.2.10", "2026-03-02 10:29:59", "/alice-laptop.example.com"},
			{"192.0.2.10", "2026-03-02 10:30:00", "-"},
			{"192.0.2.10", "2026-03-02 11:00:00", `EXAMPLE\bob/bob-phone.example.com`},
			{"192.0.2.10", "2026-03-10 11:00:00", "-"},
		}},
		{"DhcpV6SrvLog-Mon.log", "windows-dhcp", 1, nil, 0, []ask{
			{"2001:db8::15", "2026-03-02 08:00:00", "/carol-pc.example.com"},
			{"2001:db8::15", "2026-03-02 10:30:00", "-"},
		}},
		{"radius-detail", "radius-detail", 4, map[leases.Reason]int{leases.ReasonAddress: 1}, 28, []ask{
			{"192.0.2.10", "2026-03-02 08:00:00", "alice/"},
			{"192.0.2.10", "2026-03-02 10:29:59", "alice/"},
			{"192.0.2.10", "2026-03-02 10:30:00", `EXAMPLE\bob/`}, // the length of his session says so
			{"2001:db8:2::77", "2026-03-02 11:30:00", `EXAMPLE\bob/`},
			{"2001:db8:2::77", "2026-03-03 11:00:00", "-"},
		}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			m, err := leases.Open([]string{"testdata/" + tt.file}, leases.Options{})
			if err != nil {
				t.Fatal(err)
			}
			reports := m.Reports()
			r := reports[len(reports)-1]
			if r.Format != tt.format || r.Leases != tt.leases || !maps.Equal(r.Skipped, tt.skipped) {
				t.Errorf("read %d leases of %s, skipped %v; want %d of %s, %v", r.Leases, r.Format, r.Skipped, tt.leases, tt.format, tt.skipped)
			}
			if tt.first > 0 && (len(r.First) == 0 || r.First[0].Line != tt.first) {
				t.Errorf("first unreadable lines = %v, want line %d", r.First, tt.first)
			}
			for _, a := range tt.asks {
				if got := who(m, a.client, a.at); got != a.want {
					t.Errorf("%s at %s: %q, want %q", a.client, a.at, got, a.want)
				}
			}
		})
	}
}

// TestFiles has two files complete each other.
func TestFiles(t *testing.T) {
	m, err := leases.Open([]string{"testdata/dhcpd.leases", "testdata/radius-detail"}, leases.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []ask{
		{"192.0.2.10", "2026-03-02 09:00:00", "alice/alice-laptop"},
		{"192.0.2.10", "2026-03-02 11:30:00", `EXAMPLE\bob/bob-phone`},
	} {
		if got := who(m, a.client, a.at); got != a.want {
			t.Errorf("%s at %s: %q, want %q", a.client, a.at, got, a.want)
		}
	}
	if n := len(m.Reports()); n != 2 {
		t.Errorf("%d reports, want 2", n)
	}
}

func TestLocalTimes(t *testing.T) {
	zone := time.FixedZone("five hours behind", -5*60*60)
	m, err := leases.Open([]string{"testdata/DhcpSrvLog-Mon.log"}, leases.Options{Location: zone})
	if err != nil {
		t.Fatal(err)
	}
	if got := who(m, "192.0.2.10", "2026-03-02 13:00:00"); got != "/alice-laptop.example.com" {
		t.Errorf("at the local 08:00: %q", got)
	}
	if notes := m.Reports()[0].Notes; !slices.Equal(notes, []string{"times without a zone were read as " + zone.String()}) {
		t.Errorf("notes = %q", notes)
	}
}

func TestLookupAllocs(t *testing.T) {
	m, err := leases.Open([]string{"testdata/users.csv", "testdata/dhcpd.leases", "testdata/radius-detail"}, leases.Options{})
	if err != nil {
		t.Fatal(err)
	}
	client, at := netip.MustParseAddr("192.0.2.10"), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	if n := testing.AllocsPerRun(1000, func() { m.Lookup(client, at) }); n != 0 {
		t.Errorf("Lookup allocates %v times, want 0", n)
	}
}

func BenchmarkLookup(b *testing.B) {
	m, err := leases.Open([]string{manyLeases(b, 1_000_000)}, leases.Options{})
	if err != nil {
		b.Fatal(err)
	}
	client, at := netip.MustParseAddr("10.7.3.9"), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	if got := who(m, "10.7.3.9", "2026-03-02 09:00:00"); got != fmt.Sprintf("u%d/", 7<<16|3<<8|9) {
		b.Fatalf("asked for 10.7.3.9: %q", got)
	}
	b.ReportAllocs()
	for b.Loop() {
		m.Lookup(client, at)
	}
}
