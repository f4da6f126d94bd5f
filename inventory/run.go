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
	// maxBatch and gather bound what is merged at a time: a sighting is durable
	// within a second of its end, and a commit is shared by many.
	maxBatch = 1000
	gather   = 100 * time.Millisecond

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

// batch reads up to maxBatch sightings from q: it waits for the first, then
// gathers for a moment. With stop closed it takes what is there, and nothing
// means that q is drained.
func (v *Inventory) batch(stop <-chan struct{}, q <-chan *traffic.Sighting) []Event {
	var events []Event
	var gathered <-chan time.Time
	for len(events) < maxBatch {
		select { // what is there goes first, also after the end
		case s := <-q:
			events = append(events, v.event(s))
			continue
		default:
		}
		if gathered == nil && len(events) > 0 {
			gathered = time.After(gather)
		}
		select {
		case s := <-q:
			events = append(events, v.event(s))
		case <-gathered:
			return events
		case <-stop:
			return events
		}
	}
	return events
}
