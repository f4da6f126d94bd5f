package inventory

import (
	"slices"
	"time"
)

// span is some days that follow each other: a day, or a month.
type span struct{ from, until int64 }

// marks are those of the days of a span that have figures.
type marks = map[int64]int64

// block is what was seen in a span, by service. It never changes.
type block struct {
	marks marks
	parts map[uint32]*part
	bytes int       // about what it takes
	rows  int       // that the store has of it
	read  time.Time // when reading it began
}

const (
	// recentDays, and the rest of the month in which they begin, are looked at by
	// the day: what a quarter until today is made of changes each day at both ends.
	// What was before is looked at by the month, which takes less room and is added
	// up faster.
	recentDays = 92

	// maxPeriods is how many periods are kept: risks, differences and two that
	// somebody looks at.
	maxPeriods = 4

	// maxIdle bounds the memory of blocks that are kept though they are in none of
	// these periods, for the next one that somebody looks at.
	maxIdle = 256 << 20
)

// planned returns what a period is made of: whole months where they are long
// past, days otherwise. Spans without figures are left out.
func planned(m *Marks, from, until, today int64) map[span]marks {
	plan := make(map[span]marks)
	for day, mark := range m.Days {
		if day < from || day >= until {
			continue
		}
		at := monthOf(day)
		if at.from < from || at.until > until || at.until > recentFrom(today) {
			at = span{day, day + 1}
		}
		if plan[at] == nil {
			plan[at] = make(marks)
		}
		plan[at][day] = mark
	}
	return plan
}

// recentFrom returns the first day that is looked at by itself.
func recentFrom(today int64) int64 { return monthOf(today - recentDays).from }

// monthOf returns the month that a day is in, in UTC.
func monthOf(day int64) span {
	t := time.Unix(day*secondsOfDay, 0).UTC()
	first := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	return span{Day(first), Day(first.AddDate(0, 1, 0))}
}

const secondsOfDay = 24 * 60 * 60

// settle ends the making of b. Parts that are as they were in old stay the same
// ones, which tells that a service has not changed.
func (b *block) settle(old *block) {
	const entry, head, one, person = 48, 200, 32, 4 // bytes: of the map, of a part, of a trait ...
	b.bytes = 0
	for service, p := range b.parts {
		p.done()
		if old != nil {
			if o := old.parts[service]; o != nil && o.equal(p) {
				b.parts[service] = o
			}
		}
		b.bytes += entry + head + one*len(p.seen) + person*len(p.people)
	}
}

// differences adds the services of which b tells something else than another.
func (b *block) differences(o *block, to map[uint32][]*part) {
	if b == o {
		return
	}
	if o == nil {
		o = &block{}
	}
	for service, p := range b.parts {
		if o.parts[service] != p {
			to[service] = nil
		}
	}
	for service := range o.parts {
		if b.parts[service] == nil {
			to[service] = nil
		}
	}
}

// trim forgets blocks that are in no period: those of single days that are long
// past at once, others when all of them take too much, the oldest first. It
// reports whether there was no room for all of them.
func (s *digest) trim(today int64) (full bool) {
	used := make(map[span]bool)
	for _, p := range s.periods {
		for at := range p.blocks {
			used[at] = true
		}
	}
	var idle []span
	room, recent := maxIdle, recentFrom(today)
	for at, b := range s.blocks {
		switch {
		case used[at]:
		case at.until-at.from == 1 && at.until <= recent:
			delete(s.blocks, at)
		default:
			idle = append(idle, at)
			room -= b.bytes
		}
	}
	slices.SortFunc(idle, func(a, b span) int { return int(a.from - b.from) })
	for _, at := range idle {
		if room >= 0 {
			break
		}
		room += s.blocks[at].bytes
		delete(s.blocks, at)
		full = true
	}
	return full
}
