package redis

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/inventory/pack"
)

// Sightings implements inventory.Reader.
func (s *Store) Sightings(ctx context.Context, from, until time.Time, f func(*inventory.Event) error) error {
	c, err := s.node(ctx)
	if err != nil {
		return fmt.Errorf("reading sightings: %w", err)
	}
	span := func(t time.Time) string { return strconv.FormatInt(millis(t)>>pack.SpanBits, 10) }
	// In the order of spans, then of batches: members have a fixed width.
	seqs, err := byScore(ctx, c, s.keys.spans, span(from), span(until))
	if err != nil {
		return fmt.Errorf("reading sightings: %w", err)
	}
	for part := range slices.Chunk(seqs, readBatches) {
		rows, err := s.some(ctx, c, part)
		if err != nil {
			return fmt.Errorf("reading sightings: %w", err)
		}
		for i := range rows {
			err := rows[i].events(func(e *inventory.Event) error {
				if e.Time.Before(from) || !e.Time.Before(until) {
					return nil
				}
				return f(e)
			})
			if err != nil {
				return fmt.Errorf("reading sightings: %w", err)
			}
		}
	}
	return nil
}

func (r *row) events(f func(*inventory.Event) error) error {
	return pack.Unpack(r.ids, []byte(r.data), f)
}

// some reads batches by the members of the index of spans, as far as they are
// still there.
func (s *Store) some(ctx context.Context, c *goredis.Client, seqs []string) ([]row, error) {
	answers := make([]*goredis.XMessageSliceCmd, len(seqs))
	_, err := c.Pipelined(ctx, func(p goredis.Pipeliner) error {
		for i, seq := range seqs {
			id := strings.TrimLeft(seq, "0") + "-0"
			answers[i] = p.XRange(ctx, s.keys.stream, id, id)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var list []goredis.XMessage
	for _, a := range answers {
		list = append(list, a.Val()...)
	}
	return s.rows(ctx, c, list)
}

// Batches implements inventory.Reader.
func (s *Store) Batches(ctx context.Context, after int64, f func(*inventory.Batch) error) error {
	if err := s.batchesAfter(ctx, after, f); err != nil {
		return fmt.Errorf("reading sightings: %w", err)
	}
	return nil
}

func (s *Store) batchesAfter(ctx context.Context, after int64, f func(*inventory.Batch) error) error {
	c, err := s.node(ctx)
	if err != nil {
		return err
	}
	// The hash before the first one is that of the batch before it, when that is
	// still there; else nothing tells.
	var prev ledger.Hash
	prevSeq := int64(-1)
	if before, err := c.XRevRangeN(ctx, s.keys.stream, strconv.FormatInt(after, 10), "-", 1).Result(); err != nil {
		return err
	} else if len(before) > 0 {
		if r, err := parseRow(&before[0]); err == nil {
			prev, prevSeq = r.chain, r.seq
		}
	}
	next, n := strconv.FormatInt(after+1, 10), int64(readBatches)
	for {
		list, err := c.XRangeN(ctx, s.keys.stream, next, "+", n).Result()
		if err != nil || len(list) == 0 {
			return err
		}
		next = "(" + list[len(list)-1].ID
		rows, err := s.rows(ctx, c, list)
		if err != nil {
			return err
		}
		n = atATime(n, rows)
		for i := range rows {
			r := &rows[i]
			// Batches are numbered without gaps: where one is missing it was pruned,
			// or removed, which the seal of its time tells.
			whole := len(r.ids) == r.n*len(pack.Key{})
			intact := whole && (r.seq != prevSeq+1 && r.seq != 1 || r.chain == pack.Link(prev, r.span, r.merged, r.ids, []byte(r.data)))
			err := f(&inventory.Batch{Seq: r.seq, Merged: at(r.merged), Until: at((r.span + 1) << pack.SpanBits), N: r.n, Chain: r.chain, Intact: intact, Events: r.events})
			if err != nil {
				return err
			}
			prev, prevSeq = r.chain, r.seq
		}
	}
}

// atATime returns how many batches to fetch next: some are of one sighting, and a
// round trip each eight of them takes longer than all else, some of thousands.
func atATime(n int64, rows []row) int64 {
	bytes := 0
	for i := range rows {
		bytes += len(rows[i].ids) + len(rows[i].data)
	}
	switch {
	case bytes < fetchBytes/4:
		return min(2*n, maxFetch)
	case bytes > fetchBytes:
		return max(n/2, readBatches)
	}
	return n
}

const (
	// fetchBytes is about how much is fetched at once, maxFetch of how many
	// batches at most: after small ones, big ones may come, of 400 kB each.
	fetchBytes = 2 << 20
	maxFetch   = 64
)
