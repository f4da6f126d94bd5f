package leases

import (
	"strconv"
	"strings"
	"time"
)

// layouts are the forms of time that a table may hold. Those without a zone are
// local.
var layouts = []string{
	time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006/01/02 15:04:05", time.DateOnly,
}

// time reads a time of a table in seconds, absent when s is empty.
func (b *builder) time(s string, absent int64) (sec int64, ok bool) {
	if s == "" {
		return absent, true
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return epoch(n)
	}
	for _, layout := range layouts {
		t, err := time.ParseInLocation(layout, s, b.local)
		if err != nil {
			continue
		}
		if !strings.Contains(layout, "Z07:00") {
			b.localTimes()
		}
		return t.Unix(), true
	}
	return 0, false
}

// localTimes says how times without a zone were read.
func (b *builder) localTimes() {
	b.note("times without a zone were read as " + b.local.String())
}

// epoch returns seconds of a count of seconds or milliseconds since 1970.
func epoch(n int64) (sec int64, ok bool) {
	const tooLate = 1 << 36 // the year 4147
	switch {
	case n < 0:
		return 0, false
	case n >= tooLate:
		n /= 1000
	}
	return n, n < tooLate
}
