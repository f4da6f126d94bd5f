package quic

import (
	"hash/maphash"
	"time"
)

// open opens tb.packet.
func (tb *Table) open(k *keys, largest *int64) (frames []byte, ok bool) {
	frames, grown, number, ok := tb.packet.open(k, *largest, tb.scratch)
	tb.scratch = grown
	if ok {
		*largest = max(*largest, number)
	}
	return frames, ok
}

// begin opens tb.packet as the first of a connection, and remembers that in
// place of before. It is nil when the packet is none.
func (tb *Table) begin(k tuple, t time.Time, before *conn) (c *conn, frames []byte) {
	p := &tb.packet
	if len(p.dcid) == 0 {
		return nil, nil
	}
	for _, protocol := range p.protocols {
		keys, err := clientKeys(protocol, p.dcid)
		if err != nil {
			return nil, nil
		}
		largest := int64(-1)
		frames, ok := tb.open(keys, &largest)
		if !ok {
			continue
		}
		c := &conn{last: t, version: p.version, dcid: newCID(p.dcid), scid: newCID(p.scid), keys: keys, largest: largest}
		if before != nil { // after a Retry the same hello is sent again
			c.reported, c.hello = before.reported, before.hello
			tb.young.bytes -= before.stream.size()
		}
		tb.young.conns[k] = c
		return c, frames
	}
	return nil, nil
}

// read takes the frames of a packet of c, and returns the hello if it is complete
// and new. c is young.
func (tb *Table) read(c *conn, frames []byte) []byte {
	s := &c.stream
	if s.have == 0 && s.buf == nil {
		s = &tb.fresh // most hellos need no memory of their own
		s.reset()
	}
	before := c.stream.size()
	reason, ok := readFrames(frames, s)
	if !ok {
		tb.Stats.failed[reason]++
	}
	state, n := s.state()
	msg := s.buf[:n:n]
	switch {
	case state == complete:
		msg = tb.report(c, msg)
	case state == other:
		tb.Stats.failed[ReasonNotHello]++
	case state == tooLong:
		tb.Stats.failed[ReasonCryptoOverflow]++
	case ok || reason != ReasonCryptoOverflow: // wait for the rest
		if s == &tb.fresh && len(s.buf) > 0 {
			c.stream = s.clone(tb.spares.get())
		}
		tb.young.bytes += c.stream.size() - before
		return nil
	}
	tb.young.bytes -= before
	tb.spares.put(c.stream.buf)
	c.done, c.keys, c.stream = true, nil, stream{}
	if state == complete {
		return msg
	}
	return nil
}

// report returns msg unless that was returned for the connection before.
func (tb *Table) report(c *conn, msg []byte) []byte {
	hash := maphash.Bytes(tb.seed, msg)
	if c.reported && c.hello == hash {
		return nil
	}
	c.reported, c.hello = true, hash
	return msg
}

// find returns the connection and makes it young, or nil.
func (tb *Table) find(k tuple, t time.Time) *conn {
	c := tb.young.conns[k]
	if c == nil {
		if c = tb.old.conns[k]; c == nil {
			return nil
		}
		delete(tb.old.conns, k)
		tb.old.bytes -= c.stream.size()
		tb.young.conns[k] = c
		tb.young.bytes += c.stream.size()
	}
	if t.Sub(c.last).Abs() > tb.max.Age {
		tb.lost(k, c, ReasonExpired)
		delete(tb.young.conns, k)
		tb.young.bytes -= c.stream.size()
		return nil
	}
	c.last = t
	return c
}

// peek returns the connection as it is, or nil.
func (tb *Table) peek(k tuple) *conn {
	if c := tb.young.conns[k]; c != nil {
		return c
	}
	return tb.old.conns[k]
}

// turn forgets the old and makes the young old, when the young are too many, hold
// too much or are there for long.
func (tb *Table) turn(t time.Time) {
	reason := ReasonEvicted
	switch {
	case len(tb.young.conns) >= tb.max.Connections/2, tb.young.bytes >= tb.max.Bytes/2:
	case tb.turned.IsZero():
		tb.turned = t
		return
	case t.Sub(tb.turned).Abs() > tb.max.Age:
		reason = ReasonExpired
	default:
		return
	}
	tb.forget(&tb.old, reason)
	tb.young, tb.old = tb.old, tb.young
	tb.turned = t
}

func (tb *Table) forget(g *generation, r Reason) {
	for k, c := range g.conns {
		tb.lost(k, c, r)
	}
	clear(g.conns)
	g.bytes = 0
}

// lost counts a connection that is forgotten, and hands out what was seen of it.
func (tb *Table) lost(k tuple, c *conn, r Reason) {
	if c.done {
		return
	}
	tb.Stats.failed[r]++
	if tb.max.Partial != nil && c.stream.have > 0 && !c.reported {
		tb.max.Partial(k.src, k.dst, c.last, c.stream.buf[:c.stream.have:c.stream.have])
	}
}
