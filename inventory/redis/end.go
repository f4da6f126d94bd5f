package redis

import (
	"context"
	"fmt"
	"strconv"

	goredis "github.com/redis/go-redis/v9"
)

const (
	// maxBack bounds how many entries of the stream are looked at, from its end,
	// for the last one that a gateway wrote.
	maxBack = 2000

	// maxSeq bounds a number of batches that is believed.
	maxSeq = 1 << 52
)

// getEnd returns the end of the batches. Where others have made something else of
// it, it is put back first: without it nothing could be merged any more.
func (s *Store) getEnd(ctx context.Context, c *goredis.Client) (end, error) {
	text, err := c.Get(ctx, s.keys.end).Result()
	if err == goredis.Nil || mistyped(err) {
		text, err = "", nil
	}
	if err != nil {
		return end{}, err
	}
	if e, err := parseEnd(text); err == nil && text != "" {
		return e, nil
	}
	return s.mendEnd(ctx, c, text)
}

// mendEnd makes the end of the last batch that is there, and of how many were
// counted: of later ones that are gone, Verify tells.
func (s *Store) mendEnd(ctx context.Context, c *goredis.Client, seen string) (end, error) {
	last, some, err := s.lastRow(ctx, c)
	if err != nil {
		return end{}, err
	}
	if !some && seen == "" {
		kind, err := c.Type(ctx, s.keys.end).Result()
		if err != nil || kind == "none" { // a new inventory
			return end{}, err
		}
	}
	counted, err := c.Get(ctx, s.keys.counted).Int64()
	if err == nil && counted > last.seq && counted < maxSeq {
		last = newEnd(counted, [32]byte{})
	}
	done, err := s.run(ctx, mendScript, []string{s.keys.end, s.keys.foreign(s.keys.end)}, seen, last.text)
	if err != nil {
		return end{}, fmt.Errorf("putting back %s: %w", s.keys.end, err)
	}
	if done == int64(1) {
		s.noteForeign(1, "no end of the batches, which was put back", s.keys.end)
		return last, nil
	}
	text, err := c.Get(ctx, s.keys.end).Result() // another gateway was first
	if err != nil && err != goredis.Nil {
		return end{}, err
	}
	return parseEnd(text)
}

// lastRow returns the end that the last batch in the stream makes, and whether the
// stream has anything.
func (s *Store) lastRow(ctx context.Context, c *goredis.Client) (e end, some bool, err error) {
	e = newEnd(0, [32]byte{})
	from := "+"
	for looked := 0; looked < maxBack; {
		list, err := c.XRevRangeN(ctx, s.keys.stream, from, "-", readBatches).Result()
		if mistyped(err) {
			return e, true, nil
		}
		if err != nil || len(list) == 0 {
			return e, some, err
		}
		some = true
		for i := range list {
			if r, err := parseRow(&list[i]); err == nil {
				return newEnd(r.seq, r.chain), true, nil
			}
		}
		looked += len(list)
		from = "(" + list[len(list)-1].ID
	}
	return e, some, nil
}

// end is the end of the batches: text as Redis has it.
type end struct {
	text string
	seq  int64
	hash [32]byte
}

func newEnd(seq int64, hash [32]byte) end {
	return end{strconv.FormatInt(seq, 10) + " " + string(hash[:]), seq, hash}
}
