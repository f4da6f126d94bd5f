package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/pack"
)

const (
	// maxPending is how many sightings a process merges before it adds them to
	// the figures, and so what somebody who reads may have to add first.
	maxPending = 32 << 10

	// maxKeys bounds the figures that one transaction changes: others wait for
	// it, no longer than busyTimeout.
	maxKeys = 8 << 10
)

// Settle implements inventory.Store. The figures grow with what the rows of
// sightings hold beyond the last one counted; which that is changes in the same
// transaction. So each row counts once, whoever counts it.
//
// Counting many sightings together is what makes them cheap: most of them change
// the same few figures.
func (s *Store) Settle(ctx context.Context) error {
	for {
		var pending bool
		if err := s.read.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM sightings WHERE seq > (SELECT seq FROM counted))").Scan(&pending); err != nil {
			return fmt.Errorf("looking for sightings to count: %w", err)
		}
		if !pending {
			s.pending.Store(0)
			return nil
		}
		if err := s.transact(ctx, func(tx *sql.Tx) error { return s.settleSome(ctx, tx) }); err != nil {
			return fmt.Errorf("counting sightings: %w", err)
		}
	}
}

// fresh settles before a read. Where that can't be (another process holds the
// lock, the disk is full) the figures of a moment ago must do: the next merge
// tells what is wrong. To wait for the count is bounded: by maxPending here, by
// busyTimeout for a lock.
func (s *Store) fresh(ctx context.Context) {
	_ = s.Settle(ctx)
}

// settleSome counts the next rows.
func (s *Store) settleSome(ctx context.Context, tx *sql.Tx) (err error) {
	defer func() {
		if err != nil {
			s.caps = caps{} // it may count what is rolled back
		}
	}()
	if err := s.caps.load(ctx, tx); err != nil {
		return fmt.Errorf("counting rows: %w", err)
	}
	fold := inventory.NewFold()
	seq, err := s.fold(ctx, tx, fold)
	if err != nil || seq == 0 {
		return err
	}
	if err := s.addFold(ctx, tx, fold); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE counted SET seq = ?", seq)
	return err
}

// fold adds the next rows to f and returns the number of the last one, 0 when
// there was none.
func (s *Store) fold(ctx context.Context, tx *sql.Tx, f *inventory.Fold) (seq int64, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT seq, ids, data FROM sightings WHERE seq > (SELECT seq FROM counted) ORDER BY seq")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for len(f.Facets)+len(f.Usage)+len(f.Blind) < maxKeys && rows.Next() {
		var ids, data sql.RawBytes
		if err := rows.Scan(&seq, &ids, &data); err != nil {
			return 0, err
		}
		err := pack.Unpack(ids, data, func(e *inventory.Event) error {
			s.caps.bound(e)
			f.Add(e)
			return nil
		})
		if err != nil {
			return 0, fmt.Errorf("row %d: %w", seq, err)
		}
	}
	return seq, rows.Err()
}
