package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
)

const (
	// maxKnown is how long rows are remembered that this process did not change:
	// what another one deletes or erases shows after that.
	maxKnown = time.Minute

	// maxChanged is how many changed rows are read one by one rather than all.
	maxChanged = 2000
)

// known remembers the rows of the register: to read ten thousand of them takes
// longer than a person wants to wait, and between two looks few change. The zero
// value knows none.
type known struct {
	mu      sync.Mutex
	counted progress            // as this process left it; rows are good for it only
	changed map[string]bool     // services that were counted since rows were read
	rows    []inventory.Service // by id; callers have them, too: they are replaced, never changed
	read    time.Time
}

// counts notes that this process has written figures of services, in a
// transaction that has ended.
func (k *known) counts(services []string, at progress) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.counted = at
	if k.rows == nil {
		return
	}
	for _, id := range services {
		k.changed[id] = true
	}
	if len(k.changed) > maxChanged {
		k.forgetLocked()
	}
}

// forget has the next look read all rows.
func (k *known) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.forgetLocked()
}

func (k *known) forgetLocked() { k.rows, k.changed = nil, nil }

// list returns all rows. Nothing is counted meanwhile, or it is noticed: each
// state of the figures has its own progress.
func (k *known) list(ctx context.Context, s *Store) (list []inventory.Service, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	err = s.view(ctx, func(tx *sql.Tx) error {
		now, err := readProgress(ctx, tx)
		if err != nil {
			return err
		}
		if k.rows == nil || now != k.counted || time.Since(k.read) > maxKnown {
			return k.readLocked(ctx, tx, now)
		}
		return k.updateLocked(ctx, tx)
	})
	if err != nil {
		k.forgetLocked()
		return nil, err
	}
	return k.rows, nil
}

// readLocked reads all rows as they are at a progress. What this process counts
// in the meantime comes after it, and waits for k to note it.
func (k *known) readLocked(ctx context.Context, tx *sql.Tx, at progress) error {
	k.forgetLocked()
	list, err := services(ctx, tx, "ORDER BY id")
	if err != nil {
		return err
	}
	k.rows, k.changed = append(make([]inventory.Service, 0, len(list)), list...), make(map[string]bool)
	k.counted, k.read = at, time.Now()
	return nil
}

// updateLocked reads those that were counted.
func (k *known) updateLocked(ctx context.Context, tx *sql.Tx) error {
	if len(k.changed) == 0 {
		return nil
	}
	ids := make([]string, 0, len(k.changed))
	for id := range k.changed {
		ids = append(ids, id)
	}
	text, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	list, err := services(ctx, tx, "WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id", string(text))
	if err != nil {
		return err
	}
	k.rows = merged(k.rows, list)
	clear(k.changed)
	return nil
}

// merged returns rows with those of newer in the place of older ones: both are
// in the order of their ids.
func merged(rows, newer []inventory.Service) []inventory.Service {
	out := make([]inventory.Service, 0, len(rows)+len(newer))
	for _, r := range newer {
		n, known := slices.BinarySearchFunc(rows, r.ID, func(a inventory.Service, id string) int { return strings.Compare(a.ID, id) })
		out = append(append(out, rows[:n]...), r)
		if rows = rows[n:]; known {
			rows = rows[1:]
		}
	}
	return slices.Clip(append(out, rows...))
}
