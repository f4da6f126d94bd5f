package inventory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// sumCheck compares the sums of a store with those of the sightings: what seals
// hold of them, and the sightings that are in no seal.
type sumCheck struct {
	v       *Inventory
	out     *Verification
	want    *daySums
	later   *daySums // of what was merged since want was read
	buckets map[int64]int
	byDay   map[int64][]dayService // of want

	begin   int64            // the first day with a sighting on record
	early   map[int64]bool   // days before it that have sums: of a store that is older than its record
	unbound []span           // days of which some sightings are gone, and no seal has their sums
	broken  bool             // sightings were changed: they say nothing of the sums
	cut     Cutoffs          // what retention has deleted
	with    map[int64]string // with what days can be compared
	noHours bool             // hours are not compared
	erased  int64            // no row of who used what is bound until this day: people were erased
	doubts  map[doubt]bool   // what differs, and whether it may be counted yet

	read    int64 // the last entry of the ledger that was looked at
	listsOf listsOf
}

// doubt is a sum that differs.
type doubt struct {
	at   dayService
	what string // see aspects
	text string
}

func (v *Inventory) newSumCheck(out *Verification, b *Book) (*sumCheck, error) {
	c := &sumCheck{v: v, out: out, want: newDaySums(v.keptID), later: newDaySums(v.keptID), erased: math.MinInt64, begin: math.MaxInt64, early: make(map[int64]bool), with: make(map[int64]string)}
	now := v.cfg.Now()
	// Of hours it is on record what is deleted, before it is.
	c.cut.Rollups, c.cut.People = now.Add(-v.cfg.Rollups), now.Add(-v.cfg.People)
	for _, history := range b.Subjects(TopicDeletion) {
		for i := range history {
			if err := c.deletionEntry(&history[i]); err != nil {
				return nil, err
			}
		}
	}
	c.read = b.Chain().Seq
	_, c.listsOf.newKey = b.Last(TopicKey, "")
	return c, nil
}

// deletionEntry notes what an entry of the ledger says was deleted.
func (c *sumCheck) deletionEntry(e *ledger.Entry) error {
	return c.deletion(e.Subject, e.Time, func() (gone Deletion, person Erasure, err error) {
		if e.Subject == "" {
			gone, err = Read[Deletion](e)
		} else {
			person, err = Read[Erasure](e)
		}
		return gone, person, err
	})
}

// deletion notes what is not there any more for a reason that is on record.
func (c *sumCheck) deletion(person string, at time.Time, read func() (Deletion, Erasure, error)) error {
	d, e, err := read()
	if person != "" && (e.Planned || e.Deleted.Usage > 0) {
		c.erased = max(c.erased, Day(at))
	}
	if person != "" {
		c.listsOf.erase(person)
	}
	for _, t := range [...]struct{ cut, to *time.Time }{{&d.Before.Hours, &c.cut.Hours}, {&d.Before.Rollups, &c.cut.Rollups}, {&d.Before.People, &c.cut.People}} {
		if t.cut.After(*t.to) {
			*t.to = *t.cut
		}
	}
	return err
}

// event adds a sighting that is in no seal.
func (c *sumCheck) event(e *Event) {
	c.want.add(e)
	c.begin = min(c.begin, Day(e.Time))
	c.noteDay(Day(e.Time), withSightings)
}

// seal adds the sums of a seal; from are those of its sightings where it has
// none, nil when they are not all there.
func (c *sumCheck) seal(s *Seal, from *daySums) {
	bound := len(s.Broken) == 0
	if !s.First.IsZero() {
		c.begin = min(c.begin, Day(s.First))
	}
	if from != nil {
		from.done()
	}
	switch {
	case s.Summed:
		bound = c.want.unseal(s.Sums) && bound
		for i := range s.Sums {
			if day, err := time.Parse(time.DateOnly, s.Sums[i].Day); err == nil {
				c.noteDay(Day(day), withSeals)
			}
		}
	case from != nil:
		c.want.merge(from)
		for at := range from.of {
			c.noteDay(at.day, withSightings)
		}
	default:
		bound = false
	}
	c.sealLists(s, from)
	if !bound {
		c.unbound = append(c.unbound, span{Day(s.First), Day(s.Last) + 1})
	}
}

// bound reports whether it is known what the sums of a day must be.
func (c *sumCheck) bound(day int64) bool {
	return !slices.ContainsFunc(c.unbound, func(s span) bool { return s.from <= day && day < s.until })
}

