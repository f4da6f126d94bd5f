package redis

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// tokens is the hash of what one conversation has had hidden: sealed values by
// the hash of their token. It is gone some time after its last use.
func (k *keys) tokens(conversation string) string { return k.prefix + "vault:" + conversation }

// tokensOf is the sorted set of the conversations of one person, by when they are
// gone if nobody uses them. The name is a keyed hash.
func (k *keys) tokensOf(person string) string { return k.prefix + "vault-of:" + person }

// PutTokens adds sealed values to a conversation of a person, by field, and keeps
// it for some time from now on; "" is nobody's. Of more than most values it drops any.
func (s *Store) PutTokens(ctx context.Context, person, conversation string, sealed map[string][]byte, keep time.Duration, most int) error {
	c, err := s.node(ctx)
	if err != nil {
		return fmt.Errorf("sharing tokens through Redis: %w", err)
	}
	key := s.keys.tokens(conversation)
	args := make([]any, 0, 2*len(sealed))
	for field, value := range sealed {
		args = append(args, field, value)
	}
	var n *goredis.IntCmd
	_, err = c.TxPipelined(ctx, func(p goredis.Pipeliner) error {
		s.ownTokens(ctx, p, person, conversation, keep, false)
		p.HSet(ctx, key, args...)
		p.PExpire(ctx, key, keep)
		n = p.HLen(ctx, key)
		return nil
	})
	if err == nil && n.Val() > int64(most) {
		var drop []string
		if drop, err = c.HRandField(ctx, key, int(n.Val())-most).Result(); err == nil && len(drop) > 0 {
			err = c.HDel(ctx, key, drop...).Err()
		}
	}
	if err != nil {
		s.moved(err)
		return fmt.Errorf("sharing tokens through Redis: %w", err)
	}
	return nil
}

// ownTokens notes, in p, that a conversation is a person's; known: if that was
// noted before.
func (s *Store) ownTokens(ctx context.Context, p goredis.Pipeliner, person, conversation string, keep time.Duration, known bool) {
	if person == "" {
		return
	}
	own, now := s.keys.tokensOf(person), time.Now()
	entry := goredis.Z{Score: float64(now.Add(keep).UnixMilli()), Member: conversation}
	if known {
		p.ZAddXX(ctx, own, entry)
	} else {
		p.ZAdd(ctx, own, entry)
		p.ZRemRangeByScore(ctx, own, "-inf", strconv.FormatInt(now.UnixMilli(), 10))
	}
	p.PExpire(ctx, own, keep)
}

// ForgetTokens deletes the conversations of a person, and says how many values
// were in them.
func (s *Store) ForgetTokens(ctx context.Context, person string) (n int64, err error) {
	c, err := s.node(ctx)
	if err != nil {
		return 0, fmt.Errorf("deleting tokens in Redis: %w", err)
	}
	own := s.keys.tokensOf(person)
	list, err := c.ZRange(ctx, own, 0, -1).Result()
	for part := range slices.Chunk(list, pipe) {
		sizes := make([]*goredis.IntCmd, len(part))
		if err != nil {
			break
		}
		_, err = c.Pipelined(ctx, func(p goredis.Pipeliner) error {
			for i, conversation := range part {
				sizes[i] = p.HLen(ctx, s.keys.tokens(conversation))
				p.Unlink(ctx, s.keys.tokens(conversation))
				p.ZRem(ctx, own, conversation)
			}
			return nil
		})
		for _, size := range sizes {
			n += size.Val()
		}
	}
	if err != nil {
		s.moved(err)
		return n, fmt.Errorf("deleting tokens in Redis: %w", err)
	}
	return n, nil
}

// Tokens returns the sealed values of a conversation and keeps it for some time
// from now on.
func (s *Store) Tokens(ctx context.Context, person, conversation string, keep time.Duration) (map[string][]byte, error) {
	c, err := s.node(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading tokens in Redis: %w", err)
	}
	key := s.keys.tokens(conversation)
	var all *goredis.MapStringStringCmd
	_, err = c.Pipelined(ctx, func(p goredis.Pipeliner) error {
		all = p.HGetAll(ctx, key)
		p.PExpire(ctx, key, keep)
		s.ownTokens(ctx, p, person, conversation, keep, true)
		return nil
	})
	if err != nil {
		s.moved(err)
		return nil, fmt.Errorf("reading tokens in Redis: %w", err)
	}
	out := make(map[string][]byte, len(all.Val()))
	for field, value := range all.Val() {
		out[field] = []byte(value)
	}
	return out, nil
}
