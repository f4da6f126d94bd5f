package packet

import "encoding/binary"

// The ether types that we know (IEEE 802 numbers).
const (
	etherIPv4      = 0x0800
	etherARP       = 0x0806
	etherERSPAN3   = 0x22eb
	etherBridged   = 0x6558 // an Ethernet frame
	etherVLAN      = 0x8100
	etherPPP       = 0x880b
	etherMPLS      = 0x8847
	etherMPLSMulti = 0x8848
	etherWCCP      = 0x883e
	etherDiscovery = 0x8863
	etherPPPoE     = 0x8864
	etherIPv6      = 0x86dd
	etherQinQ      = 0x88a8
	etherERSPAN    = 0x88be
	etherMACsec    = 0x88e5
	etherITag      = 0x88e7
	etherETag      = 0x893f
	etherQinQOld   = 0x9100
	etherQinQOlder = 0x9200
	minEtherType   = 0x0600 // below: the length of an 802.3 frame
)

func (d *Decoder) ethernet(p *Packet, b []byte) (bool, Reason) {
	if len(b) < 14 {
		return false, d.short(LinkShort)
	}
	return d.ether(p, binary.BigEndian.Uint16(b[12:]), b[14:])
}

// ether follows tags down to the network layer.
func (d *Decoder) ether(p *Packet, proto uint16, b []byte) (bool, Reason) {
	for d.step() {
		switch proto {
		case etherIPv4:
			return d.ipv4(p, b)
		case etherIPv6:
			return d.ipv6(p, b)
		case etherVLAN, etherQinQ, etherQinQOld, etherQinQOlder:
			if len(b) < 4 {
				return false, d.short(LinkShort)
			}
			if p.VLAN == 0 {
				p.VLAN = binary.BigEndian.Uint16(b) & 0xfff
			}
			proto, b = binary.BigEndian.Uint16(b[2:]), b[4:]
			continue
		case etherETag: // IEEE 802.1BR
			if len(b) < 8 {
				return false, d.short(LinkShort)
			}
			proto, b = binary.BigEndian.Uint16(b[6:]), b[8:]
			continue
		case etherMPLS, etherMPLSMulti:
			return d.mpls(p, b)
		case etherPPPoE:
			return d.pppoe(p, b)
		case etherITag: // IEEE 802.1ah: provider backbone bridges
			return d.ethernet(p, b[min(4, len(b)):])
		case etherBridged:
			return d.ethernet(p, b)
		case etherMACsec:
			return false, Encrypted
		}
		if proto < minEtherType {
			return d.llc(p, d.trim(b, int(proto)))
		}
		return false, Fine
	}
	return false, Depth
}

// llc reads the header of IEEE 802.2, which 802.3 and WLAN frames have.
func (d *Decoder) llc(p *Packet, b []byte) (bool, Reason) {
	switch {
	case len(b) < 3:
		return false, d.short(LinkShort)
	case b[0] == 0x06 && b[1] == 0x06 && b[2] == 3: // IP by its own number
		return d.byVersion(p, b[3:])
	case b[0] != 0xaa || b[1] != 0xaa || b[2] != 3:
		return false, Fine
	case len(b) < 8:
		return false, d.short(LinkShort)
	case b[3] != 0 || b[4] != 0 || b[5] != 0 && b[5] != 0xf8: // an ether type follows (RFC 1042, 802.1H)
		return false, Fine
	}
	return d.ether(p, binary.BigEndian.Uint16(b[6:]), b[8:])
}

// looksEthernet guesses whether b is an Ethernet frame, where nothing says so.
func looksEthernet(b []byte) bool {
	if len(b) < 14 {
		return false
	}
	switch proto := binary.BigEndian.Uint16(b[12:]); proto {
	case etherIPv4, etherIPv6, etherARP, etherVLAN, etherQinQ, etherQinQOld, etherMPLS, etherMPLSMulti,
		etherPPPoE, etherDiscovery, etherMACsec, etherITag:
		return true
	case 0x8035, 0x88cc, 0x888e, 0x8809, 0x8902, 0x88f7, 0x9000: // RARP, LLDP, EAPOL, LACP, CFM, PTP, loopback test
		return true
	default: // 802.3, of the length that it says, not counting padding
		return proto >= 3 && proto < minEtherType && int(proto) <= len(b)-14
	}
}

// pppoe reads a session frame (RFC 2516).
func (d *Decoder) pppoe(p *Packet, b []byte) (bool, Reason) {
	if len(b) < 6 {
		return false, d.short(LinkShort)
	}
	if b[1] != 0 { // discovery
		return false, Fine
	}
	return d.ppp(p, d.trim(b[6:], int(binary.BigEndian.Uint16(b[4:]))))
}

// ppp reads the protocol of a PPP frame, whose address and control bytes and
// upper protocol byte may be left out (RFC 1661, section 6).
func (d *Decoder) ppp(p *Packet, b []byte) (bool, Reason) {
	if len(b) >= 2 && b[0] == 0xff && b[1] == 3 {
		b = b[2:]
	}
	if len(b) < 2 {
		return false, d.short(LinkShort)
	}
	proto := uint16(b[0])
	if proto&1 == 0 {
		proto, b = proto<<8|uint16(b[1]), b[1:]
	}
	switch b = b[1:]; proto {
	case 0x21:
		return d.ipv4(p, b)
	case 0x57:
		return d.ipv6(p, b)
	case 0x281, 0x283:
		return d.mpls(p, b)
	}
	return false, Fine // negotiation, or compressed or encrypted
}

// mpls pops labels. Nothing says what is below them: IP by its first bits, else
// the Ethernet frame of a pseudowire, with or without control word (RFC 4448,
// section 4.6; RFC 8469 on the confusion).
func (d *Decoder) mpls(p *Packet, b []byte) (bool, Reason) {
	for bottom := false; !bottom; b = b[4:] {
		if len(b) < 4 {
			return false, d.short(LinkShort)
		}
		if !d.step() {
			return false, Depth
		}
		bottom = b[2]&1 != 0
	}
	if len(b) == 0 {
		return false, d.short(LinkShort)
	}
	switch version := b[0] >> 4; {
	case (version == 4 || version == 6) && (!looksEthernet(b) || d.fitsIP(b)): // cards may begin so, too
		return d.byVersion(p, b)
	case version == 0 && len(b) > 4 && looksEthernet(b[4:]):
		b = b[4:]
	case !looksEthernet(b):
		return false, Fine
	}
	if !d.enter() {
		return false, Depth
	}
	return d.ethernet(p, b)
}

// fitsIP tells whether b can be an IP packet by its length.
func (d *Decoder) fitsIP(b []byte) bool { // of 14 bytes at least
	total, least := int(binary.BigEndian.Uint16(b[2:])), minIPv4Header
	if b[0]>>4 == 6 {
		total, least = ipv6Header+int(binary.BigEndian.Uint16(b[4:])), ipv6Header
	}
	return total >= least && total <= len(b)+d.missing
}
