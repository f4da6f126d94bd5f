package logs

import (
	"strings"
	"time"
)

// civil is a date and time of day as written, in whatever zone.
type civil struct {
	year, month, day, hour, min, sec, nsec int
}

func (d civil) valid() bool {
	return d.year >= 1970 && d.year <= 9999 && d.month >= 1 && d.month <= 12 && d.day >= 1 && d.day <= monthDays(d.year, d.month) &&
		d.hour >= 0 && d.hour < 24 && d.min >= 0 && d.min < 60 && d.sec >= 0 && d.sec <= 60
}

func monthDays(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// unix returns the seconds since 1970 of a valid d taken as UTC. It counts
// years from March, so that the leap day comes last (time.Date does the same
// with more to normalise).
func (d civil) unix() int64 {
	y, m := d.year, d.month-3
	if m < 0 {
		y, m = y-1, m+12
	}
	days := 365*y + y/4 - y/100 + y/400 + (153*m+2)/5 + d.day - 1 - 719468
	return int64(days)*86400 + int64(d.hour*3600+d.min*60+d.sec)
}

func (d civil) utc() time.Time { return time.Unix(d.unix(), int64(d.nsec)).UTC() }

// two reads two digits at i; -1 when there are none.
func two(s string, i int) int {
	if i+1 >= len(s) {
		return -1
	}
	a, b := s[i]-'0', s[i+1]-'0'
	if a > 9 || b > 9 {
		return -1
	}
	return int(a)*10 + int(b)
}

// clock reads hh:mm:ss with an optional fraction behind . or , into d and
// returns what follows.
func (d *civil) clock(s string) (rest string, ok bool) {
	if len(s) < 8 || s[2] != ':' || s[5] != ':' {
		return s, false
	}
	d.hour, d.min, d.sec = two(s, 0), two(s, 3), two(s, 6)
	if d.hour < 0 || d.min < 0 || d.sec < 0 {
		return s, false
	}
	s = s[8:]
	if len(s) > 1 && (s[0] == '.' || s[0] == ',') && s[1]-'0' <= 9 {
		d.nsec, s = fraction(s[1:])
	}
	return s, true
}

// fraction reads the digits after the point as nanoseconds; digits past the
// ninth are dropped.
func fraction(s string) (nsec int, rest string) {
	i := 0
	for ; i < len(s) && s[i]-'0' <= 9; i++ {
		if i < 9 {
			nsec = nsec*10 + int(s[i]-'0')
		}
	}
	return nsec * nanos[min(i, 9)], s[i:]
}

// nanos is how many nanoseconds the last of so many digits counts.
var nanos = [10]int{1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 100, 10, 1}

// date reads yyyy?mm?dd, any one byte between, and returns what follows.
func (d *civil) date(s string) (rest string, ok bool) {
	if len(s) < 10 || s[4]-'0' <= 9 || s[7]-'0' <= 9 {
		return s, false
	}
	hi, lo := two(s, 0), two(s, 2)
	d.year, d.month, d.day = hi*100+lo, two(s, 5), two(s, 8)
	return s[10:], hi >= 0 && lo >= 0 && d.month > 0 && d.day > 0
}

// monthOf returns 1 to 12 for Jan to Dec, 0 for anything else.
func monthOf(s string) int {
	if len(s) != 3 {
		return 0
	}
	i := strings.Index("JanFebMarAprMayJunJulAugSepOctNovDec", s)
	if i < 0 || i%3 != 0 {
		return 0
	}
	return i/3 + 1
}

// offset reads Z, +hhmm or +hh:mm as seconds east of UTC.
func offset(s string) (seconds int, rest string, ok bool) {
	if len(s) > 0 && (s[0] == 'Z' || s[0] == 'z') {
		return 0, s[1:], true
	}
	if len(s) < 5 || s[0] != '+' && s[0] != '-' {
		return 0, s, false
	}
	h, i := two(s, 1), 3
	if s[3] == ':' {
		i = 4
	}
	m := two(s, i)
	if h < 0 || m < 0 || h > 24 || m > 59 {
		return 0, s, false
	}
	seconds = h*3600 + m*60
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, s[i+2:], true
}

// iso reads yyyy-mm-dd, T or a space, hh:mm:ss, an optional fraction and an
// optional zone (RFC 3339, and ISO 8601 as logs write it), to the end of s.
func (e *env) iso(s string) (time.Time, bool) {
	t, rest, ok := e.isoPrefix(s)
	return t, ok && rest == ""
}

// isoPrefix is iso that returns what follows.
func (e *env) isoPrefix(s string) (t time.Time, rest string, ok bool) {
	var d civil
	if rest, ok = d.date(s); !ok || len(rest) < 9 || rest[0] != 'T' && rest[0] != ' ' && rest[0] != 't' {
		return time.Time{}, s, false
	}
	if rest, ok = d.clock(rest[1:]); !ok {
		return time.Time{}, s, false
	}
	if east, r, zoned := offset(rest); zoned {
		if !d.valid() {
			return time.Time{}, s, false
		}
		return time.Unix(d.unix()-int64(east), int64(d.nsec)).UTC(), r, true
	}
	t, ok = e.local(d)
	return t, rest, ok
}

// epoch reads seconds since 1970 with an optional fraction.
func epoch(s string) (time.Time, bool) {
	sec, i := int64(0), 0
	for ; i < len(s) && s[i]-'0' <= 9; i++ {
		sec = sec*10 + int64(s[i]-'0')
	}
	if i == 0 || i > 18 || sec > maxEpoch { // 18 digits can't overflow
		return time.Time{}, false
	}
	nsec, rest := 0, s[i:]
	if rest != "" && rest[0] == '.' {
		nsec, rest = fraction(rest[1:])
	}
	return time.Unix(sec, int64(nsec)).UTC(), rest == ""
}

// maxEpoch is the end of the year 9999.
const maxEpoch = 253402300799

// epochDigits reads a whole number since 1970 whose unit shows in its length:
// seconds, milliseconds, microseconds or nanoseconds.
func epochDigits(s string) (time.Time, bool) {
	if len(s) == 19 { // one digit more than number reads
		sec, ok := number(s[:10])
		nsec, ok2 := number(s[10:])
		return time.Unix(sec, nsec).UTC(), ok && ok2
	}
	n, ok := number(s)
	switch {
	case !ok:
		return time.Time{}, false
	case n < 1e11:
		return time.Unix(n, 0).UTC(), true
	case n < 1e14:
		return time.UnixMilli(n).UTC(), true
	case n < 1e17:
		return time.UnixMicro(n).UTC(), true
	}
	return time.Unix(0, n).UTC(), true
}
