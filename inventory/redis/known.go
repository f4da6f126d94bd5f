package redis

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// maxKnown is how long rows are remembered that nobody seems to have changed: a
// Redis that has lost its last changes in a failover may come to the same version
// by others.
const maxKnown = time.Minute

// known remembers the rows of the register: to make ten thousand of them out of
// what Redis has takes longer than a person wants to wait, and between two looks
// few change. The zero value knows none.
type known struct {
	mu    sync.Mutex
	state string // of the figures, as Redis had it before rows were read
	read  time.Time
	texts map[string]string   // as Redis has them, by id
	rows  []inventory.Service // by id; callers have them, too: they are replaced, never changed
}

func (k *known) list(ctx context.Context, s *Store, c *goredis.Client) ([]inventory.Service, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v, err := c.MGet(ctx, s.keys.version, s.keys.end).Result()
	if err != nil {
		return nil, err
	}
	state := fmt.Sprintf("%q", v)
	if k.rows != nil && state == k.state && time.Since(k.read) < maxKnown {
		return k.rows, nil
	}
	all, err := c.HGetAll(ctx, s.keys.service).Result() // as it is now or later: then the state is another one next time
	if err != nil {
		return nil, err
	}
	rows := k.parseLocked(s, all)
	k.state, k.read, k.texts, k.rows = state, time.Now(), all, rows
	return rows, nil
}

// Forget has the next look at the register read all rows from Redis.
func (s *Store) Forget() {
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	s.known.rows, s.known.texts = nil, nil
}

// parseLocked returns the rows of texts; those that are as they were are not
// read again.
func (k *known) parseLocked(s *Store, texts map[string]string) []inventory.Service {
	rows := make([]inventory.Service, 0, len(texts))
	for i := range k.rows {
		if id := k.rows[i].ID; texts[id] == k.texts[id] {
			rows = append(rows, k.rows[i])
		}
	}
	kept := len(rows)
	for id, text := range texts {
		if old, ok := k.texts[id]; ok && old == text {
			continue
		}
		v, err := parseService(id, text)
		if err != nil {
			s.noteForeign(1, "a row of the register", s.keys.service)
			continue
		}
		rows = append(rows, v.row)
	}
	if len(rows) > kept {
		slices.SortFunc(rows, func(a, b inventory.Service) int { return cmp.Compare(a.ID, b.ID) })
	}
	return slices.Clip(rows)
}
