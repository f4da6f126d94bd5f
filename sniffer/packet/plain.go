package packet

import (
	"encoding/binary"
	"net/netip"
)

// plain reads what nearly all frames are: a link header with at most one tag, IP
// without options, extensions or fragments, all of it captured, TCP or UDP that
// is no tunnel. It leaves everything else to the way that reads each header for
// itself, and agrees with it.
func (d *Decoder) plain(p *Packet, link uint32, b []byte) bool {
	const ethernet, tagged = 14, 18
	if d.missing > 0 || len(b) < minIPv4Header {
		return false
	}
	proto, at, vlan := uint16(0), 0, p.VLAN
	if link != linkEthernet {
		proto, at = plainLink(link, b)
	} else if proto, at = binary.BigEndian.Uint16(b[12:]), ethernet; proto == etherVLAN {
		if vlan == 0 {
			vlan = binary.BigEndian.Uint16(b[14:]) & 0xfff
		}
		proto, at = binary.BigEndian.Uint16(b[16:]), tagged
	}
	if len(b)-at < minIPv4Header {
		return false
	}
	var e ends
	var transport byte
	switch b = b[at:]; proto {
	case etherIPv4:
		total := int(binary.BigEndian.Uint16(b[2:]))
		if b[0] != 0x45 || total < minIPv4Header || total > len(b) || binary.BigEndian.Uint16(b[6:])&0x3fff != 0 {
			return false
		}
		e = ends{netip.AddrFrom4([4]byte(b[12:])), netip.AddrFrom4([4]byte(b[16:]))}
		transport, b = b[9], b[minIPv4Header:total]
	case etherIPv6:
		if len(b) < ipv6Header {
			return false
		}
		total := int(binary.BigEndian.Uint16(b[4:]))
		if b[0]>>4 != 6 || total == 0 || total > len(b)-ipv6Header || mapped(b[8:]) || mapped(b[24:]) {
			return false
		}
		e = ends{netip.AddrFrom16([16]byte(b[8:])), netip.AddrFrom16([16]byte(b[24:]))}
		transport, b = b[6], b[ipv6Header:ipv6Header+total]
	default:
		return false
	}
	switch transport {
	case protoTCP:
		if !plainTCP(p, e, b) {
			return false
		}
	case protoUDP:
		if !plainUDP(p, e, b) {
			return false
		}
	default:
		return false
	}
	p.VLAN = vlan
	return true
}

// plainLink returns the ether type of what is behind the header of another link, and
// where that begins; 0 for links that few captures have.
func plainLink(link uint32, b []byte) (proto uint16, at int) { // of 20 bytes at least
	var hardware uint16
	switch link {
	case linkCooked:
		proto, hardware, at = binary.BigEndian.Uint16(b[14:]), binary.BigEndian.Uint16(b[2:]), 16
	case linkCooked2:
		proto, hardware, at = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[8:]), 20
	case linkNull, linkLoop:
		return plainVersion(b[4]), 4
	case linkRaw, linkRaw12, linkRaw14, linkIPv4, linkIPv6:
		return plainVersion(b[0]), 0
	}
	if hardware == hardwareNetlink || hardware == hardwareRadiotap {
		return 0, 0
	}
	return proto, at
}

// plainVersion returns the ether type of IP of the version in its first byte.
func plainVersion(first byte) uint16 {
	switch first >> 4 {
	case 4:
		return etherIPv4
	case 6:
		return etherIPv6
	}
	return 0
}

func plainTCP(p *Packet, e ends, b []byte) bool {
	const least = 20
	if len(b) < least {
		return false
	}
	head := int(b[12]>>4) * 4
	if head < least || head > len(b) {
		return false
	}
	p.Proto, p.Flags = TCP, Flags(b[13])&(FIN|SYN|RST|PSH|ACK)
	p.Src = netip.AddrPortFrom(e.src, binary.BigEndian.Uint16(b))
	p.Dst = netip.AddrPortFrom(e.dst, binary.BigEndian.Uint16(b[2:]))
	p.Seq, p.Ack = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	p.Payload, p.PayloadLen = b[head:], len(b)-head
	return true
}

func plainUDP(p *Packet, e ends, b []byte) bool {
	const header = 8
	if len(b) < header || int(binary.BigEndian.Uint16(b[4:])) != len(b) {
		return false
	}
	src, dst := binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	if tunnels(src, dst) {
		return false
	}
	p.Proto, p.Src, p.Dst = UDP, netip.AddrPortFrom(e.src, src), netip.AddrPortFrom(e.dst, dst)
	p.Payload, p.PayloadLen = b[header:], len(b)-header
	return true
}

// mapped tells the form in IPv6 of an address of IPv4 (RFC 4291, section 2.5.5.2).
func mapped(b []byte) bool {
	return binary.BigEndian.Uint64(b) == 0 && binary.BigEndian.Uint32(b[8:]) == 0xffff
}
