package redis_test

import (
	"sync"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testredis"
	"github.com/gnomon-proxy/gnomon/inventory"
)

// TestFaults breaks Redis or the way to it while sightings are recorded: they
// are durable in the spool at once, nothing waits for Redis, and when all is
// well again each of them counts once.
func TestFaults(t *testing.T) {
	t.Parallel()
	type place struct {
		server *testredis.Server
		proxy  *testredis.Proxy
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	for name, f := range map[string]struct {
		breaks, heals func(p place)
		harmless      bool // the store goes on taking sightings
	}{
		"refused":  {breaks: func(p place) { p.proxy.Set(testredis.Fault{Down: true}) }},
		"deaf":     {breaks: func(p place) { p.proxy.Set(testredis.Fault{Deaf: true}) }},
		"mute":     {breaks: func(p place) { p.proxy.Set(testredis.Fault{Mute: true}) }},
		"severing": {breaks: func(p place) { p.proxy.Set(testredis.Fault{Severs: true}) }},
		"slow":     {breaks: func(p place) { p.proxy.Set(testredis.Fault{Delay: 2 * time.Second}) }},
		"delayed":  {breaks: func(p place) { p.proxy.Set(testredis.Fault{Delay: 20 * time.Millisecond}) }, harmless: true},
		"cut":      {breaks: func(p place) { p.proxy.Cut() }, harmless: true},
		"paused":   {breaks: func(p place) { p.server.Pause() }, heals: func(p place) { p.server.Continue() }},
		"killed":   {breaks: func(p place) { p.server.Kill() }, heals: func(p place) { p.server.Restart() }},
		"stopped":  {breaks: func(p place) { p.server.Stop() }, heals: func(p place) { p.server.Restart() }},
		"full": {
			breaks: func(p place) { p.server.Do("CONFIG", "SET", "maxmemory", "1") },
			heals:  func(p place) { p.server.Do("CONFIG", "SET", "maxmemory", "0") },
		},
		"scripts": {breaks: func(p place) { p.server.Do("SCRIPT", "FLUSH") }, harmless: true},
	} {
		test := func(t *testing.T) {
			server := testredis.Start(t)
			p := place{server, testredis.NewProxy(t, server.Addr)}
			s := open(t, "redis://"+p.proxy.Addr)
			v := run(t, s)
			const n = 300
			record(t, v, "before", n)
			await(t, "sightings in Redis", func() bool { return v.Durable() == n })
			f.breaks(p)
			for i := range 3 { // a burst may meet the old connection, the next one can't
				record(t, v, string(rune('a'+i)), n)
				await(t, "sightings in Redis or the spool", func() bool { return v.Durable() == int64(n*(i+2)) })
			}
			if got := v.Stats(); !f.harmless && (v.Health() == nil || got.Spilled == 0) || got.Dropped > 0 {
				t.Errorf("health = %v, stats = %+v", v.Health(), got)
			}
			p.proxy.Set(testredis.Fault{})
			if f.heals != nil {
				f.heals(p)
			}
			await(t, "an empty spool", func() bool { return v.Health() == nil && v.Stats().SpoolBytes == 0 })
			record(t, v, "after", n)
			await(t, "sightings in Redis", func() bool { return v.Durable() == 5*n && v.Stats().SpoolBytes == 0 })
			whole(t, s, 5*n)
		}
		wg.Go(func() { t.Run(name, test) }) // all at once: they wait most of the time
	}
}

// TestLate lets a merge that was given up reach Redis after its sightings came
// by another way, and before.
func TestLate(t *testing.T) {
	for name, replayed := range map[string]bool{"after": true, "before": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := testredis.Start(t)
			p := testredis.NewProxy(t, server.Addr)
			s, direct := open(t, "redis://"+p.Addr), open(t, "redis://"+server.Addr)
			events := users("u", 100, true)
			if err := s.Merge(t.Context(), users("warm", 1, true)); err != nil { // the script is known, a connection is there
				t.Fatal(err)
			}
			p.Set(testredis.Fault{Deaf: true})
			if err := s.Merge(timeout(t, 2*time.Second), events); err == nil {
				t.Fatal("a merge that nobody heard of is done")
			}
			again := users("u", 100, false)
			for i := range again {
				again[i] = events[i]
				again[i].Fresh = false
			}
			if replayed {
				if err := direct.Merge(t.Context(), again); err != nil {
					t.Fatal(err)
				}
			}
			p.Set(testredis.Fault{})
			if !replayed {
				await(t, "the late merge", func() bool {
					n := 0
					if err := direct.Sightings(t.Context(), events[0].Time.Add(-time.Hour), events[0].Time.Add(time.Hour), func(*inventory.Event) error { n++; return nil }); err != nil {
						t.Fatal(err)
					}
					return n == 101
				})
			}
			for range 3 {
				if err := s.Merge(t.Context(), again); err != nil {
					t.Fatal(err)
				}
			}
			whole(t, direct, 101)
		})
	}
}
