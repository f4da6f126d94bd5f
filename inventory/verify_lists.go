package inventory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// listsOf is what is known of lists before they are read.
type listsOf struct {
	without bool // they are not looked at
	unknown bool // some sightings are gone, and no seal says what they added
	newKey  bool // the key of pseudonyms was lost, and another one took its place
	erased  map[string]bool
}

func (l *listsOf) erase(person string) {
	if l.erased == nil {
		l.erased = make(map[string]bool)
	}
	l.erased[person] = true
}

// sealLists adds what a seal holds for lists; from is that of its sightings, nil
// when they are not all there.
func (c *sumCheck) sealLists(s *Seal, from *daySums) {
	switch {
	case c.listsOf.without:
	case len(s.Broken) > 0:
		c.listsOf.unknown = true
	case s.Listed:
		for i := range s.Lists {
			c.want.mergeList(&s.Lists[i])
		}
	case from != nil:
		c.want.mergeLists(from.lists)
	default:
		c.listsOf.unknown = true
	}
}

// listCheck compares the lists of a store with what the sightings add up to.
type listCheck struct {
	c      *sumCheck
	found  *daySums
	names  []ServiceName
	odd    []Odd
	needed map[string]bool // people who must have a name
	people int64
	lost   int64 // names under a key that was lost
	bad    []string
}

// lists compares all. through is the Seq of the last batch that is in want.
func (c *sumCheck) lists(ctx context.Context, through int64) error {
	store, ok := c.v.cfg.Store.(Lister)
	if !ok {
		return nil
	}
	for turn := range 5 * sumsTurns {
		if turn > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(sumsWait):
			}
		}
		if err := c.v.cfg.Store.Settle(ctx); err != nil {
			return err
		}
		l := &listCheck{c: c, found: newDaySums(func(id string) string { return id }), needed: make(map[string]bool)}
		at, odd, err := store.Lists(ctx, &Lists{Service: l.service, Facet: l.facet, Blind: l.blind, Person: l.person})
		if errors.Is(err, ErrMoving) {
			continue
		}
		if err != nil {
			return err
		}
		l.odd = odd
		if err := c.upTo(ctx, through, at); err != nil {
			return err
		}
		l.say()
		return nil
	}
	c.out.left("lists, names of services and of people: sightings kept coming; try again when there are fewer, or stop the gateways")
	return nil
}

