package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

func blindEntry(b *BlindSpot) entry {
	return entry{b.Name, b.Disabled, len(b.Kinds) == 0, b.Source}
}

// checkBlindSpot checks one entry by itself.
func checkBlindSpot(b *BlindSpot, at locate, errs *Errors) {
	required(b.Name, "name", at, errs)
	if b.Disabled && len(b.Kinds) == 0 {
		return
	}
	if len(b.Kinds) == 0 {
		errs.Add(at(), "%q has no kinds: expected one or more of %s", b.Name, strings.Join(words(BlindKinds()), ", "))
	}
	for i, k := range b.Kinds {
		enum("kind", string(k), at("kinds", i), words(BlindKinds()), errs)
	}
	if len(b.Domains)+len(b.Hosts)+len(b.Addresses)+len(b.Ports)+len(b.ALPN) == 0 {
		errs.Add(at(), "%q has nothing to know it by: give domains, hosts, addresses, ports or alpn", b.Name)
	}
	for i, p := range b.Addresses {
		if p.Addr().Is4In6() {
			errs.Add(at("addresses", i), "address %s: write it as one of IPv4", p)
		}
	}
	for _, list := range []struct {
		key   string
		names []string
	}{{"domains", b.Domains}, {"hosts", b.Hosts}} {
		for i, h := range list.names {
			if !isHost(h) || strings.Contains(h, "*") {
				errs.Add(at(list.key, i), "host %q: write a bare name in lower case, such as dns.example.com", h)
			}
		}
	}
}

// checkBlindSpots notes what is wrong between the entries, and examples that
// fail.
func (s *Set) checkBlindSpots(errs *Errors) {
	before := len(*errs)
	names, servers := make(map[string]*BlindSpot), make(map[netip.Prefix][]*BlindSpot)
	for i := range s.BlindSpots {
		b := &s.BlindSpots[i]
		for _, h := range slices.Concat(b.Hosts, b.Domains) {
			if other := names[h]; other != nil {
				errs.Add(b.Source, "%q: %s belongs to %q at %s", b.Name, h, other.Name, other.Source)
			}
			names[h] = b
		}
		for _, p := range b.Addresses {
			for _, other := range servers[p] {
				if overlap(b, other) {
					errs.Add(b.Source, "%q: %s with the same port belongs to %q at %s", b.Name, p, other.Name, other.Source)
				}
			}
			servers[p] = append(servers[p], b)
		}
	}
	if len(*errs) > before {
		return
	}
	ix := NewBlindIndex(s.BlindSpots)
	for i := range s.BlindSpots {
		ix.try(&s.BlindSpots[i], errs)
	}
}

// overlap reports whether there is a port at which both would be found.
func overlap(a, b *BlindSpot) bool {
	ports := slices.Concat(a.Ports, b.Ports, []Port{{443, false}, {443, true}, {853, false}, {853, true}})
	return slices.ContainsFunc(ports, func(p Port) bool { return a.serves(p) && b.serves(p) })
}

// try runs the examples of b.
func (ix *BlindIndex) try(b *BlindSpot, errs *Errors) {
	for _, list := range []struct {
		examples []string
		want     bool
	}{{b.Match, true}, {b.NoMatch, false}} {
		for _, text := range list.examples {
			host, server, p, alpn, err := parseBlindExample(text)
			if err != nil {
				errs.Add(b.Source, "%q: %v", b.Name, err)
				continue
			}
			found := ix.flow(host, server, p, alpn)
			if got := found == b; got == list.want {
				continue
			}
			if list.want && found != nil {
				errs.Add(b.Source, "%q does not match its example %s: that is %q", b.Name, text, found.Name)
			} else if list.want {
				errs.Add(b.Source, "%q does not match its example %s", b.Name, text)
			} else {
				errs.Add(b.Source, "%q matches the example %s, and should not", b.Name, text)
			}
		}
	}
}

// parseBlindExample reads "host", "address", "host:port", "[address]:port/udp",
// ":port/udp" or "alpn=id". A port without a protocol is one of TCP.
func parseBlindExample(text string) (host string, server netip.Addr, p Port, alpn string, err error) {
	if id, ok := strings.CutPrefix(text, "alpn="); ok {
		return "", server, p, id, nil
	}
	if a, bad := netip.ParseAddr(text); bad == nil {
		return "", a, p, "", nil
	}
	if i := strings.LastIndexByte(text, ':'); i >= 0 {
		port := text[i+1:]
		if !strings.Contains(port, "/") {
			port += "/tcp"
		}
		if p.UnmarshalText([]byte(port)) != nil {
			return "", server, p, "", fmt.Errorf("the example %s ends in no port; write host:443, [address]:853/udp or alpn=id", text)
		}
		text = strings.Trim(text[:i], "[]")
	}
	if a, bad := netip.ParseAddr(text); bad == nil {
		return "", a, p, "", nil
	}
	if text != "" && !isHost(text) {
		return "", server, p, "", fmt.Errorf("the example %q is no host, address or port", text)
	}
	return text, server, p, "", nil
}
