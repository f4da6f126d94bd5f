package sqlite

import (
	"context"
	"database/sql"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// What a client sends decides about many names: its model, its account, the
// host of an unknown service. These bounds keep one that makes them up from
// filling the disk; what is beyond them is counted under the name other.
const (
	maxServices = 20_000
	maxFacets   = 20_000  // a service and kind
	maxUsage    = 500_000 // a day
	maxBlind    = 100_000 // what hid, and from whom

	other = "(other)"
)

// caps counts rows, as far as this process knows: the bounds are no exact
// science. The zero value is not loaded.
type caps struct {
	services map[string]bool
	facets   map[group]int
	usage    map[int64]int // by day
	blind    int
}

type group struct {
	service string
	kind    inventory.Kind
}

func (c *caps) load(ctx context.Context, tx *sql.Tx) error {
	if c.services != nil {
		return nil
	}
	n := caps{services: make(map[string]bool), facets: make(map[group]int), usage: make(map[int64]int)}
	rows, err := tx.QueryContext(ctx, "SELECT id FROM services")
	if err != nil {
		return err
	}
	if err := each(rows, func() error {
		var id string
		err := rows.Scan(&id)
		n.services[id] = true
		return err
	}); err != nil {
		return err
	}
	rows, err = tx.QueryContext(ctx, "SELECT service, kind, n FROM sizes")
	if err != nil {
		return err
	}
	if err := each(rows, func() error {
		var g group
		var k int
		err := rows.Scan(&g.service, &g.kind, &k)
		n.facets[g] = k
		return err
	}); err != nil {
		return err
	}
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM blind").Scan(&n.blind); err != nil {
		return err
	}
	*c = n
	return nil
}

// bound puts an event of a service beyond the bound under one name. It changes
// e.
func (c *caps) bound(e *inventory.Event) {
	if e.Blind != "" || c.services[e.ServiceID] {
		return
	}
	if len(c.services) >= maxServices {
		e.ServiceID, e.Service = "unknown:"+other, other
	}
	c.services[e.ServiceID] = true
}

// facet returns k, or the key under which it is counted when it is one too many.
func (c *caps) facet(k inventory.FacetKey) inventory.FacetKey {
	g := group{k.Service, k.Kind}
	if c.facets[g] >= maxFacets {
		k.Name = other
		return k
	}
	c.facets[g]++
	return k
}

// hidden is facet for a blind spot.
func (c *caps) hidden(k inventory.BlindKey) inventory.BlindKey {
	if c.blind >= maxBlind {
		return inventory.BlindKey{Reason: k.Reason, Name: other, Client: other}
	}
	c.blind++
	return k
}

// use is facet for the usage of a day.
func (c *caps) use(ctx context.Context, tx *sql.Tx, k inventory.UsageKey) (inventory.UsageKey, error) {
	if _, ok := c.usage[k.Day]; !ok {
		if len(c.usage) >= 400 { // old days come out of logs and of the spool
			clear(c.usage)
		}
		var n int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM usage WHERE day = ?", k.Day).Scan(&n); err != nil {
			return k, err
		}
		c.usage[k.Day] = n
	}
	if c.usage[k.Day] >= maxUsage {
		return inventory.UsageKey{Day: k.Day, Service: k.Service, Account: other, User: other, Client: other, Model: other}, nil
	}
	c.usage[k.Day]++
	return k, nil
}
