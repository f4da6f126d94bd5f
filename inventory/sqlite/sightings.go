package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/pack"
)

// unseen returns those of list that were not merged before.
func (s *Store) unseen(ctx context.Context, tx *sql.Tx, list []pack.Addressed) ([]pack.Addressed, error) {
	return pack.Unseen(list, func(span int64, known map[pack.Key]bool) error {
		rows, err := s.in(ctx, tx, selectIDs).QueryContext(ctx, span)
		if err != nil {
			return err
		}
		return each(rows, func() error {
			var ids sql.RawBytes
			err := rows.Scan(&ids)
			pack.Mark(ids, known)
			return err
		})
	})
}

// addSightings writes a row for the events of each span.
func (s *Store) addSightings(ctx context.Context, tx *sql.Tx, list []pack.Addressed) error {
	if len(list) == 0 {
		return nil
	}
	end, err := s.chainEnd(ctx, tx)
	if err != nil {
		return err
	}
	insert, merged := s.in(ctx, tx, insertSightings), time.Now().UnixMilli()
	err = pack.Spans(list, func(group []pack.Addressed) error {
		ids, data := s.packer.Row(group)
		end = pack.Link(end, group[0].Span, merged, ids, data)
		_, err := insert.ExecContext(ctx, group[0].Span, ids, data, merged, end[:])
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
			from.UnixMilli()>>pack.SpanBits, until.UnixMilli()>>pack.SpanBits)
		if err != nil {
			return err
		}
		return each(rows, func() error {
			var ids, data sql.RawBytes
			if err := rows.Scan(&ids, &data); err != nil {
				return err
			}
			return pack.Unpack(ids, data, func(e *inventory.Event) error {
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
