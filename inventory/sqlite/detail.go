package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// maxList bounds each list of a detail: the most used values come first.
const maxList = 500

// Service implements inventory.Store.
func (s *Store) Service(ctx context.Context, id string) (*inventory.Detail, error) {
	s.fresh(ctx)
	var d *inventory.Detail
	err := s.view(ctx, func(tx *sql.Tx) (err error) {
		d, err = detail(ctx, tx, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading service %q: %w", id, err)
	}
	return d, nil
}

func detail(ctx context.Context, tx *sql.Tx, id string) (*inventory.Detail, error) {
	list, err := services(ctx, tx, "WHERE id = ?", id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, inventory.ErrUnknown
	}
	d := &inventory.Detail{Service: list[0]}
	var features string
	if err := tx.QueryRowContext(ctx, "SELECT features FROM services WHERE id = ?", id).Scan(&features); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(features), &d.Features); err != nil {
		return nil, err
	}
	return d, readFacets(ctx, tx, d)
}

// readFacets fills in the lists and tallies of d.
func readFacets(ctx context.Context, q querier, d *inventory.Detail) error {
	rows, err := q.QueryContext(ctx, "SELECT kind, name, n, up, down, first, last FROM facets WHERE subject = ? ORDER BY kind, n DESC, name", d.ID)
	if err != nil {
		return err
	}
	counts := make(map[inventory.Kind]int64)
	return each(rows, func() error {
		var kind inventory.Kind
		var u inventory.Use
		var first, last int64
		if err := rows.Scan(&kind, &u.Name, &u.Requests, &u.Up, &u.Down, &first, &last); err != nil {
			return err
		}
		u.FirstSeen, u.LastSeen = at(first), at(last)
		counts[kind]++
		d.SetCount(kind, counts[kind])
		d.SetTally(kind, u.Name, u.Requests)
		if counts[kind] <= maxList {
			d.AddUse(kind, u)
		}
		return nil
	})
}
