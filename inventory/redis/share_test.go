package redis_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testredis"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/redis"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// users returns events of n users.
func users(name string, n int, fresh bool) []inventory.Event {
	events := make([]inventory.Event, n)
	for i := range events {
		now := time.Now().UTC()
		events[i] = inventory.Event{
			ID: traffic.NewID(now), Time: now, Host: "api.test", User: fmt.Sprintf("u-%s-%d", name, i), ServiceID: "test", Service: "Test",
			How: traffic.HowCatalogue, Requests: 1, Fresh: fresh,
		}
	}
	return events
}

func timeout(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// TestGateways merges and reads through several stores at once, some events
// through two of them: each counts once.
func TestGateways(t *testing.T) {
	server := testredis.Start(t)
	const gateways, rounds, n = 4, 10, 50
	var wg sync.WaitGroup
	for g := range gateways {
		s := open(t, "redis://"+server.Addr)
		wg.Go(func() {
			for r := range rounds {
				events := users(fmt.Sprintf("%d-%d", g, r), n, true)
				if err := s.Merge(t.Context(), events); err != nil {
					t.Error(err)
				}
				again := slices.Clone(events[:n/2])
				for i := range again {
					again[i].Fresh = false
				}
				if err := s.Merge(t.Context(), again); err != nil {
					t.Error(err)
				}
				if rows, err := s.Services(t.Context()); err != nil || rows[0].Requests < int64((r+1)*n) || rows[0].Requests != rows[0].Users {
					t.Errorf("%+v, %v: want at least %d, which this gateway has merged", rows, err, (r+1)*n)
				}
			}
		})
	}
	wg.Wait()
	whole(t, open(t, "redis://"+server.Addr), gateways*rounds*n)
}

// TestClaim takes batches as a gateway does that dies before it has added them
// up: another one does.
func TestClaim(t *testing.T) {
	t.Parallel()
	server := testredis.Start(t)
	s := open(t, "redis://"+server.Addr)
	for i := range 20 {
		if err := s.Merge(t.Context(), users(fmt.Sprint(i), 10, true)); err != nil {
			t.Fatal(err)
		}
	}
	server.Do("XREADGROUP", "GROUP", "figures", "dead", "COUNT", "15", "STREAMS", "{gnomon}:sightings", ">")
	whole(t, s, 200)
}

// TestEmptied goes on after everything in Redis was deleted.
func TestEmptied(t *testing.T) {
	server := testredis.Start(t)
	s := open(t, "redis://"+server.Addr)
	for _, name := range []string{"a", "b"} {
		if err := s.Merge(t.Context(), users(name, 10, true)); err != nil {
			t.Fatal(err)
		}
		whole(t, s, 10)
		server.Do("FLUSHALL")
	}
}

func TestSecret(t *testing.T) {
	server := testredis.Start(t)
	a, b := open(t, "redis://"+server.Addr), open(t, "redis://"+server.Addr)
	key, wrong := [32]byte{1}, [32]byte{2}
	if got, err := a.Secret(t.Context(), "people", key); got != nil || err != nil {
		t.Errorf("a secret that nobody has: %q, %v", got, err)
	}
	if got, err := a.SetSecret(t.Context(), "people", key, []byte("first")); string(got) != "first" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := b.SetSecret(t.Context(), "people", key, []byte("second")); string(got) != "first" || err != nil {
		t.Errorf("%q, %v; want the one that came first", got, err)
	}
	if _, err := b.Secret(t.Context(), "people", wrong); !errors.Is(err, redis.ErrOtherKey) {
		t.Errorf("another key: %v", err)
	}
	if text := server.Do("HGET", "{gnomon}:secrets", "people"); len(text) == 0 || slices.Contains([]string{"first"}, text) {
		t.Errorf("Redis holds %q", text)
	}
}
