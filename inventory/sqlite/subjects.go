package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// Subjects implements inventory.Reader.
func (s *Store) Subjects(ctx context.Context, kind inventory.Kind, limit int) ([]inventory.Subject, error) {
	return s.subjects(ctx, kind, "subject >= ?", "", "n DESC, subject", limit)
}

// SubjectsAfter implements inventory.Reader.
func (s *Store) SubjectsAfter(ctx context.Context, kind inventory.Kind, after string, limit int) ([]inventory.Subject, error) {
	return s.subjects(ctx, kind, "subject > ?", after, "subject", limit)
}

// CountSubjects implements inventory.Reader.
func (s *Store) CountSubjects(ctx context.Context, kind inventory.Kind) (n int64, err error) {
	s.fresh(ctx)
	err = s.reader().QueryRowContext(ctx, countSubjects, inventory.Of(kind, ""), string(kind)+">").Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("counting subjects of kind %s: %w", kind, err)
	}
	return n, nil
}

// subjects returns those of a kind whose subject is where it is to be of a name.
func (s *Store) subjects(ctx context.Context, kind inventory.Kind, where, name, order string, limit int) ([]inventory.Subject, error) {
	s.fresh(ctx)
	var list []inventory.Subject
	err := s.view(ctx, func(tx *sql.Tx) error {
		prefix := inventory.Of(kind, "")
		rows, err := tx.QueryContext(ctx, `SELECT subject, n, up, down, first, last FROM facets INDEXED BY facets_total
			WHERE kind = 'total' AND `+where+` AND subject < ? ORDER BY `+order+` LIMIT ?`, prefix+name, string(kind)+">", limit)
		if err != nil {
			return err
		}
		err = each(rows, func() error {
			r := inventory.Subject{Kind: kind}
			var first, last int64
			err := rows.Scan(&r.Name, &r.Requests, &r.Up, &r.Down, &first, &last)
			r.Name = strings.TrimPrefix(r.Name, prefix)
			r.FirstSeen, r.LastSeen = at(first), at(last)
			list = append(list, r)
			return err
		})
		if err != nil {
			return err
		}
		sizes, err := tx.PrepareContext(ctx, "SELECT kind, n FROM sizes WHERE subject = ?")
		if err != nil {
			return err
		}
		defer sizes.Close()
		for i := range list {
			if list[i].Counts, err = countsOf(ctx, sizes, prefix+list[i].Name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading subjects of kind %s: %w", kind, err)
	}
	return list, nil
}

// countsOf returns how many values of each kind go with a subject.
func countsOf(ctx context.Context, sizes *sql.Stmt, subject string) (map[inventory.Kind]int64, error) {
	rows, err := sizes.QueryContext(ctx, subject)
	if err != nil {
		return nil, err
	}
	counts := make(map[inventory.Kind]int64)
	err = each(rows, func() error {
		var k inventory.Kind
		var n int64
		err := rows.Scan(&k, &n)
		if k != inventory.KindTotal {
			counts[k] = n
		}
		return err
	})
	return counts, err
}

// Subject implements inventory.Reader.
func (s *Store) Subject(ctx context.Context, kind inventory.Kind, name string) (*inventory.SubjectDetail, error) {
	s.fresh(ctx)
	var l lists
	err := s.view(ctx, func(tx *sql.Tx) (err error) {
		l, err = listsOf(ctx, tx, inventory.Of(kind, name))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading %s %q: %w", kind, name, err)
	}
	total := l.uses[inventory.KindTotal]
	if len(total) == 0 {
		return nil, inventory.ErrUnknown
	}
	delete(l.uses, inventory.KindTotal)
	delete(l.counts, inventory.KindTotal)
	t := &total[0]
	return &inventory.SubjectDetail{
		Subject: inventory.Subject{
			Kind: kind, Name: name, Requests: t.Requests, Up: t.Up, Down: t.Down, FirstSeen: t.FirstSeen, LastSeen: t.LastSeen, Counts: l.counts,
		},
		Facets: l.uses,
	}, nil
}

// Person implements inventory.Reader.
func (s *Store) Person(ctx context.Context, id string) (inventory.Person, error) {
	p := inventory.Person{ID: id}
	err := s.reader().QueryRowContext(ctx, "SELECT sealed FROM people WHERE id = ?", id).Scan(&p.Sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return p, inventory.ErrUnknown
	}
	if err != nil {
		return p, fmt.Errorf("reading a name: %w", err)
	}
	return p, nil
}
