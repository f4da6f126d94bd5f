package sniffer

import (
	"github.com/gnomon-proxy/gnomon/sniffer/dns"
	"github.com/gnomon-proxy/gnomon/sniffer/hello"
	"github.com/gnomon-proxy/gnomon/sniffer/stream"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// udp reads a datagram.
func (s *Sniffer) udp() {
	p := s.p
	switch a, b := p.Src.Port(), p.Dst.Port(); {
	case a == portDNS || b == portDNS:
		s.message(p.Payload, p.Src, p.Dst)
		return
	case local(a) && b != portHTTPS || local(b) && a != portHTTPS:
		s.stats.Local++
		return
	case p.Fragment: // the whole datagram comes, or tells nothing
		return
	}
	f, d := s.table.Packet(s.segment())
	if f == nil {
		return
	}
	x := &f.Data
	if msg, ok := s.quic.Datagram(p.Src, p.Dst, s.now, p.Payload); ok {
		s.quicHello(f, d, msg)
	} else if msg := hello.DTLS(p.Payload, &s.scratch); msg != nil {
		s.tlsHello(f, d, msg, false)
	} else if x.known == 0 && dns.Plausible(p.Payload) {
		x.mode = modeDNS
		s.stats.OddPorts++
		s.message(p.Payload, p.Src, p.Dst)
	}
	s.wireGuard(f, d, p.Payload)
	s.meter(f, d)
}

const portHTTPS = 443

// local tells the ports of protocols that name devices of the local network:
// NetBIOS, mDNS and LLMNR.
func local(port uint16) bool {
	return port == 5353 || port == 5355 || port == 137 || port == 138
}

// quicHello takes the ClientHello of a QUIC connection. d is the direction of
// the packet that completed it, which the client sent.
func (s *Sniffer) quicHello(f *stream.Flow[session], d stream.Dir, msg []byte) {
	if d == stream.Down {
		f.Data.turn()
		f.Turn()
	}
	s.stats.QUICHellos++
	if s.parse(msg, false) {
		s.greet(f, traffic.SensorQUIC)
	}
}
