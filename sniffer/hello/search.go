package hello

import (
	"bytes"
	"encoding/binary"
)

// Limit is how much of a TCP stream is searched: a ClientHello counts anywhere
// in it.
const Limit = 64 << 10

// State says what Search.Feed found.
type State uint8

// The states.
const (
	NeedMore State = iota // not yet: call again when the stream has grown
	Found                 // a whole ClientHello
	Hopeless              // there will be none
)

// Search looks for a ClientHello in one direction of a TCP stream, wherever it
// starts and however it is cut into records. The zero value starts at the
// stream's first byte. It is small, so that each stream can have its own.
type Search struct {
	next    int32 // where to look on
	work    int32 // spent on what was none, see maxWork
	walking bool  // what starts at next may be one:

	// The records from next to record are whole and hold got bytes of a message,
	// which is want bytes long and starts with head.
	record, got, want int32
	head              [6]byte // type, length, version
}

// A record starts with type, version and length; one with handshake messages is
// of type 22, not empty and at most 16 KiB long (RFC 8446, section 5.1).
const (
	recordHeader    = 5
	recordHandshake = 22
	maxRecord       = 1 << 14
	typeServerHello = 2
)

// minHello is the length of the shortest ClientHello: version, random, empty
// session id, one cipher suite, no compression.
const minHello = headerLen + 2 + 32 + 1 + 4 + 2

// maxWork bounds the bytes that are looked at in vain: a stream made of
// beginnings of ClientHellos, one inside the other, would cost its square
// otherwise. No honest stream comes near.
const maxWork = 16 * Limit

// Feed looks at the stream, of which it must be given all from the first byte,
// each time a longer part; what was looked at before is not looked at again. msg
// is the ClientHello, for Parse. It lies in stream, or in scratch when it had to
// be put together; scratch grows to 64 KiB at most and may be shared by all
// searches of one goroutine. After Found, Feed looks on behind the message: a
// client sends a second one when its server asks so.
func (s *Search) Feed(stream []byte, scratch *[]byte) (msg []byte, st State) {
	last := len(stream) >= Limit
	stream = stream[:min(len(stream), Limit)]
	for int(s.next) < len(stream) && s.work < maxWork {
		if !s.walking && !s.begin(stream) {
			break
		}
		switch st := s.walk(stream); {
		case st == Found:
			if msg, ok := s.take(stream, scratch); ok {
				return msg, Found
			}
			s.reject(s.cost())
		case st == NeedMore && !last:
			return nil, NeedMore
		default:
			s.reject(recordHeader)
		}
	}
	if last || s.next >= Limit || s.work >= maxWork {
		s.next = Limit
		return nil, Hopeless
	}
	return nil, NeedMore
}

// Partial returns what is there of a ClientHello whose end Feed waits for, for
// ParsePartial, when the stream has ended; nil if Feed waits for none.
func (s *Search) Partial(stream []byte, scratch *[]byte) []byte {
	stream = stream[:min(len(stream), Limit)]
	if !s.walking || s.want == 0 {
		return nil
	}
	var rest []byte
	if int(s.record)+recordHeader < len(stream) {
		rest = stream[s.record+recordHeader:]
		rest = rest[:min(len(rest), int(s.want-s.got), recordLen(stream[s.record:]))]
	}
	return s.gather(stream, rest, scratch)
}

// begin goes to the next byte with which a record may start.
func (s *Search) begin(stream []byte) bool {
	at := int(s.next)
	for {
		i := bytes.IndexByte(stream[at:], recordHandshake)
		if i < 0 {
			s.next = int32(len(stream))
			return false
		}
		if at += i; at+1 == len(stream) || stream[at+1] == 3 {
			break
		}
		at++ // noise has one such byte in 256
	}
	s.next = int32(at)
	s.walking, s.record, s.got, s.want = true, s.next, 0, 0
	return true
}

// reject goes on behind a start that was none.
func (s *Search) reject(work int32) {
	s.walking = false
	s.next++
	s.work += work
}

// cost is the work of looking in vain at what seemed whole: copying it, or having
// parsed some of it.
func (s *Search) cost() int32 {
	if s.got > 0 {
		return s.want
	}
	return s.want / 16
}

// walk goes from record to record until the message is whole.
func (s *Search) walk(stream []byte) State {
	for {
		b := stream[s.record:]
		if !maybeRecord(b) {
			return Hopeless
		}
		if len(b) < recordHeader {
			return NeedMore
		}
		n := recordLen(b)
		b = b[recordHeader:]
		b = b[:min(len(b), n)]
		if !s.readHead(b) {
			return Hopeless
		}
		if s.want > 0 && int(s.got)+len(b) >= int(s.want) {
			return Found
		}
		if len(b) < n {
			return NeedMore
		}
		s.got += int32(n)
		s.record += int32(recordHeader + n)
		s.work += recordHeader
		if s.record >= Limit || s.work >= maxWork {
			return Hopeless
		}
	}
}

// maybeRecord says whether b can be the start of a handshake record.
func maybeRecord(b []byte) bool {
	switch {
	case len(b) > 0 && b[0] != recordHandshake,
		len(b) > 1 && b[1] != 3,
		len(b) > 2 && b[2] > 4:
		return false
	}
	return len(b) < recordHeader || 0 < recordLen(b) && recordLen(b) <= maxRecord
}

func recordLen(b []byte) int { return int(binary.BigEndian.Uint16(b[3:])) }

// readHead reads on in the first bytes of the message and says whether it may
// be a ClientHello.
func (s *Search) readHead(b []byte) bool {
	n := int(s.got)
	if n >= len(s.head) {
		return true
	}
	n += copy(s.head[n:], b)
	h := s.head[:n]
	if s.next == 0 && len(h) > 0 && h[0] == typeServerHello {
		if len(h) == len(s.head) && h[1] == 0 && h[4] == 3 {
			s.next = Limit // this is the server's direction: nobody will say hello
		}
		return len(h) < len(s.head)
	}
	if len(h) > 0 && h[0] != typeClientHello {
		return false
	}
	if len(h) >= headerLen {
		s.want = headerLen + (int32(h[1])<<16 | int32(h[2])<<8 | int32(h[3]))
		if s.want < minHello || s.want > Limit {
			return false
		}
	}
	return len(h) < headerLen+1 || h[4] == 3
}

// take returns the message, if it is one, and goes behind it.
func (s *Search) take(stream []byte, scratch *[]byte) ([]byte, bool) {
	need := int(s.want - s.got)
	end := int(s.record) + recordHeader + need
	msg := s.gather(stream, stream[end-need:end], scratch)
	var h Hello
	if err := Parse(msg, &h); err != nil && err != ErrExtension {
		return nil, false
	}
	s.walking, s.next = false, int32(end)
	return msg, true
}

// gather puts the message together: what the whole records hold, and rest.
func (s *Search) gather(stream, rest []byte, scratch *[]byte) []byte {
	if s.got == 0 {
		return rest[:len(rest):len(rest)]
	}
	b := (*scratch)[:0]
	for at := s.next; at < s.record; {
		n := int32(recordLen(stream[at:]))
		b = append(b, stream[at+recordHeader:at+recordHeader+n]...)
		at += recordHeader + n
	}
	b = append(b, rest...)
	*scratch = b[:0]
	return b
}
