package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// perStatement is how many rows one statement reads or writes.
const perStatement = 64

// Merge implements inventory.Store.
func (s *Store) Merge(ctx context.Context, events []inventory.Event) error {
	if len(events) == 0 {
		return nil
	}
	err := s.transact(ctx, func(tx *sql.Tx) error { return s.merge(ctx, tx, events) })
	if err != nil {
		return fmt.Errorf("merging %d sightings: %w", len(events), err)
	}
	return nil
}

func (s *Store) merge(ctx context.Context, tx *sql.Tx, events []inventory.Event) (err error) {
	defer func() {
		if err != nil {
			s.caps = caps{} // it may count what is rolled back
		}
	}()
	fresh, err := unseen(ctx, tx, events)
	if err != nil {
		return fmt.Errorf("looking for known ones: %w", err)
	}
	if err := s.caps.load(ctx, tx); err != nil {
		return fmt.Errorf("counting rows: %w", err)
	}
	if err := addSightings(ctx, tx, fresh); err != nil {
		return fmt.Errorf("adding sightings: %w", err)
	}
	return s.addFold(ctx, tx, inventory.NewFold(s.caps.bound(fresh)))
}

// unseen returns the events that were not merged before, each once.
func unseen(ctx context.Context, tx *sql.Tx, events []inventory.Event) ([]inventory.Event, error) {
	seen := make(map[string]bool)
	for chunk := range slices.Chunk(events, perStatement) {
		ids := make([]any, len(chunk))
		for i := range chunk {
			ids[i] = chunk[i].ID
		}
		rows, err := tx.QueryContext(ctx, "SELECT id FROM sightings WHERE id IN ("+list("?", len(ids))+")", ids...)
		if err != nil {
			return nil, err
		}
		if err := each(rows, func() error {
			var id string
			err := rows.Scan(&id)
			seen[id] = true
			return err
		}); err != nil {
			return nil, err
		}
	}
	fresh := make([]inventory.Event, 0, len(events))
	for i := range events {
		if id := events[i].ID; !seen[id] {
			seen[id] = true
			fresh = append(fresh, events[i])
		}
	}
	return fresh, nil
}

func addSightings(ctx context.Context, tx *sql.Tx, events []inventory.Event) error {
	for chunk := range slices.Chunk(events, perStatement) {
		args := make([]any, 0, 2*len(chunk))
		for i := range chunk {
			e := chunk[i]
			e.People = nil // they have a table of their own
			data, err := json.Marshal(&e)
			if err != nil {
				return err
			}
			args = append(args, e.ID, string(data))
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO sightings (id, data) VALUES "+list("(?,?)", len(chunk)), args...); err != nil {
			return err
		}
	}
	return nil
}

// list returns n times item, with commas between.
func list(item string, n int) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }

// each calls f on each row and closes rows.
func each(rows *sql.Rows, f func() error) error {
	defer rows.Close()
	for rows.Next() {
		if err := f(); err != nil {
			return err
		}
	}
	return rows.Err()
}
