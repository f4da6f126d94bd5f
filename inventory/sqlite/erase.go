package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// nobody takes over what an erased person did: the columns of a key in which
// the person stands become empty, and figures that then have one key are added.
const (
	usageOfNobody = `INSERT INTO usage (day, service, account, user, client, model, n, up, down, first, last, findings, altered, blocked, sensitive, handled)
		SELECT day, service, account, iif(user = ?1, '', user), iif(client = ?1, '', client), model, n, up, down, first, last, findings, altered, blocked, sensitive, handled
			FROM usage WHERE user = ?1 OR client = ?1
		ON CONFLICT DO UPDATE SET n = n + excluded.n, up = up + excluded.up, down = down + excluded.down,
			first = min(first, excluded.first), last = max(last, excluded.last), findings = findings + excluded.findings, altered = altered + excluded.altered,
			blocked = blocked + excluded.blocked, sensitive = sensitive + excluded.sensitive, handled = handled + excluded.handled`
	blindOfNobody = `INSERT INTO blind (reason, name, client, n, first, last)
		SELECT reason, name, '', n, first, last FROM blind WHERE client = ?1
		ON CONFLICT DO UPDATE SET n = n + excluded.n, first = min(first, excluded.first), last = max(last, excluded.last)`
)

// Erase implements inventory.Eraser.
func (s *Store) Erase(ctx context.Context, id string) (done inventory.Erased, err error) {
	if err := s.Settle(ctx); err != nil && !busy(err) { // most of it, in small steps
		return done, err
	}
	err = s.patiently(ctx, func(ctx context.Context) error {
		return s.alone(ctx, func() error {
			return s.transact(ctx, func(tx *sql.Tx) error {
				if err := s.settleAll(ctx, tx); err != nil {
					return err
				}
				done, err = erase(ctx, tx, id)
				s.caps = caps{} // it counts what is deleted
				return err
			})
		})
	})
	if err != nil {
		return done, fmt.Errorf("erasing %s: %w", id, err)
	}
	return done, nil
}

func erase(ctx context.Context, tx *sql.Tx, id string) (done inventory.Erased, err error) {
	for _, step := range []struct {
		query string
		n     *int64
	}{
		{usageOfNobody, new(int64)},
		{"DELETE FROM usage WHERE user = ?1 OR client = ?1", &done.Usage},
		{blindOfNobody, new(int64)},
		{"DELETE FROM blind WHERE client = ?1", &done.Blind},
		{"DELETE FROM facets WHERE subject IN ('user=' || ?1, 'client=' || ?1) OR kind IN ('user', 'client') AND name = ?1", &done.Facets},
		{"DELETE FROM people WHERE id = ?1", &done.Names},
	} {
		r, err := tx.ExecContext(ctx, step.query, id)
		if err != nil {
			return done, err
		}
		if *step.n, err = r.RowsAffected(); err != nil {
			return done, err
		}
	}
	if done.Usage > 0 {
		if _, err := tx.ExecContext(ctx, markAll); err != nil {
			return done, err
		}
	}
	if done.Facets == 0 {
		return done, nil
	}
	return done, summariseAll(ctx, tx)
}
