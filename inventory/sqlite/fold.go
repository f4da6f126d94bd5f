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

// changed reports whether a statement found its row.
func changed(r sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}
