package assess

import (
	"fmt"
	"time"
)

// The years that periods lie in: before the first there was nothing to record, and
// a year after 9999 has no form in JSON (RFC 3339).
const firstYear, lastYear = 2000, 9998

// ParsePeriod reads 2026Q4, 2026-11, 2026, or FROM..TO with both days in it. It
// refuses a period that has not begun by now: nothing can be on record of it.
func ParsePeriod(s string, now time.Time) (Period, error) {
	months := func(layout, text string, skip, n int) (Period, bool) {
		from, err := time.Parse(layout, text)
		from = from.AddDate(0, skip, 0)
		return Period{from, from.AddDate(0, n, 0)}, err == nil
	}
	var p Period
	ok := false
	switch {
	case len(s) == 6 && (s[4] == 'Q' || s[4] == 'q') && s[5] >= '1' && s[5] <= '4':
		p, ok = months("2006", s[:4], 3*int(s[5]-'1'), 3)
	case len(s) == 7:
		p, ok = months("2006-01", s, 0, 1)
	case len(s) == 4:
		p, ok = months("2006", s, 0, 12)
	case len(s) == 22 && s[10:12] == "..":
		from, err := time.Parse(time.DateOnly, s[:10])
		to, err2 := time.Parse(time.DateOnly, s[12:])
		p, ok = Period{from, to.AddDate(0, 0, 1)}, err == nil && err2 == nil && !to.Before(from)
	}
	if !ok {
		return Period{}, fmt.Errorf("%q is no period: write 2026Q4, 2026-11, 2026 or 2026-10-01..2026-12-31", s)
	}
	if p.From.Year() < firstYear || p.Until.Year() > lastYear {
		return Period{}, fmt.Errorf("%q is no period: it must lie in the years %d to %d", s, firstYear, lastYear)
	}
	if p.From.After(now) {
		return Period{}, fmt.Errorf("%q has not begun: choose a period of which something can be on record", s)
	}
	return p, nil
}