const (
	// sumsTurns bounds how often sums that differ are looked at again: another
	// process may be counting.
	sumsTurns = 3
	sumsWait  = 200 * time.Millisecond

	// sumsDays is how many days are read at once: others must get at the store.
	sumsDays = 31
)

// run compares all sums. last is the Seq of the last batch that want has.
func (c *sumCheck) run(ctx context.Context, last int64) error {
	c.want.done()
	defer func() { c.out.Days = append(c.out.Days, c.days()...) }()
	if c.broken {
		c.out.Unbound = int64(len(c.want.buckets()))
		c.out.left("sums and lists: sightings were changed, and say nothing of them")
		return nil
	}
	through := last // what want has
	c.group()
	days := c.spans()
	for turn := range sumsTurns {
		if turn > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(sumsWait):
			}
		}
		// Readers may be content with figures of a moment ago: who compares is not.
		if err := c.v.cfg.Store.Settle(ctx); err != nil {
			if turn+1 < sumsTurns {
				continue
			}
			return fmt.Errorf("comparing sums: %w", err)
		}
		if err := c.turn(ctx, days, &last); err != nil {
			return fmt.Errorf("comparing sums: %w", err)
		}
		days = nil
		for d, behind := range c.doubts {
			if at := (span{d.at.day, d.at.day + 1}); behind && !slices.Contains(days, at) {
				days = append(days, at)
			}
		}
		if len(days) == 0 {
			break
		}
	}
	if err := c.catchUp(ctx); err != nil {
		return fmt.Errorf("comparing sums: %w", err)
	}
	c.say()
	if err := c.services(ctx); err != nil {
		return fmt.Errorf("comparing the register: %w", err)
	}
	if err := c.lists(ctx, through); err != nil {
		return fmt.Errorf("comparing lists: %w", err)
	}
	return nil
}

// catchUp leaves out what was deleted while sums were compared: that is on record
// before it begins.
func (c *sumCheck) catchUp(ctx context.Context) error {
	if len(c.doubts) == 0 {
		return nil
	}
	err := c.v.cfg.Store.Entries(ctx, c.read, func(e *ledger.Entry) error {
		c.read = e.Seq
		if Topic(e.Kind) != TopicDeletion {
			return nil
		}
		return c.deletionEntry(e)
	})
	maps.DeleteFunc(c.doubts, func(d doubt, _ bool) bool { return !c.kept(d.at.day, aspect(d.what)) })
	return err
}

// group puts services together where a seal holds no more than that.
func (c *sumCheck) group() {
	c.buckets = c.want.buckets()
	for day, n := range c.buckets {
		if n != math.MaxInt {
			for k, s := range c.want.of {
				if to := bucketOf(k.service, n); k.day == day && to != k.service {
					delete(c.want.of, k)
					entry(c.want.of, dayService{day, to}).merge(s)
				}
			}
		}
	}
}

// spans returns the days to look at, all that a store may have.
func (c *sumCheck) spans() []span {
	const ever = 1 << 40
	days := slices.Sorted(maps.Keys(c.buckets))
	if len(days) == 0 {
		return []span{{-ever, ever}}
	}
	var list []span
	from := int64(-ever)
	for day := days[0] + sumsDays; day < days[len(days)-1]; day += sumsDays {
		list = append(list, span{from, day})
		from = day
	}
	return append(list, span{from, ever})
}

// turn looks at the sums of some days, and at what has been merged meanwhile.
func (c *sumCheck) turn(ctx context.Context, days []span, last *int64) error {
	maps.DeleteFunc(c.doubts, func(d doubt, _ bool) bool { return slices.Contains(days, span{d.at.day, d.at.day + 1}) })
	found := make(map[aspect]map[dayService]*daySum)
	for _, at := range days {
		if err := c.differing(ctx, at, found); err != nil {
			return err
		}
	}
	err := c.v.Batches(ctx, *last, func(b *Batch) error {
		*last = b.Seq
		return b.Events(func(e *Event) error {
			c.later.add(e)
			return nil
		})
	})
	c.later.done()
	if c.doubts == nil {
		c.doubts = make(map[doubt]bool)
	}
	for what, sums := range found {
		for at, is := range sums {
			if text := c.difference(what, at, is); text != "" {
				c.doubts[doubt{at, string(what), text}] = is.behind(c.want.of[at])
			}
		}
	}
	return err
}

