package stream

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/notice"
)

// Group is all streams of a gateway. Its methods are safe for concurrent use.
type Group struct {
	// recording is held for reading while events are queued, though that waits
	// for the disk: who changes the streams must know that no event is under way
	// to one that goes. It is held for writing for a moment only.
	recording sync.RWMutex
	streams   []*Stream

	// running orders starts and ends of deliveries.
	running sync.Mutex
	ctx     context.Context // of Run; nil: it has not begun, or has ended
	ends    map[*Stream]func()
}

// NewGroup returns a group of open streams.
func NewGroup(streams ...*Stream) *Group {
	return &Group{streams: streams, ends: make(map[*Stream]func())}
}

// Streams returns the streams of now.
func (g *Group) Streams() []*Stream {
	g.recording.RLock()
	defer g.recording.RUnlock()
	return slices.Clone(g.streams)
}

// Record queues events for all streams; it returns when they are on disk, or
// counted as dropped. It keeps nothing of events. It waits for the disk only,
// never for a receiver.
func (g *Group) Record(events []inventory.Event) {
	g.recording.RLock()
	defer g.recording.RUnlock()
	if len(g.streams) == 0 || len(events) == 0 {
		return
	}
	b := newBatch(len(events))
	for i := range events {
		e := events[i]
		e.People = nil // the names stay with the register
		line, err := inventory.AppendLine(nil, &e)
		if err != nil {
			continue // an Event always encodes
		}
		b.add(&Record{Event: &e}, line)
	}
	g.putLocked(b)
}

// Tell is Record for notices.
func (g *Group) Tell(notices []notice.Notice) {
	g.recording.RLock()
	defer g.recording.RUnlock()
	if len(g.streams) == 0 || len(notices) == 0 {
		return
	}
	b := newBatch(len(notices))
	for i := range notices {
		line, err := json.Marshal(noticed{&notices[i]})
		if err != nil {
			continue // a Notice always encodes
		}
		r := Noticed(&notices[i], nil)
		b.add(&r, line)
	}
	g.putLocked(b)
}

func (g *Group) putLocked(b *batch) {
	var wg sync.WaitGroup
	for _, s := range g.streams[1:] {
		wg.Go(func() { s.put(b.of(s.kinds)) })
	}
	g.streams[0].put(b.of(g.streams[0].kinds))
	wg.Wait()
}

// Run delivers until ctx ends, and what is left for a moment longer. It is
// called once, and returns nil.
func (g *Group) Run(ctx context.Context) error {
	g.running.Lock()
	g.ctx = ctx
	for _, s := range g.Streams() {
		g.startLocked(s)
	}
	g.running.Unlock()
	<-ctx.Done()
	g.running.Lock()
	defer g.running.Unlock()
	g.ctx = nil
	g.stopLocked(slices.Collect(maps.Keys(g.ends)))
	return nil
}

// startLocked lets a stream deliver if the group does, and it does not yet.
func (g *Group) startLocked(s *Stream) {
	if g.ctx == nil || g.ends[s] != nil {
		return
	}
	ctx, cancel := context.WithCancel(g.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Run(ctx) // always nil
	}()
	g.ends[s] = func() { cancel(); <-done }
}

// stopLocked ends deliveries, and returns when all have ended.
func (g *Group) stopLocked(streams []*Stream) {
	var wg sync.WaitGroup
	for _, s := range streams {
		if end := g.ends[s]; end != nil {
			delete(g.ends, s)
			wg.Go(end)
		}
	}
	wg.Wait()
}

// Close closes all streams; Run must have ended.
func (g *Group) Close() error {
	var errs []error
	for _, s := range g.Streams() {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
