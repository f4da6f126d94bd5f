package sqlite

import (
	"context"
	"database/sql"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// What a client sends decides about many names: its model, its account, the
// host of an unknown service. These bounds keep one that makes them up from
// filling the disk; what is beyond them is counted under the name other.
const (
	maxServices = 20_000
	maxFacets   = inventory.MaxValues // a subject and kind
	maxSubjects = 250_000             // of a kind: users, models ...
	maxUsage    = 500_000             // a day
	maxDays     = 200_000             // a day
	maxBlind    = 100_000             // what hid, and from whom

	maxDaysKnown = 400 // days whose rows are counted

	other = "(other)"
)

// caps counts rows, as far as this process knows: the bounds are no exact
// science. The zero value is not loaded.
type caps struct {
	services map[string]bool
	subjects map[inventory.Kind]*room
	usage    map[int64]*room // by day
	days     map[int64]int
	blind    int
}

func (c *caps) load(ctx context.Context, tx *sql.Tx) error {
	if c.services != nil {
		return nil
	}
	n := caps{services: make(map[string]bool), subjects: make(map[inventory.Kind]*room), usage: make(map[int64]*room), days: make(map[int64]int)}
	rows, err := tx.QueryContext(ctx, "SELECT id FROM services")
	if err != nil {
		return err
	}
	if err := each(rows, func() error {
		var id string
		err := rows.Scan(&id)
		n.services[id] = true
		return err
	}); err != nil {
		return err
	}
	rows, err = tx.QueryContext(ctx, "SELECT substr(subject, 1, instr(subject, '=') - 1), count(*) FROM facets INDEXED BY facets_total WHERE kind = 'total' GROUP BY 1")
	if err != nil {
		return err
	}
	if err := each(rows, func() error {
		var kind inventory.Kind
		var k int
		err := rows.Scan(&kind, &k)
		n.subjects[kind] = &room{n: k, exact: true}
		return err
	}); err != nil {
		return err
	}
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM blind").Scan(&n.blind); err != nil {
		return err
	}
	*c = n
	return nil
}

// bound puts an event of a service beyond the bound under one name. It changes
// e.
func (c *caps) bound(e *inventory.Event) {
	if e.Blind != "" || c.services[e.ServiceID] {
		return
	}
	if len(c.services) >= maxServices {
		e.ServiceID, e.Service = "unknown:"+other, other
	}
	c.services[e.ServiceID] = true
}

// hidden returns k, or the key under which it is counted when it is one too many.
func (c *caps) hidden(k inventory.BlindKey) inventory.BlindKey {
	if c.blind >= maxBlind {
		return inventory.BlindKey{Reason: k.Reason, Name: other, Client: other}
	}
	c.blind++
	return k
}

// onDay is hidden for what was seen on a day.
func (c *caps) onDay(ctx context.Context, tx *sql.Tx, k inventory.DayKey) (inventory.DayKey, error) {
	full, err := fullDay(ctx, tx, c.days, k.Day, "SELECT count(*) FROM days WHERE day = ?", maxDays)
	if full {
		k.Name = other
	}
	return k, err
}

// fullDay reports whether a day has no room for another row, else counts it.
func fullDay(ctx context.Context, tx *sql.Tx, counts map[int64]int, day int64, query string, limit int) (bool, error) {
	if _, ok := counts[day]; !ok {
		if len(counts) >= maxDaysKnown { // old days come out of logs and of the spool
			clear(counts)
		}
		var n int
		if err := tx.QueryRowContext(ctx, query, day).Scan(&n); err != nil {
			return false, err
		}
		counts[day] = n
	}
	if counts[day] >= limit {
		return true, nil
	}
	counts[day]++
	return false, nil
}
