package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
)

// Fill makes the file as full as a full disk would: it may not grow any more
// until room is true again.
func (s *Store) Fill(ctx context.Context, room bool) error {
	pages := 1 // SQLite takes the size that the file has
	if room {
		pages = 1 << 30
	}
	_, err := s.write.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	return err
}

// Exec changes the file behind the back of the program.
func (s *Store) Exec(ctx context.Context, query string) error {
	_, err := s.write.ExecContext(ctx, query)
	return err
}

// Get reads a figure from the file.
func (s *Store) Get(ctx context.Context, n *int64, query string, args ...any) error {
	return s.read.QueryRowContext(ctx, query, args...).Scan(n)
}

// Lock takes the lock of the one writer, as another process would hold it,
// until unlock is called.
func (s *Store) Lock(ctx context.Context) (unlock func() error, err error) {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	return tx.Rollback, nil
}

// Forms is how many forms of the file there were.
func Forms() int { return len(migrations) }

// OpenForm makes a file of an older form and closes it.
func OpenForm(ctx context.Context, dir string, form int, statements ...string) error {
	s, err := openForm(ctx, dir, migrations[:form])
	if err != nil {
		return err
	}
	defer s.Close()
	for _, q := range statements {
		if _, err := s.write.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// Summary returns what brings the summaries of all services up to date.
func (s *Store) Summary() string {
	return strings.ReplaceAll(strings.ReplaceAll(statements[updateSummary], "WHERE id = ?1", ""), "?1", "services.id")
}

// FormOf returns the form of a file, which it does not change.
func FormOf(ctx context.Context, dir string) (form int, err error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, FileName))
	if err != nil {
		return 0, err
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&form)
	return form, err
}

// Query calls f with each row of a query.
func (s *Store) Query(ctx context.Context, query string, f func(scan func(...any) error) error) error {
	rows, err := s.read.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	return each(rows, func() error { return f(rows.Scan) })
}
