package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// Services implements inventory.Store.
func (s *Store) Services(ctx context.Context) ([]inventory.Service, error) {
	s.fresh(ctx)
	var rows []inventory.Service
	err := s.view(ctx, func(tx *sql.Tx) error {
		index := make(map[string]int)
		var err error
		if rows, err = services(ctx, tx, ""); err != nil {
			return err
		}
		for i := range rows {
			index[rows[i].ID] = i
		}
		if err := addCounts(ctx, tx, rows, index); err != nil {
			return err
		}
		return addTallies(ctx, tx, rows, index)
	})
	if err != nil {
		return nil, fmt.Errorf("reading services: %w", err)
	}
	return rows, nil
}

// view runs f on one consistent state.
func (s *Store) view(ctx context.Context, f func(tx *sql.Tx) error) error {
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
	rows, err := q.QueryContext(ctx, "SELECT id, name, vendor, category, how, n, up, down, first, last FROM services "+where, args...)
	if err != nil {
		return nil, err
	}
	var list []inventory.Service
	err = each(rows, func() error {
		var r inventory.Service
		var first, last int64
		err := rows.Scan(&r.ID, &r.Service, &r.Vendor, &r.Category, &r.How, &r.Requests, &r.Up, &r.Down, &first, &last)
		r.FirstSeen, r.LastSeen = at(first), at(last)
		list = append(list, r)
		return err
	})
	return list, err
}

// addCounts says how many users, clients, accounts and models each service has.
func addCounts(ctx context.Context, q querier, list []inventory.Service, index map[string]int) error {
	rows, err := q.QueryContext(ctx, "SELECT subject, kind, n FROM sizes WHERE kind IN ('user', 'client', 'account', 'model')")
	if err != nil {
		return err
	}
	return each(rows, func() error {
		var id string
		var kind inventory.Kind
		var n int64
		if err := rows.Scan(&id, &kind, &n); err != nil {
			return err
		}
		if i, ok := index[id]; ok {
			list[i].SetCount(kind, n)
		}
		return nil
	})
}

// addTallies adds findings, actions and coverage.
func addTallies(ctx context.Context, q querier, list []inventory.Service, index map[string]int) error {
	rows, err := q.QueryContext(ctx, "SELECT subject, kind, name, n FROM facets INDEXED BY facets_tally WHERE kind IN ('class', 'action', 'coverage') AND (instr(subject, '=') = 0 OR substr(subject, 1, 8) = 'unknown:')")
	if err != nil {
		return err
	}
	return each(rows, func() error {
		var id, name string
		var kind inventory.Kind
		var n int64
		if err := rows.Scan(&id, &kind, &name, &n); err != nil {
			return err
		}
		if i, ok := index[id]; ok {
			list[i].SetTally(kind, name, n)
		}
		return nil
	})
}
