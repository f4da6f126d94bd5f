package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// Append implements inventory.Store.
func (s *Store) Append(ctx context.Context, entries []ledger.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	err := s.patiently(ctx, func(ctx context.Context) error {
		return s.transact(ctx, func(tx *sql.Tx) error { return appendEntries(ctx, tx, entries) })
	})
	if err != nil {
		return fmt.Errorf("appending to the ledger: %w", err)
	}
	return nil
}

func appendEntries(ctx context.Context, tx *sql.Tx, entries []ledger.Entry) error {
	var end ledger.Chain
	var hash []byte
	err := tx.QueryRowContext(ctx, "SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").Scan(&end.Seq, &hash)
	if err := ignoreNone(err); err != nil {
		return err
	}
	copy(end.Head[:], hash)
	if entries[0].Seq != end.Seq+1 || entries[0].Prev != end.Head {
		return inventory.ErrMoved
	}
	insert, err := tx.PrepareContext(ctx, "INSERT INTO ledger (seq, time, kind, subject, by, data, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer insert.Close()
	for i := range entries {
		e := &entries[i]
		if err := end.Follow(e); err != nil {
			return err
		}
		_, err := insert.ExecContext(ctx, e.Seq, e.Time.UnixMilli(), e.Kind, e.Subject, e.By, string(e.Data), e.Prev[:], e.Hash[:])
		if err != nil {
			return err
		}
	}
	return nil
}

// Entries implements inventory.Store.
func (s *Store) Entries(ctx context.Context, after int64, f func(*ledger.Entry) error) error {
	rows, err := s.reader().QueryContext(ctx, "SELECT seq, time, kind, subject, by, data, prev, hash FROM ledger WHERE seq > ? ORDER BY seq", after)
	if err != nil {
		return fmt.Errorf("reading the ledger: %w", err)
	}
	last := ""
	err = each(rows, func() error {
		var e ledger.Entry
		var ms int64
		var kind, data, prev, hash sql.RawBytes
		if err := rows.Scan(&e.Seq, &ms, &kind, &e.Subject, &e.By, &data, &prev, &hash); err != nil {
			return err
		}
		e.Time, e.Data = at(ms), bytes.Clone(data)
		if e.Kind = last; string(kind) != last { // most are of the kind of the one before
			e.Kind, last = string(kind), string(kind)
		}
		if len(prev) == len(e.Prev) && len(hash) == len(e.Hash) { // else the hash is none
			e.Prev, e.Hash = ledger.Hash(prev), ledger.Hash(hash)
		}
		return f(&e)
	})
	if err != nil {
		return fmt.Errorf("reading the ledger: %w", err)
	}
	return nil
}

// Version implements inventory.Store.
func (s *Store) Version(ctx context.Context) (n int64, err error) {
	err = s.reader().QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM ledger").Scan(&n)
	return n, err
}

// at returns the time of Unix milliseconds, in UTC.
func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
