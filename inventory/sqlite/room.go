package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// room is how many rows of a sort there are. To write rows without a look at
// which of them are new makes that a bound from above; where the bound comes near
// the limit they are counted.
type room struct {
	n     int
	exact bool
}

// nearFull is how near the limit each row is looked at: far enough from it that
// rows are counted seldom.
const nearFull = 4 * maxRows

// take reports whether so many rows fit surely, and reckons with them. Else the
// number is exact.
func (r *room) take(want, limit int, count func() (int, error)) (bool, error) {
	if !r.exact && r.n+want > limit {
		n, err := count()
		if err != nil {
			return false, err
		}
		r.n, r.exact = n, true
	}
	if r.n+want > limit || r.exact && r.n+nearFull > limit {
		return false, r.know(count)
	}
	r.n, r.exact = r.n+want, false
	return true, nil
}

// know makes the number exact.
func (r *room) know(count func() (int, error)) (err error) {
	if !r.exact {
		r.n, err = count()
		r.exact = err == nil
	}
	return err
}

// roomForSubjects reports whether so many new subjects of a kind fit surely.
func (s *Store) roomForSubjects(ctx context.Context, tx *sql.Tx, of inventory.Kind, want int) (bool, error) {
	r := s.caps.subjects[of]
	if r == nil {
		r = &room{exact: true}
		s.caps.subjects[of] = r
	}
	return r.take(want, maxSubjects, func() (n int, err error) {
		err = tx.QueryRowContext(ctx, countSubjects, inventory.Of(of, ""), string(of)+">").Scan(&n)
		return n, err
	})
}

// roomForUsage reports whether so many new rows of usage of a day fit surely.
func (s *Store) roomForUsage(ctx context.Context, tx *sql.Tx, day int64, want int) (bool, error) {
	count := func() (n int, err error) {
		err = tx.QueryRowContext(ctx, "SELECT count(*) FROM usage WHERE day = ?", day).Scan(&n)
		return n, err
	}
	r := s.caps.usage[day]
	if r == nil {
		if len(s.caps.usage) >= maxDaysKnown {
			clear(s.caps.usage)
		}
		r = &room{}
		if err := r.know(count); err != nil {
			return false, err
		}
		s.caps.usage[day] = r
	}
	return r.take(want, maxUsage, count)
}

// list is the values of one kind that were seen with a subject.
type list struct {
	subject string
	kind    inventory.Kind
}

// large is how many values a list has that roomForFacets asks for.
const large = 100

// largeLists returns how many values the lists of the subjects of keys, which
// are sorted, have: those that have many.
func (s *Store) largeLists(ctx context.Context, tx *sql.Tx, keys []inventory.FacetKey) (map[list]int, error) {
	var subjects []string
	for i := range keys {
		if i == 0 || keys[i].Subject != keys[i-1].Subject {
			subjects = append(subjects, keys[i].Subject)
		}
	}
	text, err := json.Marshal(subjects)
	if err != nil {
		return nil, err
	}
	rows, err := s.in(ctx, tx, selectLarge).QueryContext(ctx, string(text), large)
	if err != nil {
		return nil, err
	}
	sizes := make(map[list]int)
	err = each(rows, func() error {
		var l list
		var n int
		err := rows.Scan(&l.subject, &l.kind, &n)
		sizes[l] = n
		return err
	})
	return sizes, err
}
