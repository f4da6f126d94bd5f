package sniffer

import (
	"sync/atomic"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/sniffer/packet"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// The size of a batch: enough that handing it over costs nothing by the packet,
// and so little that what is under way stays in the cache of the processor.
const (
	batchPackets = 512
	batchBytes   = 128 << 10
)

// batch is a piece of the capture on its way from the reader to all workers, and
// with what they saw to the sink. It is used again and again.
type batch struct {
	items   []item
	payload []byte // of the items
	lists   [][]uint16
	seen    []seen
	know    *knowing // from here on; nil: as before

	missing atomic.Int32  // workers that are not done with it
	done    chan struct{} // none is
}

// item is a packet; the list of its worker has its number.
type item struct {
	packet packet.Packet
	now    time.Time
	worker int32
}

// knowing is what Know says.
type knowing struct {
	classify func(host string) traffic.Verdict
	blind    *rules.BlindIndex
}

func newBatch(workers int) *batch {
	return &batch{
		items: make([]item, 0, batchPackets), payload: make([]byte, 0, batchBytes),
		lists: make([][]uint16, workers), seen: make([]seen, workers), done: make(chan struct{}, 1),
	}
}

// full reports whether there is no next item.
func (b *batch) full() bool { return len(b.items) == batchPackets }

// next returns where the next packet goes. It is of b once add was called. b is
// not full.
func (b *batch) next() *item { return &b.items[:len(b.items)+1][len(b.items)] }

// room reports whether a next packet with n bytes of payload fits. One that is
// bigger than any batch gets memory of its own.
func (b *batch) room(n int) bool { return len(b.payload)+n <= batchBytes || n > batchBytes }

// add takes the packet in next, and a copy of its payload. There is room.
func (b *batch) add() {
	it, n := b.next(), len(b.items)
	p := &it.packet
	w := workerOf(p, len(b.lists))
	it.worker = int32(w)
	b.items = b.items[:n+1]
	b.lists[w] = append(b.lists[w], uint16(n))
	if len(p.Payload) > batchBytes {
		p.Payload = append([]byte(nil), p.Payload...)
		return
	}
	at := len(b.payload)
	b.payload = append(b.payload, p.Payload...)
	p.Payload = b.payload[at:len(b.payload):len(b.payload)]
}

// tell hands what the workers saw to sink, in the order of the packets.
func (b *batch) tell(sink *Sink) {
	for i := range b.items {
		b.seen[b.items[i].worker].tell(i, sink)
	}
}

// reset makes b empty. What one odd packet needed is not kept.
func (b *batch) reset() {
	clear(b.items) // a payload of its own must not live on
	b.items, b.payload, b.know = b.items[:0], b.payload[:0], nil
	for i := range b.lists {
		b.lists[i] = b.lists[i][:0]
		b.seen[i].reset()
	}
}

// seen is what one worker saw in a batch.
type seen struct {
	events       []event
	next         int // event to be told
	observations []Observation
	flows        []traffic.Flow
	blinds       []traffic.BlindSpot
}

// event is what was seen in the packet of that number: the item of its kind at
// that index.
type event struct {
	packet uint16
	kind   eventKind
	index  int32
}

type eventKind uint8

const (
	eventObservation eventKind = iota
	eventFlow
	eventBlind
)

// tell hands to sink what was seen in the packet of that number.
func (s *seen) tell(n int, sink *Sink) {
	for ; s.next < len(s.events) && int(s.events[s.next].packet) == n; s.next++ {
		switch e := &s.events[s.next]; e.kind {
		case eventObservation:
			sink.Observation(&s.observations[e.index])
		case eventFlow:
			sink.Flow(&s.flows[e.index])
		case eventBlind:
			sink.Blind(&s.blinds[e.index])
		}
	}
}

// maxKept bounds the room that stays with a batch for the next time.
const maxKept = 4 * batchPackets

func (s *seen) reset() {
	if max(cap(s.observations), cap(s.flows), cap(s.blinds)) > maxKept {
		*s = seen{}
		return
	}
	s.events, s.next = s.events[:0], 0
	s.observations, s.flows, s.blinds = s.observations[:0], s.flows[:0], s.blinds[:0]
}

// worker reads its part of each batch.
type worker struct {
	sniffer *Sniffer
	in      chan *batch
	stats   atomic.Pointer[Stats] // as of the last batch
	index   int
	packet  uint16 // the number of the one in hand
	seen    *seen
}

// sink notes for later what sink will be told.
func (w *worker) sink(sink *Sink) (s Sink) {
	if sink.Observation != nil {
		s.Observation = func(o *Observation) {
			w.note(eventObservation, len(w.seen.observations))
			w.seen.observations = append(w.seen.observations, *o)
		}
	}
	if sink.Flow != nil {
		s.Flow = func(f *traffic.Flow) {
			w.note(eventFlow, len(w.seen.flows))
			w.seen.flows = append(w.seen.flows, *f)
		}
	}
	if sink.Blind != nil {
		s.Blind = func(b *traffic.BlindSpot) {
			w.note(eventBlind, len(w.seen.blinds))
			w.seen.blinds = append(w.seen.blinds, *b)
		}
	}
	return s
}

func (w *worker) note(kind eventKind, index int) {
	w.seen.events = append(w.seen.events, event{w.packet, kind, int32(index)})
}

// run reads batches until there are no more.
func (w *worker) run() {
	for b := range w.in {
		if b.know != nil {
			w.sniffer.Know(b.know.classify, b.know.blind)
		}
		w.seen = &b.seen[w.index]
		for _, n := range b.lists[w.index] {
			w.packet = n
			w.sniffer.take(&b.items[n].packet, b.items[n].now)
		}
		st := w.sniffer.Stats()
		w.stats.Store(&st)
		if b.missing.Add(-1) == 0 {
			b.done <- struct{}{}
		}
	}
}
