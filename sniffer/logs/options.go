package logs

import (
	"fmt"
	"slices"
	"time"
)

// Options tell what a log itself does not. The zero value is fine for most.
type Options struct {
	// Format is the name of a format (see Formats); "" recognises it.
	Format string
	// Year is that of the first line, for logs whose times have none. 0 takes
	// for each line the latest year that does not put it after the log's end.
	Year int
	// Written is when the log was last written, for years that its times lack;
	// zero: the time of the file that Open opens, else now.
	Written time.Time
	// Location is where times without a zone were written; nil means UTC.
	Location *time.Location
	// Mapping names the columns of the generic formats: the key is a field
	// (time, client, user, device, host, server, url, method, status, up, down,
	// agent, blocked), the value the column's name in the log.
	Mapping map[string]string
	// Now is the time; nil: time.Now. A line of more than a day later has no time.
	Now func() time.Time
	// Answers asks for what lookups got, where the log tells it.
	Answers bool
}

// env is what a parser knows beside its lines. One goroutine.
type env struct {
	Options
	end    time.Time // when the log was last written, as far as known
	notes  []string
	peeled prefix // of the current line

	limit       time.Time // see tooLate
	zoneNoted   bool
	yearNoted   int
	year, month int // of the last line without a year, when Options.Year is set
}

// ahead bounds how far a time may be ahead of the clock: zones, and clocks that
// differ. What is later is no time, and would make a service seen in 2286.
const ahead = 24 * time.Hour

// tooLate reports whether a time is more than that ahead. The clock is asked anew
// only for a time that would have been too late when it was asked before: lines are
// many.
func (e *env) tooLate(t time.Time) bool {
	if !t.After(e.limit) {
		return false
	}
	now := time.Now
	if e.Now != nil {
		now = e.Now
	}
	e.limit = now().Add(ahead)
	return t.After(e.limit)
}

// note keeps what had to be assumed, once.
func (e *env) note(s string) {
	if !slices.Contains(e.notes, s) {
		e.notes = append(e.notes, s)
	}
}

// unnote takes back what was noted.
func (e *env) unnote(s string) {
	e.notes = slices.DeleteFunc(e.notes, func(n string) bool { return n == s })
}

// local returns the time of a civil date in the log's zone, and says so when
// that zone was assumed. ok is false for a date that does not exist.
func (e *env) local(d civil) (t time.Time, ok bool) {
	if !d.valid() {
		return time.Time{}, false
	}
	if e.Location == nil {
		if !e.zoneNoted {
			e.zoneNoted = true
			e.note(noteZone)
		}
		return d.utc(), true
	}
	if e.Location == time.UTC {
		return d.utc(), true
	}
	return time.Date(d.year, time.Month(d.month), d.day, d.hour, d.min, d.sec, d.nsec, e.Location).UTC(), true
}

const noteZone = "times carry no zone: taken as UTC; set the time zone if they are local"

// yearless is local for a date without a year (RFC 3164 and its kin).
func (e *env) yearless(d civil) (time.Time, bool) {
	if e.Year != 0 {
		d.year = e.roll(d.month)
		return e.local(d)
	}
	end := e.end
	if end.IsZero() {
		end = time.Now()
	}
	limit := end.Add(24 * time.Hour)                               // zones, and clocks that differ
	for d.year = limit.Year(); d.year > limit.Year()-8; d.year-- { // 8: between two 29ths of February
		if !d.valid() || d.utc().After(limit) {
			continue
		}
		if d.year != e.yearNoted && len(e.notes) < maxNotes {
			e.yearNoted = d.year
			e.note(fmt.Sprintf("times carry no year: some taken as %d, from when the log was last written; set the year if that is wrong", d.year))
		}
		return e.local(d)
	}
	return time.Time{}, false
}

// maxNotes bounds what a log with dates all over the calendar makes us say.
const maxNotes = 8

// roll follows the log over New Year: from December to January a year is added,
// and taken back for a line that comes late.
func (e *env) roll(month int) int {
	if e.year == 0 {
		e.year, e.month = e.Year, month
	}
	switch d := month - e.month; {
	case d < -6:
		e.year++
	case d > 6:
		e.year--
	}
	e.month = month
	return e.year
}
