package redis

import (
	"context"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// tokens is the hash of what one conversation has had hidden: sealed values by
// the hash of their token. It is gone some time after its last use.
func (k *keys) tokens(conversation string) string { return k.prefix + "vault:" + conversation }

// PutTokens adds sealed values to a conversation, by field, and keeps it for
// some time from now on. Of more than most values it drops any.
func (s *Store) PutTokens(ctx context.Context, conversation string, sealed map[string][]byte, keep time.Duration, most int) error {
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

// Tokens returns the sealed values of a conversation and keeps it for some time
// from now on.
func (s *Store) Tokens(ctx context.Context, conversation string, keep time.Duration) (map[string][]byte, error) {
	c, err := s.node(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading tokens in Redis: %w", err)
	}
	key := s.keys.tokens(conversation)
	var all *goredis.MapStringStringCmd
	_, err = c.Pipelined(ctx, func(p goredis.Pipeliner) error {
		all = p.HGetAll(ctx, key)
		p.PExpire(ctx, key, keep)
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
