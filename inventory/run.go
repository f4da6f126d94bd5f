package inventory

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/spool"
	"github.com/gnomon-proxy/gnomon/traffic"
)

const (
	// maxBatch and gather bound what is merged at a time: a commit, and the rows
	// that most sightings add to, are shared by many, and yet a sighting is
	// durable within a second of its end.
	maxBatch = 4096
	gather   = 400 * time.Millisecond

	// settleEvery is how far the figures of the store may be behind for who
	// reads the file itself.
	settleEvery = 10 * time.Second

	pruneEvery = 6 * time.Hour
)

// Run merges sightings until ctx ends and nothing is queued any more; end what
// calls Record first. It fails at once when another process runs an inventory
// in the same folder. It is called once.
func (v *Inventory) Run(ctx context.Context) error {
	sp, err := spool.Open(filepath.Join(v.cfg.Dir, "spool"), v.cfg.SpoolBytes)
	if err != nil {
		return fmt.Errorf("opening the inventory: %w", err)
	}
	defer sp.Close()
	v.spool.Store(sp)

	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { v.poll(ctx) })
	wg.Go(func() { v.prune(ctx) })
	wg.Go(func() { v.settle(ctx) })
	wg.Go(func() { v.replay(ctx, sp) })
	wg.Go(func() { v.spill(sp) })
	v.drain(ctx, sp)
	cancel()
	wg.Wait()
	v.lastReplay(sp)
	return nil
}

// shut refuses further sightings; what is queued stays.
func (v *Inventory) shut() {
	v.gate.Lock()
	v.closed = true
	v.gate.Unlock()
	close(v.ended)
}

// settle lets the store add up now and then.
func (v *Inventory) settle(ctx context.Context) {
	tick := time.NewTicker(settleEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := v.cfg.Store.Settle(ctx); err != nil && ctx.Err() == nil {
			v.cfg.Log.Error("sightings can't be added up now", "error", err)
		}
	}
}

// prune deletes what is past its time.
func (v *Inventory) prune(ctx context.Context) {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		now := v.cfg.Now()
		err := v.cfg.Store.Prune(ctx, now.Add(-v.cfg.Sightings), now.Add(-v.cfg.Rollups))
		v.mask.forget() // names of people who were not seen for long are gone
		if err != nil && !errors.Is(err, context.Canceled) {
			v.cfg.Log.Error("old sightings can't be deleted", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// batcher takes sightings from a queue. One goroutine uses it.
type batcher struct {
	v      *Inventory
	queue  <-chan *traffic.Sighting
	events []Event   // used again for the next batch
	since  time.Time // when the oldest sighting of events was queued, or before
	taken  time.Time // when the last batch was complete
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
	case s := <-b.queue: // it may have waited since the last batch, or longer
		if !full {
			b.since = b.taken
		}
		b.add(s)
	default:
		select {
		case s := <-b.queue:
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

func (b *batcher) gather(stop <-chan struct{}) {
	timer := time.NewTimer(time.Until(b.since.Add(gather)))
	defer timer.Stop()
	for len(b.events) < maxBatch {
		select { // what is there goes first, also after the end
		case s := <-b.queue:
			b.add(s)
			continue
		default:
		}
		select {
		case s := <-b.queue:
			b.add(s)
		case <-timer.C:
			return
		case <-stop:
			return
		}
	}
}

func (b *batcher) add(s *traffic.Sighting) { b.events = append(b.events, b.v.event(s)) }
