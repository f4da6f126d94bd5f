package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// loadGC is the growth in percent at which the heap is collected while rules are
// read: it is small yet, and what is left of it should not be scattered.
const loadGC = 150

// lateHeap is the heap up to which nothing is collected then, as each collection
// looks at all rules again.
const lateHeap = 25 << 20

// lateGrowth is the growth in percent at which a bigger heap is collected. Reading
// packets makes next to no garbage, so collecting early costs nothing and saves
// memory.
const lateGrowth = 30

// collectLate has the heap collected when it has grown by lateGrowth percent, but
// not below lateHeap bytes, until stopped.
func collectLate(stopped *atomic.Bool) {
	sizes := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/globals:bytes"}}
	metrics.Read(sizes)
	percent, live, globals := lateGrowth, sizes[0].Value.Uint64(), sizes[1].Value.Uint64()
	if live > 0 && live < lateHeap { // the runtime has both grow by that
		percent = max(percent, int(100*(lateHeap-live)/(live+globals)))
	}
	debug.SetGCPercent(percent)
	runtime.AddCleanup(new(collection), func(stopped *atomic.Bool) {
		if !stopped.Load() {
			collectLate(stopped)
		}
	}, stopped)
}

// collection is found unused by the next collection of the heap. It is as big as
// it is so that it shares its memory with nothing that is in use.
type collection struct{ _ [32]byte }
