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
	return d, readFacets(ctx, tx, d)
}

// readFacets fills in the lists and tallies of d.
func readFacets(ctx context.Context, q querier, d *inventory.Detail) error {
	rows, err := q.QueryContext(ctx, "SELECT kind, name, n, up, down, first, last FROM facets WHERE subject = ? ORDER BY kind, n DESC, name", d.ID)
	if err != nil {
		return err
	}
	counts := make(map[inventory.Kind]int64)
	return each(rows, func() error {
		var kind inventory.Kind
		var u inventory.Use
		var first, last int64
		if err := rows.Scan(&kind, &u.Name, &u.Requests, &u.Up, &u.Down, &first, &last); err != nil {
			return err
		}
		u.FirstSeen, u.LastSeen = at(first), at(last)
		counts[kind]++
		setCount(&d.Service, kind, counts[kind])
		setTally(&d.Service, kind, u.Name, u.Requests)
		if counts[kind] <= maxList {
			addUse(d, kind, u)
		}
		return nil
	})
}

func addUse(d *inventory.Detail, kind inventory.Kind, u inventory.Use) {
	switch kind {
	case inventory.KindUser:
		d.UserList = append(d.UserList, u)
	case inventory.KindClient:
		d.ClientList = append(d.ClientList, u)
	case inventory.KindModel:
		d.ModelList = append(d.ModelList, u)
	case inventory.KindSurface:
		d.Surfaces = append(d.Surfaces, u)
	case inventory.KindHost:
		d.Hosts = append(d.Hosts, u)
	case inventory.KindSensor:
		d.Sensors = append(d.Sensors, u)
	case inventory.KindOrigin:
		d.Origins = append(d.Origins, u)
	case inventory.KindFeature:
		d.Noted = append(d.Noted, u)
	case inventory.KindAccount:
		a, err := inventory.ParseAccount(u.Name)
		if err != nil { // the sum of those beyond the bound
			a = inventory.Account{Organisation: u.Name}
		}
		d.AccountList = append(d.AccountList, inventory.AccountUse{
			Account: a, Requests: u.Requests, Up: u.Up, Down: u.Down, FirstSeen: u.FirstSeen, LastSeen: u.LastSeen,
		})
	case inventory.KindDetector:
		put(&d.Detectors, u)
	case inventory.KindRule:
		put(&d.Rules, u)
	case inventory.KindReason:
		put(&d.Reasons, u)
	}
}

func put(m *map[string]int64, u inventory.Use) {
	if *m == nil {
		*m = make(map[string]int64)
	}
	(*m)[u.Name] = u.Requests
}
