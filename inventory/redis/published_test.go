package redis_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/internal/testredis"
	"github.com/gnomon-proxy/gnomon/inventory/redis"
)

// TestPublished: what one gateway publishes another one reads; Redis can't read it,
// and what it changes, or puts elsewhere, is not taken.
func TestPublished(t *testing.T) {
	server := testredis.Start(t)
	a, b := open(t, "redis://"+server.Addr), open(t, "redis://"+server.Addr)
	key := [32]byte{1}
	text := bytes.Repeat([]byte("no card numbers "), 1<<16)
	if _, err := b.Published(t.Context(), "x", key); !errors.Is(err, redis.ErrUnpublished) {
		t.Errorf("nothing: %v", err)
	}
	if err := a.SetPublished(t.Context(), "x", key, text); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Published(t.Context(), "x", key); err != nil || !bytes.Equal(got, text) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	if strings.Contains(server.Do("GET", "{gnomon}:published:x"), "card numbers") {
		t.Error("Redis can read it")
	}
	for _, tt := range []struct {
		keep bool
		want string
	}{{true, ":-1"}, {false, ":8"}} { // 86400 seconds
		if err := a.KeepPublished(t.Context(), "x", tt.keep); err != nil {
			t.Fatal(err)
		}
		if ttl := server.Do("TTL", "{gnomon}:published:x"); !strings.HasPrefix(ttl, tt.want) {
			t.Errorf("keep %v: it ends in %s seconds", tt.keep, ttl)
		}
	}
	if _, err := b.Published(t.Context(), "x", [32]byte{2}); !errors.Is(err, redis.ErrOtherPublished) {
		t.Errorf("another key: %v", err)
	}
	server.Do("COPY", "{gnomon}:published:x", "{gnomon}:published:y")
	server.Do("APPEND", "{gnomon}:published:x", "z")
	server.Do("LPUSH", "{gnomon}:published:list", "z")
	for _, id := range []string{"x", "y", "list"} {
		if _, err := b.Published(t.Context(), id, key); !errors.Is(err, redis.ErrOtherPublished) {
			t.Errorf("%s, which others changed: %v", id, err)
		}
	}
	if err := a.SetPublished(t.Context(), "big", key, make([]byte, redis.MaxPublished+1)); err == nil {
		t.Error("more than what may be was published")
	}
	server.Do("SETRANGE", "{gnomon}:published:long", "60000000", "x")
	if _, err := b.Published(t.Context(), "long", key); !errors.Is(err, redis.ErrOtherPublished) {
		t.Errorf("a long value: %v", err)
	}
}
