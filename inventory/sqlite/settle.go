package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/pack"
)

const (
	// maxPending is how many sightings a program that reads files merges before it
	// adds them to the figures.
	maxPending = 256 << 10

	// maxKeys bounds the figures that are held in memory at once. Counting many
	// sightings together is what makes them cheap: most of them change the same
	// figures.
	maxKeys = 128 << 10

	// maxRows bounds the figures that one transaction changes: others wait for
	// it, no longer than busyTimeout.
	maxRows = 1 << 10
)

// progress is how far sightings are counted: all rows up to seq and, of what the
// rows after it up to until add, the first done figures in the order of plan.
// It changes in the transactions that change the figures. So each row counts
// once, whoever counts it, and whenever that one is killed.
type progress struct {
	seq, until int64
	done       int
}

// errElsewhere says that another process went on with the count.
var errElsewhere = errors.New("another process is counting")

// Settle implements inventory.Store. Sightings are read and added up beside the
// writer; the figures are written in small transactions, between which others
// get their turn. Who reads in between may see some of them, and others not yet.
func (s *Store) Settle(ctx context.Context) error {
	if s.fixed != nil {
		return nil
	}
	pending := s.pending.Load()
	var last int64 // to be counted: what comes later must not keep a reader waiting
	if err := s.reader().QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM sightings").Scan(&last); err != nil {
		return fmt.Errorf("looking for sightings to count: %w", err)
	}
	err := s.count(ctx, func() error {
		for {
			seq, err := s.settleSome(ctx)
			if err != nil && !errors.Is(err, errElsewhere) {
				return err
			}
			if seq >= last && err == nil {
				return nil
			}
		}
	})
	if err != nil {
		return fmt.Errorf("counting sightings: %w", err)
	}
	s.pending.Add(-pending)
	return nil
}

// alone runs f, which may change any figure, while nothing in this process
// counts.
func (s *Store) alone(ctx context.Context, f func() error) error {
	defer s.known.forget()
	return s.count(ctx, f)
}

// count runs f, which counts, while nothing else in this process does.
func (s *Store) count(ctx context.Context, f func() error) (err error) {
	select {
	case s.settling <- struct{}{}:
		defer func() { <-s.settling }()
	case <-ctx.Done():
		return fmt.Errorf("waiting for the count: %w", ctx.Err())
	}
	defer func() {
		if err != nil {
			s.caps = caps{} // it may count what is rolled back
		}
	}()
	return f()
}

// fresh settles before a read. Where that can't be (another process holds the
// lock, the disk is full) the figures of a moment ago must do: the next merge
// tells what is wrong. To wait for the count is bounded: by how often Settle is
// called, by busyTimeout for a lock.
func (s *Store) fresh(ctx context.Context) {
	_ = s.Settle(ctx)
}

// settleSome counts the next rows, and returns the number of the last one that
// is counted.
func (s *Store) settleSome(ctx context.Context) (seq int64, err error) {
	var at progress
	var p *plan
	err = s.view(ctx, func(tx *sql.Tx) (err error) {
		if at, err = readProgress(ctx, tx); err != nil {
			return err
		}
		p, err = s.plan(ctx, tx, &at)
		return err
	})
	if err != nil {
		return 0, err
	}
	if p == nil {
		return math.MaxInt64, nil
	}
	for at.until != 0 {
		if at, err = s.settlePart(ctx, p, at); err != nil {
			return 0, err
		}
	}
	return at.seq, nil
}

// settlePart writes the next figures of p.
func (s *Store) settlePart(ctx context.Context, p *plan, at progress) (next progress, err error) {
	err = s.transact(ctx, func(tx *sql.Tx) error {
		now, err := readProgress(ctx, tx)
		if err != nil {
			return err
		}
		if now.seq != at.seq || now.done != at.done || now.until != at.until && now.until != 0 {
			s.caps = caps{}
			return errElsewhere
		}
		next, err = s.advance(ctx, tx, p, at, min(at.done+maxRows, p.len()))
		return err
	})
	if err == nil {
		s.known.counts(p.services, next)
	}
	return next, err
}

// settleAll counts all rows within tx.
func (s *Store) settleAll(ctx context.Context, tx *sql.Tx) error {
	for {
		at, err := readProgress(ctx, tx)
		if err != nil {
			return err
		}
		p, err := s.plan(ctx, tx, &at)
		if err != nil || p == nil {
			return err
		}
		if _, err := s.advance(ctx, tx, p, at, p.len()); err != nil {
			return err
		}
	}
}

// advance writes the figures of p up to one, and how far that is.
func (s *Store) advance(ctx context.Context, tx *sql.Tx, p *plan, at progress, to int) (progress, error) {
	if err := s.addFigures(ctx, tx, p, at.done, to); err != nil {
		return at, err
	}
	if at.done = to; to >= p.len() {
		at = progress{seq: at.until}
	}
	_, err := tx.ExecContext(ctx, "UPDATE counted SET seq = ?, until = ?, done = ?", at.seq, at.until, at.done)
	return at, err
}

func readProgress(ctx context.Context, q querier) (at progress, err error) {
	err = q.QueryRowContext(ctx, "SELECT seq, until, done FROM counted").Scan(&at.seq, &at.until, &at.done)
	return at, err
}

// plan adds up the rows after at.seq: as many as fit, or, where a count was
// begun, those up to at.until. It sets at.until, and returns nil when there is
// nothing to count.
func (s *Store) plan(ctx context.Context, tx *sql.Tx, at *progress) (*plan, error) {
	if at.until == 0 { // mostly there is nothing, and to load the bounds takes long
		var some bool
		err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM sightings WHERE seq > ?)", at.seq).Scan(&some)
		if err != nil || !some {
			return nil, err
		}
	}
	if err := s.caps.load(ctx, tx); err != nil {
		return nil, fmt.Errorf("counting rows: %w", err)
	}
	f, limit, through := inventory.NewFold(), maxKeys, int64(math.MaxInt64)
	if at.until != 0 {
		limit, through = math.MaxInt, at.until
	}
	seq, err := s.fold(ctx, tx, f, at.seq, through, limit)
	if err != nil {
		return nil, err
	}
	if at.until == 0 {
		at.until = seq
	}
	if at.until == 0 {
		return nil, nil
	}
	return newPlan(f), nil
}

// fold adds rows to f and returns the number of the last one, 0 when there was
// none.
func (s *Store) fold(ctx context.Context, tx *sql.Tx, f *inventory.Fold, after, through int64, limit int) (seq int64, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT seq, ids, data FROM sightings WHERE seq > ? AND seq <= ? ORDER BY seq", after, through)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for len(f.Facets)+len(f.Usage)+len(f.Blind)+len(f.Days) < limit && rows.Next() {
		var ids, data sql.RawBytes
		if err := rows.Scan(&seq, &ids, &data); err != nil {
			return 0, err
		}
		// A row that is damaged must not keep the others from being counted: the
		// chain tells of it, to who verifies or seals.
		_ = pack.Unpack(ids, data, func(e *inventory.Event) error {
			s.caps.bound(e)
			f.Add(e)
			return nil
		})
	}
	return seq, rows.Err()
}
