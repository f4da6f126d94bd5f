package inventory

import (
	"context"
	"runtime/debug"
	"slices"
	"time"
)

// warmEvery is how often it is looked whether another day has begun, or whether
// all sums have to be made anew.
const warmEvery = time.Minute

// warmDays is how many days are read at once: a question waits for no more, and
// in between others get at the store.
const warmDays = 31

// warm keeps the sums of days and months ready until ctx ends, so that nobody
// waits for them: to read a year of a large register takes many seconds. What
// has changed since is read when somebody asks, busy days here, too.
func (v *Inventory) warm(ctx context.Context) {
	tick := time.NewTicker(warmEvery)
	defer tick.Stop()
	var epoch, day int64
	for first := true; ; first = false {
		today := Day(v.cfg.Now())
		m, err := v.cfg.Store.Marks(ctx, 0, today+1)
		if err == nil && (first || m.Epoch != epoch || today != day) {
			if err = v.warmUp(ctx, &m, today); err == nil {
				epoch, day = m.Epoch, today
				debug.FreeOSMemory() // reading leaves more garbage than a gateway makes in hours
			}
		}
		if err == nil {
			err = v.renew(ctx, &m, today)
		}
		if err != nil && ctx.Err() == nil {
			v.cfg.Log.Debug("figures of days can't be added up ahead of time", "error", err)
			epoch = m.Epoch + 1 // once more
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-v.digest.asked:
		}
	}
}

// warmUp reads what is missing of all days, the newest first, and adds up the
// periods that are looked at when nobody asks for another one: 90 days, and 90
// days and today. Where pseudonyms were rotated it reads who used what since.
func (v *Inventory) warmUp(ctx context.Context, m *Marks, today int64) error {
	recent := planned(m, recentFrom(today), today+1, today)
	if err := v.warmPlan(ctx, m, recent, today); err != nil {
		return err
	}
	for _, days := range [...]int64{90, 91} {
		if _, err := v.Sums(ctx, today-days+1, today+1); err != nil {
			return err
		}
	}
	if err := v.warmPlan(ctx, m, planned(m, 0, today+1, today), today); err != nil {
		return err
	}
	g, err := v.generation()
	if err != nil || g.Number == 0 {
		return err
	}
	return v.digest.usage.each(ctx, v.cfg.Store, Day(g.Since), func(*names, *used) {})
}

// warmPlan reads what is missing of a plan, some days at a time, while there is
// room for what nobody has asked for.
func (v *Inventory) warmPlan(ctx context.Context, m *Marks, plan map[span]marks, today int64) error {
	s := v.digest
	for {
		if err := s.take(ctx); err != nil {
			return err
		}
		s.begin(m)
		names, some := s.names, latest(s.stale(plan))
		full := s.trim(today)
		s.leave()
		if len(some) == 0 || full {
			return nil
		}
		began := v.cfg.Now()
		fresh, err := read(ctx, v.cfg.Store, names, some, plan) // nobody waits for it
		if err != nil {
			return err
		}
		for at := range fresh {
			delete(plan, at) // once: who asks reads it again if it has changed meanwhile
		}
		if err := s.take(ctx); err != nil {
			return err
		}
		if s.names == names { // else all is to be made anew
			s.put(fresh, began)
		}
		s.leave()
	}
}

// latest returns the last of some spans, that follow each other and are not too
// many days at once.
func latest(list []span) []span {
	n := 1
	for n < len(list) && list[len(list)-n-1].until == list[len(list)-n].from && list[len(list)-1].until-list[len(list)-n-1].from <= warmDays {
		n++
	}
	return slices.Clone(list[max(0, len(list)-n):])
}
