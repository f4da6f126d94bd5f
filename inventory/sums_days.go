package inventory

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// Marks says how far figures have changed: what Usage and Days tell of a day is
// what it was while its mark and Epoch are.
type Marks struct {
	Epoch int64
	Days  map[int64]int64 // a mark for each day of which there are figures
}

// maxPeriods is how many periods are kept: risks, differences and one that
// somebody looks at.
const maxPeriods = 3

// digest keeps sums of days, and of the periods that were asked for last: to read
// all figures of a quarter takes seconds, and from one look to the next few days
// change. Marks tell which, whoever changed them.
type digest struct {
	turn chan struct{} // held by the one who reads and changes what follows

	epoch   int64
	names   *names
	days    map[int64]*daySums
	periods []*periodSums // the last one that was asked for first
}

// daySums is what was seen on a day, by service. It never changes.
type daySums struct {
	mark  int64
	parts map[uint32]*part
}

// periodSums is what was seen on the days from one until before another, as they
// were when it was made.
type periodSums struct {
	from, until int64
	days        map[int64]*daySums
	byService   map[string]*Sum
}

func newDigest() *digest { return &digest{turn: make(chan struct{}, 1)} }

// Sums returns what was seen of each service on the days from one until before
// another, as it is when asked. The map is shared: nobody may change it.
func (v *Inventory) Sums(ctx context.Context, from, until int64) (map[string]*Sum, error) {
	s := v.digest
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	marks, err := v.cfg.Store.Marks(ctx, from, until)
	if err == nil {
		err = s.refresh(ctx, v.cfg.Store, marks)
	}
	if err != nil {
		return nil, fmt.Errorf("adding up days: %w", err)
	}
	return s.period(from, until, marks), nil
}

// refresh reads the days that have changed.
func (s *digest) refresh(ctx context.Context, r Reader, m Marks) error {
	if s.names == nil || s.epoch != m.Epoch || s.names.full() {
		s.epoch, s.names, s.days, s.periods = m.Epoch, newNames(), make(map[int64]*daySums), nil
	}
	stale := make([]int64, 0, len(m.Days))
	for day, mark := range m.Days {
		if d := s.days[day]; d == nil || d.mark != mark {
			stale = append(stale, day)
		}
	}
	slices.Sort(stale)
	for len(stale) > 0 { // as many in a row as there are
		n := 1
		for n < len(stale) && stale[n] == stale[0]+int64(n) {
			n++
		}
		if err := s.read(ctx, r, stale[:n], m); err != nil {
			return err
		}
		stale = stale[n:]
	}
	return nil
}

// read adds up days that follow each other.
func (s *digest) read(ctx context.Context, r Reader, days []int64, m Marks) error {
	fresh := make(map[int64]*daySums, len(days))
	for _, day := range days {
		fresh[day] = &daySums{mark: m.Days[day], parts: make(map[uint32]*part)}
	}
	of := func(day int64, service string) *part { return entry(fresh[day].parts, s.names.number(service)) }
	kinds := make(map[string]string) // of accounts
	err := r.Usage(ctx, days[0], days[len(days)-1]+1, func(k UsageKey, u UsageTally) error {
		s.use(of(k.Day, k.Service), &k, &u, kinds)
		return nil
	})
	if err != nil {
		return err
	}
	err = r.Days(ctx, days[0], days[len(days)-1]+1, func(k DayKey, t Tally) error {
		p := of(k.Day, k.Service)
		p.seen = append(p.seen, s.trait(k.Kind, k.Name, &t))
		return nil
	})
	if err != nil {
		return err
	}
	for day, d := range fresh {
		d.settle(s.days[day])
		s.days[day] = d
	}
	return nil
}

// use adds to p who used a service.
func (s *digest) use(p *part, k *UsageKey, u *UsageTally, kinds map[string]string) {
	c := compactOf(u)
	p.tally.add(&c)
	switch {
	case k.User != "":
		p.people = append(p.people, s.names.number(k.User))
	case k.Client != "":
		p.people = append(p.people, s.names.number(k.Client))
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
		p.seen = append(p.seen, s.trait(KindAccount, kind, &u.Tally))
	}
}

func (s *digest) trait(kind Kind, name string, t *Tally) trait {
	return trait{kind: s.names.number(string(kind)), name: s.names.number(name), n: t.N, first: toMillis(t.First), last: toMillis(t.Last)}
}

// settle ends the making of d. Parts that are as they were in old stay the same
// ones, which tells that a service has not changed.
func (d *daySums) settle(old *daySums) {
	for service, p := range d.parts {
		p.done()
		if old != nil {
			if o := old.parts[service]; o != nil && o.equal(p) {
				d.parts[service] = o
			}
		}
	}
}

// period returns the sums of the days that have marks.
func (s *digest) period(from, until int64, m Marks) map[string]*Sum {
	i := slices.IndexFunc(s.periods, func(p *periodSums) bool { return p.from == from && p.until == until })
	p := &periodSums{from: from, until: until, days: make(map[int64]*daySums), byService: make(map[string]*Sum)}
	if i >= 0 {
		p = s.periods[i]
		s.periods = slices.Delete(s.periods, i, i+1)
	}
	s.periods = slices.Insert(s.periods, 0, p)
	s.periods = slices.Clip(s.periods[:min(len(s.periods), maxPeriods)])
	p.update(s, m)
	maps.DeleteFunc(s.days, func(day int64, _ *daySums) bool {
		return !slices.ContainsFunc(s.periods, func(p *periodSums) bool { return p.from <= day && day < p.until })
	})
	return p.byService
}

// update makes the sums of services anew that have changed.
func (p *periodSums) update(s *digest, m Marks) {
	changed := make(map[uint32][]*part)
	days := make(map[int64]*daySums, len(m.Days))
	for day := range m.Days {
		days[day] = s.days[day]
		days[day].differences(p.days[day], changed)
	}
	for day, old := range p.days {
		if days[day] == nil {
			old.differences(nil, changed)
		}
	}
	p.days = days
	if len(changed) == 0 {
		return
	}
	for _, d := range days {
		for service, one := range d.parts {
			if parts, ok := changed[service]; ok {
				changed[service] = append(parts, one)
			}
		}
	}
	next := maps.Clone(p.byService) // others read the one of before
	for service, parts := range changed {
		if name := s.names.of(service); len(parts) == 0 {
			delete(next, name)
		} else {
			next[name] = together(parts, s.names)
		}
	}
	p.byService = next
}

// differences adds the services of which d tells something else than another.
func (d *daySums) differences(o *daySums, to map[uint32][]*part) {
	if d == o {
		return
	}
	if o == nil {
		o = &daySums{}
	}
	for service, p := range d.parts {
		if o.parts[service] != p {
			to[service] = nil
		}
	}
	for service := range o.parts {
		if d.parts[service] == nil {
			to[service] = nil
		}
	}
}
