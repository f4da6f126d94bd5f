package sniffer

import (
	"context"
	"io"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/packet"
)

// together is how many frames are read, then taken apart, then understood, as far
// as they are at hand. Each of the three does its work for all of them before the
// next begins: the code of all of it does not fit into the first cache of a
// processor, that of one of them does.
const together = 64

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

func newFrameReader(src capture.Source) frameReader {
	many, _ := src.(manyFrames)
	if many == nil {
		return frameReader{src: src, room: make([]capture.Frame, 1)}
	}
	return frameReader{src: src, many: many, room: make([]capture.Frame, together)}
}

// next returns one frame or more, valid until the next call.
func (r *frameReader) next() ([]capture.Frame, error) {
	if r.many == nil {
		return r.room, r.src.Next(&r.room[0])
	}
	n, err := r.many.Frames(r.room)
	return r.room[:n], err
}

// unread is a packet that was taken apart and waits to be understood.
type unread struct {
	packet packet.Packet
	now    time.Time
}

// Run reads src to its end, or until ctx ends, and reports the sessions that
// are under way then. A damaged file is read up to the damage.
func (s *Sniffer) Run(ctx context.Context, src capture.Source) error {
	defer s.Flush()
	for r := newFrameReader(src); ; {
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

// frames reads frames.
func (s *Sniffer) frames(frames []capture.Frame) {
	for len(frames) > 0 {
		frames = frames[s.decode(frames):]
		for s.at = 0; s.at < len(s.unread); {
			s.read()
		}
		s.now = s.clock
	}
}

// decode takes frames apart, and returns how many. It survives what they do to
// us.
func (s *Sniffer) decode(frames []capture.Frame) (done int) {
	s.unread = s.unread[:0]
	defer s.survive()
	for done < min(len(frames), cap(s.unread)) {
		f := &frames[done]
		done++
		s.stats.frame(f)
		if !f.Time.IsZero() {
			s.clock = f.Time
		}
		u := &s.unread[:len(s.unread)+1][len(s.unread)]
		ok, why := s.decoder.Decode(f, &u.packet)
		s.stats.decoded(why)
		if !ok {
			continue
		}
		u.now = s.clock
		s.unread = s.unread[:len(s.unread)+1]
		if u.packet.Reassembled { // its payload is the decoder's, for one packet at a time
			break
		}
	}
	return done
}

// read reads what is unread, up to the first packet that does us harm.
func (s *Sniffer) read() {
	defer s.survive()
	for s.at < len(s.unread) {
		u := &s.unread[s.at]
		s.at++
		s.p, s.now = &u.packet, u.now
		s.packet()
	}
}

// take reads a packet that another decoder got.
func (s *Sniffer) take(p *packet.Packet, now time.Time) {
	defer s.survive()
	s.p, s.now = p, now
	s.packet()
}

// packet reads s.p.
func (s *Sniffer) packet() {
	if s.blind.due(s.now) {
		s.flushBlind()
	}
	switch s.p.Proto {
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
