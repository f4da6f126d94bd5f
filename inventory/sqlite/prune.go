package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/pack"
)

// Prune implements inventory.Store. It goes in small steps: new sightings must
// not wait for it.
func (s *Store) Prune(ctx context.Context, c inventory.Cutoffs) (done inventory.Pruned, err error) {
	rollups := c.Rollups.UnixMilli()
	for _, p := range []struct {
		query string
		args  []any
		n     *int64
		days  bool // whose figures are deleted: of those before args
	}{
		{`DELETE FROM usage WHERE (day, service, account, user, client, model) IN (
			SELECT day, service, account, user, client, model FROM usage WHERE day < ? LIMIT 2000)`, []any{inventory.Day(c.Rollups)}, &done.Days, true},
		{`DELETE FROM days WHERE (day, service, kind, name) IN (
			SELECT day, service, kind, name FROM days WHERE day < ? LIMIT 2000)`, []any{inventory.Day(c.Rollups)}, &done.Days, true},
		{`DELETE FROM hours WHERE (hour, service) IN (SELECT hour, service FROM hours WHERE hour < ? LIMIT 2000)`, []any{inventory.Hour(c.Hours)}, &done.Hours, false},
		{`DELETE FROM facets WHERE (subject, kind, name) IN (
			SELECT subject, kind, name FROM facets WHERE last < ? AND (kind IN ('user', 'client', 'account', 'model') OR instr(subject, '=') > 0 AND substr(subject, 1, 8) <> 'unknown:') LIMIT 2000)`,
			[]any{rollups}, &done.Facets, false},
		{`DELETE FROM blind WHERE (reason, name, client) IN (SELECT reason, name, client FROM blind WHERE last < ? LIMIT 2000)`, []any{rollups}, &done.Blind, false},
		{`DELETE FROM people WHERE id IN (SELECT id FROM people WHERE NOT EXISTS (
				SELECT 1 FROM facets WHERE kind = 'total' AND subject IN ('user=' || id, 'client=' || id) AND last >= ?)
			AND NOT EXISTS (SELECT 1 FROM blind WHERE client = id AND last >= ?) LIMIT 2000)
			AND NOT EXISTS (SELECT 1 FROM sightings WHERE seq > (SELECT seq FROM counted))`,
			[]any{c.People.UnixMilli(), c.People.UnixMilli()}, &done.People, false},
	} {
		for more := true; more; {
			var n int64
			if n, err = s.deleteSome(ctx, p.query, p.args, p.days); err != nil {
				return done, fmt.Errorf("deleting what is past its time: %w", err)
			}
			*p.n += n
			more = n > 0
		}
	}
	if done.Facets > 0 {
		defer s.known.forget()
		err := s.patiently(ctx, func(ctx context.Context) error {
			return s.transact(ctx, func(tx *sql.Tx) error { return summariseAll(ctx, tx) })
		})
		if err != nil {
			return done, fmt.Errorf("counting what is left: %w", err)
		}
	}
	return done, s.pruneSightings(ctx, c.Sightings.UnixMilli()>>pack.SpanBits, &done)
}

// pruneSightings deletes the rows of sightings before a span.
func (s *Store) pruneSightings(ctx context.Context, span int64, done *inventory.Pruned) error {
	for more := true; more; {
		err := s.patiently(ctx, func(ctx context.Context) error {
			more = false
			return s.transact(ctx, func(tx *sql.Tx) error {
				rows, err := tx.QueryContext(ctx, `DELETE FROM sightings WHERE seq IN (
					SELECT seq FROM sightings WHERE span < ? AND seq <= (SELECT seq FROM counted) LIMIT 20) RETURNING seq, length(ids)`, span)
				if err != nil {
					return err
				}
				return each(rows, func() error {
					var seq, size int64
					if err := rows.Scan(&seq, &size); err != nil {
						return err
					}
					more = true
					done.Batches++
					done.Events += size / int64(len(pack.Key{}))
					done.Through = max(done.Through, seq)
					return nil
				})
			})
		})
		if err != nil {
			return fmt.Errorf("deleting what is past its time: %w", err)
		}
	}
	return nil
}

// deleteSome returns how much there was to delete.
func (s *Store) deleteSome(ctx context.Context, query string, args []any, days bool) (n int64, err error) {
	if err := s.Settle(ctx); err != nil && !busy(err) { // most of it, in small steps
		return 0, err
	}
	err = s.patiently(ctx, func(ctx context.Context) error {
		return s.alone(ctx, func() error {
			return s.transact(ctx, func(tx *sql.Tx) (err error) {
				// Who is in no facet yet, but will be, must stay.
				if err := s.settleAll(ctx, tx); err != nil {
					return err
				}
				r, err := tx.ExecContext(ctx, query, args...)
				if err != nil {
					return err
				}
				if n, err = r.RowsAffected(); n > 0 {
					s.caps = caps{} // it counts what is deleted
				}
				if err == nil && n > 0 && days {
					_, err = tx.ExecContext(ctx, markBefore, args...)
				}
				return err
			})
		})
	})
	return n, err
}
