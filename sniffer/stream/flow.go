package stream

import (
	"net/netip"
	"time"
)

// Dir is a direction of a flow.
type Dir uint8

// The directions.
const (
	Up   Dir = 0 // from the client to the server
	Down Dir = 1
)

// Flow is one TCP connection, or the datagrams between two UDP ports. It belongs
// to its Table, and is valid until the handler's End returns.
type Flow[T any] struct {
	Data T // the handler's; the zero value at the start

	key         key
	hash        uint32
	first, last int64
	sides       [2]half
	client      uint8 // the side that is the client
	list        uint8
	syn         bool // the start was seen
	prev, next  int32
	touched     uint64 // packet count when it last went to the front of its list
}

// Proto returns the protocol of f.
func (f *Flow[T]) Proto() Proto { return Proto(f.key.proto) }

// Client returns the address of who opened f, as far as can be told: the sender
// of a SYN, else the one with the port above 1023, else the first to speak.
func (f *Flow[T]) Client() netip.AddrPort { return f.key.addr(f.client) }

// Server returns the other address.
func (f *Flow[T]) Server() netip.AddrPort { return f.key.addr(f.client ^ 1) }

// First returns when the first packet was seen.
func (f *Flow[T]) First() time.Time { return time.Unix(0, f.first) }

// Last returns when the last packet was seen.
func (f *Flow[T]) Last() time.Time { return time.Unix(0, f.last) }

// Bytes returns how much payload went in direction d.
func (f *Flow[T]) Bytes(d Dir) int64 { return f.sides[f.client^uint8(d)].bytes }

// Packets returns how many packets went in direction d.
func (f *Flow[T]) Packets(d Dir) int64 { return int64(f.sides[f.client^uint8(d)].packets) }

// Opened reports whether the start of f was seen. A UDP flow has none.
func (f *Flow[T]) Opened() bool { return f.syn }

// Turn makes the client the server and the server the client: content said
// more than the ports did.
func (f *Flow[T]) Turn() { f.client ^= 1 }

// dir returns the direction of what side sends.
func (f *Flow[T]) dir(side uint8) Dir { return Dir(side ^ f.client) }

// guessClient returns the side that is the client as the first packet shows it.
func guessClient(s *Segment, side uint8) uint8 {
	switch {
	case s.Proto == TCP && s.Flags&(SYN|ACK) == SYN|ACK:
		return side ^ 1
	case s.Proto == TCP && s.Flags&SYN != 0:
		return side
	case s.Src.Port() < 1024 && s.Dst.Port() >= 1024:
		return side ^ 1
	}
	return side
}
