package packet

import (
	"encoding/binary"
	"net/netip"
)

func (d *Decoder) tcp(p *Packet, e ends, b []byte) (bool, Reason) {
	const minHeader = 20
	if len(b) < minHeader {
		return false, d.short(TCPHeader)
	}
	head := int(b[12]>>4) * 4
	if head < minHeader || head > len(b)+d.missing {
		return false, TCPHeader
	}
	p.Proto, p.Flags, p.Tunnels = TCP, Flags(b[13])&(FIN|SYN|RST|PSH|ACK), uint8(d.depth)
	p.Src = netip.AddrPortFrom(e.src, binary.BigEndian.Uint16(b))
	p.Dst = netip.AddrPortFrom(e.dst, binary.BigEndian.Uint16(b[2:]))
	p.Seq, p.Ack = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	p.PayloadLen = len(b) + d.missing - head
	p.Payload = b[min(head, len(b)):] // captures of headers only end in the options
	return true, Fine
}

func (d *Decoder) udp(p *Packet, e ends, b []byte) (bool, Reason) {
	const header = 8
	if len(b) < header {
		return false, d.short(UDPHeader)
	}
	n := int(binary.BigEndian.Uint16(b[4:]))
	if n != 0 && n < header {
		return false, UDPHeader
	}
	if n != 0 && n < len(b)+d.missing {
		b = d.trim(b, n) // shorter than the packet says: the rest belongs to nobody
	}
	src, dst := binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	var why Reason
	if tunnels(src, dst) {
		var ok, is bool
		if ok, why, is = d.udpTunnel(p, src, dst, b[header:]); is {
			return ok, why
		}
	}
	p.Proto, p.Tunnels = UDP, uint8(d.depth)
	p.Src, p.Dst = netip.AddrPortFrom(e.src, src), netip.AddrPortFrom(e.dst, dst)
	p.Payload, p.PayloadLen = b[header:], len(b)+d.missing-header
	if p.Fragment && n != 0 {
		p.PayloadLen = n - header
	}
	return true, why
}
