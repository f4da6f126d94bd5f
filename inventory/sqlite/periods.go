package sqlite

import (
	"context"
	"fmt"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// Usage implements inventory.Reader.
func (s *Store) Usage(ctx context.Context, from, until int64, f func(inventory.UsageKey, inventory.UsageTally) error) error {
	s.fresh(ctx)
	rows, err := s.reader().QueryContext(ctx, `SELECT day, service, account, user, client, model, n, up, down, first, last, findings, altered, blocked, sensitive, handled
		FROM usage WHERE day >= ? AND day < ? ORDER BY day`, from, until)
	if err != nil {
		return fmt.Errorf("reading usage: %w", err)
	}
	err = each(rows, func() error {
		var k inventory.UsageKey
		var t inventory.UsageTally
		var first, last int64
		if err := rows.Scan(&k.Day, &k.Service, &k.Account, &k.User, &k.Client, &k.Model, &t.N, &t.Up, &t.Down, &first, &last, &t.Findings, &t.Altered, &t.Blocked, &t.Sensitive, &t.Handled); err != nil {
			return err
		}
		t.First, t.Last = at(first), at(last)
		return f(k, t)
	})
	if err != nil {
		return fmt.Errorf("reading usage: %w", err)
	}
	return nil
}

// Days implements inventory.Reader.
func (s *Store) Days(ctx context.Context, from, until int64, f func(inventory.DayKey, inventory.Tally) error) error {
	s.fresh(ctx)
	rows, err := s.reader().QueryContext(ctx, `SELECT day, service, kind, name, n, up, down, first, last FROM days WHERE day >= ? AND day < ? ORDER BY day`, from, until)
	if err != nil {
		return fmt.Errorf("reading days: %w", err)
	}
	err = each(rows, func() error {
		var k inventory.DayKey
		var t inventory.Tally
		var first, last int64
		if err := rows.Scan(&k.Day, &k.Service, &k.Kind, &k.Name, &t.N, &t.Up, &t.Down, &first, &last); err != nil {
			return err
		}
		t.First, t.Last = at(first), at(last)
		return f(k, t)
	})
	if err != nil {
		return fmt.Errorf("reading days: %w", err)
	}
	return nil
}

// Hours implements inventory.Reader.
func (s *Store) Hours(ctx context.Context, from, until int64, f func(inventory.HourKey, inventory.UsageTally) error) error {
	s.fresh(ctx)
	rows, err := s.reader().QueryContext(ctx, `SELECT hour, service, n, up, down, first, last, findings, altered, blocked, sensitive, handled FROM hours WHERE hour >= ? AND hour < ? ORDER BY hour`, from, until)
	if err != nil {
		return fmt.Errorf("reading hours: %w", err)
	}
	err = each(rows, func() error {
		var k inventory.HourKey
		var t inventory.UsageTally
		var first, last int64
		if err := rows.Scan(&k.Hour, &k.Service, &t.N, &t.Up, &t.Down, &first, &last, &t.Findings, &t.Altered, &t.Blocked, &t.Sensitive, &t.Handled); err != nil {
			return err
		}
		t.First, t.Last = at(first), at(last)
		return f(k, t)
	})
	if err != nil {
		return fmt.Errorf("reading hours: %w", err)
	}
	return nil
}
