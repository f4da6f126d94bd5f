package sqlite

import (
	"context"
	"database/sql"

	"github.com/gnomon-proxy/gnomon/inventory"
)

func (s *Store) addDays(ctx context.Context, tx *sql.Tx, f *inventory.Fold, keys []inventory.DayKey) error {
	quiet := context.WithoutCancel(ctx) // as for facets
	update, insert := s.in(ctx, tx, updateDay), s.in(ctx, tx, insertDay)
	for _, k := range keys {
		if err := ctx.Err(); err != nil {
			return err
		}
		t := f.Days[k]
		figures := []any{t.N, t.Up, t.Down, t.First.UnixMilli(), t.Last.UnixMilli()}
		known, err := changed(update.ExecContext(quiet, append(figures, k.Day, k.Service, k.Kind, k.Name)...))
		if err != nil {
			return err
		}
		if known {
			continue
		}
		if k, err = s.caps.onDay(ctx, tx, k); err != nil {
			return err
		}
		if _, err := insert.ExecContext(quiet, append(figures, k.Day, k.Service, k.Kind, k.Name)...); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) addHours(ctx context.Context, tx *sql.Tx, f *inventory.Fold, keys []inventory.HourKey) error {
	quiet := context.WithoutCancel(ctx) // as for facets
	update, insert := s.in(ctx, tx, updateHour), s.in(ctx, tx, insertHour)
	for _, k := range keys { // as many as there are services, which are bounded
		if err := ctx.Err(); err != nil {
			return err
		}
		t := f.Hours[k]
		figures := []any{t.N, t.Up, t.Down, t.First.UnixMilli(), t.Last.UnixMilli(), t.Findings, t.Altered, t.Blocked, t.Sensitive, t.Handled, k.Hour, k.Service}
		known, err := changed(update.ExecContext(quiet, figures...))
		if err == nil && !known {
			_, err = insert.ExecContext(quiet, figures...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
