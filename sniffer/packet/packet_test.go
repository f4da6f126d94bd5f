package packet_test

import (
	"bytes"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/packet"
)

// TestEncapsulations finds the same datagram however it is wrapped.
func TestEncapsulations(t *testing.T) {
	v4, v6 := udp4(t), udp6(t)
	join := func(b ...[]byte) []byte { return bytes.Join(b, nil) }
	zeros := func(n int) []byte { return make([]byte, n) }
	snap := []byte{0xaa, 0xaa, 3, 0, 0, 0, 8, 0}
	vx := []byte{8, 0, 0, 0, 0, 0, 7, 0}
	wlan := join([]byte{8, 1}, zeros(22)) // data, to the access point
	greRaw := func(words ...uint16) []byte { return be16(words...) }
	esp2 := join(be16(0x1000, 0x88be), zeros(4), be16(0x1000|7, 0), zeros(4))
	esp3 := join(be16(0x1000, 0x22eb), zeros(4), be16(0x2000|7, 0), zeros(8))
	esp3sub := join(esp3[:len(esp3)-1], []byte{1}, zeros(8))
	greKSC := serialize(t, &layers.GRE{ChecksumPresent: true, KeyPresent: true, SeqPresent: true, Key: 7, Seq: 8, Protocol: 0x86dd})
	for _, tt := range []struct {
		name    string
		link    uint32
		frame   []byte
		vlan    uint16
		tunnels uint8
	}{
		{"Ethernet", 1, eth(0x0800, v4), 0, 0},
		{"Ethernet, IPv6", 1, eth(0x86dd, v6), 0, 0},
		{"Ethernet, padded, FCS", 1, append(eth(0x0800, v4), 0, 0, 0, 1, 2, 3, 4), 0, 0},
		{"VLAN", 1, eth(0x8100, join(be16(0x6000|20, 0x0800), v4)), 20, 0},
		{"QinQ", 1, eth(0x88a8, join(be16(20, 0x8100, 30, 0x86dd), v6)), 20, 0},
		{"QinQ, old", 1, eth(0x9100, join(be16(20, 0x8100, 30, 0x86dd), v6)), 20, 0},
		{"priority tag, then VLAN", 1, eth(0x8100, join(be16(0x2000, 0x8100, 30, 0x0800), v4)), 30, 0},
		{"E-tag", 1, eth(0x893f, join(zeros(6), be16(0x0800), v4)), 0, 0},
		{"provider backbone", 1, eth(0x88e7, join(zeros(4), eth(0x0800, v4))), 0, 0},
		{"PPPoE in QinQ", 1, eth(0x88a8, join(be16(20, 0x8100, 30, 0x8864, 0x1100, 1, uint16(len(v4)+2), 0x0021), v4)), 20, 0},
		{"802.3 with SNAP", 1, eth(uint16(8+len(v4)), join(snap, v4)), 0, 0},
		{"MPLS", 1, eth(0x8847, join([]byte{0, 1, 0x21, 9}, v4)), 0, 0},
		{"MPLS, three labels, multicast, IPv6", 1, eth(0x8848, join([]byte{0, 1, 0x20, 9, 0, 1, 0x20, 9, 0, 1, 0x21, 9}, v6)), 0, 0},
		{"pseudowire with control word", 1, eth(0x8847, join([]byte{0, 1, 0x21, 9}, zeros(4), eth(0x8100, join(be16(5, 0x0800), v4)))), 5, 1},
		{"pseudowire, card 00:", 1, eth(0x8847, join([]byte{0, 1, 0x21, 9}, zeros(1), eth(0x0800, v4)[1:])), 0, 1},
		{"pseudowire, card 45:", 1, eth(0x8847, join([]byte{0, 1, 0x21, 9}, []byte{0x45}, eth(0x0800, v4)[1:])), 0, 1},
		{"raw", 101, v4, 0, 0},
		{"raw, IPv6", 101, v6, 0, 0},
		{"raw, 12", 12, v6, 0, 0},
		{"raw, 14", 14, v4, 0, 0},
		{"IPv4", 228, v4, 0, 0},
		{"IPv6", 229, v6, 0, 0},
		{"loopback", 0, join([]byte{2, 0, 0, 0}, v4), 0, 0},
		{"loopback, big endian", 108, join([]byte{0, 0, 0, 30}, v6), 0, 0},
		{"cooked", 113, join(zeros(14), be16(0x0800), v4), 0, 0},
		{"cooked, 802.2", 113, join(zeros(14), be16(4), snap, v4), 0, 0},
		{"cooked, VLAN", 113, join(zeros(14), be16(0x8100, 9, 0x86dd), v6), 9, 0},
		{"cooked 2", 276, join(be16(0x86dd), zeros(18), v6), 0, 0},
		{"FDDI", 10, join(zeros(13), snap, v4), 0, 0},
		{"PPP", 9, join([]byte{0xff, 3, 0, 0x21}, v4), 0, 0},
		{"PPP, compressed", 50, join([]byte{0x57}, v6), 0, 0},
		{"PPP, direction", 204, join([]byte{1, 0xff, 3, 0, 0x21}, v4), 0, 0},
		{"PPPoE alone", 51, join(be16(0x1100, 1, uint16(len(v4)+2), 0x0021), v4), 0, 0},
		{"Cisco HDLC", 104, join([]byte{0x0f, 0, 8, 0}, v4), 0, 0},
		{"WLAN", 105, join(wlan, snap, v4), 0, 0},
		{"WLAN, QoS", 105, join([]byte{0x88, 1}, zeros(24), snap, v4), 0, 0},
		{"WLAN, four addresses, HT", 105, join([]byte{0x88, 0x83}, zeros(34), snap, v4), 0, 0},
		{"WLAN, aggregated", 105, join([]byte{0x88, 1}, zeros(22), []byte{0x80, 0}, zeros(12), be16(uint16(8+len(v4))), snap, v4, []byte("next")), 0, 0},
		{"radiotap", 127, join([]byte{0, 0, 8, 0, 0, 0, 0, 0}, wlan, snap, v4), 0, 0},
		{"radiotap, time, padded", 127, join([]byte{0, 0, 25, 0, 3, 0, 0, 0x80, 0, 0, 0, 0}, zeros(4), zeros(8), []byte{0x20}, []byte{0x88, 1}, zeros(24), zeros(2), snap, v4), 0, 0},
		{"NFLOG", 239, join([]byte{2, 0, 0, 0}, []byte{8, 0, 1, 0, 8, 0, 1, 0}, []byte{5, 0, 10, 0, 'x', 0, 0, 0}, []byte{byte(4 + len(v4)), 0, 9, 0}, v4), 0, 0},
		{"NFLOG, big endian", 239, join([]byte{10, 0, 0, 0}, []byte{0, 8, 0, 1, 8, 0, 1, 0}, []byte{0, byte(4 + len(v6)), 0, 9}, v6), 0, 0},
		{"IP in IP", 101, in(t, 4, v4), 0, 1},
		{"6in4", 101, in(t, 41, v6), 0, 1},
		{"4in6", 101, serialize(t, ip6(4), gopacket.Payload(v4)), 0, 1},
		{"MPLS in IP", 101, in(t, 137, []byte{0, 1, 0x21, 9}, v4), 0, 1},
		{"EtherIP", 101, in(t, 97, be16(0x3000), eth(0x0800, v4)), 0, 1},
		{"Ethernet in IP", 101, in(t, 143, eth(0x0800, v4)), 0, 1},
		{"AH", 101, in(t, 51, []byte{4, 4, 0, 0}, zeros(20), v4), 0, 1},
		{"GRE", 101, in(t, 47, greRaw(0, 0x0800), v4), 0, 1},
		{"GRE, all fields", 101, in(t, 47, greKSC, v6), 0, 1},
		{"GRE, source route", 101, in(t, 47, greRaw(0x4000, 0x0800, 0, 0, 0x0800, 0x0004, 1, 2, 0, 0), v4), 0, 1},
		{"GRE, bridged", 101, in(t, 47, greRaw(0x2000, 0x6558, 0, 7), eth(0x8100, join(be16(3, 0x0800), v4))), 3, 1},
		{"GRE, MPLS", 101, in(t, 47, greRaw(0, 0x8847), []byte{0, 1, 0x21, 9}, v4), 0, 1},
		{"PPTP", 101, in(t, 47, greRaw(0x3001, 0x880b, uint16(len(v4)+4), 1, 0, 5), []byte{0xff, 3, 0, 0x21}, v4), 0, 1},
		{"PPTP with acknowledgement", 101, in(t, 47, greRaw(0x3081, 0x880b, uint16(len(v4)+1), 1, 0, 5, 0, 4), []byte{0x21}, v4), 0, 1},
		{"WCCP 2", 101, in(t, 47, greRaw(0, 0x883e, 0, 0), v4), 0, 1},
		{"ERSPAN I", 101, in(t, 47, greRaw(0, 0x88be), eth(0x0800, v4)), 0, 1},
		{"ERSPAN II", 101, in(t, 47, esp2, eth(0x0800, v4)), 0, 1},
		{"ERSPAN III", 101, in(t, 47, esp3, eth(0x86dd, v6)), 0, 1},
		{"ERSPAN III, subheader", 101, in(t, 47, esp3sub, eth(0x0800, v4)), 0, 1},
		{"VXLAN", 101, inUDP(t, 4789, vx, eth(0x0800, v4)), 0, 1},
		{"VXLAN, Linux", 101, inUDP(t, 8472, vx, eth(0x86dd, v6)), 0, 1},
		{"VXLAN-GPE", 101, inUDP(t, 4790, []byte{0x0c, 0, 0, 1, 0, 0, 7, 0}, v4), 0, 1},
		{"GENEVE", 101, inUDP(t, 6081, be16(0, 0x6558, 0, 0x0700), eth(0x0800, v4)), 0, 1},
		{"GENEVE, options, IP", 101, inUDP(t, 6081, be16(0x0200, 0x86dd, 0, 0x0700), zeros(8), v6), 0, 1},
		{"GRE in UDP", 101, inUDP(t, 4754, greRaw(0, 0x0800), v4), 0, 1},
		{"GTP-U", 101, inUDP(t, 2152, be16(0x30ff, uint16(len(v4)), 0, 7), v4), 0, 1},
		{"GTP-U, extension", 101, inUDP(t, 2152, be16(0x34ff, uint16(len(v6)+8), 0, 7, 0, 0x0085), []byte{1, 0, 0, 0}, v6), 0, 1},
		{"Teredo", 101, inUDP(t, 3544, v6), 0, 1},
		{"Teredo, indications", 101, inUDP(t, 3544, []byte{0, 1, 2, 1}, zeros(3+9), be16(0, 1, 2, 3), v6), 0, 1},
		{"four tunnels", 101, in(t, 4, in(t, 47, greRaw(0, 0x6558), eth(0x0800, inUDP(t, 4789, vx, eth(0x0800, in(t, 41, v6)))))), 0, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := decode(packet.NewDecoder(), tt.link, tt.frame)
			if !got.ok || got.why != packet.Fine || got.Proto != packet.UDP || got.text != text || got.PayloadLen != len(text) {
				t.Fatalf("got %+v, %q", got, got.why)
			}
			if got.VLAN != tt.vlan || got.Tunnels != tt.tunnels || got.WireLen != len(tt.frame) || got.Fragment || got.Reassembled {
				t.Errorf("got %+v; want VLAN %d, %d tunnels", got, tt.vlan, tt.tunnels)
			}
			src, dst := got.Src.Addr(), got.Dst.Addr()
			if !(src == client4 && dst == server4 || src == client6 && dst == server6) || got.Src.Port() != 40000 || got.Dst.Port() != 5000 {
				t.Errorf("from %v to %v", got.Src, got.Dst)
			}
		})
	}
}

