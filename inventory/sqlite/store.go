package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/pack"
)

// FileName is the name of the store within the state directory.
const FileName = "inventory.db"

const (
	// busyTimeout is how long the driver itself waits for a lock that another
	// process holds: short, because new sightings have a spool to go to.
	busyTimeout = 200 * time.Millisecond

	// patience is how long a decision of a person waits for that lock.
	patience = 10 * time.Second

	readers = 4
)

// Store is an inventory.Store in an SQLite file. Its methods are safe for
// concurrent use, also by several processes on one file.
type Store struct {
	write *sql.DB // one connection
	read  *sql.DB
	fixed *sql.Tx // of a snapshot: all is read in it, and nothing is written
	turn  chan struct{}

	settling chan struct{} // held before turn, while sightings are counted
	caps     caps          // used under settling
	known    known         // rows of the register

	pending atomic.Int64 // sightings that this process merged since it last counted

	// Used by the one writer only.
	prepared [len(statements)]*sql.Stmt
	packer   pack.Packer
}

var _ inventory.Store = (*Store)(nil)

// Open opens the store in dir (mode 0600), makes it when it is not there, and
// brings an older one to the newest form.
func Open(ctx context.Context, dir string) (*Store, error) {
	s, err := openForm(ctx, dir, migrations)
	if err != nil {
		return nil, err
	}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the store: %w", advise(err)), s.Close())
	}
	return s, nil
}

func openForm(ctx context.Context, dir string, migrations []string) (*Store, error) {
	path, err := filepath.Abs(filepath.Join(dir, FileName))
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	// The driver would make the file readable for all.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	f.Close()
	s := &Store{turn: make(chan struct{}, 1), settling: make(chan struct{}, 1)}
	if s.write, err = sql.Open("sqlite", dsn(path, "immediate")); err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	s.write.SetMaxOpenConns(1)
	if s.read, err = sql.Open("sqlite", dsn(path, "deferred")); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the store: %w", err), s.write.Close())
	}
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers)
	if err := s.migrateWhenFree(ctx, path, migrations); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the store %q: %w", path, advise(err)), s.Close())
	}
	return s, nil
}

// dsn names the file and what holds on each connection.
func dsn(path, txlock string) string {
	q := url.Values{
		"_txlock": {txlock},
		"_pragma": {
			fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()),
			"journal_mode(WAL)",
			"synchronous(NORMAL)",
			"temp_store(MEMORY)",
			"cache_size(-16384)", // KiB
			"trusted_schema(OFF)",
		},
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

// Close ends the use of the store.
func (s *Store) Close() error { return errors.Join(s.unprepare(), s.read.Close(), s.write.Close()) }

// transact runs f in one write transaction: all of it holds, or nothing.
func (s *Store) transact(ctx context.Context, f func(tx *sql.Tx) error) error {
	if s.fixed != nil {
		return errFixed
	}
	select { // one writer in this process: waiting here ends with ctx
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return fmt.Errorf("waiting for the writer: %w", ctx.Err())
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	if err := f(tx); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	if err := tx.Commit(); err != nil {
		return errors.Join(fmt.Errorf("committing: %w", err), ignoreDone(tx.Rollback()))
	}
	return nil
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// patiently runs f until another process no longer holds the lock.
func (s *Store) patiently(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := f(ctx)
		if !busy(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("another process holds the lock: %w", err)
		case <-time.After(busyTimeout / 4):
		}
	}
}
