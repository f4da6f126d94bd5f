package inventory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// aspect is one of the ways in which a store adds up a service's day.
type aspect string

const (
	aspectUse   aspect = "the sums"            // by who used what: KindUser of daySum.other
	aspectNames aspect = "the values seen"     // by DayKey
	aspectHours aspect = "the sums of an hour" // by HourKey
)

// kept reports whether retention has left a day alone.
func (c *sumCheck) kept(day int64, what aspect) bool {
	if what == aspectHours {
		return day*24 >= Hour(c.cut.Hours)
	}
	return day >= Day(c.cut.Rollups)
}

// differing puts into found the sums that are not what is wanted, or missing.
func (c *sumCheck) differing(ctx context.Context, at span, found map[aspect]map[dayService]*daySum) error {
	store, same := c.v.cfg.Store, func(id string) string { return id }
	for _, look := range []struct {
		what aspect
		read func(sums *daySums, day func(int64)) error
	}{
		{aspectUse, func(sums *daySums, day func(int64)) error {
			return store.Usage(ctx, at.from, at.until, func(k UsageKey, u UsageTally) error {
				day(k.Day)
				k.Service = c.bucket(k.Day, k.Service)
				sums.usage(&k, &u)
				return nil
			})
		}},
		{aspectNames, func(sums *daySums, day func(int64)) error {
			return store.Days(ctx, at.from, at.until, func(k DayKey, t Tally) error {
				day(k.Day)
				k.Service = c.bucket(k.Day, k.Service)
				sums.day(&k, &t)
				return nil
			})
		}},
		{aspectHours, func(sums *daySums, day func(int64)) error {
			return store.Hours(ctx, at.from*24, at.until*24, func(k HourKey, u UsageTally) error {
				d := k.Hour / 24
				day(d)
				sums.usage(&UsageKey{Day: d, Service: c.bucket(d, k.Service)}, &u)
				return nil
			})
		}},
	} {
		if found[look.what] == nil {
			found[look.what] = make(map[dayService]*daySum)
		}
		sums := newDaySums(same)
		next := at.from
		through := func(day int64) { // all before it has been read
			if day > next {
				c.judge(look.what, span{next, day}, sums, found[look.what])
				clear(sums.of)
				next = day
			}
		}
		if err := look.read(sums, through); err != nil {
			return err
		}
		through(at.until)
	}
	return nil
}

func (c *sumCheck) bucket(day int64, service string) string {
	if n, ok := c.buckets[day]; ok {
		return bucketOf(service, n)
	}
	return service
}

// judge notes what differs on some days. What retention may have deleted it does
// not look at.
func (c *sumCheck) judge(what aspect, days span, sums *daySums, found map[dayService]*daySum) {
	look := func(at dayService, is *daySum) {
		const crowd = "unknown:" + otherName // for services that there was no room for
		if at.service == crowd || is == nil && sums.of[dayService{at.day, crowd}] != nil {
			return
		}
		if at.day < c.begin {
			c.early[at.day] = true
			return
		}
		if len(found) < 10*maxProblems && c.kept(at.day, what) && c.bound(at.day) && c.difference(what, at, is) != "" {
			found[at] = is
		}
	}
	for at, is := range sums.of {
		look(at, is)
	}
	for day := range c.daysOf(days) {
		for _, at := range c.wanted(day) {
			if sums.of[at] == nil {
				look(at, nil)
			}
		}
	}
}

// daysOf returns the days of a span of which something is known.
func (c *sumCheck) daysOf(days span) map[int64]bool {
	out := make(map[int64]bool)
	for day := range c.buckets {
		if days.from <= day && day < days.until {
			out[day] = true
		}
	}
	return out
}

// wanted lists the services of a day.
func (c *sumCheck) wanted(day int64) []dayService {
	if c.byDay == nil {
		c.byDay = make(map[int64][]dayService)
		for at := range c.want.of {
			c.byDay[at.day] = append(c.byDay[at.day], at)
		}
	}
	return c.byDay[day]
}

