package rules_test

import (
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/rules"
)

func blind() *rules.BlindIndex { return rules.NewBlindIndex(rules.Embedded().BlindSpots) }

func port(s string) (p rules.Port) {
	if err := p.UnmarshalText([]byte(s)); err != nil {
		panic(err)
	}
	return p
}

// TestBlindSpots says how much is known, and that each entry shows it.
func TestBlindSpots(t *testing.T) {
	count := map[rules.BlindKind]int{}
	for _, b := range rules.Embedded().BlindSpots {
		count[b.Kinds[0]]++
		if len(b.Match) == 0 || len(b.NoMatch) == 0 || len(b.Sources) == 0 || b.Source.Line == 0 {
			t.Errorf("%s: %q lacks examples or sources", b.Source, b.Name)
		}
		for _, source := range b.Sources {
			if len(source) < 2 {
				t.Errorf("%s: %q has the source %q", b.Source, b.Name, source)
			}
		}
	}
	for kind, least := range map[rules.BlindKind]int{
		"doh": 60, "dot": 5, "doq": 1, "dnscrypt": 5, "ech": 1, "vpn": 60, "relay": 10, "canary": 1, "ddr": 1,
	} {
		if count[kind] < least {
			t.Errorf("%d of %s, want %d", count[kind], kind, least)
		}
	}
}

func TestBlindHost(t *testing.T) {
	ix := blind()
	for host, want := range map[string]rules.Blind{
		"dns.google":                      {Kind: rules.BlindDoH, Name: "Google Public DNS"},
		"dns64.dns.google":                {Kind: rules.BlindDoH, Name: "Google Public DNS"},
		"mozilla.cloudflare-dns.com":      {Kind: rules.BlindDoH, Name: "Cloudflare DNS"},
		"abc123.dns.nextdns.io":           {Kind: rules.BlindDoH, Name: "NextDNS"},
		"adblock.dns.mullvad.net":         {Kind: rules.BlindDoH, Name: "Mullvad DNS"},
		"api.mullvad.net":                 {Kind: rules.BlindVPN, Name: "Mullvad VPN"},
		"us1234.nordvpn.com":              {Kind: rules.BlindVPN, Name: "NordVPN"},
		"mask.icloud.com":                 {Kind: rules.BlindRelay, Name: "iCloud Private Relay"},
		"engage.cloudflareclient.com":     {Kind: rules.BlindRelay, Name: "Cloudflare WARP"},
		"cloudflare-ech.com":              {Kind: rules.BlindECH, Name: "Cloudflare ECH"},
		"use-application-dns.net":         {Kind: rules.BlindCanary, Name: "Firefox canary"},
		"_dns.resolver.arpa":              {Kind: rules.BlindDDR, Name: "Discovery of Designated Resolvers"},
		"2.dnscrypt-cert.quad9.net":       {Kind: rules.BlindDNSCrypt, Name: "Quad9 (DNSCrypt)"},
		"x.cloudflare-ech.com":            {},
		"notnordvpn.com":                  {},
		"google":                          {},
		"www.icloud.com":                  {},
		"api.openai.com":                  {},
		"":                                {},
		".":                               {},
		strings.Repeat("a.", 120) + "com": {},
	} {
		if got := ix.Host(host); got != want {
			t.Errorf("%q: %+v, want %+v", host, got, want)
		}
	}
}

func TestBlindFlow(t *testing.T) {
	ix := blind()
	for _, tt := range []struct {
		host, server, port, alpn string
		kind                     rules.BlindKind
		name                     string
	}{
		{"dns.google", "8.8.8.8", "443/tcp", "h2", "doh", "Google Public DNS"},
		{"dns.google", "8.8.8.8", "853/tcp", "", "dot", "Google Public DNS"},
		{"", "8.8.8.8", "853/tcp", "", "dot", "Google Public DNS"},
		{"", "2001:4860:4860::8888", "443/udp", "h3", "doh", "Google Public DNS"},
		{"", "::ffff:8.8.8.8", "443/tcp", "", "doh", "Google Public DNS"},
		{"", "8.8.8.8", "53/udp", "", "", ""},
		{"", "8.8.8.8", "22/tcp", "", "", ""},
		{"doh.safesurfer.io", "192.0.2.1", "853/tcp", "", "dot", "Safe Surfer"},
		{"dns.corp.example", "192.0.2.1", "853/tcp", "", "dot", ""},
		{"dns.corp.example", "192.0.2.1", "853/udp", "doq", "doq", ""},
		{"dns.corp.example", "192.0.2.1", "8888/udp", "doq", "doq", ""},
		{"dns.corp.example", "192.0.2.1", "443/tcp", "dot", "dot", ""},
		{"dns.quad9.net", "9.9.9.9", "853/udp", "doq", "doq", "Quad9"},
		{"", "9.9.9.9", "8443/udp", "", "dnscrypt", "Quad9 (DNSCrypt)"},
		{"", "208.67.222.222", "443/udp", "", "dnscrypt", "Cisco OpenDNS (DNSCrypt)"},
		{"", "208.67.222.222", "443/tcp", "", "doh", "Cisco OpenDNS and Umbrella"},
		{"", "45.90.28.77", "443/tcp", "", "doh", "NextDNS"},
		{"", "162.159.192.7", "2408/udp", "", "relay", "Cloudflare WARP"},
		{"", "192.0.2.1", "51820/udp", "", "vpn", ""},
		{"", "192.0.2.1", "443/tcp", "h2", "", ""},
		{"api.openai.com", "192.0.2.1", "443/udp", "h3", "", ""},
	} {
		want := rules.Blind{Kind: tt.kind, Name: tt.name}
		if got := ix.Flow(tt.host, netip.MustParseAddr(tt.server), port(tt.port), tt.alpn); got != want {
			t.Errorf("%s %s:%s %s: %+v, want %+v", tt.host, tt.server, tt.port, tt.alpn, got, want)
		}
	}
	if got := ix.Address(netip.MustParseAddr("1.1.1.1"), port("443/tcp")); got.Name != "Cloudflare DNS" {
		t.Errorf("address: %+v", got)
	}
	if got := ix.Port(port("853/udp")); got != (rules.Blind{Kind: rules.BlindDoQ}) {
		t.Errorf("port: %+v", got)
	}
	if got := ix.ALPN("dot"); got != (rules.Blind{Kind: rules.BlindDoT}) {
		t.Errorf("ALPN: %+v", got)
	}
	if got := ix.Flow("", netip.Addr{}, rules.Port{}, ""); got != (rules.Blind{}) {
		t.Errorf("nothing: %+v", got)
	}
}

