package inventory

import (
	"context"
	"fmt"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Saver records sightings straight into the store, for programs that read files:
// it waits where Inventory.Record would spool. It needs no Run and may be used
// beside a running gateway. One goroutine uses it.
type Saver struct {
	v      *Inventory
	ctx    context.Context
	events []Event
	err    error
}

// Saver returns a Saver whose merges end with ctx. Flush it at the end.
func (v *Inventory) Saver(ctx context.Context) *Saver { return &Saver{v: v, ctx: ctx} }

// Record keeps a sighting. Errors come out of Flush.
func (s *Saver) Record(sighting *traffic.Sighting) {
	e := s.v.event(sighting)
	e.Fresh = false // a file may be read again
	s.events = append(s.events, e)
	if len(s.events) >= maxBatch {
		s.Flush()
	}
}

// Flush merges what is left. It returns the first error since the start, after
// which nothing more is recorded.
func (s *Saver) Flush() error {
	if s.err == nil && len(s.events) > 0 {
		if s.err = s.v.cfg.Store.Merge(s.ctx, s.events); s.err != nil {
			s.err = fmt.Errorf("saving sightings: %w", s.err)
		} else {
			s.v.mask.stored(s.events)
		}
	}
	clear(s.events)
	s.events = s.events[:0]
	return s.err
}
