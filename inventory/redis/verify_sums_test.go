package redis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testredis"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
)

// TestVerifySums takes figures out of Redis, and swaps some, behind the back of the
// gateways, long after the sightings were deleted: what was changed is named.
func TestVerifySums(t *testing.T) {
	server := testredis.Start(t)
	for name, tt := range map[string]struct{ script, want string }{
		"sound":     {"return 1", ""},
		"use":       {"local k = redis.call('KEYS', '*:usage:*')[1]; return redis.call('HDEL', k, redis.call('HKEYS', k)[1])", "the sums of "},
		"swapped":   {"local k; for _, one in ipairs(redis.call('KEYS', '*:usage:*')) do if redis.call('HLEN', one) > 1 then k = one end end local f = redis.call('HGETALL', k); redis.call('HSET', k, f[1], f[4]); return redis.call('HSET', k, f[3], f[2])", "the sums of "},
		"values":    {"return redis.call('DEL', redis.call('KEYS', '*:day:*')[1])", "the values seen of "},
		"the day":   {"return redis.call('DEL', redis.call('KEYS', '*:days')[1])", "they are missing"},
		"a service": {"return redis.call('HDEL', redis.call('KEYS', '*:services')[1], 'openai')", "the register's row of openai is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			server.Do("FLUSHALL")
			s := open(t, "redis://"+server.Addr)
			now := time.Date(2026, 11, 6, 0, 0, 0, 0, time.UTC)
			v, err := inventory.New(t.Context(), inventory.Config{Dir: t.TempDir(), Store: s, Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Merge(t.Context(), storetest.Near(storetest.Events(1, 200))); err != nil {
				t.Fatal(err)
			}
			now = now.AddDate(0, 0, 100)
			if done, err := v.PruneNow(t.Context()); err != nil || done.Events != 200 {
				t.Fatalf("deleted %+v, %v", done, err)
			}
			server.Do("EVAL", tt.script, "0")
			got, err := v.Verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Join(got.Problems, "\n")
			if got.Sums == 0 || (tt.want == "") != (all == "") || !strings.Contains(all, tt.want) {
				t.Errorf("problems:\n%s\nwant %q; %d sums", all, tt.want, got.Sums)
			}
		})
	}
}
