package sniffer

import (
	"encoding/binary"
	"net/netip"

	"github.com/gnomon-proxy/gnomon/sniffer/dns"
	"github.com/gnomon-proxy/gnomon/sniffer/stream"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// portDNS is where unicast DNS lives. mDNS and LLMNR have ports of their own;
// they name devices, not services.
const portDNS = 53

// message reads a DNS message. Of the first fragment of one only the questions
// count, and of one whose first fragment was read only the answers.
func (s *Sniffer) message(b []byte, src, dst netip.AddrPort) {
	m := &s.msg
	r := m.Reset(b)
	s.stats.Messages++
	first := s.p.Fragment
	again := s.p.Repeats && s.parts.has(src, dst, m.ID)
	var n *name
	asked := 0
	for r == dns.Fine {
		var ok bool
		if ok, r = m.Next(); !ok {
			break
		}
		asked++
		if n = s.names.of(m.Name); !again {
			s.question(n, src, dst)
		}
	}
	switch {
	case r != dns.Fine:
	case first:
		s.parts.add(src, dst, m.ID)
	case m.Reply && asked == 1:
		r = m.Records()
		s.learn(n, dst.Addr())
	}
	if r == dns.Fine && m.Truncated {
		r = dns.ReasonTruncated
	}
	if r != dns.Fine && !first {
		s.stats.messages[r]++
	}
}

// question tells of one question.
func (s *Sniffer) question(n *name, src, dst netip.AddrPort) {
	kind, client, server := KindQuery, src, dst
	if s.msg.Reply {
		kind, client, server = KindReply, dst, src
		s.stats.Replies++
	} else {
		s.stats.Queries++
	}
	o := &s.obs
	o.Sensor, o.Client, o.ClientPort, o.Server, o.ServerPort = traffic.SensorDNS, client.Addr(), client.Port(), server.Addr(), server.Port()
	s.observe(kind, n, s.msg.Type)
	if n.text == "." || !s.wants(n) && n.blind.Kind == "" || !s.lookups.first(client.Addr(), n, s.msg.Reply, s.now) {
		return
	}
	s.stats.Lookups++
	s.hideLookup(n, client.Addr())
	if s.wants(n) {
		s.flow = traffic.Flow{
			Time: s.now, Sensor: traffic.SensorDNS, Client: client.Addr(), ClientPort: client.Port(), Host: n.text, Server: server, Origin: s.cfg.Origin,
		}
		s.send()
	}
}

// wants reports whether what goes to n is a flow for the sink.
func (s *Sniffer) wants(n *name) bool { return s.cfg.Classify == nil || n.verdict.AI() }

// parts remembers the messages whose first fragment was read, for when the whole
// of them comes.
type parts struct {
	ring [64]part
	next int
}

type part struct {
	src, dst netip.AddrPort
	id       uint16
}

func (p *parts) add(src, dst netip.AddrPort, id uint16) {
	p.ring[p.next%len(p.ring)] = part{src, dst, id}
	p.next++
}

func (p *parts) has(src, dst netip.AddrPort, id uint16) bool {
	for i := range p.ring {
		if p.ring[i] == (part{src, dst, id}) {
			return true
		}
	}
	return false
}

// maxBelieved bounds the length of the messages that are looked for where the
// stream has been lost: EDNS makes UDP messages of up to that size.
const maxBelieved = 4096

// readDNS takes the messages out of a stream, each behind its length in two
// bytes (RFC 1035, section 4.2.2).
func (s *Sniffer) readDNS(f *stream.Flow[session], d stream.Dir, b []byte) (int, bool) {
	lost := &f.Data.half[d].lost
	src, dst := f.Client(), f.Server()
	if d == stream.Down {
		src, dst = dst, src
	}
	at := 0
	for len(b)-at >= 2 {
		n := int(binary.BigEndian.Uint16(b[at:]))
		short := len(b)-at-2 < n
		if *lost && !mayFollow(b[at+2:], n) || n < 12 && n > 0 || short && !headFits(b[at+2:]) {
			s.stats.LostDNS++
			*lost = true // from the next segment on it may make sense again
			return len(b), true
		}
		if short {
			break
		}
		m := b[at+2 : at+2+n]
		if *lost && !dns.Plausible(m) {
			return len(b), true
		}
		*lost = false
		if n > 0 {
			s.message(m, src, dst)
		}
		at += 2 + n
	}
	return at, true
}

// headFits reports whether b may be the head of a message that is not all there yet:
// what is none must not have us wait for as much as its first bytes say, up to 64 KiB.
// Nobody asks more than one question; replies of a zone transfer have none (RFC 5936,
// section 2.2.1), nor have messages of a session (opcode 6, RFC 8490, section 5.4).
func headFits(b []byte) bool {
	if len(b) < 6 {
		return true
	}
	questions, reply, opcode := binary.BigEndian.Uint16(b[4:]), b[2]&0x80 != 0, b[2]>>3&15
	return questions == 1 || questions == 0 && (reply || opcode == 6)
}

// mayFollow reports whether b may begin with a message of n bytes.
func mayFollow(b []byte, n int) bool {
	return n >= 12 && n <= maxBelieved && (len(b) < 6 || b[2]&0x78 == 0 && b[4] == 0 && b[5] == 1)
}
