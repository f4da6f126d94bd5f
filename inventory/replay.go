package inventory

import (
	"context"
	"encoding/json"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/spool"
)

const (
	replayEvery = 200 * time.Millisecond

	// replayWithin bounds the merge of spooled sightings. It is generous: they
	// are safe, and a store that is merely slow must still get them in the end.
	replayWithin = 30 * time.Second

	// lastWithin bounds what a shutdown waits for the spool to become empty.
	lastWithin = 2 * time.Second
)

// replay empties the spool into the store whenever that is there, until ctx
// ends. While all is well it sleeps.
func (v *Inventory) replay(ctx context.Context, sp *spool.Spool) {
	tick := time.NewTicker(replayEvery)
	defer tick.Stop()
	for {
		if sp.Bytes() == 0 && v.ailment() == nil {
			tick.Stop()
			select {
			case <-ctx.Done():
			case <-v.astray:
			}
			tick.Reset(replayEvery)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			v.empty(ctx, sp)
		}
	}
}

// wake tells replay that something is in the spool, or wrong.
func (v *Inventory) wake() {
	select {
	case v.astray <- struct{}{}:
	default:
	}
}

// lastReplay leaves an empty spool and settled figures behind where it can, so
// that who opens the store next sees all.
func (v *Inventory) lastReplay(sp *spool.Spool) {
	ctx, cancel := context.WithTimeout(context.Background(), lastWithin)
	defer cancel()
	v.retry.Store(0) // one that was merely slow is asked once more
	v.empty(ctx, sp)
	if err := v.cfg.Store.Settle(ctx); err != nil {
		v.cfg.Log.Error("sightings are added up at the next start", "error", err)
	}
}

// empty replays segment by segment until the spool is empty or the store goes
// away.
func (v *Inventory) empty(ctx context.Context, sp *spool.Spool) {
	for ctx.Err() == nil && !v.away() {
		if sp.Bytes() == 0 {
			v.convalesce()
			return
		}
		if !v.replayOldest(ctx, sp) {
			return
		}
	}
}

// replayOldest merges the oldest segment, or what an earlier process had noted
// when it was killed, and removes it. A crash between the two does no harm:
// merging is idempotent.
func (v *Inventory) replayOldest(ctx context.Context, sp *spool.Spool) (ok bool) {
	segment, err := sp.Oldest()
	if err != nil {
		v.leave()
		v.ail("the spool can't be read", err)
		return false
	}
	if segment == nil {
		return false
	}
	events := v.decode(segment.Records)
	for rest := events; len(rest) > 0; rest = rest[min(len(rest), maxBatch):] {
		if v.merge(ctx, replayWithin, rest[:min(len(rest), maxBatch)]) != nil {
			return false
		}
	}
	if segment.Journal {
		v.hand(events) // whether the process came to that is not known
	}
	if err := sp.Remove(segment); err != nil {
		v.leave()
		v.ail("the spool can't be emptied", err)
		return false
	}
	v.count.replayed.Add(int64(len(events)))
	if segment.Cut && !segment.Journal {
		v.count.damaged.Add(1)
		v.cfg.Log.Error("the spool was damaged: a tail is lost", "records_before_it", len(segment.Records))
	}
	return true
}

// decodeRecord reads an event as the spool has it, or as the journal does.
func decodeRecord(r []byte) (e Event, err error) {
	if len(r) > 0 && r[0] == '{' {
		err = json.Unmarshal(r, &e)
		return e, err
	}
	return readNote(r)
}

// decode reads spooled events. A record whose checksum holds but that is no
// event comes from another version: it is counted and left out.
func (v *Inventory) decode(records [][]byte) []Event {
	events := make([]Event, 0, len(records))
	for _, r := range records {
		e, err := decodeRecord(r)
		if err != nil || e.ID == "" {
			v.count.damaged.Add(1)
			continue
		}
		events = append(events, e)
	}
	return events
}
