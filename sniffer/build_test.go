package sniffer_test

import (
	"bytes"
	"encoding/binary"
	"net"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

// query returns an IPv4 packet with a DNS query for name, built by gopacket.
func query(t testing.TB, name string) []byte {
	t.Helper()
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: net.IPv4(192, 0, 2, 7), DstIP: net.IPv4(192, 0, 2, 53)}
	udp := &layers.UDP{SrcPort: 40000, DstPort: 53}
	udp.SetNetworkLayerForChecksum(ip)
	return serialize(t, ip, udp, question(name, false))
}

// query6 is query over IPv6, behind the given extension headers.
func query6(t testing.TB, name string, extensions ...gopacket.SerializableLayer) []byte {
	t.Helper()
	ip := &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: layers.IPProtocolUDP, SrcIP: net.ParseIP("2001:db8::7"), DstIP: net.ParseIP("2001:db8::53")}
	if len(extensions) > 0 {
		ip.NextHeader = layers.IPProtocolIPv6Destination
	}
	udp := &layers.UDP{SrcPort: 40000, DstPort: 53}
	udp.SetNetworkLayerForChecksum(ip)
	return serialize(t, append(append([]gopacket.SerializableLayer{ip}, extensions...), udp, question(name, false))...)
}

func question(name string, reply bool) *layers.DNS {
	return &layers.DNS{ID: 7, QR: reply, QDCount: 1, Questions: []layers.DNSQuestion{{Name: []byte(name), Type: layers.DNSTypeA, Class: layers.DNSClassIN}}}
}

func serialize(t testing.TB, l ...gopacket.SerializableLayer) []byte {
	t.Helper()
	b := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, l...); err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(b.Bytes())
}

// pcap returns a capture file of the given link type.
func pcap(t testing.TB, link uint32, packets ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := pcapgo.NewWriter(&b)
	if err := w.WriteFileHeader(65535, layers.LinkTypeRaw); err != nil {
		t.Fatal(err)
	}
	binary.LittleEndian.PutUint32(b.Bytes()[20:], link) // gopacket's type has a byte for it only
	for i, p := range packets {
		err := w.WritePacket(gopacket.CaptureInfo{Timestamp: time.Unix(1e9+int64(i), 5000), CaptureLength: len(p), Length: len(p)}, p)
		if err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// prefix returns b behind a link header.
func prefix(b []byte, header ...byte) []byte { return append(header, b...) }

// be16 returns n zero bytes and the big-endian words after them.
func be16(zeros int, words ...uint16) []byte {
	b := make([]byte, zeros)
	for _, w := range words {
		b = binary.BigEndian.AppendUint16(b, w)
	}
	return b
}
