package inventory

import (
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// spillGather is how long what goes to the spool is gathered: a process that is
// killed loses what it has not written.
const spillGather = 50 * time.Millisecond

// batcher takes sightings from a queue for the spool. One goroutine uses it.
type batcher struct {
	v *Inventory
	*queue
	events []Event   // used again for the next batch
	since  time.Time // when the oldest sighting of events was queued, or before
	taken  time.Time // when the last batch was complete
}

func newBatcher(v *Inventory, q *queue) *batcher {
	return &batcher{v: v, queue: q, taken: time.Now()}
}

// next reads up to maxBatch sightings: it waits for the first, then gathers for
// a moment, which counts from when the first was queued. With stop closed it
// takes what is there, and nothing means that the queue is drained. The events
// hold until it is called again.
func (b *batcher) next(stop <-chan struct{}) []Event {
	full := len(b.events) == maxBatch
	clear(b.events)
	b.events = b.events[:0]
	select {
	case s := <-b.waiting: // it may have waited since the last batch, or longer
		if !full {
			b.since = b.taken
		}
		b.add(s)
	default:
		select {
		case s := <-b.waiting:
			b.since = time.Now()
			b.add(s)
		case <-stop:
		}
	}
	if len(b.events) > 0 {
		b.gather(stop)
	}
	b.taken = time.Now()
	return b.events
}

// gather sleeps while the queue fills: to be woken for each sighting would cost
// more than to record it.
func (b *batcher) gather(stop <-chan struct{}) {
	timer := time.NewTimer(time.Until(b.since.Add(spillGather)))
	defer timer.Stop()
	for last := false; ; {
		for len(b.events) < maxBatch && len(b.waiting) > 0 {
			b.add(<-b.waiting)
		}
		if last || len(b.events) == maxBatch {
			return
		}
		select {
		case <-b.crowded:
		case <-timer.C:
			last = true
		case <-stop:
			last = true
		}
	}
}

func (b *batcher) add(s *traffic.Sighting) { b.events = append(b.events, b.v.event(s)) }
