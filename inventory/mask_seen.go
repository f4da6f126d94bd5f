package inventory

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// seen reads a store and shows people by the pseudonyms of now. Since pseudonyms
// have been rotated it says of a person only what was seen in this generation:
// sums and times of all time would lead from one pseudonym to the next.
type seen struct {
	Store
	v *Inventory
}

// shownTo returns the pseudonym of now for an id.
func (s seen) shown(g Generation) func(id string) string {
	return func(id string) string { return s.v.mask.alias(g.Number, id) }
}

// isPerson reports whether subjects of a kind are people.
func isPerson(k Kind) bool { return k == KindUser || k == KindClient }

// Service implements Reader.
func (s seen) Service(ctx context.Context, id string) (*Detail, error) {
	d, err := s.Store.Service(ctx, id)
	if err != nil {
		return nil, err
	}
	g, err := s.v.generation()
	if err != nil || g.Number == 0 || len(d.UserList)+len(d.ClientList) == 0 {
		return d, err
	}
	people := map[Kind]*tallies{KindUser: newTallies(), KindClient: newTallies()}
	err = s.since(ctx, g, UsageKey{Service: id}, func(k UsageKey, t Tally) {
		people[KindUser].add(s.v.mask.alias(g.Number, k.User), t)
		people[KindClient].add(s.v.mask.alias(g.Number, k.Client), t)
	})
	d.UserList, d.ClientList = people[KindUser].uses(), people[KindClient].uses()
	return d, err
}

// since calls f with what was used since a generation began, each row no earlier
// than that, of one service, user or client: the one that of names.
func (s seen) since(ctx context.Context, g Generation, of UsageKey, f func(UsageKey, Tally)) error {
	var want *used // 0: any
	return s.used(ctx, g, func(n *names, r *used) {
		if want == nil {
			want = &used{service: n.number(of.Service), user: n.number(of.User), client: n.number(of.Client)}
		}
		if want.service != 0 && r.service != want.service || want.user != 0 && r.user != want.user || want.client != 0 && r.client != want.client {
			return
		}
		f(r.key(n), r.tally())
	})
}

// used calls f with the rows of a generation. A row counts a day. Of one that began
// before the generation did only the latest time is told: its sums, which are
// those of the pseudonym before, too, would lead from one to the other.
func (s seen) used(ctx context.Context, g Generation, f func(*names, *used)) error {
	since := g.Since.Add(time.Millisecond - 1).UnixMilli() // rows have no finer times
	return s.v.digest.usage.each(ctx, s.Store, Day(g.Since), func(n *names, r *used) {
		switch {
		case r.last < since:
		case r.first < since:
			late := *r
			late.n, late.up, late.down, late.first = 0, 0, 0, r.last
			f(n, &late)
		default:
			f(n, r)
		}
	})
}

// Subjects implements Reader.
func (s seen) Subjects(ctx context.Context, kind Kind, limit int) ([]Subject, error) {
	g, err := s.v.generation()
	if err != nil || g.Number == 0 || !isPerson(kind) {
		if err != nil {
			return nil, err
		}
		return s.Store.Subjects(ctx, kind, limit)
	}
	return s.people(ctx, g, kind, func(all []whole) []whole { return mostUsed(all, limit) })
}

// SubjectsAfter implements Reader.
func (s seen) SubjectsAfter(ctx context.Context, kind Kind, after string, limit int) ([]Subject, error) {
	g, err := s.v.generation()
	if err != nil || g.Number == 0 || !isPerson(kind) {
		if err != nil {
			return nil, err
		}
		return s.Store.SubjectsAfter(ctx, kind, after, limit)
	}
	return s.people(ctx, g, kind, func(all []whole) []whole { return firstAfter(all, after, limit) })
}

// CountSubjects implements Reader.
func (s seen) CountSubjects(ctx context.Context, kind Kind) (int64, error) {
	g, err := s.v.generation()
	if err != nil || g.Number == 0 || !isPerson(kind) {
		if err != nil {
			return 0, err
		}
		return s.Store.CountSubjects(ctx, kind)
	}
	all, err := s.wholes(ctx, g, kind)
	return int64(len(all)), err
}

// Subject implements Reader. A person is found under the pseudonym of now only.
func (s seen) Subject(ctx context.Context, kind Kind, name string) (*SubjectDetail, error) {
	g, err := s.v.generation()
	if err != nil {
		return nil, err
	}
	if !isPerson(kind) {
		d, err := s.Store.Subject(ctx, kind, name)
		if err == nil && g.Number > 0 {
			s.present(g, d)
		}
		return d, err
	}
	id, of := s.v.mask.kept(name)
	if of != g.Number {
		return nil, ErrUnknown
	}
	d, err := s.Store.Subject(ctx, kind, id)
	if err != nil || g.Number == 0 {
		return d, err
	}
	return s.person(ctx, g, kind, name, d)
}

