package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// atOnce is how many services a query reads: what is held at a time.
const atOnce = 100

// Details calls f with what is known of those of ids that were seen, in their
// order, all of it of one state of the store: a reader holds that until the end,
// and what is written meanwhile stays in the log of the database. Of lists there
// are those of kinds; without any, all but those of people.
func (s *Store) Details(ctx context.Context, ids []string, kinds []inventory.Kind, f func(*inventory.Detail) error) error {
	s.fresh(ctx)
	err := s.view(ctx, func(tx *sql.Tx) error {
		for some := range slices.Chunk(ids, atOnce) {
			list, err := details(ctx, tx, some, kinds)
			if err != nil {
				return err
			}
			for _, id := range some {
				if d := list[id]; d != nil {
					if err := f(d); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading services: %w", err)
	}
	return nil
}

// notPeople is what all kinds but those of people are, given none.
const notPeople = "CASE WHEN ?2 = 'null' THEN kind NOT IN ('user', 'client') ELSE kind IN (SELECT value FROM json_each(?2)) END"

func details(ctx context.Context, tx *sql.Tx, ids []string, kinds []inventory.Kind) (map[string]*inventory.Detail, error) {
	wanted, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	of, err := json.Marshal(kinds) // none: null
	if err != nil {
		return nil, err
	}
	const among = "(SELECT value FROM json_each(?1))"
	rows, err := services(ctx, tx, "WHERE id IN "+among, string(wanted))
	if err != nil {
		return nil, err
	}
	list := make(map[string]*inventory.Detail, len(rows))
	for i := range rows {
		list[rows[i].ID] = &inventory.Detail{Service: rows[i]}
	}
	if err := features(ctx, tx, "SELECT id, features FROM services WHERE id IN "+among, string(wanted), list); err != nil {
		return nil, err
	}
	long, err := tx.QueryContext(ctx, "SELECT subject, kind FROM sizes WHERE subject IN "+among+" AND n > ?3 AND "+notPeople, string(wanted), string(of), maxList)
	if err != nil {
		return nil, err
	}
	var cut [][2]string // service and kind
	if err := each(long, func() error {
		var c [2]string
		err := long.Scan(&c[0], &c[1])
		cut = append(cut, c)
		return err
	}); err != nil {
		return nil, err
	}
	without, err := json.Marshal(keysOf(cut))
	if err != nil {
		return nil, err
	}
	err = uses(ctx, tx, list, "subject IN "+among+" AND "+notPeople+" AND subject || char(10) || kind NOT IN (SELECT value FROM json_each(?3)) ORDER BY subject, kind, n DESC, name", string(wanted), string(of), string(without))
	if err != nil {
		return nil, err
	}
	for _, c := range cut {
		if err := uses(ctx, tx, list, "subject = ? AND kind = ? ORDER BY n DESC, name LIMIT ?", c[0], c[1], maxList); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func keysOf(cut [][2]string) []string {
	keys := make([]string, len(cut))
	for i, c := range cut {
		keys[i] = c[0] + "\n" + c[1]
	}
	return keys
}

func features(ctx context.Context, tx *sql.Tx, query, wanted string, list map[string]*inventory.Detail) error {
	rows, err := tx.QueryContext(ctx, query, wanted)
	if err != nil {
		return err
	}
	return each(rows, func() error {
		var id string
		var text sql.RawBytes
		if err := rows.Scan(&id, &text); err != nil {
			return err
		}
		return json.Unmarshal(text, &list[id].Features)
	})
}

// uses adds what was seen with services.
func uses(ctx context.Context, tx *sql.Tx, list map[string]*inventory.Detail, where string, args ...any) error {
	rows, err := tx.QueryContext(ctx, "SELECT subject, kind, name, n, up, down, first, last FROM facets WHERE "+where, args...)
	if err != nil {
		return err
	}
	return each(rows, func() error {
		var subject string
		var kind inventory.Kind
		var u inventory.Use
		var first, last int64
		err := rows.Scan(&subject, &kind, &u.Name, &u.Requests, &u.Up, &u.Down, &first, &last)
		u.FirstSeen, u.LastSeen = at(first), at(last)
		if d := list[subject]; d != nil { // a service has its row whenever it has facets
			d.AddUse(kind, u)
		}
		return err
	})
}
