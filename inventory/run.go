package inventory

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/spool"
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
	wg.Go(func() { v.keepCopy(ctx) })
	wg.Go(func() { v.prune(ctx) })
	wg.Go(func() { v.sealDays(ctx) })
	wg.Go(func() { v.settle(ctx) })
	if v.cfg.Warm {
		wg.Go(func() { v.warm(ctx) })
	}
	wg.Go(func() { v.checkLedger(ctx) })
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
		if _, err := v.PruneNow(ctx); err != nil && !errors.Is(err, context.Canceled) {
			v.cfg.Log.Error("old sightings can't be deleted", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// PruneNow deletes what is past its time and puts on record how much that was.
// What is deleted was sealed before.
func (v *Inventory) PruneNow(ctx context.Context) (Pruned, error) {
	if _, err := v.SealNow(ctx); err != nil {
		return Pruned{}, err
	}
	if err := v.finishErasures(ctx); err != nil {
		return Pruned{}, fmt.Errorf("finishing an erasure: %w", err)
	}
	now := v.cfg.Now().UTC()
	cut := Cutoffs{
		Sightings: now.Add(-v.cfg.Sightings), Hours: now.Add(-v.cfg.Hours),
		Rollups: now.Add(-v.cfg.Rollups), People: now.Add(-v.cfg.People),
	}
	planned, err := v.plan(ctx, cut)
	if errors.Is(err, errPlanned) { // another process deletes now
		return Pruned{}, nil
	} else if err != nil {
		return Pruned{}, err
	}
	done, err := v.cfg.Store.Prune(ctx, cut)
	v.mask.forget() // names of people who were not seen for long are gone
	if done == (Pruned{}) && !planned {
		return done, err
	}
	_, noted := v.Write(ctx, recorder, func(*Book) ([]Note, error) {
		return []Note{{TopicDeletion, "", Deletion{Before: cut, Deleted: done}}}, nil
	})
	return done, errors.Join(err, noted)
}

// errPlanned says that another process has planned a deletion meanwhile.
var errPlanned = errors.New("another process deletes what is past its time")

// past reports whether sightings, hours or days are past their time.
func (v *Inventory) past(ctx context.Context, cut Cutoffs) (bool, error) {
	stop := errors.New("one is enough")
	err := v.cfg.Store.Sightings(ctx, time.Unix(0, 0), cut.Sightings, func(*Event) error { return stop })
	if err == nil {
		err = v.cfg.Store.Hours(ctx, 0, Hour(cut.Hours), func(HourKey, UsageTally) error { return stop })
	}
	if err == nil {
		err = v.cfg.Store.Usage(ctx, 0, Day(cut.Rollups), func(UsageKey, UsageTally) error { return stop })
	}
	if errors.Is(err, stop) {
		return true, nil
	}
	return false, err
}

// plan puts on record that sightings, hours or days are about to be deleted, when
// there are any past their time, and what is kept of them: else the end of the process in
// between would leave them missing, and nothing to explain it.
func (v *Inventory) plan(ctx context.Context, cut Cutoffs) (planned bool, err error) {
	some, err := v.past(ctx, cut)
	if err != nil || !some {
		return false, err
	}
	if err := v.cfg.Store.Settle(ctx); err != nil { // what is not added up stays
		return false, err
	}
	book := v.Book()
	gone, err := v.goes(ctx, book, cut.Sightings)
	if err != nil {
		return false, fmt.Errorf("keeping hashes of what is past its time: %w", err)
	}
	_, err = v.Write(ctx, recorder, func(b *Book) ([]Note, error) {
		if len(b.History(TopicDeletion, "")) != len(book.History(TopicDeletion, "")) {
			return nil, errPlanned
		}
		return []Note{{TopicDeletion, "", Plan{Deletion{Before: cut, Planned: true}, gone}}}, nil
	})
	return err == nil, err
}

// Deletion is what the ledger holds of one.
type Deletion struct {
	Before  Cutoffs `json:"before"`
	Deleted Pruned  `json:"deleted"`
	Planned bool    `json:"planned,omitempty"` // what follows is deleted now; the next entry without it says how much that was
}
