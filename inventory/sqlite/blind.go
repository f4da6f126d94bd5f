package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// addBlind adds the blind spots of a batch.
func (s *Store) addBlind(ctx context.Context, tx *sql.Tx, f *inventory.Fold, keys []inventory.BlindKey) error {
	quiet := context.WithoutCancel(ctx) // as for facets
	update, insert := s.in(ctx, tx, updateBlind), s.in(ctx, tx, insertBlind)
	for _, k := range keys {
		if err := ctx.Err(); err != nil {
			return err
		}
		t := f.Blind[k]
		known, err := changed(update.ExecContext(quiet, t.N, t.First.UnixMilli(), t.Last.UnixMilli(), k.Reason, k.Name, k.Client))
		if err != nil {
			return err
		}
		if known {
			continue
		}
		k = s.caps.hidden(k)
		if _, err := insert.ExecContext(quiet, t.N, t.First.UnixMilli(), t.Last.UnixMilli(), k.Reason, k.Name, k.Client); err != nil {
			return err
		}
	}
	return nil
}

// maxBlindClients bounds the clients that are listed with a blind spot.
const maxBlindClients = 100

// BlindSpots implements inventory.Store.
func (s *Store) BlindSpots(ctx context.Context) ([]inventory.BlindSpot, error) {
	s.fresh(ctx)
	rows, err := s.reader().QueryContext(ctx, "SELECT reason, name, client, n, first, last FROM blind ORDER BY reason, name, n DESC, client")
	if err != nil {
		return nil, fmt.Errorf("reading blind spots: %w", err)
	}
	var list []inventory.BlindSpot
	err = each(rows, func() error {
		var k inventory.BlindKey
		var u inventory.Use
		var first, last int64
		if err := rows.Scan(&k.Reason, &k.Name, &k.Client, &u.Requests, &first, &last); err != nil {
			return err
		}
		u.Name, u.FirstSeen, u.LastSeen = k.Client, at(first), at(last)
		if n := len(list); n == 0 || list[n-1].Reason != k.Reason || list[n-1].Name != k.Name {
			list = append(list, inventory.BlindSpot{Reason: k.Reason, Name: k.Name, FirstSeen: u.FirstSeen, LastSeen: u.LastSeen})
		}
		list[len(list)-1].Add(u, maxBlindClients)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading blind spots: %w", err)
	}
	return list, nil
}
