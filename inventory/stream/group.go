package stream

import (
	"encoding/json"
	"sync"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// Group is all streams of a gateway.
type Group struct{ streams []*Stream }

// NewGroup returns a group of open streams.
func NewGroup(streams ...*Stream) *Group { return &Group{streams} }

// Streams returns the streams.
func (g *Group) Streams() []*Stream { return g.streams }

// Record queues events for all streams; it returns when they are on disk, or
// counted as dropped. It keeps nothing of events. It waits for the disk only,
// never for a receiver.
func (g *Group) Record(events []inventory.Event) {
	if len(g.streams) == 0 || len(events) == 0 {
		return
	}
	records := make([][]byte, 0, len(events))
	for i := range events {
		e := events[i]
		e.People = nil // the names stay with the register
		b, err := json.Marshal(&e)
		if err != nil {
			continue // an Event always encodes
		}
		records = append(records, b)
	}
	var wg sync.WaitGroup
	for _, s := range g.streams[1:] {
		wg.Go(func() { s.put(records) })
	}
	g.streams[0].put(records)
	wg.Wait()
}