// TestNoTunnel hands out datagrams at tunnel ports that hold something else.
func TestNoTunnel(t *testing.T) {
	vx := append([]byte{8, 0, 0, 0, 0, 0, 7, 0}, eth(0x0800, udp4(t))...)
	for _, tt := range []struct {
		name     string
		src, dst uint16
		payload  []byte
	}{
		{"DNS reply to a VXLAN port", 53, 4789, vx},
		{"DNS query from a GTP port", 2152, 53, []byte("question")},
		{"VXLAN without its flag", 9, 4789, append([]byte{0}, vx[1:]...)},
		{"VXLAN, short", 9, 4789, vx[:20]},
		{"VXLAN of no frame", 9, 8472, []byte("\x08_______ some text of another program")},
		{"VXLAN of a bad IP header", 9, 4789, append([]byte{8, 0, 0, 0, 0, 0, 7, 0}, eth(0x0800, []byte("nonsense, not IP at all"))...)},
		{"GENEVE of an unknown version", 9, 6081, []byte("\x80\x00\x08\x00____")},
		{"GENEVE, options too long", 9, 6081, []byte("\x3f\x00\x08\x00\x00\x00\x00\x00")},
		{"GTP-C", 9, 2152, []byte("\x48\x20\x00\x04____")},
		{"GTP-U of the wrong length", 9, 2152, []byte("\x30\xff\x00\x09____\x45")},
		{"GTP-U, extension without end", 9, 2152, []byte("\x34\xff\x00\x08____\x00\x00\x00\x85\x01\x00\x00\x85")},
		{"Teredo", 3544, 9, []byte("no IPv6")},
		{"GRE in UDP", 9, 4754, []byte("\x00\x07\x08\x00text")},
		{"empty", 9, 4789, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			frame := serialize(t, ip4(17), udp(tt.src, tt.dst), gopacket.Payload(tt.payload))
			got := decode(packet.NewDecoder(), 101, frame)
			if !got.ok || got.why != packet.Fine || got.text != string(tt.payload) || got.Src.Addr() != client4 ||
				got.Src.Port() != tt.src || got.Dst.Port() != tt.dst || got.Tunnels != 0 || got.VLAN != 0 {
				t.Errorf("got %+v, %q; want the datagram itself", got, got.why)
			}
		})
	}
}

