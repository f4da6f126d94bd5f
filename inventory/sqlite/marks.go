package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// Marks implements inventory.Reader.
func (s *Store) Marks(ctx context.Context, from, until int64) (inventory.Marks, error) {
	s.fresh(ctx)
	m := inventory.Marks{Days: make(map[int64]int64)}
	err := s.view(ctx, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, "SELECT epoch FROM counted").Scan(&m.Epoch); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, "SELECT day, n FROM marks WHERE day >= ? AND day < ?", from, until)
		if err != nil {
			return err
		}
		return each(rows, func() error {
			var day, n int64
			err := rows.Scan(&day, &n)
			m.Days[day] = n
			return err
		})
	})
	if err != nil {
		return m, fmt.Errorf("reading marks: %w", err)
	}
	return m, nil
}

// mark notes that figures of days have changed; keys are sorted by day.
func (s *Store) mark(ctx context.Context, tx *sql.Tx, used []inventory.UsageKey, seen []inventory.DayKey) error {
	quiet, upsert := context.WithoutCancel(ctx), s.in(ctx, tx, upsertMark) // as for facets
	last := int64(-1)
	one := func(day int64) error {
		if day == last {
			return nil
		}
		last = day
		_, err := upsert.ExecContext(quiet, day)
		return err
	}
	for i := range used {
		if err := one(used[i].Day); err != nil {
			return err
		}
	}
	for i := range seen {
		if err := one(seen[i].Day); err != nil {
			return err
		}
	}
	return nil
}

// markBefore notes it for all days before one, markAll for every day.
const (
	markBefore = "UPDATE marks SET n = n + 1 WHERE day < ?"
	markAll    = "UPDATE counted SET epoch = epoch + 1"
)
