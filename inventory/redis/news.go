package redis

import (
	"context"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

const (
	// MaxNews bounds one piece of news; keepNews how many are kept for those that
	// come later: all of it takes 16 MiB.
	MaxNews  = 16 << 10
	keepNews = 1 << 10

	// newsLast is how long news are kept when nobody tells any more, newsPage how
	// many are read at once, and newsWait how long a reader waits for them.
	newsLast = 24 * time.Hour
	newsPage = 64
	newsWait = 400 * time.Millisecond
)

// News is what gateways tell each other, sealed under a key that Redis never
// sees. It may be lost. One goroutine tells, one hears.
type News struct {
	s     *Store
	key   string
	about []byte
	seal  interface {
		Seal(dst, nonce, plaintext, about []byte) []byte
		Open(dst, nonce, sealed, about []byte) ([]byte, error)
	}
	last string // heard
}

// News returns the news of a topic.
func (s *Store) News(topic string, key [32]byte) (*News, error) {
	seal, err := sealer(key)
	if err != nil {
		return nil, err
	}
	return &News{s: s, key: s.keys.news(topic), about: []byte("gnomon-news-1 " + topic), seal: seal, last: "0"}, nil
}

// Tell tells the others something, no more than MaxNews bytes.
func (n *News) Tell(ctx context.Context, text []byte) error {
	c, err := n.s.node(ctx)
	if err == nil {
		_, err = c.Pipelined(ctx, func(p goredis.Pipeliner) error {
			p.XAdd(ctx, &goredis.XAddArgs{Stream: n.key, MaxLen: keepNews, Approx: true, Values: []any{"g", n.s.me, "t", n.seal.Seal(nil, nil, text, n.about)}})
			p.PExpire(ctx, n.key, newsLast)
			return nil
		})
	}
	if err != nil {
		n.s.moved(err)
		return fmt.Errorf("telling other gateways: %w", err)
	}
	return nil
}

// Hear waits a moment for what others have told and calls f with each piece, at
// first with those that are kept. It returns how many could not be opened: they
// are of another key, or forged.
func (n *News) Hear(ctx context.Context, f func(text []byte)) (closed int, err error) {
	c, err := n.s.node(ctx)
	if err != nil {
		return 0, fmt.Errorf("hearing other gateways: %w", err)
	}
	found, err := c.XRead(ctx, &goredis.XReadArgs{Streams: []string{n.key, n.last}, Count: newsPage, Block: newsWait}).Result()
	if err == goredis.Nil || err == nil && len(found) == 0 {
		return 0, nil
	}
	if err != nil {
		n.s.moved(err)
		return 0, fmt.Errorf("hearing other gateways: %w", err)
	}
	for i := range found[0].Messages {
		m := &found[0].Messages[i]
		n.last = m.ID
		if from, _ := m.Values["g"].(string); from == n.s.me {
			continue
		}
		sealed, _ := m.Values["t"].(string)
		text, err := n.seal.Open(nil, nil, []byte(sealed), n.about)
		if err != nil || len(text) > MaxNews {
			closed++
			continue
		}
		f(text)
	}
	return closed, nil
}
