package privacy_test

import (
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/privacy"
)

func TestMonths(t *testing.T) {
	for _, tt := range []struct{ name, from, until, now, first, end string }{
		{"a quarter that is over", "2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z", "2027-02-03T00:00:00Z", "2026-10-01", "2027-01-01"},
		{"a quarter under way", "2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z", "2026-12-31T23:59:59Z", "2026-10-01", "2026-12-01"},
		{"some days around a month", "2026-09-30T00:00:00Z", "2026-11-16T00:00:00Z", "2027-02-03T00:00:00Z", "2026-10-01", "2026-11-01"},
		{"some days", "2026-11-02T00:00:00Z", "2026-11-16T00:00:00Z", "2027-02-03T00:00:00Z", "2026-12-01", "2026-11-01"},
		{"another zone", "2026-10-01T01:00:00+01:00", "2026-11-01T00:00:00Z", "2027-02-03T00:00:00Z", "2026-10-01", "2026-11-01"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at := func(s string) time.Time {
				at, err := time.Parse(time.RFC3339, s)
				if err != nil {
					t.Fatal(err)
				}
				return at
			}
			first, end := privacy.Months(at(tt.from), at(tt.until), at(tt.now))
			if first.Format(time.DateOnly) != tt.first || end.Format(time.DateOnly) != tt.end {
				t.Errorf("%s until %s, want %s until %s", first, end, tt.first, tt.end)
			}
		})
	}
}
