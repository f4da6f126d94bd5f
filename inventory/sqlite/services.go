package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Services implements inventory.Store.
func (s *Store) Services(ctx context.Context) ([]inventory.Service, error) {
	s.fresh(ctx)
	rows, err := s.known.list(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("reading services: %w", err)
	}
	return rows, nil
}

// Forget has the next look at the register read all rows from the file.
func (s *Store) Forget() { s.known.forget() }

// Knows reports whether a service of that id was seen.
func (s *Store) Knows(ctx context.Context, id string) (known bool, err error) {
	s.fresh(ctx)
	err = s.reader().QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM services WHERE id = ?)", id).Scan(&known)
	return known, err
}

// Names calls f with the id and name of each service that was seen.
func (s *Store) Names(ctx context.Context, f func(id, name string)) error {
	s.fresh(ctx)
	rows, err := s.reader().QueryContext(ctx, "SELECT id, name FROM services")
	if err != nil {
		return fmt.Errorf("reading services: %w", err)
	}
	var id, name string
	if err := each(rows, func() error {
		err := rows.Scan(&id, &name)
		f(id, name)
		return err
	}); err != nil {
		return fmt.Errorf("reading services: %w", err)
	}
	return nil
}

// view runs f on one consistent state.
func (s *Store) view(ctx context.Context, f func(tx *sql.Tx) error) error {
	if s.fixed != nil {
		return f(s.fixed)
	}
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback() // nothing to keep
	return f(tx)
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func services(ctx context.Context, q querier, where string, args ...any) ([]inventory.Service, error) {
	rows, err := q.QueryContext(ctx, "SELECT id, name, vendor, category, how, n, up, down, first, last, summary FROM services "+where, args...)
	if err != nil {
		return nil, err
	}
	var list []inventory.Service
	err = each(rows, func() error {
		var r inventory.Service
		var first, last int64
		var summary sql.RawBytes
		err := rows.Scan(&r.ID, &r.Service, &r.Vendor, &r.Category, &r.How, &r.Requests, &r.Up, &r.Down, &first, &last, &summary)
		r.Findings, r.Decisions = make(map[traffic.Class]int64), make(map[traffic.Action]int64)
		readSummary(&r, string(summary))
		r.FirstSeen, r.LastSeen = at(first), at(last)
		list = append(list, r)
		return err
	})
	return list, err
}
