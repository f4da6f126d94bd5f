package capture

import (
	"net"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"golang.org/x/net/bpf"
)

// TestNamesFilter runs the program in Go; the live test runs it in the kernel.
func TestNamesFilter(t *testing.T) {
	vm, err := bpf.NewVM(namesFilter(14))
	if err != nil {
		t.Fatal(err)
	}
	for _, head := range []uint32{0, 14} {
		if raw, err := bpf.Assemble(namesFilter(head)); err != nil || len(raw) > 4096 {
			t.Errorf("assembling for %d: %d instructions, %v", head, len(raw), err)
		}
	}
	type l = gopacket.SerializableLayer
	v4 := func(p layers.IPProtocol) *layers.IPv4 {
		return &layers.IPv4{Version: 4, TTL: 9, Protocol: p, SrcIP: net.IPv4(192, 0, 2, 1), DstIP: net.IPv4(192, 0, 2, 2)}
	}
	v6 := func(p layers.IPProtocol) *layers.IPv6 {
		return &layers.IPv6{Version: 6, HopLimit: 9, NextHeader: p, SrcIP: net.ParseIP("2001:db8::1"), DstIP: net.ParseIP("2001:db8::2")}
	}
	optioned := v4(layers.IPProtocolTCP)
	optioned.Options = []layers.IPv4Option{{OptionType: 1}, {OptionType: 1}, {OptionType: 1}, {OptionType: 0}}
	part := v4(layers.IPProtocolICMPv4)
	part.FragOffset = 100
	first := v4(layers.IPProtocolICMPv4)
	first.Flags = layers.IPv4MoreFragments
	udp := func(s, d layers.UDPPort) *layers.UDP { return &layers.UDP{SrcPort: s, DstPort: d} }
	text := gopacket.Payload("hello, world")
	quic := func(version ...byte) gopacket.Payload {
		return append(append(gopacket.Payload{0xc3}, version...), make([]byte, 20)...)
	}
	for _, tt := range []struct {
		name  string
		proto layers.EthernetType
		in    []l
		want  bool
	}{
		{"DNS", 0x0800, []l{v4(17), udp(40000, 53), text}, true},
		{"DNS reply, IPv6", 0x86dd, []l{v6(17), udp(53, 40000), text}, true},
		{"DoQ", 0x0800, []l{v4(17), udp(40000, 853), text}, true},
		{"QUIC v1", 0x0800, []l{v4(17), udp(40000, 443), quic(0, 0, 0, 1)}, true},
		{"QUIC v2, odd port, IPv6", 0x86dd, []l{v6(17), udp(40000, 4433), quic(0x6b, 0x33, 0x43, 0xcf)}, true},
		{"QUIC draft", 0x0800, []l{v4(17), udp(40000, 443), quic(0xff, 0, 0, 29)}, true},
		{"QUIC grease", 0x0800, []l{v4(17), udp(40000, 443), quic(0x1a, 0x2a, 0x3a, 0x4a)}, true},
		{"QUIC short header", 0x0800, []l{v4(17), udp(443, 40000), gopacket.Payload("\x43............")}, false},
		{"other UDP", 0x0800, []l{v4(17), udp(123, 123), quic(9, 9, 9, 9)}, false},
		{"empty UDP", 0x0800, []l{v4(17), udp(1, 2)}, false},
		{"VXLAN", 0x0800, []l{v4(17), udp(50000, 4789), text}, true},
		{"SYN", 0x0800, []l{v4(6), &layers.TCP{SrcPort: 443, DstPort: 9, SYN: true, DataOffset: 5}}, true},
		{"FIN from a server", 0x0800, []l{v4(6), &layers.TCP{SrcPort: 443, DstPort: 9, FIN: true, ACK: true}, text}, true},
		{"hello", 0x0800, []l{v4(6), &layers.TCP{SrcPort: 9999, DstPort: 443, ACK: true}, text}, true},
		{"hello behind options", 0x0800, []l{optioned, &layers.TCP{SrcPort: 9999, DstPort: 443, ACK: true, Options: []layers.TCPOption{{OptionType: 1}, {OptionType: 1}, {OptionType: 1}, {OptionType: 1}}}, text}, true},
		{"hello, IPv6", 0x86dd, []l{v6(6), &layers.TCP{SrcPort: 9999, DstPort: 8443, ACK: true}, text}, true},
		{"acknowledgement", 0x0800, []l{v4(6), &layers.TCP{SrcPort: 9999, DstPort: 443, ACK: true}, gopacket.Payload(nil)}, false},
		{"acknowledgement, IPv6", 0x86dd, []l{v6(6), &layers.TCP{SrcPort: 9999, DstPort: 443, ACK: true}}, false},
		{"bulk", 0x0800, []l{v4(6), &layers.TCP{SrcPort: 443, DstPort: 9999, ACK: true}, text}, false},
		{"DNS over TCP, reply", 0x0800, []l{v4(6), &layers.TCP{SrcPort: 53, DstPort: 9999, ACK: true}, text}, true},
		{"later fragment", 0x0800, []l{part, text}, true},
		{"first fragment", 0x0800, []l{first, text}, true},
		{"ping", 0x0800, []l{v4(1), text}, false},
		{"GRE", 0x0800, []l{v4(47), text}, true},
		{"6in4", 0x0800, []l{v4(41), text}, true},
		{"ESP", 0x86dd, []l{v6(50), text}, true},
		{"extension header", 0x86dd, []l{v6(60), text}, true},
		{"ICMPv6", 0x86dd, []l{v6(58), text}, false},
		{"VLAN", 0x8100, []l{text}, true},
		{"PPPoE", 0x8864, []l{text}, true},
		{"MPLS", 0x8847, []l{text}, true},
		{"ARP", 0x0806, []l{text}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := gopacket.NewSerializeBuffer()
			eth := &layers.Ethernet{SrcMAC: make([]byte, 6), DstMAC: make([]byte, 6), EthernetType: tt.proto}
			if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true}, append([]l{eth}, tt.in...)...); err != nil {
				t.Fatal(err)
			}
			frame := append(b.Bytes(), make([]byte, max(0, 60-len(b.Bytes())))...) // padded as on the wire
			n, err := vm.Run(frame)
			if err != nil || (n > 0) != tt.want {
				t.Errorf("filter returns %d, %v; want passed: %v", n, err, tt.want)
			}
		})
	}
}
