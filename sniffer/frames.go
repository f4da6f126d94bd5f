package sniffer

import (
	"context"
	"io"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/packet"
)

// manyFrames is a source that brings several frames at once, as capture.File does.
type manyFrames interface {
	Frames(dst []capture.Frame) (n int, err error)
}

// frameReader reads frames of any source.
type frameReader struct {
	src  capture.Source
	many manyFrames // nil: it brings one after another
	room []capture.Frame
}

func newFrameReader(src capture.Source, n int) frameReader {
	many, _ := src.(manyFrames)
	if many == nil {
		n = 1
	}
	return frameReader{src: src, many: many, room: make([]capture.Frame, n)}
}

// next returns one frame or more, valid until the next call.
func (r *frameReader) next() ([]capture.Frame, error) {
	if r.many == nil {
		return r.room, r.src.Next(&r.room[0])
	}
	n, err := r.many.Frames(r.room)
	return r.room[:n], err
}

// Run reads src to its end, or until ctx ends, and reports the sessions that
// are under way then. A damaged file is read up to the damage.
func (s *Sniffer) Run(ctx context.Context, src capture.Source) error {
	defer s.Flush()
	for r := newFrameReader(src, cap(s.chunk.items)); ; {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		frames, err := r.next()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		s.frames(frames)
	}
}

// Frame reads one frame, and survives what it does to us.
func (s *Sniffer) Frame(f *capture.Frame) {
	s.one[0] = *f
	s.frames(s.one[:])
	s.one[0].Data = nil
}

// frames reads frames, of which there are no more than items in s.chunk.
func (s *Sniffer) frames(frames []capture.Frame) {
	c := s.chunk
	c.frames = frames
	s.looker.look(c)
	s.follow(c)
	s.speller.spell(c)
	c.tell(&s.sink, &s.obs, s.speller)
	c.frames = nil
}

// follow reads what look has left of c. Chunks are followed in their order.
func (s *Sniffer) follow(c *chunk) {
	if c.know != s.know {
		s.know = c.know
		s.Know(c.know.classify, c.know.blind)
	}
	s.seen = &c.seen
	s.stats.Faults += c.faults
	for s.at = 0; s.at < len(c.items); {
		s.read(c)
	}
	s.now, s.seen = s.clock, nil
}

// read reads items of c, up to the first that does us harm.
func (s *Sniffer) read(c *chunk) {
	defer s.survive()
	for s.at < len(c.items) {
		f, it := &c.frames[s.at], &c.items[s.at]
		s.at++
		s.stats.frame(f)
		if it.now.IsZero() {
			it.now = s.clock
		}
		s.clock = it.now
		switch it.how {
		case asked:
			s.now = it.now
			s.asked(c, it)
		case apart:
			s.now = it.now
			s.packet(&it.packet)
		case unread:
			ok, why := s.decoder.Decode(f, &it.packet)
			if s.stats.decoded(why); ok {
				s.now = it.now
				s.packet(&it.packet)
			}
		}
	}
}

// asked counts a DNS message that look has read, and remembers what it answers.
func (s *Sniffer) asked(c *chunk, it *item) {
	if s.blind.due(s.now) {
		s.flushBlind()
	}
	s.stats.Messages++
	if !it.reply {
		s.stats.Queries++
		return
	}
	s.stats.Replies++
	first := int32(0)
	if s.at > 1 {
		first = c.items[s.at-2].answers
	}
	if answers := c.answers[first:it.answers]; len(answers) > 0 {
		s.mark(answers, it)
	}
}

// packet reads p.
func (s *Sniffer) packet(p *packet.Packet) {
	s.p = p
	if s.blind.due(s.now) {
		s.flushBlind()
	}
	switch p.Proto {
	case packet.TCP:
		s.tcp()
	case packet.UDP:
		s.udp()
	case packet.ESP:
		s.esp()
	}
}

func (s *Sniffer) survive() {
	if s.calling {
		return // the panic goes on
	}
	if recover() != nil {
		s.stats.Faults++
	}
}

// mark is learn for a name that is no AI service.
func (s *Sniffer) mark(answers []answer, it *item) {
	now := s.now.Unix()
	for i := range answers {
		if a := &answers[i]; s.marks.servers.has(a.server, markAI, now) {
			s.learned.Learn(it.packet.Dst.Addr(), a.addr, it.name.text, time.Duration(a.ttl)*time.Second, s.now)
		} else {
			s.marks.pairs.add(a.pair, now)
			s.marks.servers.add(a.server, markOther, now)
		}
	}
}
