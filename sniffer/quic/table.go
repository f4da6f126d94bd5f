package quic

import (
	"net/netip"
	"time"
)

// Options bounds a Table. The zero value means the defaults.
type Options struct {
	Connections int           // remembered at most; 16384
	Bytes       int           // of ClientHellos of which only a part has been seen; 16 MiB
	Age         time.Duration // after which a connection that was not heard of is forgotten; 60 s
}

// Table finds ClientHellos in datagrams. It is made for one goroutine.
type Table struct {
	// Stats may be read between calls.
	Stats Stats

	max Options
}

// New returns a Table.
func New(o Options) *Table {
	return &Table{max: o}
}

// Datagram takes the payload of a UDP datagram that was seen at time t. When it
// completes the ClientHello of a connection, msg is that message with its
// handshake header, valid until the next call, and src is the client. A hello is
// returned once a connection, however often it is sent.
//
// Anything may be passed: what is not QUIC costs a look at five bytes. t comes
// from the packet and need not be in order.
func (tb *Table) Datagram(src, dst netip.AddrPort, t time.Time, payload []byte) (msg []byte, ok bool) {
	return nil, false
}
