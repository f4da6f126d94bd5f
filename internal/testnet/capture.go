package testnet

import (
	"bytes"
	"fmt"
	"net"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

// Capture returns a small capture file (pcap) as a mirror port would see it
// from now on: ten computers, 192.0.2.11 to .20, look up AI services and other
// names, some in a VLAN, some over IPv6, most with their replies.
func Capture(now time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := pcapgo.NewWriter(&b)
	if err := w.WriteFileHeader(65535, layers.LinkTypeEthernet); err != nil {
		return nil, err
	}
	for i, l := range lookups() {
		at := now.Add(time.Duration(i) * 100 * time.Millisecond)
		for _, reply := range []bool{false, true} {
			if reply && i%5 == 4 { // a capture misses things
				continue
			}
			frame, err := l.frame(uint16(i), reply)
			if err != nil {
				return nil, fmt.Errorf("building packet for %s: %w", l.name, err)
			}
			info := gopacket.CaptureInfo{Timestamp: at, CaptureLength: len(frame), Length: len(frame)}
			if err := w.WritePacket(info, frame); err != nil {
				return nil, err
			}
			at = at.Add(8 * time.Millisecond)
		}
	}
	return b.Bytes(), nil
}

// lookup is a DNS question of one computer.
type lookup struct {
	host byte // last byte of the client's address
	name string
	kind layers.DNSType
	vlan uint16
	ip6  bool
}

func lookups() []lookup {
	names := []string{
		"chatgpt.com", "claude.ai", "gemini.google.com", "api.openai.com", "www.perplexity.ai", "copilot.microsoft.com",
		"api.deepseek.com", "www.midjourney.com", "huggingface.co", "api.mistral.ai",
		"www.wikipedia.org", "deb.debian.org", "mail.intranet.example", "time.cloudflare.com",
	}
	var out []lookup
	for i := range byte(10) {
		for j := range 3 + int(i)%3 {
			l := lookup{host: 11 + i, name: names[(int(i)*5+j*3)%len(names)], kind: layers.DNSTypeA, ip6: i%4 == 3}
			if j%2 == 1 {
				l.kind = layers.DNSTypeAAAA
			}
			if i%3 == 2 {
				l.vlan = 20
			}
			out = append(out, l)
		}
	}
	return out
}

// frame builds the Ethernet frame of the query or its reply.
func (l *lookup) frame(id uint16, reply bool) ([]byte, error) {
	udp := &layers.UDP{SrcPort: layers.UDPPort(20000 + id), DstPort: 53}
	dns := &layers.DNS{ID: id, RD: true, QDCount: 1, Questions: []layers.DNSQuestion{{Name: []byte(l.name), Type: l.kind, Class: layers.DNSClassIN}}}
	client, server := net.IPv4(192, 0, 2, l.host), net.IPv4(192, 0, 2, 1)
	if l.ip6 {
		client, server = net.ParseIP(fmt.Sprintf("2001:db8::%d", l.host)), net.ParseIP("2001:db8::1")
	}
	if reply {
		client, server = server, client
		udp.SrcPort, udp.DstPort = udp.DstPort, udp.SrcPort
		dns.QR, dns.RA = true, true
	}
	eth := &layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}, EthernetType: layers.EthernetTypeIPv4}
	var ip gopacket.SerializableLayer
	if l.ip6 {
		v6 := &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: layers.IPProtocolUDP, SrcIP: client, DstIP: server}
		udp.SetNetworkLayerForChecksum(v6) // fails for nil only
		eth.EthernetType, ip = layers.EthernetTypeIPv6, v6
	} else {
		v4 := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: client, DstIP: server}
		udp.SetNetworkLayerForChecksum(v4)
		ip = v4
	}
	stack := []gopacket.SerializableLayer{eth, ip, udp, dns}
	if l.vlan != 0 {
		tag := &layers.Dot1Q{VLANIdentifier: l.vlan, Type: eth.EthernetType}
		eth.EthernetType = layers.EthernetTypeDot1Q
		stack = []gopacket.SerializableLayer{eth, tag, ip, udp, dns}
	}
	buf := gopacket.NewSerializeBuffer()
	err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, stack...)
	return buf.Bytes(), err
}
