package packet_test

import (
	"bytes"
	"encoding/binary"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/packet"
)

const text = "innermost payload"

// The innermost packet of the tables: from 192.0.2.7:40000 or [2001:db8::7] to
// port 5353.
var (
	client4, server4 = netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("192.0.2.53")
	client6, server6 = netip.MustParseAddr("2001:db8::7"), netip.MustParseAddr("2001:db8::53")
)

type layer = gopacket.SerializableLayer

func ip4(proto layers.IPProtocol) *layers.IPv4 {
	return &layers.IPv4{Version: 4, TTL: 64, Protocol: proto, SrcIP: client4.AsSlice(), DstIP: server4.AsSlice()}
}

func ip6(proto layers.IPProtocol) *layers.IPv6 {
	return &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: proto, SrcIP: client6.AsSlice(), DstIP: server6.AsSlice()}
}

// outer4 is the header of a tunnel.
func outer4(proto layers.IPProtocol) *layers.IPv4 {
	return &layers.IPv4{Version: 4, TTL: 64, Protocol: proto, SrcIP: net.IPv4(198, 51, 100, 1), DstIP: net.IPv4(198, 51, 100, 2)}
}

func udp(src, dst uint16) *layers.UDP {
	return &layers.UDP{SrcPort: layers.UDPPort(src), DstPort: layers.UDPPort(dst)}
}

// serialize returns the layers as bytes, lengths filled in.
func serialize(t testing.TB, l ...layer) []byte {
	t.Helper()
	b := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true}, l...); err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(b.Bytes())
}

// udp4 and udp6 are the innermost packet.
func udp4(t testing.TB) []byte {
	return serialize(t, ip4(17), udp(40000, 5000), gopacket.Payload(text))
}

func udp6(t testing.TB) []byte {
	return serialize(t, ip6(17), udp(40000, 5000), gopacket.Payload(text))
}

// eth puts b into an Ethernet frame.
func eth(proto uint16, b []byte) []byte {
	h := append([]byte{2, 0, 0, 0, 0, 1, 0, 0x1b, 0, 0, 0, 2}, byte(proto>>8), byte(proto))
	return append(h, b...)
}

// in puts b into IPv4 of that protocol.
func in(t testing.TB, proto layers.IPProtocol, b ...[]byte) []byte {
	return serialize(t, outer4(proto), gopacket.Payload(bytes.Join(b, nil)))
}

// inUDP puts b into a UDP datagram from port 49152 to port.
func inUDP(t testing.TB, port uint16, b ...[]byte) []byte {
	return serialize(t, outer4(17), udp(49152, port), gopacket.Payload(bytes.Join(b, nil)))
}

// be16 returns big-endian words.
func be16(words ...uint16) (b []byte) {
	for _, w := range words {
		b = binary.BigEndian.AppendUint16(b, w)
	}
	return b
}

// result is all of a decoded packet that outlives the decoder.
type result struct {
	packet.Packet
	text string
	ok   bool
	why  packet.Reason
}

func decode(d *packet.Decoder, link uint32, b []byte) result {
	return decodeAt(d, link, b, time.Time{})
}

func decodeAt(d *packet.Decoder, link uint32, b []byte, at time.Time) (r result) {
	r.ok, r.why = d.Decode(&capture.Frame{Link: link, Data: b, Length: len(b), Time: at}, &r.Packet)
	r.text = string(r.Payload)
	return r
}