func TestNotForUs(t *testing.T) {
	vx := []byte{8, 0, 0, 0, 0, 0, 7, 0}
	for _, tt := range []struct {
		name  string
		link  uint32
		frame []byte
	}{
		{"ARP", 1, eth(0x0806, make([]byte, 28))},
		{"LLDP", 1, eth(0x88cc, make([]byte, 28))},
		{"spanning tree", 1, eth(7, []byte{0x42, 0x42, 3, 0, 0, 0, 0})},
		{"ICMP", 101, in(t, 1, make([]byte, 8))},
		{"PPPoE discovery", 1, eth(0x8864, be16(0x1109, 0, 0))},
		{"PPP negotiation", 9, be16(0xff03, 0xc021, 0)},
		{"PPTP acknowledgement", 101, in(t, 47, be16(0x2081, 0x880b, 0, 1, 0, 5))},
		{"ARP in VXLAN", 101, inUDP(t, 4789, vx, eth(0x0806, make([]byte, 28)))},
		{"beacon", 105, append([]byte{0x80, 0}, make([]byte, 40)...)},
		{"null data", 105, append([]byte{0x48, 1}, make([]byte, 40)...)},
		{"netlink", 113, append(be16(0, 824), make([]byte, 60)...)},
		{"pseudowire control", 1, eth(0x8847, append([]byte{0, 1, 0x21, 9, 0x10}, make([]byte, 20)...))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := decode(packet.NewDecoder(), tt.link, tt.frame); got.ok || got.why != packet.Fine {
				t.Errorf("got %+v, %q; want nothing, and no complaint", got, got.why)
			}
		})
	}
}

