package inventory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Marks says how far figures have changed: what Usage and Days tell of a day is
// what it was while its mark and Epoch are.
type Marks struct {
	Epoch int64
	Days  map[int64]int64 // a mark for each day of which there are figures
}

// digest keeps sums of days and months, and of the periods that were asked for
// last: to read all figures of a quarter takes seconds, and from one look to the
// next few days change. Marks tell which, whoever changed them.
type digest struct {
	turn  chan struct{} // held by the one who reads and changes what follows
	asked chan struct{} // holds one when warm is to read busy days again

	epoch   int64
	names   *names
	blocks  map[span]*block
	periods []*periodSums // the last one that was asked for first

	usage *usage // has a turn of its own
}

func newDigest() *digest {
	return &digest{turn: make(chan struct{}, 1), asked: make(chan struct{}, 1), usage: newUsage()}
}

// Sums returns what was seen of each service on the days from one until before
// another, as it is when asked; with Warm, a day of more than 50,000 rows may be as
// it was two minutes ago. The map is shared: nobody may change it.
func (v *Inventory) Sums(ctx context.Context, from, until int64) (map[string]*Sum, error) {
	s := v.digest
	if err := s.take(ctx); err != nil {
		return nil, err
	}
	defer s.leave()
	marks, err := v.cfg.Store.Marks(ctx, from, until)
	if err != nil {
		return nil, fmt.Errorf("adding up days: %w", err)
	}
	now := v.cfg.Now()
	today := Day(now)
	s.begin(&marks)
	plan := planned(&marks, from, until, today)
	stale := s.stale(plan)
	if v.cfg.Warm {
		stale = slices.DeleteFunc(stale, func(at span) bool { return s.late(at, now) })
	}
	if err := s.refresh(ctx, v.cfg.Store, plan, stale, now); err != nil {
		return nil, fmt.Errorf("adding up days: %w", err)
	}
	sums := s.period(from, until, plan)
	s.trim(today)
	return sums, nil
}

func (s *digest) take(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *digest) leave() { <-s.turn }

// begin forgets everything when nobody knows what has changed, or names became
// too many.
func (s *digest) begin(m *Marks) {
	if s.names == nil || s.epoch != m.Epoch || s.names.full() {
		s.epoch, s.names, s.blocks, s.periods = m.Epoch, newNames(), make(map[span]*block), nil
	}
}

// refresh reads spans of a plan, those that follow each other at once.
func (s *digest) refresh(ctx context.Context, r Reader, plan map[span]marks, stale []span, now time.Time) error {
	for len(stale) > 0 {
		n := 1
		for n < len(stale) && stale[n].from == stale[n-1].until {
			n++
		}
		fresh, err := read(ctx, r, s.names, stale[:n], plan)
		if err != nil {
			return err
		}
		s.put(fresh, now)
		stale = stale[n:]
	}
	return nil
}

// stale returns the spans of a plan that have to be read, in order.
func (s *digest) stale(plan map[span]marks) (list []span) {
	for at, m := range plan {
		if b := s.blocks[at]; b == nil || !maps.Equal(b.marks, m) {
			list = append(list, at)
		}
	}
	slices.SortFunc(list, func(a, b span) int { return int(a.from - b.from) })
	return list
}

// put keeps blocks, that were read from a time on.
func (s *digest) put(fresh map[span]*block, began time.Time) {
	for at, b := range fresh {
		b.read = began
		b.settle(s.blocks[at])
		s.blocks[at] = b
	}
}

// read adds up spans that follow each other.
func read(ctx context.Context, r Reader, n *names, spans []span, plan map[span]marks) (map[span]*block, error) {
	from, until := spans[0].from, spans[len(spans)-1].until
	fresh, days := make(map[span]*block, len(spans)), make([]*block, until-from)
	for _, at := range spans {
		b := &block{marks: plan[at], parts: make(map[uint32]*part)}
		fresh[at] = b
		for day := at.from; day < at.until; day++ {
			days[day-from] = b
		}
	}
	of := func(day int64, service string) *part {
		b := days[day-from]
		b.rows++
		return entry(b.parts, n.number(service))
	}
	kinds := make(map[string]string) // of accounts
	err := r.Usage(ctx, from, until, func(k UsageKey, u UsageTally) error {
		n.use(of(k.Day, k.Service), &k, &u, kinds)
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = r.Days(ctx, from, until, func(k DayKey, t Tally) error {
		p := of(k.Day, k.Service)
		p.seen = append(p.seen, n.trait(k.Kind, k.Name, &t))
		return nil
	})
	return fresh, err
}

// use adds to p who used a service.
func (n *names) use(p *part, k *UsageKey, u *UsageTally, kinds map[string]string) {
	c := compactOf(u)
	p.tally.add(&c)
	switch {
	case k.User != "":
		p.people = append(p.people, n.number(k.User))
	case k.Client != "":
		p.people = append(p.people, n.number(k.Client))
	}
	if k.Account == "" {
		return
	}
	kind, known := kinds[k.Account]
	if !known {
		if a, err := ParseAccount(k.Account); err == nil {
			kind = string(a.Kind)
		}
		kinds[k.Account] = kind
	}
	if kind != "" {
		p.seen = append(p.seen, n.trait(KindAccount, kind, &u.Tally))
	}
}

func (n *names) trait(kind Kind, name string, t *Tally) trait {
	return trait{kind: n.number(string(kind)), name: n.number(name), n: t.N, first: toMillis(t.First), last: toMillis(t.Last)}
}
