package sniffer

import (
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/dns"
	"github.com/gnomon-proxy/gnomon/sniffer/hello"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
	"github.com/gnomon-proxy/gnomon/sniffer/packet"
	"github.com/gnomon-proxy/gnomon/sniffer/quic"
	"github.com/gnomon-proxy/gnomon/sniffer/stream"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Config says what a Sniffer knows. The zero value is ready to use.
type Config struct {
	// Origin is where the frames come from, a file or an interface: it stands in
	// every flow.
	Origin string

	// Classify tells the AI service behind a host. With it only lookups and
	// sessions of AI services are flows, the others are counted; without it all
	// are flows, and no session is named by its address.
	Classify func(host string) traffic.Verdict

	// Blind knows behind what traffic hides; nil: no blind spot is reported.
	Blind *rules.BlindIndex

	// Names remembers what addresses were given for. The Sniffers of one network
	// share it. nil: one of its own.
	Names *learned.Names

	// Fingerprints has observations of hellos say how they were made: JA4 and
	// Browser.
	Fingerprints bool

	// Every is after how long a session that goes on is reported; 0: 2 minutes.
	Every time.Duration

	// Flows bounds the flows under way; 0: 65,536.
	Flows int
}

// Sink takes what a Sniffer sees, on the Sniffer's goroutine. What a pointer
// points to is valid until the func returns. A nil func is not called.
type Sink struct {
	Observation func(*Observation)
	Lines       *Lines // instead of Observation
	Flow        func(*traffic.Flow)
	Blind       func(*traffic.BlindSpot)
}

// Lines has observations made into text where they are at hand, on several
// goroutines where several read.
type Lines struct {
	// New returns a func for one goroutine that appends what o is to b.
	New func() func(b []byte, o *Observation) []byte

	// Write takes the lines of some packets, as all of a Sink in their order. They
	// are valid until it returns.
	Write func(lines []byte)
}

// Sniffer reads frames. One goroutine owns it, save where a method says
// otherwise.
type Sniffer struct {
	cfg     Config
	sink    Sink
	decoder *packet.Decoder
	table   *stream.Table[session]
	quic    *quic.Table
	names   names
	learned *learned.Names
	marks   marks
	lookups lookups
	blind   blinds
	stats   Stats
	seen    *seen          // in the chunk in hand
	late    *[]Observation // behind the last chunk
	calling bool           // a func of the sink is: its faults are not ours

	// Of a Sniffer that reads alone.
	looker  *looker
	speller *speller
	chunk   *chunk
	one     [1]capture.Frame

	clock time.Time // of the frames
	at    int       // of the next one in its chunk
	know  *knowing
	now   time.Time // of the packet
	p     *packet.Packet
	seg   stream.Segment
	parts parts
	msg   dns.Message
	hello hello.Hello
	found searches
	obs   Observation
	flow  traffic.Flow

	scratch []byte
	text    []byte
}

// New returns a Sniffer that tells sink what it sees.
func New(cfg Config, sink Sink) *Sniffer {
	s := newFollower(cfg, sink)
	s.looker, s.speller, s.chunk = newLooker(s.marks.secret, &s.names), newSpeller(sink.Lines), newChunk(alone)
	return s
}

// alone is how many frames a Sniffer that reads alone takes in hand together.
const alone = 2 * together

// newFollower returns a Sniffer that follows what others have looked at.
func newFollower(cfg Config, sink Sink) *Sniffer {
	if cfg.Every <= 0 {
		cfg.Every = 2 * time.Minute
	}
	if cfg.Names == nil {
		cfg.Names = learned.New(1 << 15)
	}
	if cfg.Flows <= 0 {
		cfg.Flows = 1 << 16
	}
	s := &Sniffer{
		cfg: cfg, sink: sink, learned: cfg.Names,
		decoder: packet.NewDecoder(), quic: quic.New(quic.Options{Connections: 1 << 14, Bytes: 16 << 20}),
		names: newNames(cfg), marks: newMarks(), lookups: newLookups(), blind: newBlinds(),
		text: make([]byte, 0, 1<<10),
	}
	s.table = stream.New(streams{s}, stream.Options{Flows: cfg.Flows, Memory: 16 << 20})
	return s
}

// Know replaces what names mean (see Config), as rules were read anew. Sessions
// under way keep what theirs meant. It is for the goroutine that reads.
func (s *Sniffer) Know(classify func(host string) traffic.Verdict, blind *rules.BlindIndex) {
	s.cfg.Classify, s.cfg.Blind = classify, blind
	s.names = newNames(s.cfg)
}

// segment makes what package stream reads of s.p.
func (s *Sniffer) segment() *stream.Segment {
	p := s.p
	s.seg = stream.Segment{
		Time: s.now.UnixNano(), Proto: stream.Proto(p.Proto), Flags: stream.Flags(p.Flags), Src: p.Src, Dst: p.Dst,
		Seq: p.Seq, Payload: p.Payload, Length: p.PayloadLen,
	}
	return &s.seg
}

// observe tells of n, with the ends that are in s.obs.
func (s *Sniffer) observe(kind Kind, n *name, qtype uint16) {
	if s.sink.Observation == nil && s.sink.Lines == nil {
		return
	}
	o := &s.obs
	o.Time, o.Kind, o.Name, o.Verdict, o.Type = s.now, kind, n.text, n.verdict, qtype
	if s.late != nil {
		*s.late = append(*s.late, *o)
		return
	}
	s.seen.observations = append(s.seen.observations, *o)
	s.seen.note(eventObservation, s.at-1, len(s.seen.observations)-1)
}

// send hands s.flow to the sink.
func (s *Sniffer) send() {
	if s.sink.Flow == nil {
		return
	}
	if s.apart() {
		s.seen.flows = append(s.seen.flows, s.flow)
		s.seen.note(eventFlow, s.at-1, len(s.seen.flows)-1)
		return
	}
	s.calling = true
	s.sink.Flow(&s.flow)
	s.calling = false
}

// sendBlind hands b to the sink.
func (s *Sniffer) sendBlind(b *traffic.BlindSpot) {
	if s.apart() {
		s.seen.blinds = append(s.seen.blinds, *b)
		s.seen.note(eventBlind, s.at-1, len(s.seen.blinds)-1)
		return
	}
	s.calling = true
	s.sink.Blind(b)
	s.calling = false
}

// apart reports whether the sink is for another goroutine.
func (s *Sniffer) apart() bool { return s.looker == nil && s.late == nil }
