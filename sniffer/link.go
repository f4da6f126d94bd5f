package sniffer

import "encoding/binary"

// The ether types and link types that lead to IP (IEEE 802 numbers;
// LINKTYPE_ values of tcpdump.org).
const (
	etherIPv4  = 0x0800
	etherIPv6  = 0x86dd
	etherPPPoE = 0x8864

	linkNull     = 0
	linkEthernet = 1
	linkPPP      = 9
	linkRaw      = 101
	linkLoop     = 108
	linkCooked   = 113
	linkIPv4     = 228
	linkIPv6     = 229
	linkCooked2  = 276
)

// linkHeader strips the headers below IP and returns the ether type of what
// follows; 0 means something that is not for us.
func linkHeader(link uint32, b []byte) (proto uint16, rest []byte, r Reason) {
	switch link {
	case linkEthernet:
		if len(b) < 14 {
			return 0, nil, ReasonLinkShort
		}
		return etherPayload(binary.BigEndian.Uint16(b[12:]), b[14:])
	case linkCooked:
		if len(b) < 16 {
			return 0, nil, ReasonLinkShort
		}
		return etherPayload(binary.BigEndian.Uint16(b[14:]), b[16:])
	case linkCooked2:
		if len(b) < 20 {
			return 0, nil, ReasonLinkShort
		}
		return etherPayload(binary.BigEndian.Uint16(b), b[20:])
	case linkNull, linkLoop:
		// An address family whose number and byte order depend on the system that
		// captured: the version of the packet behind it says the same.
		if len(b) < 4 {
			return 0, nil, ReasonLinkShort
		}
		return byVersion(b[4:])
	case linkRaw, 12, 14, linkIPv4, linkIPv6: // 12 and 14 are raw IP in old files
		return byVersion(b)
	case linkPPP:
		return pppPayload(b)
	}
	return 0, nil, ReasonLinkType
}

// maxTags bounds stacked VLAN tags and the like.
const maxTags = 6

// etherPayload follows VLAN tags and PPPoE down to the network layer.
func etherPayload(proto uint16, b []byte) (uint16, []byte, Reason) {
	for range maxTags {
		switch {
		case proto == 0x8100, proto == 0x88a8, proto == 0x9100, proto == 0x9200: // 802.1Q, 802.1ad and its forerunners
			if len(b) < 4 {
				return 0, nil, ReasonLinkShort
			}
			proto, b = binary.BigEndian.Uint16(b[2:]), b[4:]
		case proto == etherPPPoE:
			if len(b) < 6 {
				return 0, nil, ReasonLinkShort
			}
			return pppPayload(b[6:])
		case proto < 0x600 && len(b) >= 8 && b[0] == 0xaa && b[1] == 0xaa && b[2] == 3: // a length: 802.3 with SNAP
			proto, b = binary.BigEndian.Uint16(b[6:]), b[8:]
		default:
			return proto, b, fine
		}
	}
	return 0, nil, fine
}

// pppPayload reads the protocol of a PPP frame, whose address and control bytes
// and upper protocol byte may be left out (RFC 1661).
func pppPayload(b []byte) (uint16, []byte, Reason) {
	if len(b) >= 2 && b[0] == 0xff && b[1] == 3 {
		b = b[2:]
	}
	if len(b) < 2 {
		return 0, nil, ReasonLinkShort
	}
	proto := uint16(b[0])
	if proto&1 == 0 {
		proto, b = proto<<8|uint16(b[1]), b[1:]
	}
	switch b = b[1:]; proto {
	case 0x21:
		return etherIPv4, b, fine
	case 0x57:
		return etherIPv6, b, fine
	}
	return 0, nil, fine
}

func byVersion(b []byte) (uint16, []byte, Reason) {
	if len(b) == 0 {
		return 0, nil, ReasonLinkShort
	}
	switch b[0] >> 4 {
	case 4:
		return etherIPv4, b, fine
	case 6:
		return etherIPv6, b, fine
	}
	return 0, nil, fine
}
