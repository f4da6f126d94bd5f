package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/pack"
)

// Merge implements inventory.Store.
func (s *Store) Merge(ctx context.Context, events []inventory.Event) error {
	if len(events) == 0 {
		return nil
	}
	// Who has no time to wait has somebody who settles.
	if _, hurried := ctx.Deadline(); !hurried && s.pending.Load() >= maxPending {
		if err := s.Settle(ctx); err != nil {
			return err
		}
	}
	err := s.transact(ctx, func(tx *sql.Tx) error { return s.merge(ctx, tx, events) })
	if err != nil {
		return fmt.Errorf("merging %d sightings: %w", len(events), err)
	}
	s.pending.Add(int64(len(events)))
	return nil
}

// merge only appends: Settle counts what is there.
func (s *Store) merge(ctx context.Context, tx *sql.Tx, events []inventory.Event) error {
	unseen, err := s.unseen(ctx, tx, pack.Addresses(events))
	if err != nil {
		return fmt.Errorf("looking for known ones: %w", err)
	}
	if err := s.addSightings(ctx, tx, unseen); err != nil {
		return fmt.Errorf("adding sightings: %w", err)
	}
	if err := s.addPeople(ctx, tx, unseen); err != nil {
		return fmt.Errorf("adding people: %w", err)
	}
	return nil
}

func (s *Store) addPeople(ctx context.Context, tx *sql.Tx, list []pack.Addressed) error {
	insert := s.writer(ctx, tx, insertPerson, insertPeople)
	done := make(map[string]bool)
	for _, a := range list {
		for _, p := range a.People {
			if done[p.ID] {
				continue
			}
			done[p.ID] = true
			if err := insert.row(p.ID, p.Sealed); err != nil {
				return err
			}
		}
	}
	return insert.flush()
}

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
