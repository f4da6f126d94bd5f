package redis_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testredis"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestForeign: others write into the keys of the gateways. What they write is left
// out; sightings before and after are merged and counted, none twice.
func TestForeign(t *testing.T) {
	server := testredis.Start(t)
	const p = "{gnomon}:"
	lua := func(source string) []string { return []string{"EVAL", source, "0"} }
	for name, tt := range map[string]struct {
		commands [][]string
		lost     bool // figures of before are gone
		gone     bool // and sightings
	}{
		"stream, own number":       {commands: [][]string{{"XADD", p + "sightings", "*", "x", "1"}}},
		"stream, highest number":   {commands: [][]string{{"XADD", p + "sightings", "18446744073709551615-18446744073709551615", "b", "1"}}},
		"stream, next number":      {commands: [][]string{{"XADD", p + "sightings", "3-0", "o", "0", "b", "garbage"}}},
		"stream, part of a number": {commands: [][]string{{"XADD", p + "sightings", "2-7", "o", "0", "b", "garbage"}}},
		"stream, many":             {commands: [][]string{lua("for i = 1, 500 do redis.call('XADD', '" + p + "sightings', '*', 'x', string.rep('y', 10000)) end return 1")}},
		"stream, huge":             {commands: [][]string{lua("redis.call('XADD', '" + p + "sightings', '*', 'o', string.rep('y', 20000000)) return 1")}},
		"figures, field":           {commands: [][]string{{"HSET", p + "services", "x", "garbage"}, {"HSET", p + "of:test", "", "x"}, {"HSET", p + "of:test", "x", "x"}, {"HSET", p + "blind", "x", "x"}, lua("for _, k in ipairs(redis.call('KEYS', '" + p + "usage:*')) do redis.call('HSET', k, 'x', 'y', '', '') end return 1")}},
		"figures, marks":           {commands: [][]string{lua("for _, f in ipairs(redis.call('HKEYS', '" + p + "marks')) do redis.call('HSET', '" + p + "marks', f, 'x') end return 1")}},
		"days, member":             {commands: [][]string{{"ZADD", p + "days", "20000", "x"}, {"ZADD", p + "top:user", "-1e9", "nobody"}}},
		"days, type":               {commands: [][]string{{"SET", p + "days", "x"}}, lost: true},
		"services, type":           {commands: [][]string{{"SET", p + "services", "x"}}, lost: true},
		"people, type":             {commands: [][]string{{"DEL", p + "people"}, {"LPUSH", p + "people", "x"}}},
		"subject, type":            {commands: [][]string{{"SET", p + "of:test", "x"}}, lost: true},
		"list, type":               {commands: [][]string{{"SET", p + "top:user", "x"}}, lost: true},
		"spans, type":              {commands: [][]string{{"SET", p + "spans", "x"}}, lost: true},
		"end":                      {commands: [][]string{{"SET", p + "end", "garbage"}}},
		"end, nearly":              {commands: [][]string{{"SET", p + "end", "17 garbage"}}},
		"end, gone":                {commands: [][]string{{"DEL", p + "end"}}},
		"end, type":                {commands: [][]string{{"DEL", p + "end"}, {"LPUSH", p + "end", "x"}}},
		"end, and the stream":      {commands: [][]string{{"SET", p + "end", "garbage"}, {"XADD", p + "sightings", "*", "x", "1"}}},
		"stream, type":             {commands: [][]string{{"SET", p + "sightings", "x"}}, lost: true, gone: true},
		"version":                  {commands: [][]string{{"SET", p + "version", "x"}}},
		"version, type":            {commands: [][]string{{"DEL", p + "version"}, {"LPUSH", p + "version", "x"}}},
	} {
		for _, counted := range []bool{false, true} {
			when := " before the count"
			if counted {
				when = " after the count"
			}
			t.Run(name+when, func(t *testing.T) {
				server.Do("FLUSHALL")
				s := open(t, "redis://"+server.Addr)
				merge := func(seed uint64) {
					t.Helper()
					if err := s.Merge(t.Context(), eventsOf(seed, 20)); err != nil {
						t.Fatal(err)
					}
				}
				merge(1)
				merge(2)
				if counted {
					if err := s.Settle(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				for _, c := range tt.commands {
					server.Do(c...)
				}
				if counted && !tt.lost { // another gateway, or this one, stumbles over it while it counts
					if err := s.Settle(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				merge(3)
				merge(4)
				merge(4) // again
				if err := s.Settle(t.Context()); err != nil {
					t.Fatal(err)
				}
				if _, err := s.Marks(t.Context(), 0, 1<<40); err != nil {
					t.Error(err)
				}
				var n int64
				if err := s.Batches(t.Context(), 0, func(b *inventory.Batch) error {
					if n += int64(b.N); !b.Intact {
						t.Errorf("batch %d is broken", b.Seq)
					}
					return nil
				}); err != nil || n != 80 && !tt.gone || n < 40 {
					t.Errorf("%d sightings in the log, %v; want 80", n, err)
				}
				list, err := s.Services(t.Context())
				if err != nil || len(list) != 1 || !tt.lost && list[0].Requests != 80 {
					t.Errorf("services %+v, %v", list, err)
				}
				var used int64
				if err := s.Usage(t.Context(), 0, 1<<40, func(_ inventory.UsageKey, u inventory.UsageTally) error {
					used += u.N
					return nil
				}); err != nil || !tt.lost && used != 80 {
					t.Errorf("%d requests on all days, %v; want 80", used, err)
				}
				if _, err := s.Service(t.Context(), "test"); err != nil {
					t.Error(err)
				}
				if err := s.Details(t.Context(), []string{"test", "x"}, nil, func(*inventory.Detail) error { return nil }); err != nil {
					t.Error(err)
				}
				if _, err := s.BlindSpots(t.Context()); err != nil {
					t.Error(err)
				}
				if _, err := s.Subjects(t.Context(), inventory.KindUser, 100); err != nil {
					t.Error(err)
				}
			})
		}
	}
	if got := server.Do("XLEN", p+"aside"); len(got) > 4 {
		t.Errorf("%s entries are kept aside", got)
	}
}

// eventsOf returns n events of one service, of users of their own.
func eventsOf(seed uint64, n int) []inventory.Event {
	list := make([]inventory.Event, n)
	for i := range list {
		at := time.Date(2026, 11, 1, 10, int(seed), i, 0, time.UTC)
		list[i] = inventory.Event{
			ID: fmt.Sprintf("%013x%019x", at.UnixMilli(), seed*1000+uint64(i)), Time: at, ServiceID: "test", Service: "Test", User: fmt.Sprintf("u-%d-%d", seed, i),
			How: traffic.HowCatalogue, Action: traffic.ActionAllow, Depth: traffic.Inspected, Requests: 1, Up: 10,
		}
	}
	return list
}
