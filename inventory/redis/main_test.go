package redis_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/leaks"
	"github.com/gnomon-proxy/gnomon/internal/testredis"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/redis"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func TestMain(m *testing.M) { leaks.Main(m) }

// open opens the store of a URL.
func open(t testing.TB, url string) *redis.Store {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	s, err := redis.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestConformance(t *testing.T) {
	server := testredis.Start(t)
	storetest.Run(t, func(t *testing.T) inventory.Store {
		server.Do("FLUSHALL")
		return open(t, "redis://"+server.Addr)
	})
}

// run starts an inventory over s.
func run(t testing.TB, s inventory.Store) *inventory.Inventory {
	t.Helper()
	v, err := inventory.New(t.Context(), inventory.Config{Dir: t.TempDir(), Store: s, AnyKey: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- v.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return v
}

func await(t testing.TB, what string, cond func() bool) {
	t.Helper()
	const limit = 3 * time.Minute // a failover under load
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for begun := time.Now(); !cond(); <-tick.C {
		if time.Since(begun) > limit {
			t.Fatalf("%s: not within %v", what, limit)
		}
	}
}

// record records n sightings, each of a user of its own: what is lost or counts
// twice shows.
func record(t testing.TB, v *inventory.Inventory, name string, n int) {
	t.Helper()
	for i := range n {
		now := time.Now()
		v.Record(&traffic.Sighting{
			ID: traffic.NewID(now), Time: now, Host: "api.test", User: fmt.Sprintf("%s-%d", name, i),
			Verdict: traffic.Verdict{Service: "Test", ID: "test", How: traffic.HowCatalogue}, Requests: 1,
		})
	}
}

// whole checks that a store has n sightings of as many users, in figures and in
// the log, whose chain holds.
func whole(t testing.TB, s inventory.Store, n int64) {
	t.Helper()
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows, err := s.Services(t.Context())
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d services, %v", len(rows), err)
	}
	if rows[0].Requests != n || rows[0].Users != n {
		t.Errorf("%d requests by %d users, want %d by as many", rows[0].Requests, rows[0].Users, n)
	}
	var logged int64
	err = s.Batches(t.Context(), 0, func(b *inventory.Batch) error {
		if !b.Intact {
			t.Errorf("batch %d is broken", b.Seq)
		}
		logged += int64(b.N)
		return b.Events(func(e *inventory.Event) error {
			if early := b.Until.Sub(e.Time); early <= 0 || early > 2*time.Minute {
				t.Errorf("batch %d is said to end at %s, and has a sighting of %s", b.Seq, b.Until, e.Time)
			}
			return nil
		})
	})
	if err != nil || logged != n {
		t.Errorf("%d sightings in the log, %v; want %d", logged, err, n)
	}
}
