package main

import (
	"net/netip"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/gnomon-proxy/gnomon/bench/sniff/world"
)

// frame is a packet of a conversation and when it was sent.
type frame struct {
	at   time.Duration
	data []byte
}

// talk is a conversation under way between a client and a server. up means from
// the client.
type talk struct {
	client         world.Client
	from, to       netip.Addr
	sport, dport   uint16
	upSeq, downSeq uint32
	now            time.Duration
	frames         []frame
}

var serverMAC = [6]byte{2, 0, 0, 2, 0, 1}

// newTalk starts a conversation with a server, every fifth over IPv6.
func (g *generator) newTalk(start time.Duration, a4, a6 netip.Addr, dport uint16) *talk {
	t := &talk{client: g.Client(), sport: g.Port(), dport: dport, now: start, upSeq: g.Rand.Uint32(), downSeq: g.Rand.Uint32()}
	if t.from, t.to = t.client.V4, a4; g.Rand.IntN(5) == 0 {
		t.from, t.to = t.client.V6, a6
	}
	return t
}

func (t *talk) udp(up bool, after time.Duration, payload []byte) {
	u := &layers.UDP{SrcPort: layers.UDPPort(t.sport), DstPort: layers.UDPPort(t.dport)}
	if !up {
		u.SrcPort, u.DstPort = u.DstPort, u.SrcPort
	}
	t.send(up, after, layers.IPProtocolUDP, u, payload)
}

// tcp sends a segment. Flags are as in the header: 2 is SYN, 16 is ACK.
func (t *talk) tcp(up bool, after time.Duration, flags uint8, payload []byte) {
	s := &layers.TCP{SrcPort: layers.TCPPort(t.sport), DstPort: layers.TCPPort(t.dport), Seq: t.upSeq, Ack: t.downSeq, Window: 64240,
		FIN: flags&fin != 0, SYN: flags&syn != 0, PSH: flags&psh != 0, ACK: flags&ack != 0}
	next := uint32(len(payload))
	if flags&(syn|fin) != 0 {
		next++
	}
	if up {
		t.upSeq += next
	} else {
		s.SrcPort, s.DstPort, s.Seq, s.Ack = s.DstPort, s.SrcPort, s.Ack, s.Seq
		t.downSeq += next
	}
	if !s.ACK {
		s.Ack = 0
	}
	t.send(up, after, layers.IPProtocolTCP, s, payload)
}

const (
	fin = 1
	syn = 2
	psh = 8
	ack = 16
)

func (t *talk) open(rtt time.Duration) {
	t.tcp(true, 0, syn, nil)
	t.tcp(false, rtt, syn|ack, nil)
	t.tcp(true, 100*time.Microsecond, ack, nil)
}

func (t *talk) close() {
	t.tcp(true, time.Millisecond, fin|ack, nil)
	t.tcp(false, 10*time.Millisecond, fin|ack, nil)
	t.tcp(true, 100*time.Microsecond, ack, nil)
}

type transport interface {
	gopacket.SerializableLayer
	SetNetworkLayerForChecksum(gopacket.NetworkLayer) error
}

func (t *talk) send(up bool, after time.Duration, proto layers.IPProtocol, l4 transport, payload []byte) {
	src, dst, srcMAC, dstMAC := t.from, t.to, t.client.MAC, serverMAC
	if !up {
		src, dst, srcMAC, dstMAC = dst, src, dstMAC, srcMAC
	}
	etherType := layers.EthernetTypeIPv4
	if src.Is6() {
		etherType = layers.EthernetTypeIPv6
	}
	eth := &layers.Ethernet{SrcMAC: srcMAC[:], DstMAC: dstMAC[:], EthernetType: etherType}
	stack := []gopacket.SerializableLayer{eth}
	if t.client.VLAN != 0 {
		eth.EthernetType = layers.EthernetTypeDot1Q
		stack = append(stack, &layers.Dot1Q{VLANIdentifier: t.client.VLAN, Type: etherType})
	}
	if src.Is6() {
		ip := &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: proto, SrcIP: src.AsSlice(), DstIP: dst.AsSlice()}
		must(l4.SetNetworkLayerForChecksum(ip))
		stack = append(stack, ip)
	} else {
		ip := &layers.IPv4{Version: 4, IHL: 5, TTL: 64, Protocol: proto, SrcIP: src.AsSlice(), DstIP: dst.AsSlice()}
		must(l4.SetNetworkLayerForChecksum(ip))
		stack = append(stack, ip)
	}
	buf := gopacket.NewSerializeBuffer()
	must(gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true},
		append(stack, l4, gopacket.Payload(payload))...))
	t.now += after
	t.frames = append(t.frames, frame{t.now, buf.Bytes()})
}
