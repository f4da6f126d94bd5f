package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// leastHeap is what the heap may grow to before it is collected, however little
// of it is live. A gateway holds 20 MB of rules and makes 100 MB of garbage a
// second when it is busy: collected at twice what is live, as Go does by itself,
// that costs a tenth of its CPU.
const leastHeap = 96 << 20

// tuneHeap keeps the garbage collector from working more than it has to while
// the live heap is small, until ctx ends. A large heap is collected as usual.
func tuneHeap(ctx context.Context) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last := 100
	for {
		metrics.Read(live)
		if now := gcPercent(live[0].Value.Uint64()); now != last {
			debug.SetGCPercent(now)
			last = now
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// gcPercent returns the growth at which a heap with so many live bytes is
// collected, in steps, so that it seldom changes.
func gcPercent(live uint64) int {
	const step = 50
	percent := 100 * (leastHeap - int64(live)) / int64(max(live, 16<<20))
	return int(max(100, percent/step*step))
}
