package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// addFold adds the figures of a batch. Rows are written in the order of their
// keys, so that pages of the tree are visited once.
func (s *Store) addFold(ctx context.Context, tx *sql.Tx, f *inventory.Fold) error {
	if err := s.addServices(ctx, tx, f); err != nil {
		return fmt.Errorf("adding to services: %w", err)
	}
	if err := s.addFacets(ctx, tx, f); err != nil {
		return fmt.Errorf("adding to facets: %w", err)
	}
	if err := s.addUsage(ctx, tx, f); err != nil {
		return fmt.Errorf("adding to usage: %w", err)
	}
	if err := s.addDays(ctx, tx, f); err != nil {
		return fmt.Errorf("adding to days: %w", err)
	}
	if err := s.addHours(ctx, tx, f); err != nil {
		return fmt.Errorf("adding to hours: %w", err)
	}
	if err := s.addBlind(ctx, tx, f); err != nil {
		return fmt.Errorf("adding to blind spots: %w", err)
	}
	return nil
}

func (s *Store) addServices(ctx context.Context, tx *sql.Tx, f *inventory.Fold) error {
	known, upsert := s.in(ctx, tx, selectEvidence), s.in(ctx, tx, upsertService)
	for _, id := range slices.Sorted(maps.Keys(f.Services)) {
		d := f.Services[id]
		how, features, err := evidence(ctx, known, id, d)
		if err != nil {
			return err
		}
		_, err = upsert.ExecContext(ctx, id, d.Name, d.Vendor, d.Category, how, features, d.N, d.Up, d.Down, d.First.UnixMilli(), d.Last.UnixMilli())
		if err != nil {
			return err
		}
	}
	return nil
}

// evidence returns the stronger of what is stored and what d brings.
func evidence(ctx context.Context, known *sql.Stmt, id string, d *inventory.ServiceFold) (how traffic.How, features string, err error) {
	err = known.QueryRowContext(ctx, id).Scan(&how, &features)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", "", err
	}
	if err == nil && inventory.Strength(how) >= inventory.Strength(d.How) {
		return how, features, nil
	}
	b, err := json.Marshal(append([]string{}, d.Features...))
	return d.How, string(b), err
}

func (s *Store) addFacets(ctx context.Context, tx *sql.Tx, f *inventory.Fold) error {
	quiet := context.WithoutCancel(ctx) // else the driver starts a goroutine for each row, to interrupt it
	update, insert := s.in(ctx, tx, updateFacet), s.in(ctx, tx, insertFacet)
	keys := slices.SortedFunc(maps.Keys(f.Facets), func(a, b inventory.FacetKey) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	for _, k := range keys {
		if err := ctx.Err(); err != nil {
			return err
		}
		t := f.Facets[k]
		figures := []any{t.N, t.Up, t.Down, t.First.UnixMilli(), t.Last.UnixMilli()}
		known, err := changed(update.ExecContext(quiet, append(figures, k.Subject, k.Kind, k.Name)...))
		if err != nil {
			return err
		}
		if known {
			continue
		}
		if k, err = s.roomForFacet(ctx, tx, k); err != nil {
			return err
		}
		if _, err := insert.ExecContext(quiet, append(figures, k.Subject, k.Kind, k.Name)...); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) addUsage(ctx context.Context, tx *sql.Tx, f *inventory.Fold) error {
	quiet := context.WithoutCancel(ctx) // as above
	update, insert := s.in(ctx, tx, updateUsage), s.in(ctx, tx, insertUsage)
	keys := slices.SortedFunc(maps.Keys(f.Usage), func(a, b inventory.UsageKey) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Account, b.Account),
			cmp.Compare(a.User, b.User), cmp.Compare(a.Client, b.Client), cmp.Compare(a.Model, b.Model))
	})
	for _, k := range keys {
		u := f.Usage[k]
		figures := []any{u.N, u.Up, u.Down, u.First.UnixMilli(), u.Last.UnixMilli(), u.Findings, u.Altered, u.Blocked, u.Sensitive, u.Handled}
		if err := ctx.Err(); err != nil {
			return err
		}
		known, err := changed(update.ExecContext(quiet, append(figures, k.Day, k.Service, k.Account, k.User, k.Client, k.Model)...))
		if err != nil {
			return err
		}
		if known {
			continue
		}
		if k, err = s.caps.use(ctx, tx, k); err != nil {
			return err
		}
		if _, err := insert.ExecContext(quiet, append(figures, k.Day, k.Service, k.Account, k.User, k.Client, k.Model)...); err != nil {
			return err
		}
	}
	return nil
}

// changed reports whether a statement found its row.
func changed(r sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}
