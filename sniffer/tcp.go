package sniffer

import (
	"bytes"

	"github.com/gnomon-proxy/gnomon/sniffer/dns"
	"github.com/gnomon-proxy/gnomon/sniffer/hello"
	"github.com/gnomon-proxy/gnomon/sniffer/stream"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// tcp reads a segment.
func (s *Sniffer) tcp() {
	if s.p.Fragment { // the whole segment comes, or is repeated
		return
	}
	if f, d := s.table.Packet(s.segment()); f != nil {
		s.meter(f, d)
	}
}

// streams is the Sniffer as package stream sees it.
type streams struct{ *Sniffer }

// Read takes bytes of a TCP stream.
func (s streams) Read(f *stream.Flow[session], d stream.Dir, b []byte) (int, bool) {
	x := &f.Data
	if x.mode == modeNew {
		x.mode = modeTLS
		if (f.Server().Port() == portDNS || f.Client().Port() == portDNS) && !isClientHello(b) {
			x.mode = modeDNS
			x.half[0].lost, x.half[1].lost = !f.Opened(), !f.Opened()
		}
	}
	if x.mode == modeDNS {
		return s.readDNS(f, d, b)
	}
	if x.known&helloSeen != 0 {
		return s.readSecond(f, d, b)
	}
	return s.readTLS(f, d, b)
}

// Cut tells that bytes of a stream are missing.
func (s streams) Cut(f *stream.Flow[session], d stream.Dir, rest []byte) bool {
	x := &f.Data
	h := &x.half[d]
	if x.mode == modeDNS {
		if len(rest) > 0 && !h.lost {
			s.stats.messages[dns.ReasonIncomplete]++
		}
		h.lost = true
		return true
	}
	if q := h.search; q != nil {
		h.search = nil
		if msg := q.Partial(rest, &s.scratch); msg != nil {
			s.tlsHello(f, d, msg, true)
		}
		s.found.put(q)
	}
	return x.known&helloSeen == 0 && h.passed < hello.Limit
}

// End reports what is left to say about a flow.
func (s streams) End(f *stream.Flow[session], why stream.End) {
	s.report(f)
	if f.Data.pace.tokens {
		s.stats.Tokens++
	}
	for i := range f.Data.half {
		if q := f.Data.half[i].search; q != nil {
			s.found.put(q)
			f.Data.half[i].search = nil
		}
	}
}

// readTLS looks for a ClientHello in the first 64 KiB of a stream. Bytes that can't be
// part of one are not kept.
func (s *Sniffer) readTLS(f *stream.Flow[session], d stream.Dir, b []byte) (n int, more bool) {
	h := &f.Data.half[d]
	if h.search == nil {
		if h.passed == 0 && isServerHello(b) {
			return 0, false // the other side says hello, or has done so
		}
		n = mayBegin(b)
		if h.passed += int32(n); h.passed >= hello.Limit {
			return 0, false
		}
		if b = b[n:]; len(b) == 0 {
			return n, true
		}
		h.search = s.found.get()
	}
	q := h.search
	msg, st := q.Feed(b, &s.scratch)
	if st == hello.NeedMore && int(h.passed)+len(b) < hello.Limit {
		return n, true
	}
	h.search = nil // before the hello may swap the directions
	more = st == hello.Found && s.tlsHello(f, d, msg, false)
	s.found.put(q)
	return n + len(b), more
}

// readSecond takes what a client says after its hello: when the server asks for
// another one (RFC 8446, section 4.1.4), it comes next.
func (s *Sniffer) readSecond(f *stream.Flow[session], d stream.Dir, b []byte) (n int, more bool) {
	h := &f.Data.half[d]
	if d == stream.Down || h.second {
		return 0, false
	}
	if h.search == nil {
		if b[0] == recordChangeCipher { // for middleboxes (RFC 8446, appendix D.4)
			if len(b) < changeCipherLen {
				return 0, true
			}
			n, b = changeCipherLen, b[changeCipherLen:]
		}
		switch {
		case len(b) == 0:
			return n, true
		case b[0] != recordHandshake:
			return 0, false
		case len(b) < 6:
			return n, true
		case b[5] != typeClientHello:
			return 0, false
		}
		h.search = s.found.get()
	}
	msg, st := h.search.Feed(b, &s.scratch)
	if st == hello.NeedMore && len(b) < maxSecond {
		return n, true
	}
	if st == hello.Found {
		s.tlsHello(f, d, msg, false)
	}
	s.found.put(h.search)
	h.search, h.second = nil, true
	return 0, false
}

// What TLS records start with (RFC 8446, section 5.1).
const (
	recordChangeCipher = 20
	recordHandshake    = 22
	typeClientHello    = 1
	typeServerHello    = 2
	changeCipherLen    = 6
	maxSecond          = 16 << 10
)

// mayBegin returns where in b a record with a ClientHello may begin, len(b) when
// nowhere.
func mayBegin(b []byte) int {
	for at := 0; ; at++ {
		i := bytes.IndexByte(b[at:], recordHandshake)
		if i < 0 {
			return len(b)
		}
		at += i
		switch r := b[at:]; {
		case len(r) > 1 && r[1] != 3, len(r) > 2 && r[2] > 4, len(r) > 3 && r[3] > 0x40, len(r) > 5 && r[5] != typeClientHello:
		default:
			return at
		}
	}
}

// isClientHello tells a TLS client that hides at the port of DNS: no DNS message of
// 5,635 bytes has that for its identifier and flags.
func isClientHello(b []byte) bool {
	return len(b) > 5 && b[0] == recordHandshake && b[1] == 3 && b[2] <= 4 && b[3] <= 0x40 && b[5] == typeClientHello
}

func isServerHello(b []byte) bool {
	return len(b) > 5 && b[0] == recordHandshake && b[1] == 3 && b[5] == typeServerHello
}

// tlsHello takes a ClientHello that was found in what d sent. It returns false
// when it is none.
func (s *Sniffer) tlsHello(f *stream.Flow[session], d stream.Dir, msg []byte, partial bool) bool {
	if !s.parse(msg, partial) {
		return false
	}
	if d == stream.Down {
		f.Data.turn()
		f.Turn()
	}
	s.stats.TLSHellos++
	s.greet(f, traffic.SensorTLS)
	return true
}

// searches lends out the states of searches, of which few are used at a time.
type searches struct{ free []*hello.Search }

func (l *searches) get() *hello.Search {
	if n := len(l.free); n > 0 {
		q := l.free[n-1]
		l.free = l.free[:n-1]
		return q
	}
	return new(hello.Search)
}

func (l *searches) put(q *hello.Search) {
	*q = hello.Search{}
	if len(l.free) < 1024 {
		l.free = append(l.free, q)
	}
}
