package inventory

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// DaysCheck compares sums of days with what seals say of them, without a store:
// first all entries of a ledger, then the rows of DaySums in their order.
type DaysCheck struct {
	c       *sumCheck
	from    int64
	until   int64
	next    int64 // all days before it were compared
	under   bool  // rows have come
	last    DaySum
	day     *daySums // under way
	found   map[aspect]map[dayService]*daySum
	room    int // for rows of the day under way
	forMore int // for those of what is in no seal
}

// DaysFound is what a DaysCheck found.
type DaysFound struct {
	Compared int64     // sums of a service, or of a bucket of services, on a day
	Unbound  int64     // days of which the seals don't say what their sums must be
	Buckets  int64     // days on which seals hold sums of many services together
	Unsealed int64     // sums of a service on a day that have sightings which are in no seal
	Since    time.Time // the sums of days before are past their time: a deletion of them is on record
	Days     []DaysCompared
	Problems []string // at most maxProblems
}

// maxDayRows bounds the bytes that the rows of one day may take: anybody may
// have made them.
const maxDayRows = 256 << 20

// NewDaysCheck returns a check of the days from one until before another.
func NewDaysCheck(from, until time.Time) *DaysCheck {
	same := func(id string) string { return id }
	return &DaysCheck{
		c: &sumCheck{
			out: &Verification{}, want: newDaySums(same), later: newDaySums(same),
			erased: math.MinInt64, begin: math.MaxInt64, early: make(map[int64]bool), doubts: make(map[doubt]bool), with: make(map[int64]string), noHours: true,
			listsOf: listsOf{without: true},
		},
		from: Day(from), until: Day(until), next: Day(from), day: newDaySums(same), room: maxDayRows, forMore: maxDayRows,
		found: map[aspect]map[dayService]*daySum{aspectUse: {}, aspectNames: {}},
	}
}

// Entry takes what an entry of the ledger says of sums.
func (d *DaysCheck) Entry(e *ledger.Entry) error {
	switch Topic(e.Kind) {
	case TopicSeal:
		s, err := Read[Seal](e)
		if err != nil {
			return err
		}
		d.c.seal(&s, nil)
	case TopicDeletion:
		return d.c.deletionEntry(e)
	}
	return nil
}

// begin leaves what lies outside of the days aside.
func (d *DaysCheck) begin() {
	if d.under {
		return
	}
	d.under = true
	maps.DeleteFunc(d.c.with, func(day int64, _ string) bool { return day < d.from || d.until <= day })
	maps.DeleteFunc(d.c.want.of, func(at dayService, _ *daySum) bool { return at.day < d.from || d.until <= at.day })
	slices.SortFunc(d.c.unbound, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var clipped []span // each day in one of them: seals may say anything
	end := d.from
	for _, s := range d.c.unbound {
		if s = (span{max(s.from, end), min(s.until, d.until)}); s.from < s.until {
			clipped, end = append(clipped, s), s.until
		}
	}
	d.c.unbound = clipped
	d.c.group()
}

// Add compares the next row.
func (d *DaysCheck) Add(row *DaySum) error {
	d.begin()
	at, s, err := row.read()
	switch {
	case err != nil:
		return err
	case at.day < d.from || d.until <= at.day:
		return fmt.Errorf("%s lies outside the period", row.Day)
	case d.last.Day != "" && !d.last.before(row):
		return fmt.Errorf("%.60q on %s is out of order, or there twice", row.Service, row.Day)
	}
	d.last = DaySum{SealedSum: SealedSum{Day: row.Day, Service: row.Service}, Unsealed: row.Unsealed}
	size := 500 + len(row.Service)
	for name := range row.Kinds {
		size += 100 + len(name)
	}
	if row.Unsealed {
		d.through(d.until)
		d.forMore -= size
		entry(d.c.later.of, at).merge(s)
	} else {
		d.through(at.day)
		d.room -= size
		entry(d.day.of, dayService{at.day, d.c.bucket(at.day, at.service)}).merge(s)
	}
	if d.room < 0 || d.forMore < 0 {
		return errors.New("more services on a day than can be compared")
	}
	return nil
}

func (r *DaySum) before(o *DaySum) bool {
	order := func(r *DaySum) int {
		if r.Unsealed {
			return 1
		}
		return 0
	}
	return cmp.Or(order(r)-order(o), cmp.Compare(r.Day, o.Day), cmp.Compare(r.Service, o.Service)) < 0
}

// through compares what was read of the days before one.
func (d *DaysCheck) through(day int64) {
	if day <= d.next {
		return
	}
	for what, found := range d.found {
		d.c.judge(what, span{d.next, day}, d.day, found)
	}
	clear(d.day.of)
	d.next, d.room = day, maxDayRows
}

// Found ends the check.
func (d *DaysCheck) Found() DaysFound {
	d.begin()
	d.through(d.until)
	for what, sums := range d.found {
		for at, is := range sums {
			if text := d.c.difference(what, at, is); text != "" {
				d.c.doubts[doubt{at, string(what), text}] = true
			}
		}
	}
	d.c.say()
	out := DaysFound{Compared: d.c.out.Sums, Unbound: d.c.out.Unbound, Unsealed: int64(len(d.c.later.of)), Days: d.c.days(), Problems: slices.Clone(d.c.out.Problems)}
	for _, n := range d.c.buckets {
		if n != math.MaxInt {
			out.Buckets++
		}
	}
	if d.c.cut.Rollups.After(time.Unix(d.from*secondsOfDay, 0)) {
		out.Since = d.c.cut.Rollups
	}
	return out
}
