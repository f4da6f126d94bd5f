package logs

import (
	"os"
	"strings"
	"testing"
	"time"
)

// TestGatewayAllocs holds the promise that a line without escapes costs no
// allocation, whatever the number of its columns.
func TestGatewayAllocs(t *testing.T) {
	for _, tt := range []struct{ format, file string }{
		{"umbrella-dns", "umbrella-dns.csv"}, {"umbrella-proxy", "umbrella-proxy.csv"}, {"zscaler-nss-cef", "zscaler-nss-cef.log"},
		{"panos-threat-url", "panos-threat-url.log"}, {"fortigate-webfilter", "fortigate-webfilter.log"},
		{"cloudflare-gateway-dns", "cloudflare-gateway-dns.json"}, {"cloudflare-gateway-http", "cloudflare-gateway-http.json"},
		{"route53-resolver", "route53-resolver.json"}, {"aws-vpc-flow", "aws-vpc-flow.log"}, {"nfdump-csv", "nfdump.csv"},
	} {
		t.Run(tt.format, func(t *testing.T) {
			text, err := os.ReadFile("testdata/samples/" + tt.file)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(string(text)), "\n")
			c, err := detect(lines, "")
			if err != nil || c.format.name != tt.format {
				t.Fatalf("detected %q, %v", c.format.name, err)
			}
			s := newStream(c, &env{Options: Options{Location: time.UTC, Year: 2026}})
			var r Record
			// The header, where there is one, and the first two events.
			for _, line := range lines[:3] {
				s.line(line, &r)
			}
			line := lines[1]
			if s.line(line, &r) != yes {
				t.Fatalf("%q is no record", line)
			}
			if n := testing.AllocsPerRun(200, func() { s.line(line, &r) }); n != 0 {
				t.Errorf("a line costs %v allocations, want none", n)
			}
		})
	}
}

// TestWhen reads a time in the ways that people write it.
func TestWhen(t *testing.T) {
	want := time.Date(2026, 3, 2, 9, 15, 4, 0, time.UTC)
	for _, s := range []string{
		"1772442904", "1772442904.000", "1772442904000", "1772442904000000", "1772442904000000000",
		"2026-03-02T09:15:04Z", "2026-03-02 09:15:04", "2026/03/02 09:15:04", "2026-03-02T10:15:04+01:00", "2026-03-02 10:15:04 +0100", "2026-03-02 09:15:04 UTC",
		"2026-03-02 09:15:04.000", "2026-03-02 09:15:04,000",
		"02/Mar/2026:09:15:04 +0000", "[02/Mar/2026:10:15:04 +0100]", "2-Mar-2026 09:15:04",
		"Mar 02 2026 09:15:04", "Mar  2 2026 09:15:04.000 GMT", "Mar 02 09:15:04", "Mar  2 09:15:04",
		"Mon Mar  2 09:15:04 2026", "Mon, 02 Mar 2026 09:15:04 GMT", "Mon Mar  2 10:15:04 2026 +0100",
		"3/2/2026 9:15:04 AM", "03/02/2026 09:15:04", "02.03.2026 09:15:04",
	} {
		e := env{end: want.Add(time.Hour)}
		if got, ok := e.when(s); !ok || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("when(%q) = %v, %v", s, got, ok)
		}
	}
	e := env{}
	if got, ok := e.when("3/2/2026 12:15:04 PM"); !ok || got.Hour() != 12 {
		t.Errorf("12 PM = %v", got)
	}
	if got, ok := e.when("3/2/2026 12:15:04 AM"); !ok || got.Hour() != 0 {
		t.Errorf("12 AM = %v", got)
	}
	if got, ok := e.when("25/2/2026 12:15:04"); !ok || got.Day() != 25 {
		t.Errorf("day first = %v, %v", got, ok)
	}
	for _, s := range []string{
		"", "-", "now", "12", "2026", "09:15:04", "Mar 02", "2026-02-30 09:15:04", "2026-03-02 24:15:04", "2026-03-02T09:15:04Zulu", "Mar 02 2026 09:15:04 CST",
		"Mar Mar 02 2026 09:15:04", "13/13/2026 09:15:04", "3/2/2026 13:15:04 PM", "Mon", "9:", "1:2:3", "1:::::", "02/", "/", "+0100", "99999999999999999999",
	} {
		if got, ok := e.when(s); ok {
			t.Errorf("when(%q) = %v, want none", s, got)
		}
	}
}
