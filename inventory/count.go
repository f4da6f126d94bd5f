package inventory

import "sync/atomic"

// counters holds what Stats reports. All only grow.
type counters struct {
	durable, journalled, spilled, replayed, dropped, damaged, storeErrors atomic.Int64
}

// Stats are the figures of an inventory since its start.
type Stats struct {
	Queue       int   `json:"queue"`        // sightings waiting in memory now
	QueueCap    int   `json:"queue_cap"`    // and how many may
	SpoolBytes  int64 `json:"spool_bytes"`  // waiting on disk now
	Durable     int64 `json:"durable"`      // sightings in the store or the spool: they survive the end of the machine
	Journalled  int64 `json:"journalled"`   // sightings that were on their way there and survived the end of the process
	Spilled     int64 `json:"spilled"`      // of them, those that went to the spool
	Replayed    int64 `json:"replayed"`     // and those that came back from it
	Dropped     int64 `json:"dropped"`      // sightings lost
	Damaged     int64 `json:"damaged"`      // records (or tails) of the spool that could not be read
	StoreErrors int64 `json:"store_errors"` // batches that the store refused
	Foreign     int64 `json:"foreign"`      // entries and values found in the store that no gateway wrote, and left out
}

// Stats returns the figures of now.
func (v *Inventory) Stats() Stats {
	s := Stats{
		Queue: len(v.queue.waiting) + len(v.overflow.waiting), QueueCap: cap(v.queue.waiting) + cap(v.overflow.waiting),
		Durable: v.count.durable.Load(), Journalled: v.count.journalled.Load(), Spilled: v.count.spilled.Load(), Replayed: v.count.replayed.Load(),
		Dropped: v.count.dropped.Load(), Damaged: v.count.damaged.Load(), StoreErrors: v.count.storeErrors.Load(),
	}
	if sp := v.spool.Load(); sp != nil {
		s.SpoolBytes = sp.Bytes()
	}
	if st, ok := v.cfg.Store.(interface{ Foreign() int64 }); ok {
		s.Foreign = st.Foreign()
	}
	return s
}

// Durable returns how many sightings survive the end of the process.
func (v *Inventory) Durable() int64 { return v.count.durable.Load() }