// person makes of a person's detail that of a generation.
func (s seen) person(ctx context.Context, g Generation, kind Kind, name string, d *SubjectDetail) (*SubjectDetail, error) {
	p := newPersonal()
	of := UsageKey{User: d.Name}
	if kind == KindClient {
		of = UsageKey{Client: d.Name}
	}
	err := s.since(ctx, g, of, func(k UsageKey, t Tally) { p.add(kind, k, t, s.shown(g)) })
	if err != nil {
		return nil, err
	}
	if p.N == 0 && p.Last.IsZero() {
		return nil, ErrUnknown // not seen in this generation
	}
	s.present(g, d)
	out := &SubjectDetail{Subject: p.subject(kind, name), Facets: d.Facets}
	for k, t := range p.facets {
		out.Facets[k] = t.uses()
	}
	for k, uses := range out.Facets {
		if p.facets[k] == nil { // of these there are only sums of all time
			out.Facets[k] = recent(uses, g.Since)
		}
	}
	return out, nil
}

// present shows the people in a detail that were seen in a generation, by name
// only.
func (s seen) present(g Generation, d *SubjectDetail) {
	for _, k := range [...]Kind{KindUser, KindClient} {
		if uses := d.Facets[k]; len(uses) > 0 {
			d.Facets[k] = s.names(g, uses)
		}
	}
}

// names returns people without figures.
func (s seen) names(g Generation, uses []Use) []Use {
	out := recent(uses, g.Since)
	for i := range out {
		out[i].Name = s.v.mask.alias(g.Number, out[i].Name)
	}
	slices.SortFunc(out, func(a, b Use) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// recent returns those that were seen since a time, without figures.
func recent(uses []Use, since time.Time) []Use {
	out := make([]Use, 0, len(uses))
	for _, u := range uses {
		if !u.LastSeen.Before(since) {
			out = append(out, Use{Name: u.Name, Suppressed: true})
		}
	}
	return out
}

// BlindSpots implements Reader.
func (s seen) BlindSpots(ctx context.Context) ([]BlindSpot, error) {
	spots, err := s.Store.BlindSpots(ctx)
	if err != nil {
		return nil, err
	}
	g, err := s.v.generation()
	if err == nil && g.Number > 0 {
		for i := range spots {
			spots[i].ClientList = s.names(g, spots[i].ClientList)
		}
	}
	return spots, err
}

// Usage implements Reader.
func (s seen) Usage(ctx context.Context, from, until int64, f func(UsageKey, UsageTally) error) error {
	g, err := s.v.generation()
	if err != nil {
		return err
	}
	return s.Store.Usage(ctx, from, until, func(k UsageKey, t UsageTally) error {
		k.User, k.Client = s.v.mask.alias(g.Number, k.User), s.v.mask.alias(g.Number, k.Client)
		return f(k, t)
	})
}

// Sightings implements Reader.
func (s seen) Sightings(ctx context.Context, from, until time.Time, f func(*Event) error) error {
	g, err := s.v.generation()
	if err != nil {
		return err
	}
	return s.Store.Sightings(ctx, from, until, func(e *Event) error {
		own := *e
		own.User, own.Client = s.v.mask.alias(g.Number, e.User), s.v.mask.alias(g.Number, e.Client)
		return f(&own)
	})
}

// Batches implements Reader.
func (s seen) Batches(ctx context.Context, after int64, f func(*Batch) error) error {
	return s.v.Batches(ctx, after, f)
}

// Person implements Reader.
func (s seen) Person(ctx context.Context, id string) (Person, error) {
	return s.Store.Person(ctx, s.v.keptID(id))
}

// tallies sums up by name.
type tallies struct{ by map[string]*Tally }

func newTallies() *tallies { return &tallies{make(map[string]*Tally)} }

func (t *tallies) add(name string, one Tally) {
	if name != "" {
		entry(t.by, name).add(one)
	}
}

// maxUses bounds a list of a detail, as the stores do.
const maxUses = 500

// uses lists the most used first.
func (t *tallies) uses() []Use {
	out := make([]Use, 0, len(t.by))
	for name, n := range t.by {
		out = append(out, Use{Name: name, Requests: n.N, Up: n.Up, Down: n.Down, FirstSeen: n.First, LastSeen: n.Last})
	}
	slices.SortFunc(out, func(a, b Use) int { return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Name, b.Name)) })
	return out[:min(len(out), maxUses)]
}

// personal sums up what one person did in a generation.
type personal struct {
	Tally
	facets map[Kind]*tallies
}

func newPersonal() *personal {
	return &personal{facets: map[Kind]*tallies{KindService: newTallies(), KindModel: newTallies(), KindAccount: newTallies()}}
}

func (p *personal) add(kind Kind, k UsageKey, t Tally, shown func(string) string) {
	p.Tally.add(t)
	p.facets[KindService].add(k.Service, t)
	p.facets[KindModel].add(k.Model, t)
	p.facets[KindAccount].add(k.Account, t)
	other, name := KindClient, k.Client
	if kind == KindClient {
		other, name = KindUser, k.User
	}
	if p.facets[other] == nil {
		p.facets[other] = newTallies()
	}
	if alias := shown(name); alias != "" {
		name = alias
	}
	p.facets[other].add(name, t)
}

func (p *personal) subject(kind Kind, name string) Subject {
	s := Subject{Kind: kind, Name: name, Requests: p.N, Up: p.Up, Down: p.Down, FirstSeen: p.First, LastSeen: p.Last, Counts: make(map[Kind]int64)}
	for k, t := range p.facets {
		if len(t.by) > 0 {
			s.Counts[k] = int64(len(t.by))
		}
	}
	return s
}
