// Package packet takes frames apart. In: frames as package capture brings them;
// out: the TCP segment or UDP datagram inside, however deep it lies in tags,
// labels, tunnels and IP fragments, and the reason where there is none.
//
// A Decoder does not allocate for a packet, holds a bounded number of fragments,
// and reads nothing twice without bound: every header that it follows shortens
// what is left. It knows no protocol above TCP and UDP.
package packet

import "net/netip"

// Proto is a transport protocol, by its IP protocol number.
type Proto uint8

// The protocols that a Packet can have.
const (
	TCP Proto = 6
	UDP Proto = 17
	ESP Proto = 50 // IPsec: only the addresses can be read
)

// Flags of a TCP segment, as in its header.
type Flags uint8

// The flags.
const (
	FIN Flags = 1 << iota
	SYN
	RST
	PSH
	ACK
)

// Packet is what was found in a frame. It is decoded into again and again.
type Packet struct {
	// Proto says which of the fields below are meant.
	Proto Proto

	// Flags, Seq and Ack are of TCP only.
	Flags    Flags
	Seq, Ack uint32

	// Src and Dst are the innermost addresses; an IPv4-mapped IPv6 address has
	// become IPv4. ESP has no ports.
	Src, Dst netip.AddrPort

	// Payload is what was captured of the payload, valid until the next Decode
	// and as long as the frame's Data.
	Payload []byte

	// PayloadLen is the length of the payload as the headers say. Payload is
	// shorter when the capture was cut or this is a first fragment.
	PayloadLen int

	// WireLen is the length of the frame on the wire.
	WireLen int

	// VLAN is the id of the outermost tag, from the frame or its metadata; 0:
	// none.
	VLAN uint16

	// Tunnels is how many tunnels the packet was in.
	Tunnels uint8

	// Fragment marks the first fragment of a datagram, handed out at once, as a
	// name can mostly be read from it. The rest follows in a packet marked
	// Reassembled, if all of it arrives.
	Fragment bool

	// Reassembled marks a datagram that was put together from fragments. Its
	// WireLen is that of the last one.
	Reassembled bool

	// Repeats marks a reassembled packet whose beginning was handed out before,
	// as a Fragment.
	Repeats bool
}
