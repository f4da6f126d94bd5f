package packet

import "encoding/binary"

// The UDP ports of tunnels.
const (
	portDNS     = 53
	portGTPU    = 2152
	portTeredo  = 3544
	portGRE     = 4754
	portVXLAN   = 4789
	portVXLANGP = 4790 // generic protocol extension
	portGeneve  = 6081
	portVXLANLx = 8472 // Linux' before there was a number
)

// tunnels tells whether a datagram between these ports may be a tunnel's. Never
// when one of them is DNS: a client that asks from port 4789 gets its answer
// there.
func tunnels(src, dst uint16) bool {
	if src == portDNS || dst == portDNS {
		return false
	}
	switch dst {
	case portGTPU, portTeredo, portGRE, portVXLAN, portVXLANGP, portGeneve, portVXLANLx:
		return true
	}
	return src == portTeredo || src == portGTPU
}

// udpTunnel reads the packet in a tunnel over UDP. It reports is as false when
// this is no tunnel after all, and then why is Snaplen or Fine: any program may
// use these ports.
func (d *Decoder) udpTunnel(p *Packet, src, dst uint16, b []byte) (ok bool, why Reason, is bool) {
	missing, depth, vlan, fragment := d.missing, d.depth, p.VLAN, p.Fragment
	if !d.enter() {
		return false, Depth, true
	}
	switch dst {
	case portVXLAN, portVXLANLx, portVXLANGP:
		ok, why = d.vxlan(p, b, dst == portVXLANGP)
	case portGeneve:
		ok, why = d.geneve(p, b)
	case portGRE:
		ok, why = d.gre(p, b)
	case portTeredo:
		ok, why = d.teredo(p, b)
	default:
		if dst == portGTPU || src == portGTPU {
			ok, why = d.gtpu(p, b)
		} else {
			ok, why = d.teredo(p, b)
		}
	}
	switch why {
	case LinkShort, IPHeader, Extensions, TCPHeader, UDPHeader, TunnelHeader:
		why = Fine
	case Snaplen:
	default:
		return ok, why, true
	}
	if ok { // a packet of a further tunnel that was none
		return ok, why, true
	}
	d.missing, d.depth, p.VLAN, p.Fragment = missing, depth, vlan, fragment
	return false, why, false
}

// vxlan reads RFC 7348, and the protocol field of its extension
// (draft-ietf-nvo3-vxlan-gpe).
func (d *Decoder) vxlan(p *Packet, b []byte, generic bool) (bool, Reason) {
	const header, hasID, hasProtocol = 8, 0x08, 0x04
	if len(b) < header {
		return false, d.short(TunnelHeader)
	}
	if b[0]&hasID == 0 {
		return false, TunnelHeader
	}
	if generic && b[0]&hasProtocol != 0 {
		switch b[3] {
		case 1:
			return d.ipv4(p, b[header:])
		case 2:
			return d.ipv6(p, b[header:])
		case 5:
			return d.mpls(p, b[header:])
		}
	}
	return d.bridged(p, b[header:])
}

// bridged reads an Ethernet frame that must look like one.
func (d *Decoder) bridged(p *Packet, b []byte) (bool, Reason) {
	if !looksEthernet(b) {
		return false, d.short(TunnelHeader)
	}
	return d.ethernet(p, b)
}

// geneve reads RFC 8926.
func (d *Decoder) geneve(p *Packet, b []byte) (bool, Reason) {
	if len(b) < 8 {
		return false, d.short(TunnelHeader)
	}
	n, proto := 8+4*int(b[0]&0x3f), binary.BigEndian.Uint16(b[2:])
	if b[0]>>6 != 0 || b[1]&0x3f != 0 || b[7] != 0 {
		return false, TunnelHeader
	}
	if len(b) < n {
		return false, d.short(TunnelHeader)
	}
	switch proto {
	case etherBridged:
		return d.bridged(p, b[n:])
	case etherIPv4, etherIPv6, etherMPLS:
		return d.ether(p, proto, b[n:])
	}
	return false, TunnelHeader
}

// gtpu reads a user packet of a mobile network (3GPP TS 29.281, section 5).
func (d *Decoder) gtpu(p *Packet, b []byte) (bool, Reason) {
	const header, versionAndKind, userPacket, optional, extended = 8, 3, 255, 0x07, 0x04
	if len(b) < header {
		return false, d.short(TunnelHeader)
	}
	length := int(binary.BigEndian.Uint16(b[2:]))
	if b[0]>>4 != versionAndKind || b[1] != userPacket || length != len(b)+d.missing-header {
		return false, TunnelHeader
	}
	n := header
	if b[0]&optional != 0 {
		if n += 4; len(b) < n {
			return false, d.short(TunnelHeader)
		}
	}
	if b[0]&extended != 0 {
		for next := b[n-1]; next != 0; next = b[n-1] {
			if !d.step() {
				return false, Depth
			}
			if len(b) <= n || b[n] == 0 || len(b) < n+4*int(b[n]) {
				return false, d.short(TunnelHeader)
			}
			n += 4 * int(b[n])
		}
	}
	return d.version(p, b[n:])
}

// version is byVersion where something else than IP means that we guessed wrong.
func (d *Decoder) version(p *Packet, b []byte) (bool, Reason) {
	if len(b) == 0 || b[0]>>4 != 4 && b[0]>>4 != 6 {
		return false, d.short(TunnelHeader)
	}
	return d.byVersion(p, b)
}

// teredo reads IPv6 behind the two indications that may come first (RFC 4380,
// section 5.1.1).
func (d *Decoder) teredo(p *Packet, b []byte) (bool, Reason) {
	if len(b) >= 4 && b[0] == 0 && b[1] == 1 { // authentication
		b = b[min(4+int(b[2])+int(b[3])+9, len(b)):]
	}
	if len(b) >= 8 && b[0] == 0 && b[1] == 0 { // origin
		b = b[8:]
	}
	if len(b) < ipv6Header || b[0]>>4 != 6 || int(binary.BigEndian.Uint16(b[4:])) != len(b)+d.missing-ipv6Header {
		return false, d.short(TunnelHeader)
	}
	return d.ipv6(p, b)
}
