package redis

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// marked is the field of keys.marks that counts changes that mark the days they
// are about, or are about none. The version counts all changes: the difference
// between both grows with one that marks no day, by an older gateway or an
// erasure.
const marked = "#"

// marks notes that c marks the days whose figures it changes, or changes none.
func (c *change) marks(k *keys) { c.op("HINCRBY", k.marks, marked, 1) }

// mark notes that the figures of a day have changed. The steps differ: a Redis
// that has lost the last ones in a failover doesn't come to the same mark again.
func (c *change) mark(k *keys, day int64) {
	c.op("HINCRBY", k.marks, strconv.FormatInt(day, 10), 1+rand.Int64N(1<<31))
}

// Marks implements inventory.Reader. The days that have figures are those of an
// index: one that is pruned leaves it and keeps its mark.
func (s *Store) Marks(ctx context.Context, from, until int64) (inventory.Marks, error) {
	s.fresh(ctx)
	m, err := s.marks(ctx, from, until)
	if err != nil {
		return m, fmt.Errorf("reading marks: %w", err)
	}
	return m, nil
}

func (s *Store) marks(ctx context.Context, from, until int64) (m inventory.Marks, err error) {
	c, err := s.node(ctx)
	if err != nil {
		return m, err
	}
	var version *goredis.StringCmd
	var marks *goredis.MapStringStringCmd
	var days *goredis.StringSliceCmd
	_, err = c.TxPipelined(ctx, func(p goredis.Pipeliner) error {
		version, marks = p.Get(ctx, s.keys.version), p.HGetAll(ctx, s.keys.marks)
		days = p.ZRangeArgs(ctx, goredis.ZRangeArgs{Key: s.keys.days, ByScore: true, Start: from, Stop: "(" + strconv.FormatInt(until, 10)})
		return nil
	})
	if err != nil && err != goredis.Nil {
		return m, err
	}
	number := func(text string) int64 {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil && text != "" {
			s.noteForeign(1, "a mark", s.keys.marks)
		}
		return n
	}
	m.Epoch = number(version.Val()) - number(marks.Val()[marked])
	m.Days = make(map[int64]int64, len(days.Val()))
	for _, text := range days.Val() {
		day, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			s.noteForeign(1, "a day", s.keys.days)
			continue
		}
		m.Days[day] = number(marks.Val()[text])
	}
	return m, nil
}
