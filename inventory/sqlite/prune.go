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
		arg   any
	}{
		// An id begins with its time in milliseconds, see traffic.NewID.
		{"DELETE FROM sightings WHERE id IN (SELECT id FROM sightings WHERE id < ? ORDER BY id LIMIT 2000)", fmt.Sprintf("%012x", max(0, sightings.UnixMilli()))},
		{"DELETE FROM usage WHERE (day, service, account, user, client, model) IN (SELECT day, service, account, user, client, model FROM usage WHERE day < ? LIMIT 2000)", inventory.Day(rollups)},
		{"DELETE FROM facets WHERE (service, kind, name) IN (SELECT service, kind, name FROM facets WHERE last < ? AND kind IN ('user', 'client', 'account', 'model') LIMIT 2000)", rollups.UnixMilli()},
		{"DELETE FROM people WHERE id IN (SELECT id FROM people WHERE id NOT IN (SELECT name FROM facets WHERE kind IN ('user', 'client')) AND ? LIMIT 2000)", true},
	} {
		for more := true; more; {
			err := s.patiently(ctx, func(ctx context.Context) error {
				return s.transact(ctx, func(tx *sql.Tx) (err error) {
					more, err = changed(tx.ExecContext(ctx, p.query, p.arg))
					s.caps = caps{}
					return err
				})
			})
			if err != nil {
				return fmt.Errorf("deleting what is past its time: %w", err)
			}
		}
	}
	return nil
}