func TestReasons(t *testing.T) {
	v4, v6 := udp4(t), udp6(t)
	change := func(b []byte, at int, to byte) []byte { b = bytes.Clone(b); b[at] = to; return b }
	five := in(t, 4, in(t, 4, in(t, 4, in(t, 4, in(t, 4, v4)))))
	tags := bytes.Repeat(be16(7, 0x8100), 40)
	exts := append(bytes.Repeat([]byte{60, 0, 1, 4, 0, 0, 0, 0}, 20), 17, 0, 1, 4, 0, 0, 0, 0)
	var nested []byte
	for i := range byte(100) {
		nested = append(nested, 44, 0, 0, 1, 0, 0, 0, i)
	}
	tcp := serialize(t, ip4(6), &layers.TCP{SrcPort: 1, DstPort: 2}, gopacket.Payload(text))
	for _, tt := range []struct {
		name  string
		want  packet.Reason
		link  uint32
		frame []byte
	}{
		{"unknown link", packet.LinkType, 147, v4},
		{"short Ethernet", packet.LinkShort, 1, make([]byte, 10)},
		{"short VLAN", packet.LinkShort, 1, eth(0x8100, []byte{0, 1})},
		{"short MPLS", packet.LinkShort, 1, eth(0x8847, []byte{0, 1, 0x20})},
		{"short PPPoE", packet.LinkShort, 1, eth(0x8864, be16(0x1100))},
		{"short radiotap", packet.LinkShort, 127, []byte{0, 0, 40, 0, 0, 0, 0, 0, 0}},
		{"short cooked", packet.LinkShort, 113, make([]byte, 15)},
		{"NFLOG without payload", packet.LinkShort, 239, []byte{2, 0, 0, 0, 8, 0, 1, 0, 8, 0, 1, 0}},
		{"empty", packet.LinkShort, 1, nil},
		{"IP version", packet.IPHeader, 1, eth(0x0800, v6)},
		{"IPv6 version", packet.IPHeader, 1, eth(0x86dd, append(bytes.Clone(v4), v4...))},
		{"IP header length", packet.IPHeader, 101, change(v4, 0, 0x41)},
		{"IP total length", packet.IPHeader, 101, change(v4, 3, 10)},
		{"short IP", packet.IPHeader, 101, v4[:12]},
		{"short IPv6", packet.IPHeader, 101, v6[:39]},
		{"extensions", packet.Extensions, 101, serialize(t, ip6(60), gopacket.Payload(exts))},
		{"short extension", packet.IPHeader, 101, serialize(t, ip6(60), gopacket.Payload{17, 9, 0, 0, 0, 0, 0, 0})},
		{"short UDP", packet.UDPHeader, 101, v4[:25]},
		{"UDP length", packet.UDPHeader, 101, change(v4, 25, 3)},
		{"short TCP", packet.TCPHeader, 101, tcp[:39]},
		{"TCP header length", packet.TCPHeader, 101, change(tcp, 32, 0x40)},
		{"TCP header too long", packet.TCPHeader, 101, change(tcp, 32, 0xf0)},
		{"short GRE", packet.TunnelHeader, 101, in(t, 47, []byte{0, 0, 8})},
		{"GRE version", packet.TunnelHeader, 101, in(t, 47, be16(2, 0x0800, 0, 0))},
		{"ERSPAN version", packet.TunnelHeader, 101, in(t, 47, be16(0x1000, 0x88be, 0, 0, 0x3000, 0, 0, 0))},
		{"five tunnels", packet.Depth, 101, five},
		{"forty tags", packet.Depth, 1, eth(0x8100, append(tags, v4...))},
		{"forty labels", packet.Depth, 1, eth(0x8847, append(bytes.Repeat([]byte{0, 1, 0, 9}, 40), v4...))},
		{"SNAP in SNAP", packet.Depth, 1, eth(0x100, bytes.Repeat([]byte{0xaa, 0xaa, 3, 0, 0, 0, 1, 0}, 40))},
		{"AH in AH", packet.Depth, 101, in(t, 51, bytes.Repeat([]byte{51, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 40))},
		{"fragment headers without end", packet.Depth, 101, serialize(t, ip6(44), gopacket.Payload(nested))},
		{"WLAN, encrypted", packet.Encrypted, 105, append([]byte{8, 0x41}, make([]byte, 40)...)},
		{"MACsec", packet.Encrypted, 1, eth(0x88e5, make([]byte, 40))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := decode(packet.NewDecoder(), tt.link, tt.frame)
			if got.why != tt.want || got.ok && tt.want != packet.Depth {
				t.Errorf("ok %v, reason %q; want %q", got.ok, got.why, tt.want)
			}
		})
	}
}

