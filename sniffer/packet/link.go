package packet

import "encoding/binary"

// The link types that we read (LINKTYPE_ numbers of tcpdump.org).
const (
	linkNull        = 0
	linkEthernet    = 1
	linkPPP         = 9
	linkRaw12       = 12 // raw IP in files of some systems
	linkRaw14       = 14
	linkFDDI        = 10
	linkPPPSerial   = 50
	linkPPPoE       = 51
	linkRaw         = 101
	linkHDLC        = 104
	linkWLAN        = 105
	linkLoop        = 108
	linkCooked      = 113
	linkRadiotap    = 127
	linkPPPDirected = 204
	linkIPv4        = 228
	linkIPv6        = 229
	linkNFLog       = 239
	linkCooked2     = 276
)

// The ARPHRD_ types of Linux that give other fields another meaning.
const (
	hardwareRadiotap = 803
	hardwareNetlink  = 824
)

// link strips the header that the capture was made with.
func (d *Decoder) link(p *Packet, link uint32, b []byte) (bool, Reason) {
	switch link {
	case linkEthernet:
		return d.ethernet(p, b)
	case linkRaw, linkRaw12, linkRaw14, linkIPv4, linkIPv6:
		return d.byVersion(p, b)
	case linkNull, linkLoop:
		// An address family whose number and byte order depend on the system that
		// captured: the version of the packet behind it says the same.
		if len(b) < 4 {
			return false, d.short(LinkShort)
		}
		return d.byVersion(p, b[4:])
	case linkCooked:
		return d.cooked(p, b)
	case linkCooked2:
		if len(b) < 20 {
			return false, d.short(LinkShort)
		}
		return d.cookedPayload(p, binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[8:]), b[20:])
	case linkPPP, linkPPPSerial:
		return d.ppp(p, b)
	case linkPPPDirected:
		return d.ppp(p, b[min(1, len(b)):])
	case linkPPPoE:
		return d.pppoe(p, b)
	case linkHDLC:
		if len(b) < 4 {
			return false, d.short(LinkShort)
		}
		return d.ether(p, binary.BigEndian.Uint16(b[2:]), b[4:])
	case linkFDDI:
		if len(b) < 13 {
			return false, d.short(LinkShort)
		}
		return d.llc(p, b[13:])
	case linkWLAN:
		return d.wlan(p, b)
	case linkRadiotap:
		return d.radiotap(p, b)
	case linkNFLog:
		return d.nflog(p, b)
	}
	return false, LinkType
}

// byVersion reads IP of the version that its first bits say.
func (d *Decoder) byVersion(p *Packet, b []byte) (bool, Reason) {
	if len(b) == 0 {
		return false, d.short(IPHeader)
	}
	switch b[0] >> 4 {
	case 4:
		return d.ipv4(p, b)
	case 6:
		return d.ipv6(p, b)
	}
	return false, Fine
}

func (d *Decoder) cooked(p *Packet, b []byte) (bool, Reason) {
	if len(b) < 16 {
		return false, d.short(LinkShort)
	}
	return d.cookedPayload(p, binary.BigEndian.Uint16(b[14:]), binary.BigEndian.Uint16(b[2:]), b[16:])
}

// cookedPayload reads what is behind a Linux cooked header: hardware is the
// ARPHRD_ type of the interface, which can give proto another meaning.
func (d *Decoder) cookedPayload(p *Packet, proto, hardware uint16, b []byte) (bool, Reason) {
	const protoLLC = 4
	switch {
	case hardware == hardwareNetlink:
		return false, Fine
	case hardware == hardwareRadiotap:
		return d.radiotap(p, b)
	case proto == protoLLC:
		return d.llc(p, b)
	case proto < 0x600: // other numbers of Linux' own
		return false, Fine
	}
	return d.ether(p, proto, b)
}

// nflog reads the attributes of a Netfilter log message, in the byte order of
// the host that captured. One of them is the packet.
func (d *Decoder) nflog(p *Packet, b []byte) (bool, Reason) {
	if len(b) < 8 {
		return false, d.short(LinkShort)
	}
	b = b[4:] // family, version, resource id
	// The first attribute is a short one: in the wrong order it is 1024 bytes
	// or longer.
	var order binary.ByteOrder = binary.LittleEndian
	if order.Uint16(b) > binary.BigEndian.Uint16(b) {
		order = binary.BigEndian
	}
	const payload = 9
	for len(b) >= 4 {
		n, kind := int(order.Uint16(b)), order.Uint16(b[2:])&0x7fff
		if n < 4 {
			return false, LinkShort
		}
		if kind == payload {
			return d.byVersion(p, d.trim(b[4:], n-4))
		}
		b = b[min((n+3)&^3, len(b)):]
	}
	return false, d.short(LinkShort)
}
