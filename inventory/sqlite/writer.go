package sqlite

import (
	"context"
	"database/sql"
)

// manyRows is how many rows one statement writes where there are so many: what
// the call of a statement costs is a good part of what a row costs.
const manyRows = 64

// writer writes rows of one table within a transaction.
type writer struct {
	ctx, quiet context.Context
	one, many  *sql.Stmt
	args       []any
	rows       int // in args
}

// writer returns one that uses two statements: of one row, and of manyRows.
func (s *Store) writer(ctx context.Context, tx *sql.Tx, one, many statement) *writer {
	return &writer{
		ctx:   ctx,
		quiet: context.WithoutCancel(ctx), // else the driver starts a goroutine for each statement, to interrupt it
		one:   s.in(ctx, tx, one), many: s.in(ctx, tx, many),
	}
}

// row writes a row, now or later.
func (w *writer) row(args ...any) error {
	w.args = append(w.args, args...)
	if w.rows++; w.rows < manyRows {
		return nil
	}
	if err := w.ctx.Err(); err != nil {
		return err
	}
	_, err := w.many.ExecContext(w.quiet, w.args...)
	w.clear()
	return err
}

// flush writes the rows that wait.
func (w *writer) flush() error {
	defer w.clear()
	if w.rows == 0 {
		return nil
	}
	if err := w.ctx.Err(); err != nil {
		return err
	}
	for n := len(w.args) / w.rows; len(w.args) > 0; w.args = w.args[n:] {
		if _, err := w.one.ExecContext(w.quiet, w.args[:n]...); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) clear() { w.args, w.rows = w.args[:0], 0 }
