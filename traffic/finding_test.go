package traffic_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

func TestHasher(t *testing.T) {
	key := traffic.Key{1, 2, 3}
	h := traffic.NewHasher(key)
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for _, value := range []string{"", "sk-test-0000000000000000", strings.Repeat("x", 5000), "\x00"} {
				for _, kind := range []string{"api_key", "user", ""} {
					if got, want := h.Hash(kind, value), key.Hash(kind, []byte(value)); got != want {
						t.Errorf("Hash(%q, %.20q) = %q, want %q", kind, value, got, want)
					}
				}
			}
		})
	}
	work.Wait()
}

func TestHasherAllocs(t *testing.T) {
	h := traffic.NewHasher(traffic.Key{1})
	if n := testing.AllocsPerRun(100, func() { h.Hash("api_key", "sk-test-0000000000000000") }); n > 1 && !raceEnabled {
		t.Errorf("Hash allocates %v times, want 1: what it returns", n)
	}
}
