package inventory

import (
	"context"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/spool"
)

const (
	// durableWithin is when a sighting is given up to the spool: a store that
	// has not taken it by then is taken for away, and there is a moment left of
	// the second that was promised.
	durableWithin = 850 * time.Millisecond

	// mergeAtLeast is what a store has for a merge, also of sightings that
	// waited long.
	mergeAtLeast = 300 * time.Millisecond

	// retryAfter is how long a store that failed is left alone.
	retryAfter = 500 * time.Millisecond
)

// drain brings sightings from the queue into the store, or into the spool while
// the store is away, until ctx ends and the queue is empty. They are in a journal
// until they are there.
func (v *Inventory) drain(ctx context.Context, sp *spool.Spool) {
	in := newIntake(v, v.queue, sp)
	go func() {
		in.run(ctx.Done())
		v.shut()
		in.rest()
		close(in.batches)
	}()
	for g := range in.batches {
		for events := range slices.Chunk(g.events, maxBatch) {
			v.keep(sp, events, g.since)
		}
		in.done(g)
	}
}

// keep makes events durable that wait since a time. The end of the process must
// not cut a merge short: it has a bound of its own.
func (v *Inventory) keep(sp *spool.Spool, events []Event, since time.Time) {
	within := max(mergeAtLeast, time.Until(since.Add(durableWithin)))
	if v.away() || v.merge(context.Background(), within, events) != nil {
		v.toSpool(sp, events)
		return
	}
	v.hand(events) // before it counts: what is counted as durable has been handed on
	v.count.durable.Add(int64(len(events)))
}

// away reports whether the store is to be left alone: new sightings must not
// wait for a store that is known not to answer.
func (v *Inventory) away() bool { return time.Now().UnixNano() < v.retry.Load() }

// merge gives events to the store and notes how it is.
func (v *Inventory) merge(ctx context.Context, within time.Duration, events []Event) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if err := v.cfg.Store.Merge(ctx, events); err != nil {
		v.count.storeErrors.Add(1)
		v.leave()
		v.ail("the store takes no sightings: they wait in the spool", err)
		return err
	}
	v.mask.stored(events)
	return nil
}

// leave leaves the store alone for a while.
func (v *Inventory) leave() { v.retry.Store(time.Now().Add(retryAfter).UnixNano()) }

// spill brings what the queue could not take to the spool, until the end of the
// queue.
func (v *Inventory) spill(sp *spool.Spool) {
	b := newBatcher(v, v.overflow)
	for {
		events := b.next(v.ended)
		if len(events) == 0 {
			return
		}
		v.toSpool(sp, events)
	}
}

// toSpool writes events to the spool. What it can't take is lost, and counted.
func (v *Inventory) toSpool(sp *spool.Spool, events []Event) {
	records := make([][]byte, 0, len(events))
	for i := range events {
		b, err := AppendLine(nil, &events[i])
		if err != nil {
			v.count.dropped.Add(1)
			v.ail("a sighting can't be encoded", err)
			continue
		}
		records = append(records, b)
	}
	if err := sp.Append(records); err != nil {
		v.count.dropped.Add(int64(len(records)))
		v.ail("sightings are lost: neither the store nor the spool takes them", err)
		return
	}
	v.wake()
	v.count.spilled.Add(int64(len(records)))
	v.hand(events)
	v.count.durable.Add(int64(len(records)))
}
