package inventory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// DaySum is what a store has of a service on a day, in a form that can be
// compared with seals elsewhere: see DaysCheck.
type DaySum struct {
	SealedSum
	Other    []Kind `json:"other,omitempty"`    // kinds of which the store did not keep all names
	Unsealed bool   `json:"unsealed,omitempty"` // what sightings in no seal add; the row of the store may have it
}

// DaySums calls f with the sums that the store has of the days from one until
// before another, in the order of days and services, and then with what the
// sightings after a batch add to them: seals end there.
func (v *Inventory) DaySums(ctx context.Context, from, until time.Time, sealed int64, f func(*DaySum) error) error {
	if err := v.cfg.Store.Settle(ctx); err != nil {
		return fmt.Errorf("reading sums: %w", err)
	}
	same := func(id string) string { return id }
	for day := Day(from); day < Day(until); day += sumsDays {
		sums, end := newDaySums(same), min(day+sumsDays, Day(until))
		err := v.cfg.Store.Usage(ctx, day, end, func(k UsageKey, u UsageTally) error {
			sums.usage(&k, &u)
			return nil
		})
		if err != nil {
			return fmt.Errorf("reading sums: %w", err)
		}
		err = v.cfg.Store.Days(ctx, day, end, func(k DayKey, t Tally) error {
			sums.day(&k, &t)
			return nil
		})
		if err != nil {
			return fmt.Errorf("reading sums: %w", err)
		}
		if err := sums.each(false, f); err != nil {
			return err
		}
	}
	later := newDaySums(v.keptID)
	err := v.Batches(ctx, sealed, func(b *Batch) error {
		if !b.Intact {
			return nil
		}
		return b.Events(func(e *Event) error {
			if d := Day(e.Time); Day(from) <= d && d < Day(until) {
				later.add(e)
			}
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("reading sums: %w", err)
	}
	later.done()
	return later.each(true, f)
}

// each calls f with all sums in order.
func (d *daySums) each(unsealed bool, f func(*DaySum) error) error {
	for _, at := range slices.SortedFunc(maps.Keys(d.of), func(a, b dayService) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.service, b.service))
	}) {
		s := d.of[at]
		row := DaySum{
			SealedSum: SealedSum{Day: dayText(at.day), Service: at.service, Figures: s.figures[:], Kinds: s.kinds, Names: s.names, Use: s.use},
			Other:     slices.Sorted(maps.Keys(s.other)), Unsealed: unsealed,
		}
		if err := f(&row); err != nil {
			return err
		}
	}
	return nil
}

// Bounds on a row that may be anybody's: stores have far less.
const (
	maxDaySumKinds = 500
	maxDaySumName  = 300
)

// read returns what a row says, and its day.
func (r *DaySum) read() (at dayService, s *daySum, err error) {
	day, err := time.Parse(time.DateOnly, r.Day)
	switch {
	case err != nil:
		return at, nil, fmt.Errorf("%.20q is no day", r.Day)
	case len(r.Figures) != len(figureNames):
		return at, nil, fmt.Errorf("%d figures, and %d are expected", len(r.Figures), len(figureNames))
	case len(r.Service) > maxDaySumName || strings.HasPrefix(r.Service, "#"):
		return at, nil, fmt.Errorf("%.60q is no service", r.Service)
	case len(r.Kinds)+len(r.Other) > maxDaySumKinds:
		return at, nil, fmt.Errorf("more than %d kinds", maxDaySumKinds)
	}
	s = &daySum{figures: [len(figureNames)]int64(r.Figures), kinds: r.Kinds, names: r.Names, use: r.Use}
	for name := range r.Kinds {
		if len(name) > maxDaySumName {
			return at, nil, fmt.Errorf("a kind has more than %d bytes", maxDaySumName)
		}
	}
	for _, k := range r.Other {
		if len(k) > maxDaySumName {
			return at, nil, fmt.Errorf("a kind has more than %d bytes", maxDaySumName)
		}
		s.beyond(k)
	}
	return dayService{Day(day), r.Service}, s, nil
}

// Plus adds the sums of another day, or service.
func (s *SealedSum) Plus(o *SealedSum) {
	if len(o.Figures) != len(figureNames) {
		return
	}
	if len(s.Figures) != len(figureNames) {
		s.Figures = make([]int64, len(figureNames))
	}
	sum := daySum{figures: [len(figureNames)]int64(s.Figures), kinds: s.Kinds}
	sum.merge(&daySum{figures: [len(figureNames)]int64(o.Figures), kinds: o.Kinds})
	copy(s.Figures, sum.figures[:])
	s.Kinds = sum.kinds
}

// Figure returns one of Figures, 0 of nothing.
func (s *SealedSum) Figure(i int) int64 {
	if i >= len(s.Figures) {
		return 0
	}
	return s.Figures[i]
}

// First returns the time of the first sighting, the zero time when there is none.
func (s *SealedSum) First() time.Time { return fromMillis(s.Figure(figureFirst)) }

// Last returns that of the last.
func (s *SealedSum) Last() time.Time { return fromMillis(s.Figure(figureLast)) }
