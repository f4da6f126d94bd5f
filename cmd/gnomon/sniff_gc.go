package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// lateHeap is the heap up to which nothing is collected: reading rules makes as
// much, and each collection would look at all of them again.
const lateHeap = 24 << 20

// lateStart is the growth in percent with which the first collection comes at about
// that size. What grows is the empty heap and 5 MB of global variables.
const lateStart = 400

// lateGrowth is the growth in percent at which a bigger heap is collected. Reading
// packets makes next to no garbage, so collecting early costs nothing and saves
// memory.
const lateGrowth = 30

// collectLate sees to it that the heap is collected when it has grown by
// lateGrowth percent, but never below lateHeap bytes. stop undoes that.
func collectLate() (stop func()) {
	before := debug.SetGCPercent(lateStart)
	var stopped atomic.Bool
	awaitCollection(&stopped)
	return func() {
		stopped.Store(true)
		debug.SetGCPercent(before)
	}
}

// collection is found unused by the next collection of the heap. It is as big as
// it is so that it shares its memory with nothing that is in use.
type collection struct{ _ [32]byte }

func awaitCollection(stopped *atomic.Bool) {
	runtime.AddCleanup(new(collection), func(stopped *atomic.Bool) {
		if stopped.Load() {
			return
		}
		sizes := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/globals:bytes"}}
		metrics.Read(sizes)
		percent, live, globals := lateGrowth, sizes[0].Value.Uint64(), sizes[1].Value.Uint64()
		if live > 0 && live < lateHeap {
			percent = max(percent, int(100*(lateHeap-live)/(live+globals)))
		}
		debug.SetGCPercent(percent)
		awaitCollection(stopped)
	}, stopped)
}