// TestBlindShadows holds the blind spots against the catalogue: what is AI must
// never be counted as a blind spot, nor the other way round.
func TestBlindShadows(t *testing.T) {
	set, ix := rules.Embedded(), blind()
	services := map[string]string{}
	for _, s := range set.Services {
		for _, h := range s.Hosts {
			plain := strings.ReplaceAll(strings.ReplaceAll(h.Host, "**", "x.example"), "*", "x")
			if b := ix.Host(plain); b != (rules.Blind{}) {
				t.Errorf("%s of %s is blind spot %q too", h.Host, s.Name, b.Name)
			}
			if !h.Exact && len(h.Paths) == 0 {
				services[h.Host] = s.Name
			}
		}
	}
	for _, b := range set.BlindSpots {
		for _, h := range append(append([]string{}, b.Hosts...), b.Domains...) {
			for rest := h; rest != ""; _, rest, _ = strings.Cut(rest, ".") {
				if name := services[rest]; name != "" {
					t.Errorf("%s of %q lies in %s, which is the AI service %s", h, b.Name, rest, name)
				}
			}
		}
	}
}

func TestBlindOverlay(t *testing.T) {
	set, err := rules.Load(overlay(t, map[string]string{"blindspots/ours.yaml": `blindspots:
  - {name: Tailscale, disabled: true}
  - {name: Our VPN, kinds: [vpn], domains: [vpn.corp.example], match: [x.vpn.corp.example]}
`}))
	if err != nil {
		t.Fatal(err)
	}
	ix := rules.NewBlindIndex(set.BlindSpots)
	if got := ix.Host("login.tailscale.com"); got != (rules.Blind{}) {
		t.Errorf("disabled, and still found: %+v", got)
	}
	if got := ix.Host("vpn.corp.example"); got.Name != "Our VPN" {
		t.Errorf("%+v", got)
	}
}

// TestBlindReadme loads the entry that the README shows.
func TestBlindReadme(t *testing.T) {
	text, err := os.ReadFile("blindspots/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	block, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("no YAML block")
	}
	dir := overlay(t, map[string]string{"blindspots/readme.yaml": "blindspots:\n" + block})
	if _, err := rules.Load(dir); err != nil {
		t.Error(err)
	}
}

func TestBlindAllocs(t *testing.T) {
	ix, server, p := blind(), netip.MustParseAddr("45.90.28.77"), port("443/tcp")
	if n := testing.AllocsPerRun(1000, func() {
		ix.Host("a.long.name.that.is.not.known.example.com")
		ix.Host("abc.dns.nextdns.io")
		ix.Flow("api.openai.com", server, p, "h2")
		ix.ALPN("doq")
	}); n != 0 {
		t.Errorf("a lookup allocates %v times, want 0", n)
	}
}

func BenchmarkBlindHost(b *testing.B) {
	ix := blind()
	b.ReportAllocs()
	for b.Loop() {
		ix.Host("chat.openai.com")
	}
}

func BenchmarkBlindFlow(b *testing.B) {
	ix, server, p := blind(), netip.MustParseAddr("104.18.37.228"), port("443/tcp")
	b.ReportAllocs()
	for b.Loop() {
		ix.Flow("chat.openai.com", server, p, "h2")
	}
}

// TestBlindWide: networks of every width are found, and what is beside them is not.
func TestBlindWide(t *testing.T) {
	for network, addresses := range map[string][2]string{
		"192.0.0.0/3": {"223.1.2.3", "191.1.2.3"}, "10.0.0.0/8": {"10.255.1.1", "11.0.0.1"}, "10.20.0.0/16": {"10.20.9.9", "10.21.0.1"}, "192.0.2.7/32": {"192.0.2.7", "192.0.2.8"},
		"2001::/16": {"2001:ffff::1", "2002::1"}, "2001:db8::/32": {"2001:db8:1::1", "db8:2001::1"}, "2001:db8::1/128": {"2001:db8::1", "2001:db8::2"},
	} {
		ix := rules.NewBlindIndex([]rules.BlindSpot{{Name: "x", Kinds: []rules.BlindKind{rules.BlindVPN}, Addresses: []netip.Prefix{netip.MustParsePrefix(network)}}})
		for i, a := range addresses {
			if got := ix.Address(netip.MustParseAddr(a), port("443/tcp")); (got.Name == "x") != (i == 0) {
				t.Errorf("%s in %s: %+v", a, network, got)
			}
		}
	}
}