func TestReasonNames(t *testing.T) {
	seen := map[string]bool{}
	for r := range packet.Reason(packet.Reasons) {
		if s := r.String(); seen[s] || (s == "") != (r == packet.Fine) || s == "unknown" {
			t.Errorf("reason %d is called %q", r, s)
		} else {
			seen[s] = true
		}
	}
	if packet.Reason(200).String() != "unknown" {
		t.Error("reason 200 has a name")
	}
}

func TestTCP(t *testing.T) {
	frame := serialize(t, ip6(6), &layers.TCP{SrcPort: 40000, DstPort: 443, Seq: 0xfffffffe, Ack: 7, SYN: true, ACK: true, PSH: true,
		Options: []layers.TCPOption{{OptionType: 2, OptionLength: 4, OptionData: []byte{5, 0xb4}}}}, gopacket.Payload(text))
	got := decode(packet.NewDecoder(), 101, frame)
	if !got.ok || got.Proto != packet.TCP || got.Seq != 0xfffffffe || got.Ack != 7 || got.Flags != packet.SYN|packet.ACK|packet.PSH ||
		got.text != text || got.PayloadLen != len(text) || got.Src.Addr() != client6 || got.Dst.Port() != 443 {
		t.Errorf("got %+v", got)
	}
}

func TestESP(t *testing.T) {
	got := decode(packet.NewDecoder(), 101, serialize(t, ip4(50), gopacket.Payload("secret")))
	if !got.ok || got.Proto != packet.ESP || got.Src.Addr() != client4 || got.Dst.Addr() != server4 || got.PayloadLen != 6 {
		t.Errorf("got %+v", got)
	}
}

