package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// plan is the figures of a fold in the order in which they are written: that of
// their keys, so that pages of the tree are visited once. The same rows give the
// same plan.
type plan struct {
	fold     *inventory.Fold
	services []string
	facets   []inventory.FacetKey
	usage    []inventory.UsageKey
	days     []inventory.DayKey
	hours    []inventory.HourKey
	blind    []inventory.BlindKey
}

func newPlan(f *inventory.Fold) *plan {
	return &plan{
		fold:     f,
		services: slices.Sorted(maps.Keys(f.Services)),
		facets: slices.SortedFunc(maps.Keys(f.Facets), func(a, b inventory.FacetKey) int {
			return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
		}),
		usage: slices.SortedFunc(maps.Keys(f.Usage), func(a, b inventory.UsageKey) int {
			return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Account, b.Account),
				cmp.Compare(a.User, b.User), cmp.Compare(a.Client, b.Client), cmp.Compare(a.Model, b.Model))
		}),
		days: slices.SortedFunc(maps.Keys(f.Days), func(a, b inventory.DayKey) int {
			return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
		}),
		hours: slices.SortedFunc(maps.Keys(f.Hours), func(a, b inventory.HourKey) int {
			return cmp.Or(cmp.Compare(a.Hour, b.Hour), cmp.Compare(a.Service, b.Service))
		}),
		blind: slices.SortedFunc(maps.Keys(f.Blind), func(a, b inventory.BlindKey) int {
			return cmp.Or(cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Client, b.Client))
		}),
	}
}

func (p *plan) len() int {
	return len(p.services) + len(p.facets) + len(p.usage) + len(p.days) + len(p.hours) + len(p.blind)
}

// addFigures writes the figures of p from one until before another.
func (s *Store) addFigures(ctx context.Context, tx *sql.Tx, p *plan, from, to int) error {
	if from >= to {
		return nil
	}
	// part cuts from the keys of one table those that are wanted.
	part := func(n int) (a, b int) {
		a, b = min(from, n), min(to, n)
		from, to = from-a, to-b
		return a, b
	}
	a, b := part(len(p.services))
	if err := s.addServices(ctx, tx, p.fold, p.services[a:b]); err != nil {
		return fmt.Errorf("adding to services: %w", err)
	}
	a, b = part(len(p.facets))
	if err := s.addFacets(ctx, tx, p.fold, p.facets[a:b]); err != nil {
		return fmt.Errorf("adding to facets: %w", err)
	}
	a, b = part(len(p.usage))
	if err := s.addUsage(ctx, tx, p.fold, p.usage[a:b]); err != nil {
		return fmt.Errorf("adding to usage: %w", err)
	}
	used := p.usage[a:b]
	a, b = part(len(p.days))
	if err := s.addDays(ctx, tx, p.fold, p.days[a:b]); err != nil {
		return fmt.Errorf("adding to days: %w", err)
	}
	if err := s.mark(ctx, tx, used, p.days[a:b]); err != nil {
		return fmt.Errorf("marking days: %w", err)
	}
	a, b = part(len(p.hours))
	if err := s.addHours(ctx, tx, p.fold, p.hours[a:b]); err != nil {
		return fmt.Errorf("adding to hours: %w", err)
	}
	a, b = part(len(p.blind))
	if err := s.addBlind(ctx, tx, p.fold, p.blind[a:b]); err != nil {
		return fmt.Errorf("adding to blind spots: %w", err)
	}
	return nil
}