// upTo adds to want the sightings of batches after one, up to another.
func (c *sumCheck) upTo(ctx context.Context, after, through int64) error {
	err := c.v.Batches(ctx, after, func(b *Batch) error {
		if b.Seq > through {
			return errEnough
		}
		if !b.Intact {
			c.listsOf.unknown = true
		}
		return b.Events(func(e *Event) error {
			c.want.add(e)
			return nil
		})
	})
	c.want.done()
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func (l *listCheck) service(s *ServiceName) error {
	l.names = append(l.names, *s)
	l.found.list(s.ID)
	return nil
}

func (l *listCheck) facet(k FacetKey, t Tally) error {
	l.found.facet(&k, &t)
	if kind, service := subjectKind(k.Subject); !service && isPerson(kind) && k.Kind == KindTotal && !t.Last.Before(l.c.cut.People) {
		if id := k.Subject[len(kind)+1:]; IsPseudonym(id) && !l.c.listsOf.erased[id] {
			l.needed[id] = true
		}
	}
	return nil
}

func (l *listCheck) blind(k BlindKey, t Tally) error {
	l.found.blind(&k, &t)
	return nil
}

// person looks whether a sealed name is that of its pseudonym, which is a keyed
// hash of it.
func (l *listCheck) person(p Person) error {
	delete(l.needed, p.ID)
	switch name, err := l.c.v.mask.reveal(p); {
	case err != nil && l.c.listsOf.newKey:
		l.lost++
	case err != nil:
		l.wrong("the name of %s: what is there was not sealed under people.key", p.ID)
	case !l.c.v.mask.fits(p.ID, name):
		l.wrong("the name of %s is that of somebody else", p.ID)
	default:
		l.people++
	}
	return nil
}

func (l *listCheck) wrong(format string, args ...any) {
	if len(l.bad) < maxProblems {
		l.bad = append(l.bad, fmt.Sprintf(format, args...))
	}
}

// fits reports whether a pseudonym of the first generation is that of a name.
func (m *mask) fits(id, name string) bool {
	kind, _, _ := strings.Cut(id, "-")
	return id == kind+"-"+m.key.Hash(kind, []byte(name))[:12]
}

// say lists what differs as problems, and counts what does not.
func (l *listCheck) say() {
	out := l.c.out
	for _, p := range l.bad {
		out.problem("%s", p)
	}
	for _, id := range slices.Sorted(maps.Keys(l.needed)) {
		out.problem("the name of %s is missing", id)
	}
	out.People += l.people
	if l.lost > 0 {
		out.left("%d names of people: they were sealed under a people.key that was lost", l.lost)
	}
	aged := Day(l.c.cut.Rollups) > l.c.begin
	for _, o := range l.odd {
		if !aged || !o.Aged {
			out.problem("%s", o.Text)
		}
	}
	l.sayNames()
	if l.c.listsOf.unknown || len(l.c.early) > 0 {
		out.left("lists of all time (users, clients, accounts, models, tools, files, blind spots ...): sightings are gone that no seal holds them of, as older versions made it, or they were changed before they were sealed")
		return
	}
	l.sayLists(aged)
}

// sayNames compares the names of services. Where a later sighting than is known
// has named a service, its times tell already.
func (l *listCheck) sayNames() {
	left := 0
	for i := range l.names {
		s := &l.names[i]
		want := l.c.want.lists[s.ID]
		switch {
		case want == nil || want.Last != toMillis(s.Last) || want.two:
			left++
			continue
		case s.Name != want.Name:
			l.other(s.ID, "service", s.Name, want.Name)
		case s.Vendor != want.Vendor:
			l.other(s.ID, "vendor", s.Vendor, want.Vendor)
		case s.Category != want.Category:
			l.other(s.ID, "category", s.Category, want.Category)
		case l.c.listsOf.unknown: // the strongest may be gone
		case Strength(s.How) != Strength(want.How):
			l.other(s.ID, "how", string(s.How), string(want.How))
		case s.Features != nil && !slices.Equal(s.Features, want.Features):
			l.other(s.ID, "features", strings.Join(s.Features, " "), strings.Join(want.Features, " "))
		}
		l.c.out.Names++
	}
	if left > 0 {
		l.c.out.left("names of %d services: the sighting that named them last is gone, and no seal holds the name", left)
	}
}

func (l *listCheck) other(id, field, is, want string) {
	l.c.out.problem("the register's row of %s is not what its sightings say: %s %.200q instead of %.200q", id, field, is, want)
}

// sayLists compares lists; aged says that retention may have deleted of them.
func (l *listCheck) sayLists(aged bool) {
	want, found := l.c.want, l.found
	if want.lists["unknown:"+otherName] != nil || found.lists["unknown:"+otherName] != nil || want.lists[listServices] != nil {
		want, found = want.together(), found.together()
	}
	subjects := make(map[string]bool)
	for _, m := range []map[string]*listSum{want.lists, found.lists} {
		for subject := range m {
			subjects[subject] = true
		}
	}
	full := 0
	for _, subject := range slices.Sorted(maps.Keys(subjects)) {
		is, must := found.list(subject), want.list(subject)
		for _, part := range [...]string{listPeople, listAged, listPaths, listRest} {
			switch {
			case aged && (part == listPeople || part == listAged), part == listPeople && len(l.c.listsOf.erased) > 0:
			case is.other[part] || must.other[part]:
				full++
			case is.Lists[part] != must.Lists[part]:
				l.c.out.problem("%s are not those of its sightings: rows were changed, added or removed", listText(subject, part))
			default:
				l.c.out.Lists++
			}
		}
	}
	if full > 0 {
		l.c.out.left("%d lists of which a store keeps no more than its bound", full)
	}
	switch {
	case aged:
		l.c.out.left("lists of users, clients, accounts and models of a service, all lists of a user, model, tool ..., and blind spots: retention has deleted of them")
	case len(l.c.listsOf.erased) > 0:
		l.c.out.left("lists of users and clients, and blind spots: people were erased from them")
	}
}

// listText says which list that is.
func listText(subject, part string) string {
	what := map[string]string{
		listPeople: "users and clients", listAged: "accounts and models", listPaths: "paths",
		listRest: "hosts, tools, detectors, rules, files and other values",
	}[part]
	kind, service := subjectKind(subject)
	switch {
	case subject == listBlind:
		return "the blind spots"
	case subject == listServices:
		return "the " + what + " of all services"
	case service:
		return "the " + what + " of " + subject
	case isPerson(kind):
		return fmt.Sprintf("the lists of each %s", kind)
	case part == listPeople:
		return fmt.Sprintf("the users and clients of each %s", kind)
	}
	return fmt.Sprintf("the lists of each %s", kind)
}
