package vault

import "sync/atomic"

// counters only grow.
type counters struct {
	hidden, unkept, restored        atomic.Int64
	expired, evicted, evictedTokens atomic.Int64
	sharedErrors, sharedDropped     atomic.Int64
	twice, damaged                  atomic.Int64
	forgotten                       atomic.Int64
}

// Stats are the figures of a vault.
type Stats struct {
	Conversations, Tokens, Bytes int64 // now

	// All others only grow.
	Hidden        int64 // values that a token was sent for
	Unkept        int64 // values that no token could be had for: they are redacted
	Restored      int64 // tokens replaced in answers
	Expired       int64 // values wiped because they were not used for long
	Evicted       int64 // conversations dropped for want of room
	EvictedTokens int64 // values dropped for want of room in their conversation
	SharedErrors  int64 // failures of the store that gateways share
	SharedDropped int64 // values not shared, as too many waited or that store failed
	Ambiguous     int64 // tokens that two gateways gave to different values: not restored
	Damaged       int64 // shared values that can't be opened
	Forgotten     int64 // values wiped because their person was erased
}

// Stats returns the figures.
func (v *Vault) Stats() Stats {
	v.mu.Lock()
	s := Stats{Conversations: int64(len(v.all)), Bytes: v.bytes}
	for _, c := range v.all {
		s.Tokens += int64(len(c.byName))
	}
	v.mu.Unlock()
	n := &v.stats
	s.Hidden, s.Unkept, s.Restored = n.hidden.Load(), n.unkept.Load(), n.restored.Load()
	s.Expired, s.Evicted, s.EvictedTokens = n.expired.Load(), n.evicted.Load(), n.evictedTokens.Load()
	s.SharedErrors, s.SharedDropped = n.sharedErrors.Load(), n.sharedDropped.Load()
	s.Ambiguous, s.Damaged = n.twice.Load(), n.damaged.Load()
	s.Forgotten = n.forgotten.Load()
	return s
}
