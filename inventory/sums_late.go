package inventory

import (
	"context"
	"maps"
	"time"
)

// A day of many rows takes seconds to read, and while it lasts each merge changes
// it. Where sums are kept ready, what such a day was a moment ago is the answer,
// and it is read again when nobody waits.
const (
	busyRows = 50_000
	lateFor  = 2 * time.Minute  // no figure is older: they are read again each warmEvery
	lateSoon = 10 * time.Second // older ones are read again as soon as somebody asked
)

// late reports whether what is kept of a span is an answer though the span has
// changed.
func (s *digest) late(at span, now time.Time) bool {
	b := s.blocks[at]
	if b == nil || b.rows < busyRows || at.until-at.from != 1 {
		return false
	}
	age := now.Sub(b.read)
	if age >= lateSoon {
		select {
		case s.asked <- struct{}{}:
		default: // somebody has asked
		}
	}
	return 0 <= age && age < lateFor
}

// renew reads busy days that have changed.
func (v *Inventory) renew(ctx context.Context, m *Marks, today int64) error {
	s := v.digest
	if err := s.take(ctx); err != nil {
		return err
	}
	s.begin(m)
	busy := planned(m, recentFrom(today), today+1, today)
	maps.DeleteFunc(busy, func(at span, _ marks) bool { return s.blocks[at] == nil || s.blocks[at].rows < busyRows })
	s.leave()
	return v.warmPlan(ctx, m, busy, today)
}
