package redis_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testredis"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
)

// comparedKeys is what Verify looks at: a value of that key that was changed, and one
// that was taken out, are named. The text is part of how.
var comparedKeys = map[string]string{
	"sightings": "missing", "end": "the noted end of the chain", "ledger": "", "services": "the register's row of",
	"of": "", "top": "the list of the most used", "usage": "the sums of", "day": "the values seen of", "hour": "the sums of an hour of",
	"days": "", "hours": "", "blind": "the blind spots", "people": "the name of",
}

// notBoundKeys is what nothing is there to compare with, and why that may be.
var notBoundKeys = map[string]string{
	"ids":       "no record: which sightings are in the stream, so that one that is sent again is known",
	"spans":     "no record: where in the stream the sightings of a time are",
	"version":   "no record: tells gateways that figures have changed",
	"marks":     "no record: tells gateways which days to read again",
	"counted":   "no record: how much is counted; what is counted twice or not at all, the sums tell",
	"form":      "no record: the version of the form",
	"published": "rules for all gateways, sealed and bound to the entry of the ledger that names them; a gateway does not take others (TestPublished)",
	"secrets":   "keys that gateways share, sealed; with another one they don't start",
}

// TestVerifyKeys changes a value of each kind of key behind the back of the
// gateways, and takes one out. A kind that nobody has decided about fails the test.
func TestVerifyKeys(t *testing.T) {
	server := testredis.Start(t)
	dir := t.TempDir()
	now := time.Date(2026, 11, 6, 0, 0, 0, 0, time.UTC)
	fill := func(t *testing.T) *inventory.Inventory {
		server.Do("FLUSHALL")
		s := open(t, "redis://"+server.Addr)
		v, err := inventory.New(t.Context(), inventory.Config{Dir: dir, Store: s, Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		events := storetest.Near(storetest.Events(1, 60))
		for i := range events {
			who := storetest.Named(t, dir, []string{"ann", "bob"}[i%2])
			events[i].User, events[i].People = who.ID, []inventory.Person{who}
			events[i].Requests = max(events[i].Requests, 1)
		}
		events[7].Blind, events[7].Host = "doh", "dns.test"
		if err := s.Merge(t.Context(), events[:40]); err != nil {
			t.Fatal(err)
		}
		if _, err := v.SealNow(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.Merge(t.Context(), events[40:]); err != nil {
			t.Fatal(err)
		}
		if err := s.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.SetPublished(t.Context(), "rules", [32]byte{1}, []byte("policies")); err != nil {
			t.Fatal(err)
		}
		return v
	}
	problems := func(v *inventory.Inventory) string {
		got, err := v.Verify(t.Context())
		if err != nil {
			return err.Error()
		}
		return strings.Join(got.Problems, "\n")
	}
	v := fill(t)
	if all := problems(v); all != "" {
		t.Fatalf("a sound store: %s", all)
	}
	text := server.Do("EVAL", "return table.concat(redis.call('KEYS', '*'), '\\n')", "0")
	byKind := make(map[string]string)
	keys := strings.Split(text, "\n")
	slices.Sort(keys)
	for _, key := range keys {
		if m := regexp.MustCompile(`^\S*\}:([a-z]+)`).FindStringSubmatch(strings.TrimSpace(key)); m != nil {
			byKind[m[1]] = strings.TrimSpace(key)
		}
	}
	for kind := range comparedKeys {
		if byKind[kind] == "" {
			t.Errorf("there is no key of kind %s: the test shows nothing of it", kind)
		}
	}
	for kind, key := range byKind {
		want, bound := comparedKeys[kind]
		if _, left := notBoundKeys[kind]; left == bound {
			t.Errorf("%s: decide whether Verify compares it (comparedKeys) or why it does not (notBoundKeys)", kind)
		}
		if !bound {
			continue
		}
		for how, script := range map[string]string{"changed": changeKey, "taken out": takeOut} {
			t.Run(kind+" "+how, func(t *testing.T) {
				want, v := want, fill(t)
				server.Do("EVAL", script, "1", key)
				if kind == "end" && how == "taken out" {
					want = "" // it is put back from the last batch, which TestForeign tries
				}
				if all := problems(v); (all == "") != (kind == "end" && how == "taken out") || !strings.Contains(all, want) {
					t.Errorf("%s: problems:\n%s\nwant %q", key, all, want)
				}
			})
		}
	}
}

const changeKey = `
local key, is = KEYS[1], redis.call('TYPE', KEYS[1]).ok
if is == 'string' then return redis.call('SET', key, (string.gsub(redis.call('GET', key), '.$', function(c) return c == 'x' and 'y' or 'x' end))) end
if is == 'list' then return redis.call('LSET', key, 0, redis.call('LINDEX', key, 0) .. 'x') end
if is == 'zset' then local m = redis.call('ZRANGE', key, 0, 0) return redis.call('ZADD', key, -99999, m[1]) end
if is == 'stream' then
	local m = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)[1]
	redis.call('XDEL', key, m[1])
	return redis.call('SET', key .. '-gone', 'x')
end
local f = redis.call('HKEYS', key)
table.sort(f, function(a, b) return a > b end)
local v = redis.call('HGET', key, f[1])
return redis.call('HSET', key, f[1], string.char((string.byte(v, 1) + 2) % 128) .. string.sub(v, 2))`

const takeOut = `
local key, is = KEYS[1], redis.call('TYPE', KEYS[1]).ok
if is == 'string' then return redis.call('DEL', key) end
if is == 'list' then return redis.call('LPOP', key) end
if is == 'zset' then return redis.call('ZREM', key, redis.call('ZRANGE', key, 0, 0)[1]) end
if is == 'stream' then return redis.call('XDEL', key, redis.call('XRANGE', key, '-', '+', 'COUNT', 1)[1][1]) end
local f = redis.call('HKEYS', key)
table.sort(f, function(a, b) return a > b end)
return redis.call('HDEL', key, f[1])`
