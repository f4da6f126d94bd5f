package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// Prune implements inventory.Store. It goes in small steps: new sightings must
// not wait for it.
func (s *Store) Prune(ctx context.Context, sightings, rollups time.Time) error {
	for _, p := range []struct {
		query string
		args  []any
	}{
		{`DELETE FROM sightings WHERE seq IN (SELECT seq FROM sightings WHERE span < ? AND seq <= (SELECT seq FROM counted) LIMIT 20)`, []any{sightings.UnixMilli() >> spanBits}},
		{`DELETE FROM usage WHERE (day, service, account, user, client, model) IN (
			SELECT day, service, account, user, client, model FROM usage WHERE day < ? LIMIT 2000)`, []any{inventory.Day(rollups)}},
		{`DELETE FROM facets WHERE (service, kind, name) IN (
			SELECT service, kind, name FROM facets WHERE last < ? AND kind IN ('user', 'client', 'account', 'model') LIMIT 2000)`, []any{rollups.UnixMilli()}},
		{`DELETE FROM blind WHERE (reason, name, client) IN (SELECT reason, name, client FROM blind WHERE last < ? LIMIT 2000)`, []any{rollups.UnixMilli()}},
		{`DELETE FROM people WHERE id IN (
			SELECT id FROM people WHERE id NOT IN (SELECT name FROM facets WHERE kind IN ('user', 'client')) AND id NOT IN (SELECT client FROM blind) LIMIT 2000)
			AND NOT EXISTS (SELECT 1 FROM sightings WHERE seq > (SELECT seq FROM counted))`, nil},
	} {
		for more := true; more; {
			var err error
			if more, err = s.deleteSome(ctx, p.query, p.args); err != nil {
				return fmt.Errorf("deleting what is past its time: %w", err)
			}
		}
	}
	return nil
}

// deleteSome reports whether there was something to delete.
func (s *Store) deleteSome(ctx context.Context, query string, args []any) (more bool, err error) {
	err = s.patiently(ctx, func(ctx context.Context) error {
		return s.transact(ctx, func(tx *sql.Tx) (err error) {
			// Who is in no facet yet, but will be, must stay.
			if err := s.settleSome(ctx, tx); err != nil {
				return err
			}
			if more, err = changed(tx.ExecContext(ctx, query, args...)); more {
				s.caps = caps{} // it counts what is deleted
			}
			return err
		})
	})
	return more, err
}
