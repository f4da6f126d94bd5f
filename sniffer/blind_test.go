package sniffer_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

var spots = []rules.BlindSpot{
	{Name: "Quad9", Kinds: []rules.BlindKind{rules.BlindDoH, rules.BlindDoT, rules.BlindDoQ}, Hosts: []string{"dns.quad9.net"}, Addresses: []netip.Prefix{netip.MustParsePrefix("9.9.9.9/32")}},
	{Name: "Some VPN", Kinds: []rules.BlindKind{rules.BlindVPN}, Domains: []string{"somevpn.test"}, Addresses: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}},
	{Name: "DNS over TLS", Kinds: []rules.BlindKind{rules.BlindDoT}, Ports: []rules.Port{{Number: 853}}, ALPN: []string{"dot"}},
	{Name: "DNS over QUIC", Kinds: []rules.BlindKind{rules.BlindDoQ}, Ports: []rules.Port{{Number: 853, UDP: true}}, ALPN: []string{"doq"}},
	{Name: "A CDN", Kinds: []rules.BlindKind{rules.BlindECH}, Hosts: []string{"public.test"}},
	{Name: "canary", Kinds: []rules.BlindKind{rules.BlindCanary}, Hosts: []string{"use-application-dns.net"}},
}

func TestBlindSpots(t *testing.T) {
	quad9 := netip.MustParseAddr("9.9.9.9")
	at := func(a netip.Addr, port uint16) netip.AddrPort { return netip.AddrPortFrom(a, port) }
	talk := func(w *wire, to netip.AddrPort) {
		w.udp(from, to, make([]byte, 60))
		w.udp(to, from, make([]byte, 60))
	}
	for _, tt := range []struct {
		name string
		send func(w *wire)
		want []string
	}{
		{"DoH by name", func(w *wire) { w.dial(from, to).up(clientHello(t, "dns.quad9.net", "h2")) }, []string{"doh Quad9 tls 1"}},
		{"DoH by address", func(w *wire) { w.dial(from, at(quad9, 443)).up(clientHello(t, "")) }, []string{"doh Quad9 tls 1"}},
		{"DoH whose start was not seen", func(w *wire) {
			w.tcp(from, at(quad9, 443), ack, 1, make([]byte, 90))
			w.tcp(at(quad9, 443), from, ack, 1, make([]byte, 90))
		}, []string{"doh Quad9 tls 1"}},
		{"DoH over QUIC", func(w *wire) {
			w.udp(from, at(quad9, 443), initials(t, []byte("12345678"), quicHello(t, "dns.quad9.net", false))[0])
		}, []string{"doh Quad9 quic 1"}},
		{"DoT by port", func(w *wire) { w.dial(from, at(cloud, 853)).up(clientHello(t, "resolver.corp.example")) }, []string{"dot  tls 1"}},
		{"DoT by protocol", func(w *wire) { w.dial(from, at(cloud, 443)).up(clientHello(t, "r.example", "dot")) }, []string{"dot  tls 1"}},
		{"DoT of a known resolver, twice", func(w *wire) {
			w.dial(from, at(quad9, 853)).up(clientHello(t, "dns.quad9.net"))
			w.dial(netip.AddrPortFrom(alice, 40001), at(quad9, 853)).up(clientHello(t, "dns.quad9.net"))
		}, []string{"dot Quad9 tls 2"}},
		{"DoQ", func(w *wire) { talk(w, at(cloud, 853)) }, []string{"doq  quic 1"}},
		{"plain DNS to a known resolver", func(w *wire) { w.udp(from, at(quad9, 53), lookup(1, "www.example.com", 1)) }, nil},
		{"VPN by lookup", func(w *wire) { w.answered(alice, "eu1.somevpn.test", cloud) }, []string{"vpn Some VPN dns 1"}},
		{"VPN by address", func(w *wire) { talk(w, netip.MustParseAddrPort("198.51.100.4:1194")) }, []string{"vpn Some VPN quic 1"}},
		{"a question only", func(w *wire) { w.udp(from, netip.MustParseAddrPort("192.0.2.99:853"), make([]byte, 60)) }, nil},
		{"canary", func(w *wire) { w.answered(alice, "use-application-dns.net", cloud) }, nil},
		{"public name without ECH", func(w *wire) { w.dial(from, to).up(clientHello(t, "public.test")) }, nil},
		{"ECH", func(w *wire) { w.dial(from, to).up(encryptedHello(t, ai, "public.test")) }, []string{"ech A CDN tls 1"}},
		{"IPsec", func(w *wire) {
			for range 3 {
				w.ip(50, netip.AddrPortFrom(alice, 0), netip.AddrPortFrom(cloud, 0), make([]byte, 80))
			}
		}, []string{"vpn IPsec quic 1"}},
		{"WireGuard", func(w *wire) {
			w.udp(from, at(cloud, 12345), append([]byte{1, 0, 0, 0}, make([]byte, 144)...))
			w.udp(at(cloud, 12345), from, append([]byte{2, 0, 0, 0}, make([]byte, 88)...))
			talk(w, at(cloud, 12345))
		}, []string{"vpn WireGuard quic 1"}},
		{"half of WireGuard", func(w *wire) {
			w.udp(from, at(cloud, 12345), append([]byte{1, 0, 0, 0}, make([]byte, 144)...))
			talk(w, at(cloud, 12345))
		}, nil},
		{"something else", func(w *wire) { w.dial(from, to).up(clientHello(t, "www.example.com", "h2")) }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWire()
			tt.send(w)
			s := sniff(t, w, spots...)
			var got []string
			for _, b := range s.blind {
				if b.Client != alice || b.Origin != "test" || b.Time.IsZero() {
					t.Errorf("blind spot = %+v", b)
				}
				got = append(got, fmt.Sprintf("%s %s %s %d", b.Kind, b.Name, b.Sensor, b.Flows))
			}
			if !slices.Equal(got, tt.want) || len(s.flows) != 0 {
				t.Errorf("blind spots = %q, flows = %+v; want %q and no use of AI", got, s.flows, tt.want)
			}
		})
	}
}

