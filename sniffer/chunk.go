package sniffer

import (
	"net/netip"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/packet"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// chunk is a run of frames on its way through the four steps of reading them. It
// is used again and again.
//
//	look    what a packet tells alone: addresses, most DNS messages   any goroutine
//	follow  what it tells with those before it                        one, in order
//	spell   lines of what was seen, where they are asked for          any goroutine
//	tell    all that was seen to the sink                             one, in order
//
// The code of all of it does not fit into the first cache of a processor, that of
// a step does.
type chunk struct {
	frames  []capture.Frame
	items   []item // of the frames
	answers []answer
	faults  int64    // in look
	know    *knowing // the last; nil: as Config says
	seen    seen
	lines   []byte
	spelled place  // what lines reach to
	room    []byte // for the bytes of the frames
	odd     bool   // some may lie elsewhere
	done    step   // of Parallel, as its mutex guards it
}

// step is the last one that was taken of a chunk.
type step uint8

const (
	nothing step = iota
	looked
	spelled
)

// item is what is known of a frame. Look fills it but for the time, which follow
// does.
type item struct {
	packet  packet.Packet
	now     time.Time
	how     how
	reply   bool
	qtype   uint16
	answers int32 // in the chunk, from those of the item before it
	name    *name // that a DNS message is about
}

// how is how far look has come.
type how uint8

const (
	unread how = iota // not at all
	apart             // to the packet
	asked             // to the end: it is a DNS message of one question, which is no flow
	broken            // it did us harm
)

// answer is an address in an answer about a name that is no AI service.
type answer struct {
	pair, server uint64 // for the marks
	addr         netip.Addr
	ttl          uint32
}

// knowing is what Know says.
type knowing struct {
	classify func(host string) traffic.Verdict
	blind    *rules.BlindIndex
}

func newChunk(frames int) *chunk { return &chunk{items: make([]item, 0, frames)} }

// seen is what was seen in a chunk beyond the items that are asked.
type seen struct {
	events       []event
	observations []Observation
	flows        []traffic.Flow
	blinds       []traffic.BlindSpot
}

// event is what was seen in the frame of that number: the one of its kind at that
// index.
type event struct {
	frame uint16
	kind  eventKind
	index int32
}

type eventKind uint8

const (
	eventObservation eventKind = iota
	eventFlow
	eventBlind
)

func (s *seen) note(kind eventKind, frame, index int) {
	s.events = append(s.events, event{uint16(frame), kind, int32(index)})
}

// maxKept bounds the room that stays with a chunk for the next time.
const maxKept = 1 << 11

func (s *seen) reset() {
	if max(cap(s.observations), cap(s.flows), cap(s.blinds)) > maxKept {
		*s = seen{}
		return
	}
	s.events, s.observations, s.flows, s.blinds = s.events[:0], s.observations[:0], s.flows[:0], s.blinds[:0]
}

// walk hands what was seen in c to sink, in the order of the frames.
func (c *chunk) walk(sink *Sink, o *Observation) {
	events := c.seen.events
	if sink.Observation != nil {
		for i := range c.items {
			if it := &c.items[i]; it.how == asked {
				it.observation(o)
				sink.Observation(o)
			}
			for ; len(events) > 0 && int(events[0].frame) == i; events = events[1:] {
				c.seen.tell(events[0], sink)
			}
		}
	}
	for _, e := range events {
		c.seen.tell(e, sink)
	}
}

func (s *seen) tell(e event, sink *Sink) {
	switch {
	case e.kind == eventObservation && sink.Observation != nil:
		sink.Observation(&s.observations[e.index])
	case e.kind == eventFlow && sink.Flow != nil:
		sink.Flow(&s.flows[e.index])
	case e.kind == eventBlind && sink.Blind != nil:
		sink.Blind(&s.blinds[e.index])
	}
}

// observation makes o what an item that is asked shows.
func (it *item) observation(o *Observation) {
	p := &it.packet
	client, server := &p.Src, &p.Dst
	if o.Kind = KindQuery; it.reply {
		o.Kind, client, server = KindReply, server, client
	}
	o.Time, o.Sensor, o.Name, o.Verdict, o.Type = it.now, traffic.SensorDNS, it.name.text, it.name.verdict, it.qtype
	o.Client, o.ClientPort, o.Server, o.ServerPort = client.Addr(), client.Port(), server.Addr(), server.Port()
}

// speller makes the lines of chunks.
type speller struct {
	line func(b []byte, o *Observation) []byte
	obs  Observation
}

// newSpeller returns nil where no lines are asked for.
func newSpeller(lines *Lines) *speller {
	if lines == nil {
		return nil
	}
	return &speller{line: lines.New()}
}

// maxLines bounds the lines that a chunk holds. Those of most are half of it; the rest
// of others, whose names were made up to be long, is spelled when it is told.
const maxLines = 1 << 18

// place is how far the items and events of a chunk have become lines.
type place struct{ item, event int }

// spell makes the lines of c.
func (s *speller) spell(c *chunk) {
	if s != nil {
		c.lines, c.spelled = s.some(c, c.lines[:0], place{})
	}
}

// some appends the lines from a place on, until they are maxLines bytes.
func (s *speller) some(c *chunk, b []byte, from place) ([]byte, place) {
	events := c.seen.events
	for ; from.item < len(c.items) && len(b) < maxLines; from.item++ {
		if it := &c.items[from.item]; it.how == asked {
			it.observation(&s.obs)
			b = s.line(b, &s.obs)
		}
		for ; from.event < len(events) && int(events[from.event].frame) == from.item; from.event++ {
			b = s.event(c, b, events[from.event])
		}
	}
	for ; from.item == len(c.items) && from.event < len(events) && len(b) < maxLines; from.event++ {
		b = s.event(c, b, events[from.event])
	}
	return b, from
}

func (s *speller) event(c *chunk, b []byte, e event) []byte {
	if e.kind != eventObservation {
		return b
	}
	return s.line(b, &c.seen.observations[e.index])
}

// tell hands what was seen in c to sink; sp spells the lines that are not.
func (c *chunk) tell(sink *Sink, o *Observation, sp *speller) {
	if sink.Lines == nil {
		c.walk(sink, o)
		return
	}
	for len(c.lines) > 0 {
		sink.Lines.Write(c.lines)
		c.lines, c.spelled = sp.some(c, c.lines[:0], c.spelled)
	}
	c.walk(&Sink{Flow: sink.Flow, Blind: sink.Blind}, nil)
}
