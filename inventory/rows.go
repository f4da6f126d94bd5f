package inventory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
)

// ordered keeps the rows of the register as Services returns them: to complete
// and to order ten thousand takes longer than to look whether anything has
// changed. The zero value keeps none.
type ordered struct {
	mu   sync.Mutex
	of   rowsOf
	rows []Service // shared by all who ask: replaced, never changed
}

// rowsOf is what rows were made of.
type rowsOf struct {
	store     *Service // the first row of the store, which replaces all of them when one changes
	n         int
	standings *standings
	catalogue *rules.Service // likewise
	day       string         // approvals end with one
}

// Services returns the rows of the register, the most used service first. Maps
// are never nil, and shared with others who ask: nobody may change them.
func (v *Inventory) Services(ctx context.Context) ([]Service, error) {
	rows, err := v.cfg.Store.Services(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the register: %w", err)
	}
	return slices.Clone(v.ordered.list(v, rows)), nil
}

func (o *ordered) list(v *Inventory, rows []Service) []Service {
	o.mu.Lock()
	defer o.mu.Unlock()
	of := rowsOf{n: len(rows), standings: v.standings.Load(), day: v.cfg.Now().UTC().Format(time.DateOnly)}
	if len(rows) > 0 {
		of.store = &rows[0]
	}
	list := v.cfg.Catalogue()
	if len(list) > 0 {
		of.catalogue = &list[0]
	}
	if o.rows == nil || o.of != of {
		o.rows, o.of = v.completed(rows, of.standings), of
	}
	return o.rows
}

// completed returns rows of the store with those that were only decided upon, and
// with what the store does not know, in the order of their use.
func (v *Inventory) completed(rows []Service, now *standings) []Service {
	all := withDecided(rows, now)
	catalogue := v.catalogue()
	order := make([]*Service, len(all)) // rows are long: they are moved once
	for i := range all {
		v.complete(&all[i], catalogue, now)
		order[i] = &all[i]
	}
	slices.SortFunc(order, func(a, b *Service) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.ID, b.ID))
	})
	sorted := make([]Service, len(all))
	for i, r := range order {
		sorted[i] = *r
	}
	return sorted
}

// withDecided returns a copy of rows with the services that were decided upon
// and never seen.
func withDecided(rows []Service, now *standings) []Service {
	seen := make(map[string]bool, len(rows))
	for i := range rows {
		seen[rows[i].ID] = true
	}
	all := append(make([]Service, 0, len(rows)+8), rows...)
	for id := range now.byID {
		if !seen[id] {
			all = append(all, Service{ID: id})
		}
	}
	return all
}
