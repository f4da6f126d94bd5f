package inventory

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// Sum is what was seen of a service on some days. It is shared by all who ask,
// and never changes.
type Sum struct {
	UsageTally
	People int // users; clients where no user is known

	// PeopleAtLeast says that there may be more people: a store keeps no more rows
	// of a day than its bound.
	PeopleAtLeast bool

	seen    []trait
	names   *names
	derived sync.Map // by type: see Derived
}

// Each calls f with what was seen with the service, each value once: of the kinds
// of a DayKey, and with the known kinds of accounts as KindAccount. A Tally has
// no bytes here.
func (s *Sum) Each(f func(kind Kind, name string, t Tally)) {
	for i := range s.seen {
		t := &s.seen[i]
		f(Kind(s.names.of(t.kind)), s.names.of(t.name), Tally{N: t.n, First: fromMillis(t.first), Last: fromMillis(t.last)})
	}
}

// Derived returns what make makes of a sum. It is made once: what a service was
// like changes less often than somebody asks.
func Derived[T any](s *Sum, make func(*Sum) T) T {
	key := reflect.TypeFor[T]()
	if v, ok := s.derived.Load(key); ok {
		return v.(T)
	}
	v, _ := s.derived.LoadOrStore(key, make(s))
	return v.(T)
}

// part is what was seen of a service on one day.
type part struct {
	tally  compact
	people []uint32 // sorted, once it is done
	seen   []trait  // as well
}

// done sorts what was gathered, and adds up what is there twice.
func (p *part) done() {
	slices.Sort(p.people)
	p.people = slices.Clip(slices.Compact(p.people))
	slices.SortFunc(p.seen, func(a, b trait) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name)) })
	last := -1
	for _, t := range p.seen {
		if last >= 0 && p.seen[last].kind == t.kind && p.seen[last].name == t.name {
			p.seen[last].add(&t)
			continue
		}
		last++
		p.seen[last] = t
	}
	p.seen = slices.Clip(p.seen[:last+1])
}

func (p *part) equal(o *part) bool {
	return p.tally == o.tally && slices.Equal(p.people, o.people) && slices.Equal(p.seen, o.seen)
}

// together makes the sum of parts.
func together(parts []*part, n *names) *Sum {
	var all part
	for _, p := range parts {
		all.tally.add(&p.tally)
		all.people = append(all.people, p.people...)
		all.seen = append(all.seen, p.seen...)
	}
	all.done()
	sum := &Sum{UsageTally: all.tally.usage(), People: len(all.people), seen: all.seen, names: n}
	if sum.PeopleAtLeast = slices.Contains(all.people, n.number(otherName)); sum.PeopleAtLeast {
		sum.People = max(1, sum.People-1) // the others may be among those that are named
	}
	return sum
}

// compact is a UsageTally with times in milliseconds.
type compact struct {
	n, up, down, first, last                       int64
	findings, altered, blocked, sensitive, handled int64
}

func (c *compact) add(o *compact) {
	if c.first == 0 && c.last == 0 {
		c.first, c.last = o.first, o.last
	}
	c.n, c.up, c.down = c.n+o.n, c.up+o.up, c.down+o.down
	c.first, c.last = min(c.first, o.first), max(c.last, o.last)
	c.findings, c.altered, c.blocked = c.findings+o.findings, c.altered+o.altered, c.blocked+o.blocked
	c.sensitive, c.handled = c.sensitive+o.sensitive, c.handled+o.handled
}

func compactOf(u *UsageTally) compact {
	return compact{
		n: u.N, up: u.Up, down: u.Down, first: toMillis(u.First), last: toMillis(u.Last),
		findings: u.Findings, altered: u.Altered, blocked: u.Blocked, sensitive: u.Sensitive, handled: u.Handled,
	}
}

func (c *compact) usage() UsageTally {
	return UsageTally{
		Tally:    Tally{N: c.n, Up: c.up, Down: c.down, First: fromMillis(c.first), Last: fromMillis(c.last)},
		Findings: c.findings, Altered: c.altered, Blocked: c.blocked, Sensitive: c.sensitive, Handled: c.handled,
	}
}

// trait is what a Tally tells of one value; kind and name are of names.
type trait struct {
	kind, name     uint32
	n, first, last int64 // times in milliseconds
}

func (t *trait) add(o *trait) {
	t.n += o.n
	t.first, t.last = min(t.first, o.first), max(t.last, o.last)
}

// names gives texts that come again and again a number each.
type names struct {
	mu    sync.RWMutex
	index map[string]uint32
	list  []string
}

// maxNames bounds them: beyond it all sums are made anew. Stores bound what is
// seen at one time (users, models ...), not what comes and goes over the years.
const maxNames = 2 << 20

func newNames() *names { return &names{index: make(map[string]uint32)} }

func (n *names) number(text string) uint32 {
	n.mu.Lock()
	defer n.mu.Unlock()
	i, ok := n.index[text]
	if !ok {
		text = strings.Clone(text) // it may be a piece of something long
		i = uint32(len(n.list))
		n.index[text] = i
		n.list = append(n.list, text)
	}
	return i
}

func (n *names) of(i uint32) string {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.list[i]
}

func (n *names) full() bool {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return len(n.list) >= maxNames
}

func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
