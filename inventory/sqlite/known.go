package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
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
	counted progress        // as this process left it; rows are good for it only
	changed map[string]bool // services that were counted since rows were read
	rows    map[string]inventory.Service
	order   []string // ids as the table has them
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

func (k *known) forgetLocked() { k.rows, k.order, k.changed = nil, nil, nil }

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
	list = make([]inventory.Service, 0, len(k.order))
	for _, id := range k.order {
		r := k.rows[id]
		r.Findings, r.Decisions = maps.Clone(r.Findings), maps.Clone(r.Decisions) // callers may change theirs
		list = append(list, r)
	}
	return list, nil
}

// readLocked reads all rows as they are at a progress. What this process counts
// in the meantime comes after it, and waits for k to note it.
func (k *known) readLocked(ctx context.Context, tx *sql.Tx, at progress) error {
	k.forgetLocked()
	list, err := services(ctx, tx, "")
	if err != nil {
		return err
	}
	k.rows, k.changed = make(map[string]inventory.Service, len(list)), make(map[string]bool)
	for i := range list {
		k.rows[list[i].ID] = list[i]
		k.order = append(k.order, list[i].ID)
	}
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
	list, err := services(ctx, tx, "WHERE id IN (SELECT value FROM json_each(?))", string(text))
	if err != nil {
		return err
	}
	for i := range list {
		if _, ok := k.rows[list[i].ID]; !ok {
			k.order = append(k.order, list[i].ID)
		}
		k.rows[list[i].ID] = list[i]
	}
	clear(k.changed)
	return nil
}
