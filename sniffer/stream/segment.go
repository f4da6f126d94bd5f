package stream

import (
	"encoding/binary"
	"net/netip"
)

// Proto is a transport protocol.
type Proto uint8

// The protocols, by their IP number.
const (
	TCP Proto = 6
	UDP Proto = 17
)

// Flags are those of a TCP header, in their places.
type Flags uint8

// The flags that matter here.
const (
	FIN Flags = 1 << 0
	SYN Flags = 1 << 1
	RST Flags = 1 << 2
	ACK Flags = 1 << 4
)

// Segment is a TCP segment or a UDP datagram.
type Segment struct {
	Time     int64 // nanoseconds since 1970
	Proto    Proto
	Flags    Flags // TCP only
	Src, Dst netip.AddrPort
	Seq      uint32 // TCP only
	Payload  []byte // as captured; not kept
	Length   int    // of the payload on the wire: more than len(Payload) when the capture cut the frame
}

// key names a flow: both directions have the same.
type key struct {
	a, b         [16]byte
	aPort, bPort uint16
	proto        uint16 // as wide as it is so that there is no padding: keys are compared in one go
}

// keyOf returns the key of s and the side that sent it: 0 for a, 1 for b.
func keyOf(s *Segment) (k key, side uint8) {
	k.a, k.b = s.Src.Addr().As16(), s.Dst.Addr().As16()
	k.aPort, k.bPort, k.proto = s.Src.Port(), s.Dst.Port(), uint16(s.Proto)
	if behind(&k) {
		k.a, k.b, k.aPort, k.bPort, side = k.b, k.a, k.bPort, k.aPort, 1
	}
	return k, side
}

// behind reports whether a comes after b, by any order.
func behind(k *key) bool {
	le := binary.LittleEndian
	if a, b := le.Uint64(k.a[8:]), le.Uint64(k.b[8:]); a != b {
		return a > b
	}
	if a, b := le.Uint64(k.a[:8]), le.Uint64(k.b[:8]); a != b {
		return a > b
	}
	return k.aPort > k.bPort
}

func (k *key) addr(side uint8) netip.AddrPort {
	if side == 0 {
		return netip.AddrPortFrom(netip.AddrFrom16(k.a).Unmap(), k.aPort)
	}
	return netip.AddrPortFrom(netip.AddrFrom16(k.b).Unmap(), k.bPort)
}