// TestEncryptedHello finds the name that ECH hides where its client was just
// told how to encrypt it, and does not fall for GREASE.
func TestEncryptedHello(t *testing.T) {
	w := newWire()
	w.answered(alice, ai, cloud)
	w.udp(netip.MustParseAddrPort("192.0.2.53:53"), netip.AddrPortFrom(alice, 40009), httpsReply(ai, echConfigs(t, "outer.test")))
	k := w.dial(from, to)
	k.up(encryptedHello(t, ai, "outer.test"))
	k.down(make([]byte, 100))
	k.close()
	s := sniff(t, w, spots...)
	f := s.session(t)
	if f.Host != ai || f.Guess != 0.9 || !slices.Contains(f.Features, "ech") {
		t.Errorf("session = %+v, want the hidden name, as a guess", f)
	}
	if s.ECH != 1 || len(s.blind) != 1 || s.blind[0].Kind != "ech" || s.blind[0].Name != "outer.test" {
		t.Errorf("%d ECH, blind spots %+v; want one", s.ECH, s.blind)
	}
	last := s.observations[len(s.observations)-1]
	if last.Name != "outer.test" {
		t.Errorf("observation = %+v, want what can be read", last)
	}

	w = newWire()
	w.dial(from, to).up(encryptedHello(t, "secret.test", ai)) // to us no different from GREASE
	s = sniff(t, w, spots...)
	if f := s.session(t); f.Host != ai || f.Guess != 0 || s.ECH != 0 || len(s.blind) != 0 {
		t.Errorf("GREASE: session = %+v, blind %+v", f, s.blind)
	}
}

// echConfigs returns an ECHConfigList (RFC 9849, section 4).
func echConfigs(t testing.TB, public string) []byte {
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := append([]byte{9, 0, 0x20, 0, 32}, key.PublicKey().Bytes()...)
	b = append(b, 0, 4, 0, 1, 0, 1, 32, byte(len(public)))
	b = append(append(b, public...), 0, 0)
	b = append(binary.BigEndian.AppendUint16([]byte{0xfe, 0x0d}, uint16(len(b))), b...)
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...)
}

func encryptedHello(t testing.TB, inner, public string) []byte {
	return tlsRecord(t, &tls.Config{ServerName: inner, MinVersion: tls.VersionTLS13, EncryptedClientHelloConfigList: echConfigs(t, public)})
}

// httpsReply answers for the HTTPS record of name (RFC 9460).
func httpsReply(name string, configs []byte) []byte {
	b := lookup(77, name, 65)
	b[2], b[3], b[7] = 0x81, 0x80, 1
	data := append([]byte{0, 1, 0, 0, 5}, byte(len(configs)>>8), byte(len(configs)))
	data = append(data, configs...)
	b = append(b, 0xc0, 12, 0, 65, 0, 1, 0, 0, 1, 0x2c, byte(len(data)>>8), byte(len(data)))
	return append(b, data...)
}

func TestHiddenFlowsAreToldInBetween(t *testing.T) {
	w := newWire()
	for i := range 300 {
		w.answered(alice, fmt.Sprintf("n%d.somevpn.test", i), cloud)
		w.now = w.now.Add(1e9)
	}
	s := sniff(t, w, spots...)
	var n int64
	for _, b := range s.blind {
		n += b.Flows
		if b.Sensor != traffic.SensorDNS {
			t.Errorf("blind spot = %+v", b)
		}
	}
	if n != 300 || len(s.blind) < 4 || len(s.blind) > 7 {
		t.Errorf("%d lookups in %d reports, want 300 in one report a minute", n, len(s.blind))
	}
}
