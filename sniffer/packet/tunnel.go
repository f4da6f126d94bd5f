package packet

import "encoding/binary"

// tunnel reads what an IP protocol number says is another packet.
func (d *Decoder) tunnel(p *Packet, proto byte, b []byte) (bool, Reason) {
	switch proto {
	case protoIPv4:
		return d.ipv4(p, b)
	case protoIPv6:
		return d.ipv6(p, b)
	case protoGRE:
		return d.gre(p, b)
	case protoMPLS:
		return d.mpls(p, b)
	case protoEthernet:
		return d.ethernet(p, b)
	case protoEtherIP: // RFC 3378
		if len(b) < 2 {
			return false, d.short(TunnelHeader)
		}
		if b[0]>>4 != 3 {
			return false, TunnelHeader
		}
		return d.ethernet(p, b[2:])
	}
	return false, Fine
}

// The flags of GRE (RFC 2784, RFC 2890; routing: RFC 1701; version 1: RFC 2637).
const (
	greChecksum = 0x8000
	greRouting  = 0x4000
	greKey      = 0x2000
	greSequence = 0x1000
	greAck      = 0x0080
	greVersion  = 0x0007
)

func (d *Decoder) gre(p *Packet, b []byte) (bool, Reason) {
	if len(b) < 4 {
		return false, d.short(TunnelHeader)
	}
	flags, proto, n := binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:]), 4
	switch flags & greVersion {
	case 0:
		if flags&(greChecksum|greRouting) != 0 {
			n += 4
		}
		if flags&greKey != 0 {
			n += 4
		}
		if flags&greSequence != 0 {
			n += 4
		}
	case 1: // PPTP: the key is always there
		n += 4
		if flags&greSequence == 0 {
			return false, Fine // an acknowledgement alone
		}
		n += 4
		if flags&greAck != 0 {
			n += 4
		}
	default:
		return false, TunnelHeader
	}
	if len(b) < n {
		return false, d.short(TunnelHeader)
	}
	b = b[n:]
	if flags&greRouting != 0 && flags&greVersion == 0 {
		var why Reason
		if b, why = d.sourceRoute(b); why != Fine {
			return false, why
		}
	}
	return d.grePayload(p, flags, proto, b)
}

// sourceRoute skips the routing entries of RFC 1701, which end with an empty
// one.
func (d *Decoder) sourceRoute(b []byte) ([]byte, Reason) {
	for d.step() {
		if len(b) < 4 {
			return nil, d.short(TunnelHeader)
		}
		family, n := binary.BigEndian.Uint16(b), int(b[3])
		if len(b) < 4+n {
			return nil, d.short(TunnelHeader)
		}
		b = b[4+n:]
		if family == 0 && n == 0 {
			return b, Fine
		}
	}
	return nil, Depth
}

func (d *Decoder) grePayload(p *Packet, flags, proto uint16, b []byte) (bool, Reason) {
	switch proto {
	case etherPPP:
		return d.ppp(p, b)
	case etherERSPAN:
		if flags&greSequence == 0 { // type I has no header of its own
			return d.ethernet(p, b)
		}
		return d.erspan(p, b, 1, 8)
	case etherERSPAN3:
		return d.erspan(p, b, 2, 12)
	case etherWCCP: // version 2 puts four bytes before the packet
		if len(b) > 4 && b[0]>>4 != 4 {
			b = b[4:]
		}
		return d.byVersion(p, b)
	}
	return d.ether(p, proto, b)
}

// erspan reads a mirrored frame (draft-foschiano-erspan, section 4) behind a
// header of that version and length.
func (d *Decoder) erspan(p *Packet, b []byte, version byte, n int) (bool, Reason) {
	if len(b) < n {
		return false, d.short(TunnelHeader)
	}
	if b[0]>>4 != version {
		return false, TunnelHeader
	}
	isIP := false
	if version == 2 {
		if isIP = b[10]>>2&0x1f == 2; b[11]&1 != 0 { // with a subheader of the platform
			n += 8
		}
		if len(b) < n {
			return false, d.short(TunnelHeader)
		}
	}
	if isIP {
		return d.byVersion(p, b[n:])
	}
	return d.ethernet(p, b[n:])
}
