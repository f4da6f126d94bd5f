package logs

import (
	"strings"
	"time"
)

// windowsDate reads dates in the short form of whatever locale a Windows server
// has: 3/2/2026 9:15:04 AM, 02/03/2026 09:15:04, 02.03.2026 9:15:04,
// 2026-03-02 09:15:04, 20260302 09:15:04. Whether 3/2 is in March or in
// February doesn't show; what one line proves serves all others: those before it
// as far as they were peeked at, see learn.
type windowsDate struct {
	order   uint8 // orderUnknown until a line told
	guessed bool  // order was, no line has proved it yet
}

const (
	orderUnknown uint8 = iota
	orderMonthDay
	orderDayMonth
)

func (w *windowsDate) read(e *env, s string) (time.Time, bool) {
	day, rest := word(s)
	clock, half := word(rest)
	var d civil
	a, b, ok := d.numbers(day)
	if !ok || !d.shortClock(clock) {
		return time.Time{}, false
	}
	half = strings.TrimSpace(half)
	if half != "" && (d.hour < 1 || d.hour > 12 || !d.noon(half)) {
		return time.Time{}, false
	}
	if d.month == 0 { // day and month are a and b, in some order
		d.month, d.day = a, b
		if w.dayFirst(e, d, day, half != "") {
			d.month, d.day = b, a
		}
	}
	return e.local(d)
}

// numbers reads the three numbers of a date. Where the year stands first the
// rest is known too; else a and b are left to decide.
func (d *civil) numbers(s string) (a, b int, ok bool) {
	if len(s) == 8 && !strings.ContainsAny(s, "/.-") {
		n, ok := number(s)
		d.year, d.month, d.day = int(n/10000), int(n/100%100), int(n%100)
		return 0, 0, ok
	}
	var n [3]int
	s = strings.TrimRight(s, ".") // Hungarian, Croatian
	for i := range n {
		j := strings.IndexAny(s, "/.-")
		if i == 2 {
			j = len(s)
		}
		if j < 1 || j > 4 {
			return 0, 0, false
		}
		v, ok := number(s[:j])
		if !ok {
			return 0, 0, false
		}
		n[i], s = int(v), s[min(j+1, len(s)):]
	}
	if n[0] > 31 {
		d.year, d.month, d.day = n[0], n[1], n[2]
		return 0, 0, true
	}
	if d.year = n[2]; d.year < 100 {
		d.year += 2000
	}
	return n[0], n[1], true
}

// shortClock is clock with an hour of one digit, and . for : as in Finnish.
func (d *civil) shortClock(s string) bool {
	i := strings.IndexAny(s, ":.")
	if i < 1 || i > 2 || len(s) != i+6 || s[i] != s[i+3] {
		return false
	}
	h, ok := number(s[:i])
	d.hour, d.min, d.sec = int(h), two(s, i+1), two(s, i+4)
	return ok && d.min >= 0 && d.sec >= 0
}

// noon applies AM or PM, however the locale spells it.
func (d *civil) noon(half string) bool {
	if len(half) > 16 {
		return false
	}
	d.hour %= 12
	switch half {
	case "PM", "pm", "p.m.", "p. m.", "P.M.", "µµ", "μ.μ.", "μμ", "م", "오후", "午後", "下午", "CH", "MD", "du.", "odp.":
		d.hour += 12
	}
	return true
}

// learn takes the order of day and month from a date that proves it.
func (w *windowsDate) learn(e *env, s string) {
	day, _ := word(s)
	var d civil
	if a, b, ok := d.numbers(day); ok && d.month == 0 {
		w.proved(e, provenOrder(day, a, b))
	}
}

// provenOrder is the order of the numbers a and b of the date in text, if that
// shows.
func provenOrder(text string, a, b int) uint8 {
	switch {
	case strings.IndexByte(text, '.') >= 0, a > 12 && a <= 31 && b >= 1 && b <= 12:
		return orderDayMonth
	case b > 12 && b <= 31 && a >= 1 && a <= 12:
		return orderMonthDay
	}
	return orderUnknown
}

// proved takes the order that a date proves. What was said of a guess is true no
// more: it was none, or it was wrong.
func (w *windowsDate) proved(e *env, order uint8) {
	if order == orderUnknown {
		return
	}
	if w.guessed {
		w.guessed = false
		e.unnote(noteMonthFirst)
		e.unnote(noteDayFirst)
		switch {
		case order == w.order:
		case order == orderDayMonth:
			e.note(noteWasDayFirst)
		default:
			e.note(noteWasMonthFirst)
		}
	}
	w.order = order
}

const (
	noteMonthFirst    = "dates like 3/2/2026 are taken as month/day/year"
	noteDayFirst      = "dates like 03/02/2026 are taken as day/month/year"
	noteWasDayFirst   = "dates like 3/2/2026 are day/month/year, as a later line shows: those before it were taken as month/day/year"
	noteWasMonthFirst = "dates like 03/02/2026 are month/day/year, as a later line shows: those before it were taken as day/month/year"
)

// dayFirst decides whether d, read as month and day, is the other way round.
func (w *windowsDate) dayFirst(e *env, d civil, text string, twelve bool) bool {
	w.proved(e, provenOrder(text, d.month, d.day))
	if w.order == orderUnknown && d.month != d.day {
		w.order, w.guessed = w.guess(e, d, twelve || strings.IndexByte(text, '/') > 0 && text[0] != '0'), true
		if w.order == orderMonthDay {
			e.note(noteMonthFirst)
		} else {
			e.note(noteDayFirst)
		}
	}
	return w.order == orderDayMonth
}

// guess takes the reading that lies next to when the log was last written, for
// a debug log spans days; where that doesn't tell, twelve hours or a month
// without a leading zero are American.
func (w *windowsDate) guess(e *env, d civil, american bool) uint8 {
	swapped := d
	swapped.month, swapped.day = d.day, d.month
	const near = 3 * 24 * time.Hour
	first := e.end.Sub(d.utc()).Abs() < near
	second := e.end.Sub(swapped.utc()).Abs() < near
	if first != second {
		american = first
	}
	if american {
		return orderMonthDay
	}
	return orderDayMonth
}
