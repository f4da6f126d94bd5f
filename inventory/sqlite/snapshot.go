package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// errFixed says that a snapshot can't be changed.
var errFixed = errors.New("this is the store as it was at one moment: it can't be changed")

// Snapshot calls f with the store as it is at this moment, whatever others write
// meanwhile. What they write stays beside the file until f returns.
func (s *Store) Snapshot(ctx context.Context, f func(inventory.Store) error) error {
	if err := s.Settle(ctx); err != nil {
		return fmt.Errorf("taking a snapshot: %w", err)
	}
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("taking a snapshot: %w", err)
	}
	defer tx.Rollback() // nothing to keep
	var n int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM counted").Scan(&n); err != nil { // the first look fixes the moment
		return fmt.Errorf("taking a snapshot: %w", err)
	}
	return f(&Store{fixed: tx, turn: make(chan struct{}, 1), settling: make(chan struct{}, 1)})
}

// reader is what single queries read.
func (s *Store) reader() querier {
	if s.fixed != nil {
		return s.fixed
	}
	return s.read
}
