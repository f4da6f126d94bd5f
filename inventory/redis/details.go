package redis

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// atOnce is how many services one round trip reads: a much used one has tens of
// thousands of fields.
const atOnce = 32

// Details calls f with what is known of those of ids that were seen, in their
// order. Redis has no state that lasts: each service is as it was at one moment.
// Of lists there are those of kinds; without any, all but those of people.
func (s *Store) Details(ctx context.Context, ids []string, kinds []inventory.Kind, f func(*inventory.Detail) error) error {
	s.fresh(ctx)
	c, err := s.node(ctx)
	if err != nil {
		return fmt.Errorf("reading services: %w", err)
	}
	for some := range slices.Chunk(ids, atOnce) {
		if err := s.details(ctx, c, some, kinds, f); err != nil {
			return fmt.Errorf("reading services: %w", err)
		}
	}
	return nil
}

func (s *Store) details(ctx context.Context, c *goredis.Client, ids []string, kinds []inventory.Kind, f func(*inventory.Detail) error) error {
	rows, facets := make([]*goredis.StringCmd, len(ids)), make([]*goredis.MapStringStringCmd, len(ids))
	_, err := c.Pipelined(ctx, func(p goredis.Pipeliner) error {
		for i, id := range ids {
			rows[i], facets[i] = p.HGet(ctx, s.keys.service, id), p.HGetAll(ctx, s.keys.facets(id))
		}
		return nil
	})
	if err != nil && err != goredis.Nil && !mistyped(err) { // Nil is that of a service that was never seen
		return err
	}
	for i, id := range ids {
		text, err := rows[i].Result()
		if err == goredis.Nil {
			continue
		}
		if err != nil {
			return err
		}
		all, err := facets[i].Result()
		if mistyped(err) {
			s.noteForeign(1, "a key of another type", s.keys.facets(id))
		} else if err != nil {
			return err
		}
		v, err := parseService(id, text)
		if err != nil { // as for one that was not seen
			s.noteForeign(1, "a row of the register", s.keys.service)
			continue
		}
		d := &inventory.Detail{Service: v.row, Features: v.features}
		s.noteForeign(addUses(d, all, kinds), "a figure", s.keys.facets(id))
		if err := f(d); err != nil {
			return err
		}
	}
	return nil
}

// addUses adds the lists of kinds out of what Redis has of a service. It returns
// how many fields no gateway wrote.
func addUses(d *inventory.Detail, all map[string]string, kinds []inventory.Kind) (foreign int64) {
	lists := make(map[inventory.Kind][]inventory.Use)
	for field, text := range all {
		kind := inventory.Kind(kindOf(field))
		switch {
		case strings.HasPrefix(field, "#"):
			continue
		case kinds == nil && (kind == inventory.KindUser || kind == inventory.KindClient), kinds != nil && !slices.Contains(kinds, kind):
			continue
		}
		sum, err := parseSum(text)
		if err != nil || len(field) == len(kind) {
			foreign++
			continue
		}
		lists[kind] = append(lists[kind], sum.use(field[len(kind)+1:]))
	}
	for kind, list := range lists {
		slices.SortFunc(list, func(a, b inventory.Use) int {
			return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Name, b.Name))
		})
		for _, u := range list[:min(len(list), maxList)] {
			d.AddUse(kind, u)
		}
	}
	return foreign
}