// say lists what differs as problems, and counts what does not.
func (c *sumCheck) say() {
	list := slices.Collect(maps.Keys(c.doubts))
	slices.SortFunc(list, func(a, b doubt) int {
		return cmp.Or(cmp.Compare(a.at.day, b.at.day), cmp.Compare(a.at.service, b.at.service), cmp.Compare(a.what, b.what))
	})
	for _, d := range list {
		c.out.problem("%s of %s on %s are not what its sightings add up to: %s", d.what, serviceOrBucket(d.at.service), dayText(d.at.day), d.text)
	}
	for at := range c.want.of {
		if c.kept(at.day, aspectUse) && c.bound(at.day) {
			c.out.Sums++
		}
	}
	unbound := maps.Clone(c.early)
	for _, s := range c.unbound {
		for day := s.from; day < min(s.until, s.from+10_000); day++ {
			unbound[day] = true
		}
	}
	c.out.Unbound = int64(len(unbound))
}

func serviceOrBucket(service string) string {
	if strings.HasPrefix(service, "#") {
		return fmt.Sprintf("the services of bucket %q", service)
	}
	return service
}

// services compares the rows of the register, which are of all time.
func (c *sumCheck) services(ctx context.Context) error {
	if len(c.unbound)+len(c.early) > 0 || slices.ContainsFunc(slices.Collect(maps.Values(c.buckets)), func(n int) bool { return n != math.MaxInt }) {
		return nil
	}
	all, later := c.want.total(), c.later.total()
	if s, ok := c.v.cfg.Store.(interface{ Forget() }); ok {
		s.Forget() // what is remembered was not changed, if the store was
	}
	rows, err := c.v.cfg.Store.Services(ctx)
	if err != nil || len(all) == 0 && len(rows) == 0 {
		return err
	}
	for i := range rows {
		r := &rows[i]
		want := all[r.ID]
		delete(all, r.ID)
		if want == nil || later[r.ID] != nil || r.ID == "unknown:"+otherName {
			if want == nil && later[r.ID] == nil && r.ID != "unknown:"+otherName {
				c.out.problem("the register's row of %s: no sighting of it is on record", r.ID)
			}
			continue
		}
		if text := want.row(r); text != "" && !c.freshly(r.ID) {
			c.out.problem("the register's row of %s is not what its sightings add up to: %s", r.ID, text)
		}
	}
	if len(rows) > 0 && slices.ContainsFunc(rows, func(r Service) bool { return r.ID == "unknown:"+otherName }) {
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if !c.freshly(id) {
			c.out.problem("the register's row of %s is missing", id)
		}
	}
	return nil
}

// behind reports whether something of a sum is less than it must be.
func (s *daySum) behind(want *daySum) bool {
	if s == nil || want == nil {
		return s == nil
	}
	for i := range figureFirst {
		if s.figures[i] < want.figures[i] {
			return true
		}
	}
	for name, n := range want.kinds {
		if s.kinds[name] < n {
			return true
		}
	}
	return false
}

// freshly reports whether sightings of a service may not be counted yet: what
// differs is named by the day then.
func (c *sumCheck) freshly(service string) bool {
	for d, behind := range c.doubts {
		if d.at.service == service && behind {
			return true
		}
	}
	return false
}

// total returns the sums of services over all days.
func (d *daySums) total() map[string]*daySum {
	all := make(map[string]*daySum)
	for k, s := range d.of {
		entry(all, k.service).merge(s)
	}
	return all
}

// row says how a row of the register differs.
func (s *daySum) row(r *Service) string {
	var parts differences
	for i, is := range [...]int64{r.Requests, r.Up, r.Down} {
		parts.number(figureNames[i], is, s.figures[i], s.figures[i])
	}
	parts.moment(figureNames[figureFirst], toMillis(r.FirstSeen), s.figures[figureFirst])
	parts.moment(figureNames[figureLast], toMillis(r.LastSeen), s.figures[figureLast])
	is := map[string]int64{
		string(KindDepth) + "=" + string(traffic.Inspected):    r.Coverage.Inspected,
		string(KindDepth) + "=" + string(traffic.MetadataOnly): r.Coverage.MetadataOnly,
		string(KindDepth) + "=" + string(traffic.Blind):        r.Coverage.Blind,
	}
	for class, n := range r.Findings {
		is[string(KindClass)+"="+string(class)] = n
	}
	for action, n := range r.Decisions {
		is[string(KindAction)+"="+string(action)] = n
	}
	parts.kinds(is, s.kinds, nil)
	return parts.String()
}
