package logs

import (
	"strings"
	"time"
)

// when reads a time in any of the usual forms, for logs whose writer chose
// one: an epoch of any unit, ISO 8601, 02/Mar/2026:09:15:04 +0000, Mar 02
// 09:15:04, Mon Mar  2 09:15:04 2026 GMT, Mar 02 2026 09:15:04.250 UTC,
// 3/2/2026 9:15:04 AM, 02.03.2026 09:15:04.
func (e *env) when(s string) (time.Time, bool) {
	s = strings.Trim(s, " []")
	if t, ok := epochAny(s); ok {
		return t, true
	}
	if t, rest, ok := e.isoZoned(s); ok {
		return t, rest == ""
	}
	return e.loose(s)
}

// epochAny reads seconds with a fraction, or a whole number of any unit.
func epochAny(s string) (time.Time, bool) {
	if len(s) < 9 || s[0]-'0' > 9 { // shorter is no time of this century
		return time.Time{}, false
	}
	if strings.IndexByte(s, '.') >= 0 {
		return epoch(s)
	}
	return epochDigits(s)
}

// isoZoned is isoPrefix that also takes yyyy/mm/dd and a zone behind a space.
func (e *env) isoZoned(s string) (t time.Time, rest string, ok bool) {
	var d civil
	if rest, ok = d.date(s); !ok || rest == "" || rest[0] != 'T' && rest[0] != ' ' {
		return t, s, false
	}
	if rest, ok = d.clock(rest[1:]); !ok {
		return t, s, false
	}
	if rest == "" {
		t, ok = e.local(d)
		return t, "", ok
	}
	east, known := zone(strings.TrimLeft(rest, " "))
	if !known || !d.valid() {
		return t, s, false
	}
	return d.utc().Add(-time.Duration(east) * time.Second), "", true
}

// plainUTC reads yyyy-mm-dd hh:mm:ss, any separators in the date, of a log that
// is known to write UTC.
func plainUTC(s string) (time.Time, bool) {
	var d civil
	rest, ok := d.date(s)
	if !ok || len(rest) < 9 {
		return time.Time{}, false
	}
	rest, ok = d.clock(rest[1:])
	if !ok || !d.valid() || rest != "" && rest != "Z" {
		return time.Time{}, false
	}
	return d.utc(), true
}

// loose reads the words of a date in whatever order they stand.
func (e *env) loose(s string) (time.Time, bool) {
	var (
		d              civil
		east           int
		zoned, clocked bool
	)
	for s != "" {
		var w string
		if w, s = dateWord(s); w == "" {
			continue
		}
		ok := true
		switch {
		case monthOf(w) > 0:
			ok, d.month = d.month == 0, monthOf(w)
		case strings.IndexByte(w, ':') > 0 && len(w) > 4:
			ok, clocked = !clocked && d.twelve(w), true
		case strings.ContainsAny(w[1:], "/.-") && w[0]-'0' <= 9:
			ok = d.month == 0 && e.slashed(w, &d)
		case w[0]-'0' <= 9:
			ok = d.dayOrYear(w)
		case w == "AM" || w == "PM":
			ok = d.half(w)
		case isWeekday(w):
		default:
			east, zoned = zone(w)
			ok = zoned && clocked
		}
		if !ok {
			return time.Time{}, false
		}
	}
	if !clocked || d.month == 0 || d.day == 0 {
		return time.Time{}, false
	}
	if d.year == 0 {
		t, ok := e.yearless(d)
		return t.Add(-time.Duration(east) * time.Second), ok
	}
	if zoned {
		return d.utc().Add(-time.Duration(east) * time.Second), d.valid()
	}
	return e.local(d)
}

// dateWord cuts a word off a date. A colon that follows the year of
// 02/Mar/2026:09:15:04 ends one too.
func dateWord(s string) (w, rest string) {
	for i := 0; i < len(s); i++ {
		if s[i] == ' ' || s[i] == ',' || s[i] == ':' && i > 8 {
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// twelve reads h:mm[:ss[.frac]].
func (d *civil) twelve(w string) bool {
	if w[1] == ':' {
		d.hour = int(w[0] - '0')
		w = w[2:]
	} else {
		d.hour = two(w, 0)
		if len(w) < 5 || w[2] != ':' {
			return false
		}
		w = w[3:]
	}
	if d.min = two(w, 0); len(w) == 2 {
		return true
	}
	if len(w) < 5 || w[2] != ':' {
		return false
	}
	d.sec = two(w, 3)
	if w = w[5:]; w == "" {
		return true
	}
	d.nsec, w = fraction(w[1:])
	return w == ""
}

func (d *civil) half(w string) bool {
	if d.hour < 1 || d.hour > 12 {
		return false
	}
	if d.hour %= 12; w == "PM" {
		d.hour += 12
	}
	return true
}

func (d *civil) dayOrYear(w string) bool {
	n, ok := number(w)
	switch {
	case !ok:
		return false
	case len(w) <= 2 && d.day == 0:
		d.day = int(n)
	case len(w) == 4 && d.year == 0:
		d.year = int(n)
	default:
		return false
	}
	return true
}

// slashed reads 02/Mar/2026, 3/2/2026, 02.03.2026 or 2-Mar-2026.
func (e *env) slashed(w string, d *civil) bool {
	i := strings.IndexAny(w, "/.-")
	j := strings.IndexByte(w[i+1:], w[i])
	if j < 0 {
		return false
	}
	j += i + 1
	a, ok1 := number(w[:i])
	y, ok2 := number(w[j+1:])
	if !ok1 || !ok2 || len(w)-j != 5 || a > 31 {
		return false
	}
	d.year, d.day = int(y), int(a)
	if d.month = monthOf(w[i+1 : j]); d.month > 0 {
		return true
	}
	b, ok := number(w[i+1 : j])
	if !ok || b > 31 {
		return false
	}
	d.month = int(b)
	if w[i] != '.' && (b > 12 || a <= 12) {
		if b <= 12 {
			e.note(noteOrder)
		}
		d.day, d.month = int(b), int(a)
	}
	return true
}

const noteOrder = "dates like 3/2/2026 taken as month/day/year"

func isWeekday(w string) bool {
	return len(w) == 3 && strings.Index("SunMonTueWedThuFriSat", w)%3 == 0
}

// zone reads Z, GMT, UTC or an offset. Names of other zones say too little:
// CST is two zones, and IST three.
func zone(w string) (east int, ok bool) {
	if w == "GMT" || w == "UTC" {
		return 0, true
	}
	east, rest, ok := offset(w)
	return east, ok && rest == ""
}

func unixTime(sec int64, nsec int) time.Time { return time.Unix(sec, int64(nsec)).UTC() }
