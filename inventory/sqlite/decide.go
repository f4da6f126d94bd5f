package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// Decide implements inventory.Store.
func (s *Store) Decide(ctx context.Context, d *inventory.Decision) error {
	conditions, err := json.Marshal(append([]string{}, d.Conditions...))
	if err != nil {
		return fmt.Errorf("recording a decision: %w", err)
	}
	err = s.patiently(ctx, func(ctx context.Context) error {
		return s.transact(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO decisions (time, service, status, owner, reason, conditions, until, by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
				d.Time.UnixMilli(), d.ServiceID, d.Status, d.Owner, d.Reason, string(conditions), d.Until, d.By)
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("recording a decision: %w", err)
	}
	return nil
}

// Version implements inventory.Store.
func (s *Store) Version(ctx context.Context) (n int64, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM decisions").Scan(&n)
	return n, err
}

// Standings implements inventory.Store.
func (s *Store) Standings(ctx context.Context) ([]inventory.Decision, error) {
	return decisions(ctx, s.read, "WHERE seq IN (SELECT max(seq) FROM decisions GROUP BY service)")
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func decisions(ctx context.Context, q querier, where string, args ...any) ([]inventory.Decision, error) {
	rows, err := q.QueryContext(ctx, "SELECT time, service, status, owner, reason, conditions, until, by FROM decisions "+where+" ORDER BY seq", args...)
	if err != nil {
		return nil, err
	}
	var list []inventory.Decision
	err = each(rows, func() error {
		var d inventory.Decision
		var ms int64
		var conditions string
		if err := rows.Scan(&ms, &d.ServiceID, &d.Status, &d.Owner, &d.Reason, &conditions, &d.Until, &d.By); err != nil {
			return err
		}
		d.Time = at(ms)
		list = append(list, d)
		return json.Unmarshal([]byte(conditions), &list[len(list)-1].Conditions)
	})
	return list, err
}

// at returns the time of Unix milliseconds, in UTC.
func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
