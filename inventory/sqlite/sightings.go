package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// addressed is an event and where it belongs.
type addressed struct {
	*inventory.Event
	key  key
	span int64
}

// addresses returns events in the order of their spans.
func addresses(events []inventory.Event) []addressed {
	list := make([]addressed, len(events))
	for i := range events {
		list[i].Event = &events[i]
		list[i].key, list[i].span = address(&events[i])
	}
	bySpan := func(a, b addressed) int { return cmp.Compare(a.span, b.span) }
	if !slices.IsSortedFunc(list, bySpan) {
		slices.SortStableFunc(list, bySpan)
	}
	return list
}

// spans calls f with the events of each span.
func spans(list []addressed, f func([]addressed) error) error {
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].span == list[0].span {
			n++
		}
		if err := f(list[:n]); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// unseen returns those of list that were not merged before, each once. Only
// those that are not fresh are looked for.
func (s *Store) unseen(ctx context.Context, tx *sql.Tx, list []addressed) ([]addressed, error) {
	if !slices.ContainsFunc(list, func(a addressed) bool { return !a.Fresh }) {
		return list, nil
	}
	out := make([]addressed, 0, len(list))
	err := spans(list, func(group []addressed) error {
		known := make(map[key]bool, len(group)) // of those asked for: whether it is there
		for _, a := range group {
			if !a.Fresh {
				known[a.key] = false
			}
		}
		if err := s.find(ctx, tx, group[0].span, known); err != nil {
			return err
		}
		for _, a := range group {
			if !a.Fresh {
				if known[a.key] {
					continue
				}
				known[a.key] = true
			}
			out = append(out, a)
		}
		return nil
	})
	return out, err
}

// find sets those of known to true that a row of the span holds.
func (s *Store) find(ctx context.Context, tx *sql.Tx, span int64, known map[key]bool) error {
	if len(known) == 0 {
		return nil
	}
	rows, err := s.in(ctx, tx, selectIDs).QueryContext(ctx, span)
	if err != nil {
		return err
	}
	return each(rows, func() error {
		var ids sql.RawBytes
		if err := rows.Scan(&ids); err != nil {
			return err
		}
		for ; len(ids) >= len(key{}); ids = ids[len(key{}):] {
			k := key(ids[:len(key{})])
			if _, ok := known[k]; ok {
				known[k] = true
			}
		}
		return nil
	})
}

// addSightings writes a row for the events of each span.
func (s *Store) addSightings(ctx context.Context, tx *sql.Tx, list []addressed) error {
	if len(list) == 0 {
		return nil
	}
	end, err := s.chainEnd(ctx, tx)
	if err != nil {
		return err
	}
	insert, merged := s.in(ctx, tx, insertSightings), time.Now().UnixMilli()
	err = spans(list, func(group []addressed) error {
		s.pack.reset()
		ids := make([]byte, 0, len(group)*len(key{}))
		for i := range group {
			ids = append(ids, group[i].key[:]...)
			s.pack.add(group[i].Event, group[i].key)
		}
		data := s.pack.bytes()
		end = link(end, group[0].span, merged, ids, data)
		_, err := insert.ExecContext(ctx, group[0].span, ids, data, merged, end[:])
		return err
	})
	if err != nil {
		return err
	}
	return s.setChainEnd(ctx, tx, end)
}

// Sightings implements inventory.Reader.
func (s *Store) Sightings(ctx context.Context, from, until time.Time, f func(*inventory.Event) error) error {
	err := s.view(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, "SELECT ids, data FROM sightings WHERE span BETWEEN ? AND ? ORDER BY span, seq",
			from.UnixMilli()>>spanBits, until.UnixMilli()>>spanBits)
		if err != nil {
			return err
		}
		return each(rows, func() error {
			var ids, data sql.RawBytes
			if err := rows.Scan(&ids, &data); err != nil {
				return err
			}
			return unpack(ids, data, func(e *inventory.Event) error {
				if e.Time.Before(from) || !e.Time.Before(until) {
					return nil
				}
				return f(e)
			})
		})
	})
	if err != nil {
		return fmt.Errorf("reading sightings: %w", err)
	}
	return nil
}
