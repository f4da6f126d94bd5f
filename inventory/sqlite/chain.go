package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/inventory/pack"
)

// chainEnd returns the hash of the last row ever written, zero when there was none.
func (s *Store) chainEnd(ctx context.Context, tx *sql.Tx) (h ledger.Hash, err error) {
	var b []byte
	err = s.in(ctx, tx, selectChain).QueryRowContext(ctx).Scan(&b)
	copy(h[:], b)
	return h, ignoreNone(err)
}

// setChainEnd notes the last row written.
func (s *Store) setChainEnd(ctx context.Context, tx *sql.Tx, h ledger.Hash) error {
	known, err := changed(s.in(ctx, tx, updateChain).ExecContext(ctx, h[:]))
	if err != nil || known {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO chain (hash) VALUES (?)", h[:])
	return err
}

func ignoreNone(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// Batches implements inventory.Store.
func (s *Store) Batches(ctx context.Context, after int64, f func(*inventory.Batch) error) error {
	err := s.view(ctx, func(tx *sql.Tx) error {
		// The hash before the first row is that of the row before it, when that is
		// still there; else nothing tells.
		var before []byte
		prevSeq := int64(-1)
		err := tx.QueryRowContext(ctx, "SELECT seq, chain FROM sightings WHERE seq <= ? ORDER BY seq DESC LIMIT 1", after).Scan(&prevSeq, &before)
		if err := ignoreNone(err); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, "SELECT seq, span, merged, ids, data, chain FROM sightings WHERE seq > ? ORDER BY seq", after)
		if err != nil {
			return err
		}
		var prev ledger.Hash
		copy(prev[:], before)
		return each(rows, func() error {
			var b inventory.Batch
			var span, merged int64
			var ids, data, chain sql.RawBytes
			if err := rows.Scan(&b.Seq, &span, &merged, &ids, &data, &chain); err != nil {
				return err
			}
			copy(b.Chain[:], chain)
			// Rows are numbered without gaps: where one is missing it was pruned,
			// or removed, which the seal of its time tells.
			b.Intact = len(chain) == len(b.Chain) && (b.Seq != prevSeq+1 && b.Seq != 1 || b.Chain == pack.Link(prev, span, merged, ids, data))
			prev, prevSeq = b.Chain, b.Seq
			b.Merged, b.Until, b.N = at(merged), at((span+1)<<pack.SpanBits), len(ids)/len(pack.Key{})
			b.Events = func(f func(*inventory.Event) error) error { return pack.Unpack(ids, data, f) }
			return f(&b)
		})
	})
	if err != nil {
		return fmt.Errorf("reading sightings: %w", err)
	}
	return nil
}

// LastBatch returns the Seq of the last row of sightings that was ever written.
func (s *Store) LastBatch(ctx context.Context) (seq int64, err error) {
	err = s.reader().QueryRowContext(ctx, "SELECT seq FROM sqlite_sequence WHERE name = 'sightings'").Scan(&seq)
	return seq, ignoreNone(err)
}

// chainUp brings decisions into the ledger and chains the rows that are there.
func chainUp(ctx context.Context, tx *sql.Tx) error {
	entries, err := oldDecisions(ctx, tx)
	if err != nil {
		return fmt.Errorf("reading decisions: %w", err)
	}
	if len(entries) > 0 {
		if err := appendEntries(ctx, tx, entries); err != nil {
			return fmt.Errorf("moving decisions: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, "DROP TABLE decisions"); err != nil {
		return err
	}
	var end ledger.Hash
	for seq := int64(0); ; {
		var span, merged int64
		var ids, data []byte
		err := tx.QueryRowContext(ctx, "SELECT seq, span, merged, ids, data FROM sightings WHERE seq > ? ORDER BY seq LIMIT 1", seq).Scan(&seq, &span, &merged, &ids, &data)
		if errors.Is(err, sql.ErrNoRows) {
			break
		}
		if err != nil {
			return err
		}
		end = pack.Link(end, span, merged, ids, data)
		if _, err := tx.ExecContext(ctx, "UPDATE sightings SET chain = ? WHERE seq = ?", end[:], seq); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO chain (hash) VALUES (?)", end[:])
	return err
}

// oldDecisions returns the decisions of the forms before the ledger as entries.
func oldDecisions(ctx context.Context, tx *sql.Tx) ([]ledger.Entry, error) {
	rows, err := tx.QueryContext(ctx, "SELECT time, service, status, owner, reason, conditions, until, by FROM decisions ORDER BY seq")
	if err != nil {
		return nil, err
	}
	var list []ledger.Entry
	var end ledger.Chain
	err = each(rows, func() error {
		var d inventory.Decision
		var ms int64
		var conditions string
		if err := rows.Scan(&ms, &d.ServiceID, &d.Status, &d.Owner, &d.Reason, &conditions, &d.Until, &d.By); err != nil {
			return err
		}
		d.Time = time.UnixMilli(ms).UTC()
		if err := json.Unmarshal([]byte(conditions), &d.Conditions); err != nil {
			return err
		}
		data, err := json.Marshal(&d)
		if err != nil {
			return err
		}
		e := ledger.Entry{Time: d.Time, Kind: string(inventory.TopicDecision), Subject: d.ServiceID, By: d.By, Data: data}
		end.Extend(&e)
		list = append(list, e)
		return nil
	})
	return list, err
}
