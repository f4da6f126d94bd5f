package redis_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/gnomon-proxy/gnomon/internal/testredis"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/redis"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
)

func TestMain(m *testing.M) {
	if url := os.Getenv("X"); url != "" {

	}
	goleak.VerifyTestMain(m)
}

// open opens the store at an address or URL.
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
