package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func (s *Store) addServices(ctx context.Context, tx *sql.Tx, f *inventory.Fold, ids []string) error {
	known, upsert := s.in(ctx, tx, selectEvidence), s.in(ctx, tx, upsertService)
	for _, id := range ids {
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

func (s *Store) addFacets(ctx context.Context, tx *sql.Tx, f *inventory.Fold, keys []inventory.FacetKey) error {
	quiet := context.WithoutCancel(ctx) // else the driver starts a goroutine for each row, to interrupt it
	update, insert := s.in(ctx, tx, updateFacet), s.in(ctx, tx, insertFacet)
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
	return s.summarise(ctx, tx, keys)
}

func (s *Store) addUsage(ctx context.Context, tx *sql.Tx, f *inventory.Fold, keys []inventory.UsageKey) error {
	quiet := context.WithoutCancel(ctx) // as above
	update, insert := s.in(ctx, tx, updateUsage), s.in(ctx, tx, insertUsage)
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
