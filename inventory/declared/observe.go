package declared

import (
	"context"
	"fmt"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Seen is how often something was seen, and when.
type Seen struct {
	N           int64
	First, Last time.Time
}

// Observed is what was seen of a service in a period.
type Observed struct {
	Seen
	People      int   // users; clients where no user is known
	Inspected   int64 // requests
	Departments map[string]*Seen
	Data        map[string]*Seen // findings by class
	Accounts    map[string]*Seen // by kind
	Models      map[string]*Seen
	Surfaces    map[string]*Seen
}

// Source is the part of an inventory.Inventory that is observed.
type Source interface {
	Sums(ctx context.Context, from, until int64) (map[string]*inventory.Sum, error)
}

// Observe reads what was seen of each service on the days from one until before
// another. It is shared: nobody may change it.
func Observe(ctx context.Context, s Source, from, until int64) (map[string]*Observed, error) {
	sums, err := s.Sums(ctx, from, until)
	if err != nil {
		return nil, fmt.Errorf("reading what was observed: %w", err)
	}
	all := make(map[string]*Observed, len(sums))
	for service, sum := range sums {
		all[service] = inventory.Derived(sum, observedOf)
	}
	return all, nil
}

func observedOf(s *inventory.Sum) *Observed {
	o := &Observed{Seen: Seen{s.N, s.First, s.Last}, People: s.People}
	s.Each(func(kind inventory.Kind, name string, t inventory.Tally) {
		one := Seen{t.N, t.First, t.Last}
		switch kind {
		case inventory.KindGroup:
			note(&o.Departments, name, one)
		case inventory.KindClass:
			note(&o.Data, name, one)
		case inventory.KindAccount:
			note(&o.Accounts, name, one)
		case inventory.KindModel:
			note(&o.Models, name, one)
		case inventory.KindSurface:
			note(&o.Surfaces, name, one)
		case inventory.KindDepth:
			if name == string(traffic.Inspected) {
				o.Inspected = t.N
			}
		}
	})
	return o
}

func note(m *map[string]*Seen, name string, s Seen) {
	if *m == nil {
		*m = make(map[string]*Seen)
	}
	(*m)[name] = &s
}
