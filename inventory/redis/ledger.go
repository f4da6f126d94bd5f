package redis

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

const (
	// versionWithin bounds a look at the ledger, which is taken several times a
	// second, and patience what a decision of a person waits.
	versionWithin = 2 * time.Second
	patience      = 10 * time.Second

	// page is how many entries are read at once.
	page = 500
)

// Append implements inventory.Store.
func (s *Store) Append(ctx context.Context, entries []ledger.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := s.append(ctx, entries); err != nil {
		return fmt.Errorf("appending to the ledger: %w", err)
	}
	return nil
}

func (s *Store) append(ctx context.Context, entries []ledger.Entry) error {
	c, err := s.node(ctx)
	if err != nil {
		return err
	}
	first := &entries[0]
	last, text := ledger.Chain{}, "" // the entry that the first one follows
	if first.Seq > 1 {
		found, err := c.LRange(ctx, s.keys.ledger, first.Seq-2, first.Seq-2).Result()
		if err != nil {
			return err
		}
		var e ledger.Entry
		if len(found) == 0 || decodeEntry(found[0], &e) != nil {
			return inventory.ErrMoved
		}
		last, text = ledger.Chain{Seq: e.Seq, Head: e.Hash}, found[0]
	}
	if first.Prev != last.Head || first.Seq != last.Seq+1 {
		return inventory.ErrMoved
	}
	args := []any{last.Seq, text}
	for i := range entries {
		if err := last.Follow(&entries[i]); err != nil {
			return err
		}
		args = append(args, encodeEntry(&entries[i]))
	}
	done, err := s.durably(ctx, appendScript, []string{s.keys.ledger}, args...)
	if err != nil {
		return err
	}
	if done != int64(1) {
		return inventory.ErrMoved
	}
	return nil
}

// encodeEntry writes an entry so that its Data stays as it is, byte by byte.
func encodeEntry(e *ledger.Entry) string {
	w := make(writer, 0, len(e.Data)+len(e.Subject)+128)
	w.int(e.Seq)
	w.int(e.Time.UnixMilli())
	w.text(e.Kind)
	w.text(e.Subject)
	w.text(e.By)
	w.text(string(e.Data))
	w.text(string(e.Prev[:]))
	w.text(string(e.Hash[:]))
	return string(w)
}

func decodeEntry(text string, e *ledger.Entry) error {
	r := reader{rest: text}
	*e = ledger.Entry{Seq: r.int(), Time: at(r.int()), Kind: r.text(), Subject: r.text(), By: r.text(), Data: json.RawMessage(r.text())}
	prev, hash := r.text(), r.text()
	if len(prev) != len(e.Prev) || len(hash) != len(e.Hash) {
		return errDamaged
	}
	copy(e.Prev[:], prev)
	copy(e.Hash[:], hash)
	return r.err()
}

// Entries implements inventory.Store.
func (s *Store) Entries(ctx context.Context, after int64, f func(*ledger.Entry) error) error {
	for {
		c, err := s.node(ctx)
		if err != nil {
			return fmt.Errorf("reading the ledger: %w", err)
		}
		list, err := c.LRange(ctx, s.keys.ledger, after, after+page-1).Result()
		if err != nil {
			return fmt.Errorf("reading the ledger: %w", err)
		}
		for _, text := range list {
			after++
			var e ledger.Entry
			if err := decodeEntry(text, &e); err != nil {
				return fmt.Errorf("reading ledger entry %d: %w", after, err)
			}
			if err := f(&e); err != nil {
				return err
			}
		}
		if len(list) < page {
			return nil
		}
	}
}

// Version implements inventory.Store.
func (s *Store) Version(ctx context.Context) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, versionWithin)
	defer cancel()
	c, err := s.node(ctx)
	if err != nil {
		return 0, err
	}
	n, err := c.LLen(ctx, s.keys.ledger).Result()
	if err != nil {
		s.moved(err)
	}
	return n, err
}
