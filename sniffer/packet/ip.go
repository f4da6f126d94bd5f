package packet

import (
	"encoding/binary"
	"net/netip"
)

// The IP protocol numbers that lead on.
const (
	protoHopByHop  = 0
	protoIPv4      = 4
	protoTCP       = 6
	protoUDP       = 17
	protoIPv6      = 41
	protoRouting   = 43
	protoFragment  = 44
	protoGRE       = 47
	protoESP       = 50
	protoAH        = 51
	protoOptions   = 60
	protoEtherIP   = 97
	protoMobility  = 135
	protoMPLS      = 137
	protoHIP       = 139
	protoShim6     = 140
	protoEthernet  = 143
	maxExtensions  = 8 // RFC 8200 knows six that may appear once each, and destination options twice
	minIPv4Header  = 20
	ipv6Header     = 40
	fragmentHeader = 8
)

// ends are the addresses of an IP header.
type ends struct{ src, dst netip.Addr }

func (d *Decoder) ipv4(p *Packet, b []byte) (bool, Reason) {
	if len(b) < minIPv4Header {
		return false, d.short(IPHeader)
	}
	head, total := int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
	if b[0]>>4 != 4 || head < minIPv4Header || total != 0 && total < head {
		return false, IPHeader
	}
	if head > len(b) {
		return false, d.short(IPHeader)
	}
	if total != 0 { // 0: left to the network card (TSO)
		b = d.trim(b, total)
	}
	e := ends{netip.AddrFrom4([4]byte(b[12:])), netip.AddrFrom4([4]byte(b[16:]))}
	if part := binary.BigEndian.Uint16(b[6:]); part&0x3fff != 0 {
		return d.fragment(p, e, fragment{
			id: uint32(binary.BigEndian.Uint16(b[4:])), proto: b[9], v4: true,
			off: int(part&0x1fff) * 8, more: part&0x2000 != 0, data: b[head:],
		})
	}
	return d.transport(p, e, b[9], b[head:])
}

func (d *Decoder) ipv6(p *Packet, b []byte) (bool, Reason) {
	if len(b) < ipv6Header {
		return false, d.short(IPHeader)
	}
	if b[0]>>4 != 6 {
		return false, IPHeader
	}
	e := ends{netip.AddrFrom16([16]byte(b[8:])).Unmap(), netip.AddrFrom16([16]byte(b[24:])).Unmap()}
	next, total := b[6], int(binary.BigEndian.Uint16(b[4:]))
	b = b[ipv6Header:]
	if total != 0 { // 0: a jumbogram, or left to the network card
		b = d.trim(b, total)
	}
	return d.extensions(p, e, next, b)
}

// extensions follows the chain of IPv6 extension headers.
func (d *Decoder) extensions(p *Packet, e ends, next byte, b []byte) (bool, Reason) {
	for range maxExtensions {
		n := 0
		switch next {
		default:
			return d.transport(p, e, next, b)
		case protoHopByHop, protoRouting, protoOptions, protoMobility, protoHIP, protoShim6:
			if len(b) >= 2 {
				n = 8 * (int(b[1]) + 1)
			}
		case protoAH:
			if len(b) >= 2 {
				n = 4 * (int(b[1]) + 2)
			}
		case protoFragment:
			n = fragmentHeader
			if len(b) < n {
				return false, d.short(IPHeader)
			}
			if part := binary.BigEndian.Uint16(b[2:]); part&^6 != 0 { // else the only one: RFC 6946
				return d.fragment(p, e, fragment{
					id: binary.BigEndian.Uint32(b[4:]), proto: b[0],
					off: int(part &^ 7), more: part&1 != 0, data: b[n:],
				})
			}
		}
		if n == 0 || n > len(b) {
			return false, d.short(IPHeader)
		}
		next, b = b[0], b[n:]
	}
	return false, Extensions
}

// transport reads what IP carries.
func (d *Decoder) transport(p *Packet, e ends, proto byte, b []byte) (bool, Reason) {
	for proto == protoAH { // authenticated, in clear
		if len(b) < 12 || 4*(int(b[1])+2) > len(b) {
			return false, d.short(IPHeader)
		}
		if !d.step() {
			return false, Depth
		}
		proto, b = b[0], b[4*(int(b[1])+2):]
	}
	switch proto {
	case protoTCP:
		return d.tcp(p, e, b)
	case protoUDP:
		return d.udp(p, e, b)
	case protoESP:
		p.Proto, p.Src, p.Dst = ESP, netip.AddrPortFrom(e.src, 0), netip.AddrPortFrom(e.dst, 0)
		p.Payload, p.PayloadLen, p.Tunnels = b, len(b)+d.missing, uint8(d.depth)
		return true, Fine
	case protoIPv4, protoIPv6, protoGRE, protoMPLS, protoEtherIP, protoEthernet:
		if !d.enter() {
			return false, Depth
		}
		return d.tunnel(p, proto, b)
	}
	return false, Fine
}
