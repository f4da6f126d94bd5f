package sqlite

import (
	"context"
	"database/sql"
	"strings"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// addFacets adds the figures of keys, which are sorted. Where all fit they are
// written at once; near a bound it is looked which of them are new.
func (s *Store) addFacets(ctx context.Context, tx *sql.Tx, f *inventory.Fold, keys []inventory.FacetKey) error {
	if len(keys) == 0 {
		return nil
	}
	sizes, err := s.largeLists(ctx, tx, keys)
	if err != nil {
		return err
	}
	crowded, err := s.crowded(ctx, tx, keys)
	if err != nil {
		return err
	}
	w := s.writer(ctx, tx, upsertFacet, upsertFacets)
	for rest := keys; len(rest) > 0; {
		l := list{rest[0].Subject, rest[0].Kind}
		n := 1
		for n < len(rest) && rest[n].Subject == l.subject && rest[n].Kind == l.kind {
			n++
		}
		some := rest[:n]
		rest = rest[n:]
		switch {
		case l.kind == inventory.KindTotal && crowded[kindOf(l.subject)]:
			err = s.addTotal(ctx, tx, w, some[0], f.Facets[some[0]])
		case l.kind != inventory.KindTotal && max(sizes[l], large)+n > l.kind.Room(maxFacets):
			err = s.addToFull(ctx, tx, w, f, some)
		default:
			err = w.facets(f, some)
		}
		if err != nil {
			return err
		}
	}
	if err := w.flush(); err != nil {
		return err
	}
	return s.summarise(ctx, tx, keys)
}

// kindOf returns the kind of a subject that is no service.
func kindOf(subject string) inventory.Kind {
	kind, _, _ := strings.Cut(subject, "=")
	return inventory.Kind(kind)
}

// crowded returns the kinds of which not all subjects of keys may fit.
func (s *Store) crowded(ctx context.Context, tx *sql.Tx, keys []inventory.FacetKey) (map[inventory.Kind]bool, error) {
	want := make(map[inventory.Kind]int)
	for i := range keys {
		if keys[i].Kind == inventory.KindTotal {
			want[kindOf(keys[i].Subject)]++
		}
	}
	crowded := make(map[inventory.Kind]bool)
	for kind, n := range want {
		fit, err := s.roomForSubjects(ctx, tx, kind, n)
		if err != nil {
			return nil, err
		}
		crowded[kind] = !fit
	}
	return crowded, nil
}

func (w *writer) facets(f *inventory.Fold, keys []inventory.FacetKey) error {
	for _, k := range keys {
		if err := w.facet(k, f.Facets[k]); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) facet(k inventory.FacetKey, t *inventory.Tally) error {
	return w.row(t.N, t.Up, t.Down, t.First.UnixMilli(), t.Last.UnixMilli(), k.Subject, string(k.Kind), k.Name)
}

// addTotal adds the total of a subject of a kind that may be full, which is
// counted under the name other when it is one too many.
func (s *Store) addTotal(ctx context.Context, tx *sql.Tx, w *writer, k inventory.FacetKey, t *inventory.Tally) error {
	known, err := s.updateFacet(ctx, tx, k, t)
	if err != nil || known {
		return err
	}
	of := kindOf(k.Subject)
	r := s.caps.subjects[of]
	if r.n >= maxSubjects {
		k.Subject = inventory.Of(of, other)
	} else {
		r.n++
	}
	return w.facet(k, t)
}

// addToFull adds values to one list that may be full.
func (s *Store) addToFull(ctx context.Context, tx *sql.Tx, w *writer, f *inventory.Fold, keys []inventory.FacetKey) error {
	var n int
	err := tx.QueryRowContext(ctx, "SELECT n FROM sizes WHERE subject = ? AND kind = ?", keys[0].Subject, keys[0].Kind).Scan(&n)
	if err := ignoreNone(err); err != nil {
		return err
	}
	for _, k := range keys {
		t := f.Facets[k]
		known, err := s.updateFacet(ctx, tx, k, t)
		if err != nil {
			return err
		}
		if known {
			continue
		}
		if n >= k.Kind.Room(maxFacets) {
			k.Name = other
		} else {
			n++
		}
		if err := w.facet(k, t); err != nil {
			return err
		}
	}
	return nil
}

// updateFacet adds to a row that is there, and reports whether it is.
func (s *Store) updateFacet(ctx context.Context, tx *sql.Tx, k inventory.FacetKey, t *inventory.Tally) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	return changed(s.in(ctx, tx, updateFacet).ExecContext(context.WithoutCancel(ctx), // as for writer
		t.N, t.Up, t.Down, t.First.UnixMilli(), t.Last.UnixMilli(), k.Subject, string(k.Kind), k.Name))
}
