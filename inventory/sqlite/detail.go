package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// maxList bounds each list of a detail: the most used values come first.
const maxList = 500

// Service implements inventory.Store.
func (s *Store) Service(ctx context.Context, id string) (*inventory.Detail, error) {
	s.fresh(ctx)
	var d *inventory.Detail
	err := s.view(ctx, func(tx *sql.Tx) (err error) {
		d, err = detail(ctx, tx, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading service %q: %w", id, err)
	}
	return d, nil
}

func detail(ctx context.Context, tx *sql.Tx, id string) (*inventory.Detail, error) {
	list, err := services(ctx, tx, "WHERE id = ?", id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, inventory.ErrUnknown
	}
	d := &inventory.Detail{Service: list[0]}
	var features string
	if err := tx.QueryRowContext(ctx, "SELECT features FROM services WHERE id = ?", id).Scan(&features); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(features), &d.Features); err != nil {
		return nil, err
	}
	l, err := listsOf(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	for kind, uses := range l.uses {
		d.SetCount(kind, l.counts[kind])
		for _, u := range uses {
			d.SetTally(kind, u.Name, u.Requests)
			d.AddUse(kind, u)
		}
	}
	return d, nil
}

// lists is what was seen with a subject: how many values of each kind, and those
// that were the most used.
type lists struct {
	counts map[inventory.Kind]int64
	uses   map[inventory.Kind][]inventory.Use
}

// listsOf reads no more rows than it returns: a much used service has tens of
// thousands of people, and so many rows take longer than all else.
func listsOf(ctx context.Context, q querier, subject string) (l lists, err error) {
	l.uses = make(map[inventory.Kind][]inventory.Use)
	if l.counts, err = sizesOf(ctx, q, subject); err != nil {
		return l, err
	}
	var short []string
	for kind, n := range l.counts {
		if n <= maxList {
			short = append(short, string(kind))
			continue
		}
		if err := l.read(ctx, q, "subject = ? AND kind = ? ORDER BY n DESC, name LIMIT ?", subject, kind, maxList); err != nil {
			return l, err
		}
	}
	kinds, err := json.Marshal(short)
	if err != nil {
		return l, err
	}
	return l, l.read(ctx, q, "subject = ? AND kind IN (SELECT value FROM json_each(?)) ORDER BY kind, n DESC, name", subject, string(kinds))
}

func (l *lists) read(ctx context.Context, q querier, where string, args ...any) error {
	rows, err := q.QueryContext(ctx, "SELECT kind, name, n, up, down, first, last FROM facets WHERE "+where, args...)
	if err != nil {
		return err
	}
	return each(rows, func() error {
		var kind inventory.Kind
		var u inventory.Use
		var first, last int64
		err := rows.Scan(&kind, &u.Name, &u.Requests, &u.Up, &u.Down, &first, &last)
		u.FirstSeen, u.LastSeen = at(first), at(last)
		l.uses[kind] = append(l.uses[kind], u)
		return err
	})
}

// sizesOf returns how many values of each kind go with a subject.
func sizesOf(ctx context.Context, q querier, subject string) (map[inventory.Kind]int64, error) {
	rows, err := q.QueryContext(ctx, "SELECT kind, n FROM sizes WHERE subject = ?", subject)
	if err != nil {
		return nil, err
	}
	counts := make(map[inventory.Kind]int64)
	err = each(rows, func() error {
		var k inventory.Kind
		var n int64
		err := rows.Scan(&k, &n)
		counts[k] = n
		return err
	})
	return counts, err
}
