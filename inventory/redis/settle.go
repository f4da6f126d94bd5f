package redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/pack"
)

const (
	// claimAfter is how long a gateway may take to add up a batch before another
	// does. Nothing counts twice if both do.
	claimAfter = time.Second

	// readWithin bounds what a reader waits for the count.
	readWithin = 3 * time.Second

	// maxKeys bounds the figures that one script changes: others wait for it.
	maxKeys = 4 << 10

	// readBatches is how many batches are fetched at once, countBatches how many
	// are counted at once.
	readBatches, countBatches = 8, 512

	// recheck is how often those that others are counting are looked at.
	recheck = 5 * time.Millisecond
)

// Settle implements inventory.Store.
func (s *Store) Settle(ctx context.Context) error {
	if err := s.settle(ctx); err != nil {
		return fmt.Errorf("counting sightings: %w", err)
	}
	return nil
}

// settle counts until nothing is left of what was merged before.
func (s *Store) settle(ctx context.Context) error {
	until, left, err := s.left(ctx)
	for err == nil && left {
		if err = s.settleNow(ctx); err != nil {
			break
		}
		var c *goredis.Client
		if c, err = s.node(ctx); err != nil {
			break
		}
		// What others are at: they commit, or their time runs out.
		if left, err = s.others(ctx, c, until); err != nil || !left {
			break
		}
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case <-time.After(recheck):
		}
	}
	return err
}

// fresh settles before a read. Where that can't be the figures of a moment ago
// must do.
func (s *Store) fresh(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	_ = s.settle(ctx)
}

// left returns the last batch, and whether some are not counted.
func (s *Store) left(ctx context.Context) (until int64, left bool, err error) {
	c, err := s.node(ctx)
	if err != nil {
		return 0, false, err
	}
	v, err := c.MGet(ctx, s.keys.end, s.keys.counted).Result()
	if err != nil {
		s.moved(err)
		return 0, false, err
	}
	text, _ := v[0].(string)
	e, err := parseEnd(text)
	if err != nil || text == "" { // MGET tells no other type
		e, err = s.getEnd(ctx, c)
	}
	if err != nil {
		return 0, false, err
	}
	counted, _ := v[1].(string)
	return e.seq, e.seq > 0 && counted != strconv.FormatInt(e.seq, 10), nil
}

// others reports whether batches up to one are pending with anybody.
func (s *Store) others(ctx context.Context, c *goredis.Client, until int64) (bool, error) {
	list, err := c.XPendingExt(ctx, &goredis.XPendingExtArgs{Stream: s.keys.stream, Group: group, Start: "-", End: strconv.FormatInt(until, 10), Count: 1}).Result()
	if err != nil && err != goredis.Nil {
		return false, err
	}
	return len(list) > 0, nil
}

// settleNow counts what nobody is at.
func (s *Store) settleNow(ctx context.Context) error {
	release, err := hold(ctx, s.settling)
	if err != nil {
		return err
	}
	defer release()
	c, err := s.node(ctx)
	if err != nil {
		return err
	}
	s.pending.Store(0)
	for mended := false; ; {
		some, err := s.settleSome(ctx, c)
		if err == nil {
			mended = false
		} else if !mended && (mistyped(err) || strings.Contains(err.Error(), "NOGROUP")) { // changed by others, or Redis was emptied
			mended, s.services = true, nil
			if err = s.makeGroup(ctx, c); err == nil { // what was in the way is moved
				continue
			}
		}
		if err != nil || !some {
			if err != nil {
				s.owe()
			}
			return err
		}
	}
}

// settleSome counts the next batches; some is false when there are none.
func (s *Store) settleSome(ctx context.Context, c *goredis.Client) (some bool, err error) {
	if err := s.know(ctx, c); mistyped(err) {
		moved, again := s.retype(ctx, c, make(map[string]string))
		if again != nil || moved {
			return moved, again
		}
		return false, err // of something else: not for ever
	} else if err != nil {
		return false, err
	}
	fold, counting, seen := inventory.NewFold(), []string(nil), make(map[string]bool)
	for len(fold.Facets)+len(fold.Usage)+len(fold.Blind) < maxKeys && len(counting) < countBatches {
		list, err := s.take(ctx, c)
		if err != nil {
			return false, err
		}
		if len(list) == 0 {
			break
		}
		if _, foreign := readable(list); len(foreign) > 0 {
			if err := s.setAside(ctx, foreign...); err != nil {
				return false, err
			}
		}
		rows, err := s.rows(ctx, c, list)
		if err != nil {
			return false, err
		}
		known := len(counting)
		for i := range rows {
			// One that is taken from gateways that died may be of this very turn,
			// if it takes that long.
			if seen[rows[i].id()] {
				continue
			}
			seen[rows[i].id()] = true
			err := pack.Unpack(rows[i].ids, []byte(rows[i].data), func(e *inventory.Event) error {
				s.bound(e)
				fold.Add(e)
				return nil
			})
			if err != nil {
				return false, fmt.Errorf("batch %d: %w", rows[i].seq, err)
			}
			counting = append(counting, rows[i].id())
		}
		if len(counting) == known && len(rows) > 0 {
			break
		}
	}
	if len(counting) == 0 {
		return false, nil
	}
	err = s.addFold(ctx, c, fold, counting)
	if errors.Is(err, errCounted) { // the rest of them is still to be counted
		s.owe()
		return true, nil
	}
	return true, err
}

// owe begins anew with what is pending with this consumer.
func (s *Store) owe() { s.owing, s.owed = true, "0" }

// take makes batches pending with this consumer: those of an attempt that
// failed, then new ones, then those of gateways that died.
func (s *Store) take(ctx context.Context, c *goredis.Client) ([]goredis.XMessage, error) {
	if s.owing {
		list, err := s.readGroup(ctx, c, s.owed)
		if err != nil {
			return nil, err
		}
		if len(list) > 0 {
			s.owed = list[len(list)-1].ID
			return list, nil
		}
		s.owing, s.owed = false, "0"
	}
	list, err := s.readGroup(ctx, c, ">")
	if err != nil || len(list) > 0 {
		return list, err
	}
	list, _, err = c.XAutoClaim(ctx, &goredis.XAutoClaimArgs{Stream: s.keys.stream, Group: group, Consumer: s.me, MinIdle: claimAfter, Start: "0-0", Count: readBatches}).Result()
	return list, err
}

func (s *Store) readGroup(ctx context.Context, c *goredis.Client, from string) ([]goredis.XMessage, error) {
	streams, err := c.XReadGroup(ctx, &goredis.XReadGroupArgs{Group: group, Consumer: s.me, Streams: []string{s.keys.stream, from}, Count: readBatches, Block: -1}).Result()
	if err == goredis.Nil {
		return nil, nil
	}
	if err != nil || len(streams) == 0 {
		return nil, err
	}
	return streams[0].Messages, nil
}
