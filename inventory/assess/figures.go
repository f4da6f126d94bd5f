package assess

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Period is a span of whole days, in UTC.
type Period struct {
	From, Until time.Time // the first day, and the one after the last
}

// Days returns how many days the period has.
func (p Period) Days() float64 { return p.Until.Sub(p.From).Hours() / 24 }

// Contains reports whether a time lies in the period.
func (p Period) Contains(t time.Time) bool { return !t.Before(p.From) && t.Before(p.Until) }

// Figures is what was seen of one service in a period.
type Figures struct {
	Requests  int64
	Up, Down  int64 // bytes
	Findings  int64
	Sensitive int64 // requests with findings
	Handled   int64 // and of them, those that were altered or blocked
	Personal  int64 // requests with an account that is known to be personal
	Accounts  int64 // requests with an account of a known kind
	First     time.Time
	Last      time.Time
	People    int  // users; clients where no user is known
	More      bool // there may be more people
	Models    map[string]int64
	Classes   map[traffic.Class]int64 // findings
	Actions   map[traffic.Action]int64
	Depths    map[traffic.Depth]int64
	Groups    map[string]int64
	Reasons   map[string]int64 // of what was not inspected

	kept atomic.Pointer[kept] // the last row that was made of it
}

// Total returns the requests of which it is known how much was seen.
func (f *Figures) Total() int64 {
	return f.Depths[traffic.Inspected] + f.Depths[traffic.MetadataOnly] + f.Depths[traffic.Blind]
}

// Source is the part of an inventory.Inventory that figures come from.
type Source interface {
	Sums(ctx context.Context, from, until int64) (map[string]*inventory.Sum, error)
}

// Collect adds up a period, by service. Figures are shared: nobody may change
// them.
func Collect(ctx context.Context, s Source, p Period) (map[string]*Figures, error) {
	sums, err := s.Sums(ctx, inventory.Day(p.From), inventory.Day(p.Until))
	if err != nil {
		return nil, fmt.Errorf("adding up the period: %w", err)
	}
	all := make(map[string]*Figures, len(sums))
	for service, sum := range sums {
		all[service] = inventory.Derived(sum, figuresOf)
	}
	return all, nil
}

func figuresOf(s *inventory.Sum) *Figures {
	f := &Figures{
		Requests: s.N, Up: s.Up, Down: s.Down, Findings: s.Findings, Sensitive: s.Sensitive, Handled: s.Handled, First: s.First, Last: s.Last, People: s.People, More: s.PeopleAtLeast,
	}
	s.Each(func(kind inventory.Kind, name string, t inventory.Tally) {
		switch kind {
		case inventory.KindAccount:
			f.Accounts += t.N
			if name == string(traffic.AccountPersonal) {
				f.Personal += t.N
			}
		case inventory.KindModel:
			set(&f.Models, name, t.N)
		case inventory.KindClass:
			set(&f.Classes, traffic.Class(name), t.N)
		case inventory.KindAction:
			set(&f.Actions, traffic.Action(name), t.N)
		case inventory.KindDepth:
			set(&f.Depths, traffic.Depth(name), t.N)
		case inventory.KindGroup:
			set(&f.Groups, name, t.N)
		case inventory.KindReason:
			set(&f.Reasons, name, t.N)
		}
	})
	return f
}

func set[K comparable](m *map[K]int64, name K, n int64) {
	if *m == nil {
		*m = make(map[K]int64)
	}
	(*m)[name] = n
}
