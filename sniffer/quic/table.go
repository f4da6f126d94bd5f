package quic

import (
	"hash/maphash"
	"net/netip"
	"time"
)

// Options bounds a Table. The zero value means the defaults.
type Options struct {
	Connections int           // remembered at most; 16384
	Bytes       int           // held of ClientHellos that are not complete; 16 MiB
	Age         time.Duration // after which a connection not heard of is forgotten; 60 s

	// Partial, if set, is called with the start of a ClientHello whose rest was not
	// seen, when its connection is forgotten; t is when it was last heard of. The
	// name may be in it (hello.ParsePartial). msg is valid until Partial returns,
	// which must not call the Table.
	Partial func(src, dst netip.AddrPort, t time.Time, msg []byte)
}

func (o *Options) setDefaults() {
	if o.Connections <= 0 {
		o.Connections = 1 << 14
	}
	if o.Bytes <= 0 {
		o.Bytes = 16 << 20
	}
	if o.Age <= 0 {
		o.Age = time.Minute
	}
}

// Table finds ClientHellos in datagrams. It is made for one goroutine.
type Table struct {
	// Stats may be read between calls.
	Stats Stats

	max  Options
	seed maphash.Seed

	// Connections are remembered in two generations, so that forgetting costs
	// nothing and memory is bounded. Who is heard of becomes young again.
	young, old generation
	turned     time.Time // when the young became old

	packet  packet
	scratch []byte // an opened packet
	spares  spares
	fresh   stream // of a connection's first packet, which mostly is enough
}

type generation struct {
	conns map[tuple]*conn
	bytes int
}

// tuple is a direction between two ends: who sends is the client.
type tuple struct{ src, dst netip.AddrPort }

// conn is a connection whose client sent an Initial packet that we could read.
type conn struct {
	last       time.Time
	version    uint32
	dcid, scid cid // as in its first packet
	done       bool
	reported   bool
	hello      uint64 // hash of what was reported

	// Until done:
	keys    *keys
	largest int64 // packet number
	stream  stream
}

// New returns a Table.
func New(o Options) *Table {
	o.setDefaults()
	return &Table{
		max: o, seed: maphash.MakeSeed(),
		young: generation{conns: make(map[tuple]*conn)}, old: generation{conns: make(map[tuple]*conn)},
	}
}

// Datagram takes the payload of a UDP datagram that was seen at time t. When it
// completes the ClientHello of a connection, msg is that message with its
// handshake header, valid until the next call, and src is the client. A hello is
// returned once a connection, however often it is sent.
//
// Anything may be passed: what is not QUIC costs a look at five bytes. t comes
// from the packet and need not be in order.
func (tb *Table) Datagram(src, dst netip.AddrPort, t time.Time, payload []byte) (msg []byte, ok bool) {
	if len(payload) < firstBytes || payload[0]&0x80 == 0 {
		return nil, false
	}
	for len(payload) > 0 {
		p := &tb.packet
		if payload, ok = p.cut(payload); !ok {
			tb.Stats.failed[ReasonHeader]++
			return nil, false
		}
		if p.b == nil {
			return nil, false
		}
		if !p.initial {
			continue
		}
		tb.Stats.Initials++
		if msg := tb.initial(tuple{src, dst}, t); msg != nil {
			tb.Stats.Hellos++
			return msg, true
		}
	}
	return nil, false
}

// Pending returns the number of connections of whose ClientHello only a part has
// been seen so far.
func (tb *Table) Pending() (n int) {
	for _, g := range []generation{tb.young, tb.old} {
		for _, c := range g.conns {
			if !c.done {
				n++
			}
		}
	}
	return n
}

// Flush forgets all connections, at the end of a capture.
func (tb *Table) Flush() {
	for _, g := range []*generation{&tb.young, &tb.old} {
		tb.forget(g, ReasonExpired)
	}
}

// initial reads tb.packet.
func (tb *Table) initial(k tuple, t time.Time) []byte {
	p := &tb.packet
	tb.turn(t)
	c := tb.find(k, t)
	if c == nil {
		// A server's packet can't be opened with keys made of the connection id in
		// it. When we know its client, we needn't try.
		if r := tb.peek(tuple{k.dst, k.src}); r != nil && string(p.dcid) == string(r.scid.bytes()) {
			return nil
		}
		c, frames := tb.begin(k, t, nil)
		if c == nil {
			tb.Stats.failed[ReasonNotDecrypted]++
			return nil
		}
		return tb.read(c, frames)
	}
	same := p.version == c.version && string(p.dcid) == string(c.dcid.bytes())
	if c.done && same {
		return nil // sent again
	}
	if !c.done {
		// The keys stay those of the first packet when the client goes on with the
		// id that its server chose (RFC 9000, section 7.2).
		if frames, ok := tb.open(c.keys, &c.largest); ok {
			return tb.read(c, frames)
		}
	}
	// After a Retry they change (section 17.2.5.2), after version negotiation, and
	// when the ports are used for a new connection.
	if !same {
		if c, frames := tb.begin(k, t, c); c != nil {
			return tb.read(c, frames)
		}
	}
	if !c.done {
		tb.Stats.failed[ReasonNotDecrypted]++
	}
	return nil
}
