package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// migrateWhenFree brings the file to the newest form. It waits for the lock of
// another process no longer than patience; the migration itself may take longer.
func (s *Store) migrateWhenFree(ctx context.Context, path string, migrations []string) error {
	for end := time.Now().Add(patience); ; {
		err := s.migrate(ctx, path, migrations)
		if !busy(err) {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("another process holds the lock: %w", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(busyTimeout / 4):
		}
	}
}

func (s *Store) migrate(ctx context.Context, path string, migrations []string) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		var done int
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&done); err != nil {
			return err
		}
		switch {
		case done > len(migrations):
			return fmt.Errorf("it was written by a newer version of this program (form %d, this one knows %d)", done, len(migrations))
		case done == len(migrations):
			return nil
		case done > 0:
			if err := s.keepForm(ctx, path, done); err != nil {
				return fmt.Errorf("copying it before it is brought to form %d (make room on the disk, then start again): %w", len(migrations), err)
			}
		}
		for i, m := range migrations[done:] {
			if _, err := tx.ExecContext(ctx, m); err != nil {
				return fmt.Errorf("migrating: %w", err)
			}
			if step := steps[done+i+1]; step != nil {
				if err := step(ctx, tx); err != nil {
					return fmt.Errorf("migrating: %w", err)
				}
			}
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(migrations)))
		return err
	})
}

// keepForm writes a copy of the file as it is to path.form-N, and removes those
// of forms before. The caller holds the lock of the writer.
func (s *Store) keepForm(ctx context.Context, path string, form int) error {
	name := fmt.Sprintf("%s.form-%d", path, form)
	whole := name + ".tmp" // one at a time: nobody else has the lock
	if err := os.Remove(whole); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := s.Backup(ctx, whole); err != nil {
		return err
	}
	old, err := filepath.Glob(path + ".form-*")
	if err != nil {
		return err
	}
	if err := os.Rename(whole, name); err != nil {
		return err
	}
	for _, o := range old {
		if o != name && o != whole {
			if err := os.Remove(o); err != nil {
				return err
			}
		}
	}
	return nil
}
