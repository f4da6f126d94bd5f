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

func (s *Seen) add(t inventory.Tally) {
	s.N += t.N
	if s.First.IsZero() || t.First.Before(s.First) {
		s.First = t.First
	}
	if t.Last.After(s.Last) {
		s.Last = t.Last
	}
}

// Observed is what was seen of a service in a period.
type Observed struct {
	Seen
	Users       map[string]bool // pseudonyms; clients where no user is known
	Inspected   int64           // requests
	Departments map[string]*Seen
	Data        map[string]*Seen // findings by class
	Accounts    map[string]*Seen // by kind
	Models      map[string]*Seen
	Surfaces    map[string]*Seen
}

// Source is the part of inventory.Reader that is observed.
type Source interface {
	Usage(ctx context.Context, from, until int64, f func(inventory.UsageKey, inventory.UsageTally) error) error
	Days(ctx context.Context, from, until int64, f func(inventory.DayKey, inventory.Tally) error) error
}

// Observe reads what was seen of each service on the days from one until before
// another.
func Observe(ctx context.Context, s Source, from, until int64) (map[string]*Observed, error) {
	all := make(map[string]*Observed)
	of := func(service string) *Observed {
		o := all[service]
		if o == nil {
			o = &Observed{
				Users: make(map[string]bool), Departments: make(map[string]*Seen), Data: make(map[string]*Seen),
				Accounts: make(map[string]*Seen), Models: make(map[string]*Seen), Surfaces: make(map[string]*Seen),
			}
			all[service] = o
		}
		return o
	}
	err := s.Usage(ctx, from, until, func(k inventory.UsageKey, u inventory.UsageTally) error {
		o := of(k.Service)
		o.add(u.Tally)
		if k.User != "" {
			o.Users[k.User] = true
		} else if k.Client != "" {
			o.Users[k.Client] = true
		}
		if a, err := inventory.ParseAccount(k.Account); k.Account != "" && err == nil && a.Kind != "" {
			add(o.Accounts, string(a.Kind), u.Tally)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading what was observed: %w", err)
	}
	err = s.Days(ctx, from, until, func(k inventory.DayKey, t inventory.Tally) error {
		o := of(k.Service)
		switch k.Kind {
		case inventory.KindGroup:
			add(o.Departments, k.Name, t)
		case inventory.KindClass:
			add(o.Data, k.Name, t)
		case inventory.KindModel:
			add(o.Models, k.Name, t)
		case inventory.KindSurface:
			add(o.Surfaces, k.Name, t)
		case inventory.KindDepth:
			if k.Name == string(traffic.Inspected) {
				o.Inspected += t.N
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading what was observed: %w", err)
	}
	return all, nil
}

func add(m map[string]*Seen, name string, t inventory.Tally) {
	if m[name] == nil {
		m[name] = new(Seen)
	}
	m[name].add(t)
}
