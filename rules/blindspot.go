package rules

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// BlindSpot is something that hides from passive sensors what a client does
// (rules/blindspots/*.yaml; its README.md explains the keys): a resolver that
// speaks in secret, a VPN, a relay. It is no use of AI; its use is counted, so
// that a report can say what was not seen.
type BlindSpot struct {
	Name  string      `yaml:"name"`  // of the resolver, VPN or relay
	Kinds []BlindKind `yaml:"kinds"` // what it offers, the most usual first

	Domains   []string       `yaml:"domains"`   // names with their subdomains
	Hosts     []string       `yaml:"hosts"`     // names alone
	Addresses []netip.Prefix `yaml:"addresses"` // servers that do nothing else
	Ports     []Port         `yaml:"ports"`     // of the addresses; without addresses, the port alone tells
	ALPN      []string       `yaml:"alpn"`      // protocols in a TLS or QUIC hello

	Sources  []string `yaml:"sources"` // public lists that name it
	Note     string   `yaml:"note"`
	Match    []string `yaml:"match"`    // examples: host, address, either with :port[/udp], :port alone, alpn=id
	NoMatch  []string `yaml:"no_match"` // and such that are not it
	Disabled bool     `yaml:"disabled"` // in an overlay: removes the entry of that name
	Source   Position `yaml:"-"`
}

// BlindKind says how a blind spot hides.
type BlindKind string

// The kinds.
const (
	BlindDoH      BlindKind = "doh"      // DNS over HTTPS (RFC 8484)
	BlindDoT      BlindKind = "dot"      // DNS over TLS (RFC 7858)
	BlindDoQ      BlindKind = "doq"      // DNS over QUIC (RFC 9250)
	BlindDNSCrypt BlindKind = "dnscrypt" // DNSCrypt
	BlindECH      BlindKind = "ech"      // public name of encrypted client hellos (RFC 9849)
	BlindVPN      BlindKind = "vpn"      // VPN
	BlindRelay    BlindKind = "relay"    // relay, anonymiser or web proxy
	BlindCanary   BlindKind = "canary"   // name that a browser asks for before it turns to DoH
	BlindDDR      BlindKind = "ddr"      // name by which a client finds its resolver's secret service (RFC 9462)
)

// BlindKinds returns every kind.
func BlindKinds() []BlindKind {
	return []BlindKind{BlindDoH, BlindDoT, BlindDoQ, BlindDNSCrypt, BlindECH, BlindVPN, BlindRelay, BlindCanary, BlindDDR}
}

// at reports whether k is what a server of that kind speaks at p when nothing
// else is said: the ports that the RFCs assign.
func (k BlindKind) at(p Port) bool {
	switch k {
	case BlindDoH:
		return p.Number == 443
	case BlindDoT:
		return p == Port{853, false}
	case BlindDoQ:
		return p == Port{853, true}
	}
	return false
}

// Port is a port of TCP, or of UDP.
type Port struct {
	Number uint16
	UDP    bool
}

// UnmarshalText reads "853/tcp" or "853/udp".
func (p *Port) UnmarshalText(text []byte) error {
	number, proto, _ := strings.Cut(string(text), "/")
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil || n == 0 || proto != "tcp" && proto != "udp" {
		return fmt.Errorf("expected a port such as 853/tcp or 853/udp, got %q", text)
	}
	*p = Port{uint16(n), proto == "udp"}
	return nil
}

// String returns p as it is written in rules.
func (p Port) String() string {
	if p.UDP {
		return strconv.Itoa(int(p.Number)) + "/udp"
	}
	return strconv.Itoa(int(p.Number)) + "/tcp"
}