// difference says how a sum differs from what its sightings add up to, "" when it
// does not. What came meanwhile may be in it or not.
func (c *sumCheck) difference(what aspect, at dayService, is *daySum) string {
	want, later := c.want.of[at], c.meanwhile(at)
	switch {
	case want == nil && later == nil:
		return "no sighting is on record"
	case want == nil:
		return "" // it has just begun
	case is == nil && want.empty(what):
		return ""
	case is == nil:
		return "they are missing"
	}
	most := *want
	most.kinds = maps.Clone(want.kinds)
	if later != nil {
		most.merge(later)
	}
	var parts differences
	if what == aspectNames {
		parts.kinds(is.sumOfOthers().kinds, likewise(want, is).kinds, likewise(&most, is).kinds)
		if later == nil && len(is.other) == 0 && len(parts) == 0 && is.names != want.names {
			parts = append(parts, "rules, models, departments, detectors or reasons are others")
		}
		return parts.String()
	}
	for i := range figureFirst {
		parts.number(figureNames[i], is.figures[i], want.figures[i], most.figures[i])
	}
	if later == nil {
		parts.moment(figureNames[figureFirst], is.figures[figureFirst], want.figures[figureFirst])
		parts.moment(figureNames[figureLast], is.figures[figureLast], want.figures[figureLast])
		if what == aspectUse && at.day > c.erased && !is.other[KindUser] && len(parts) == 0 && is.use != want.use {
			parts = append(parts, "users, clients, accounts or models are others")
		}
	}
	return parts.String()
}

// meanwhile returns what came after want was read.
func (c *sumCheck) meanwhile(at dayService) *daySum {
	n, ok := c.buckets[at.day]
	if !ok || bucketOf(at.service, n) == at.service && c.later.of[at] != nil {
		return c.later.of[at]
	}
	var sum *daySum
	for k, s := range c.later.of {
		if k.day == at.day && bucketOf(k.service, n) == at.service {
			if sum == nil {
				sum = new(daySum)
			}
			sum.merge(s)
		}
	}
	return sum
}

// empty reports whether nothing of an aspect is wanted.
func (s *daySum) empty(what aspect) bool {
	return what == aspectNames && s.names == 0 && len(s.kinds) == 0
}

// sumOfOthers returns s with the values of kinds that the store did not keep all
// of added up.
func (s *daySum) sumOfOthers() *daySum { return likewise(s, s) }

// likewise returns s with the kinds added up that another one has not kept all
// values of.
func likewise(s, like *daySum) *daySum {
	if len(like.other) == 0 {
		return s
	}
	out := *s
	out.kinds = nil
	for name, n := range s.kinds {
		if kind, _, _ := strings.Cut(name, "="); like.other[Kind(kind)] {
			name = kind
		}
		out.kind(name, n)
	}
	return &out
}

// differences are texts on what differs.
type differences []string

func (d differences) String() string { return strings.Join(d, ", ") }

// number notes a figure that is not within what it may be.
func (d *differences) number(name string, is, least, most int64) {
	if is < least || is > most {
		*d = append(*d, fmt.Sprintf("%s %d instead of %d", name, is, least))
	}
}

// moment notes a time that is another one.
func (d *differences) moment(name string, is, want int64) {
	if is != want {
		text := func(ms int64) string { return fromMillis(ms).Format("2006-01-02T15:04:05.000Z07:00") }
		*d = append(*d, fmt.Sprintf("%s %s instead of %s", name, text(is), text(want)))
	}
}

// kinds notes values that are not within what they may be; most is nil where that
// is what is wanted.
func (d *differences) kinds(is, least, most map[string]int64) {
	if most == nil {
		most = least
	}
	names := make(map[string]bool)
	for _, m := range []map[string]int64{is, least} {
		for name := range m {
			names[name] = true
		}
	}
	for _, name := range slices.SortedFunc(maps.Keys(names), cmp.Compare[string]) {
		d.number(name, is[name], least[name], most[name])
	}
}