// TestSnaplen reads what a capture cut short still says.
func TestSnaplen(t *testing.T) {
	long := bytes.Repeat([]byte("x"), 1000)
	udpFrame := eth(0x0800, serialize(t, ip4(17), udp(40000, 5000), gopacket.Payload(long)))
	tcpFrame := eth(0x0800, serialize(t, ip4(6), &layers.TCP{Options: []layers.TCPOption{{OptionType: 2, OptionLength: 4, OptionData: []byte{5, 0xb4}}}}, gopacket.Payload(long)))
	tunnel := eth(0x0800, inUDP(t, 4789, []byte{8, 0, 0, 0, 0, 0, 7, 0}, udpFrame))
	first := ip4(17)
	first.Flags, first.Id = layers.IPv4MoreFragments, 1
	later := ip4(17)
	later.FragOffset, later.Id = 100, 1
	for _, tt := range []struct {
		name  string
		frame []byte
		keep  int
		ok    bool
		why   packet.Reason
		got   int // of the payload
		want  int // its length as the headers say
	}{
		{"UDP", udpFrame, 96, true, packet.Fine, 96 - 42, 1000},
		{"UDP, headers only", udpFrame, 42, true, packet.Fine, 0, 1000},
		{"UDP, not even that", udpFrame, 41, false, packet.Snaplen, 0, 0},
		{"TCP", tcpFrame, 96, true, packet.Fine, 96 - 58, 1000},
		{"TCP, options cut", tcpFrame, 54, true, packet.Fine, 0, 1000},
		{"TCP, not even that", tcpFrame, 53, false, packet.Snaplen, 0, 0},
		{"IP", udpFrame, 33, false, packet.Snaplen, 0, 0},
		{"Ethernet", udpFrame, 10, false, packet.Snaplen, 0, 0},
		{"tunnel", tunnel, 120, true, packet.Fine, 120 - 50 - 42, 1000},
		{"tunnel, inside cut", tunnel, 70, true, packet.Snaplen, 70 - 42, 8 + len(udpFrame)},
		{"first fragment", eth(0x0800, serialize(t, first, udp(40000, 5000), gopacket.Payload(long))), 96, true, packet.Snaplen, 96 - 42, 1000},
		{"later fragment", eth(0x0800, serialize(t, later, gopacket.Payload(long))), 96, false, packet.Snaplen, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var p packet.Packet
			ok, why := packet.NewDecoder().Decode(&capture.Frame{Link: 1, Data: tt.frame[:tt.keep:tt.keep], Length: len(tt.frame)}, &p)
			if ok != tt.ok || why != tt.why || ok && (len(p.Payload) != tt.got || p.PayloadLen != tt.want || p.WireLen != len(tt.frame)) {
				t.Errorf("%v, %q, %d of %d bytes; want %v, %q, %d of %d", ok, why, len(p.Payload), p.PayloadLen, tt.ok, tt.why, tt.got, tt.want)
			}
		})
	}
}

// TestSegmentationOffload reads packets whose length the card would have filled
// in.
func TestSegmentationOffload(t *testing.T) {
	for _, b := range [][]byte{udp4(t), udp6(t)} {
		if b[0]>>4 == 4 {
			b[2], b[3] = 0, 0
		} else {
			b[4], b[5] = 0, 0
		}
		if got := decode(packet.NewDecoder(), 101, b); !got.ok || got.text != text {
			t.Errorf("got %+v, %q", got, got.why)
		}
	}
}

func TestMetadataVLAN(t *testing.T) {
	var p packet.Packet
	f := capture.Frame{Link: 1, Data: eth(0x8100, append(be16(30, 0x0800), udp4(t)...)), VLAN: 20}
	if ok, _ := packet.NewDecoder().Decode(&f, &p); !ok || p.VLAN != 20 {
		t.Errorf("VLAN %d, want the outer one, 20", p.VLAN)
	}
}
