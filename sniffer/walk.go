package sniffer

import (
	"encoding/binary"
	"net/netip"
)

// datagram is a UDP datagram, or the first fragment of one. It is decoded into
// again and again; payload points into the frame.
type datagram struct {
	src, dst netip.AddrPort
	payload  []byte
}

// outcome says what walk found.
type outcome uint8

const (
	isOther    outcome = iota // nothing that we read
	isUDP                     // a datagram
	isFragment                // a fragment without the start of its datagram
)

// walk strips the headers of a frame. A reason other than fine means that the
// frame is damaged.
func walk(link uint32, b []byte, d *datagram) (outcome, Reason) {
	proto, b, r := linkHeader(link, b)
	if r != fine {
		return isOther, r
	}
	switch proto {
	case etherIPv4:
		return walkIPv4(b, d)
	case etherIPv6:
		return walkIPv6(b, d)
	}
	return isOther, fine
}

func walkIPv4(b []byte, d *datagram) (outcome, Reason) {
	if len(b) < 20 || b[0]>>4 != 4 {
		return isOther, ReasonIPHeader
	}
	head, total := int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
	if head < 20 || head > len(b) || total != 0 && total < head {
		return isOther, ReasonIPHeader
	}
	if total != 0 && total < len(b) { // 0: left to the network card (TSO)
		b = b[:total] // the rest is Ethernet padding
	}
	if b[9] != protoUDP {
		return isOther, fine
	}
	if binary.BigEndian.Uint16(b[6:])&0x1fff != 0 {
		return isFragment, fine
	}
	src, dst := netip.AddrFrom4([4]byte(b[12:])), netip.AddrFrom4([4]byte(b[16:]))
	return walkUDP(src, dst, b[head:], d)
}

// maxExtensions bounds the chain of IPv6 extension headers: RFC 8200 knows six
// that may appear once each, and destination options twice.
const maxExtensions = 8

func walkIPv6(b []byte, d *datagram) (outcome, Reason) {
	if len(b) < 40 || b[0]>>4 != 6 {
		return isOther, ReasonIPHeader
	}
	src, dst := netip.AddrFrom16([16]byte(b[8:])).Unmap(), netip.AddrFrom16([16]byte(b[24:])).Unmap()
	next, total := b[6], int(binary.BigEndian.Uint16(b[4:]))
	b = b[40:]
	if total != 0 && total < len(b) { // 0: a jumbogram, or left to the network card
		b = b[:total]
	}
	for range maxExtensions {
		n := 0
		switch next {
		case protoUDP:
			return walkUDP(src, dst, b, d)
		case 0, 43, 60, 135, 139, 140: // hop-by-hop, routing, destination options, mobility, HIP, shim6
			if len(b) >= 2 {
				n = 8 * (int(b[1]) + 1)
			}
		case 44: // fragment
			if n = 8; len(b) >= 4 && binary.BigEndian.Uint16(b[2:])&^7 != 0 {
				return isFragment, fine
			}
		case 51: // authentication header
			if len(b) >= 2 {
				n = 4 * (int(b[1]) + 2)
			}
		default:
			return isOther, fine
		}
		if n == 0 || n > len(b) {
			return isOther, ReasonIPHeader
		}
		next, b = b[0], b[n:]
	}
	return isOther, ReasonExtensions
}

const protoUDP = 17

func walkUDP(src, dst netip.Addr, b []byte, d *datagram) (outcome, Reason) {
	if len(b) < 8 {
		return isOther, ReasonUDPHeader
	}
	n := int(binary.BigEndian.Uint16(b[4:]))
	if n != 0 && n < 8 {
		return isOther, ReasonUDPHeader
	}
	if n != 0 && n < len(b) {
		b = b[:n] // shorter than the packet says: the rest belongs to nobody
	}
	d.src = netip.AddrPortFrom(src, binary.BigEndian.Uint16(b))
	d.dst = netip.AddrPortFrom(dst, binary.BigEndian.Uint16(b[2:]))
	d.payload = b[8:]
	return isUDP, fine
}
