package rules

import (
	"net/netip"
	"slices"
	"strings"
)

// Blind is a blind spot found. The zero value means that none was.
type Blind struct {
	Kind BlindKind
	Name string // of the resolver, VPN or relay; "" when only the kind is known
}

// BlindIndex finds blind spots. It is immutable, safe for concurrent use, and
// no lookup allocates.
type BlindIndex struct {
	hosts   map[string]*BlindSpot
	domains map[string]*BlindSpot
	servers map[netip.Prefix][]*BlindSpot
	bits    [2][]int           // lengths of the prefixes of IPv4 and IPv6, the longest first
	near    [2][1 << 10]uint64 // a bit for each place (see place) that has such a prefix: most addresses have none
	ports   map[Port]*BlindSpot
	alpn    map[string]*BlindSpot
}

// NewBlindIndex indexes the blind spots of a Set.
func NewBlindIndex(spots []BlindSpot) *BlindIndex {
	ix := &BlindIndex{
		hosts: map[string]*BlindSpot{}, domains: map[string]*BlindSpot{}, servers: map[netip.Prefix][]*BlindSpot{},
		ports: map[Port]*BlindSpot{}, alpn: map[string]*BlindSpot{},
	}
	for i := range spots {
		ix.add(&spots[i])
	}
	for i := range ix.bits {
		slices.Sort(ix.bits[i])
		ix.bits[i] = slices.Compact(ix.bits[i])
		slices.Reverse(ix.bits[i])
	}
	return ix
}

func (ix *BlindIndex) add(b *BlindSpot) {
	for _, h := range b.Hosts {
		ix.hosts[h] = b
	}
	for _, d := range b.Domains {
		ix.domains[d] = b
	}
	for _, p := range b.Addresses {
		ix.servers[p] = append(ix.servers[p], b)
		f := family(p.Addr())
		ix.bits[f] = append(ix.bits[f], p.Bits())
		ix.mark(p)
	}
	if len(b.Addresses) == 0 {
		for _, p := range b.Ports {
			ix.ports[p] = b
		}
	}
	for _, a := range b.ALPN {
		ix.alpn[a] = b
	}
}

func family(a netip.Addr) int {
	if a.Is4() {
		return 0
	}
	return 1
}

// place folds the upper 16 bits of an IPv4 address, 32 of an IPv6 address, to 16.
func place(a netip.Addr) (family int, at uint16) {
	if a.Is4() {
		b := a.As4()
		return 0, uint16(b[0])<<8 | uint16(b[1])
	}
	b := a.As16()
	return 1, (uint16(b[0])<<8 | uint16(b[1])) ^ (uint16(b[2])<<8 | uint16(b[3]))
}

// mark sets the bit of the place that p is in, or all where p is wider.
func (ix *BlindIndex) mark(p netip.Prefix) {
	f, at := place(p.Addr())
	if p.Bits() < 16<<f {
		for i := range ix.near[f] {
			ix.near[f][i] = ^uint64(0)
		}
	}
	ix.near[f][at/64] |= 1 << (at % 64)
}

// Host returns the blind spot that a name belongs to, as a DNS question, a
// server name or a log shows it: lower case, no final dot.
func (ix *BlindIndex) Host(host string) Blind {
	return ix.host(host).as(Port{})
}

// Port returns the blind spot that a port alone gives away.
func (ix *BlindIndex) Port(p Port) Blind { return ix.ports[p].as(p) }

// ALPN returns the blind spot that a protocol in a hello gives away.
func (ix *BlindIndex) ALPN(id string) Blind { return ix.alpn[id].as(Port{}) }

// Address returns the blind spot whose server is at an address and port.
func (ix *BlindIndex) Address(a netip.Addr, p Port) Blind { return ix.server(a, p).as(p) }

// Flow returns the blind spot that a flow to server at p is, by the first of
// these that tells: the name in its hello ("" when it has none), the address,
// the first protocol in its hello (""), the port.
func (ix *BlindIndex) Flow(host string, server netip.Addr, p Port, alpn string) Blind {
	b := ix.flow(host, server, p, alpn)
	if b == nil {
		return Blind{}
	}
	found := b.as(p)
	if t := ix.ports[p]; t != nil && b.resolves() {
		found.Kind = t.Kinds[0] // at port 853 a resolver known for DoH speaks what belongs there
	}
	return found
}

func (ix *BlindIndex) flow(host string, server netip.Addr, p Port, alpn string) *BlindSpot {
	if b := ix.host(host); b != nil {
		return b
	}
	if b := ix.server(server, p); b != nil {
		return b
	}
	if alpn != "" {
		if b := ix.alpn[alpn]; b != nil {
			return b
		}
	}
	return ix.ports[p]
}

// host looks the name up, then the domains that it is in, the longest first.
func (ix *BlindIndex) host(host string) *BlindSpot {
	if host == "" {
		return nil
	}
	if b := ix.hosts[host]; b != nil {
		return b
	}
	for host != "" {
		if b := ix.domains[host]; b != nil {
			return b
		}
		_, host, _ = strings.Cut(host, ".")
	}
	return nil
}

// server looks the networks up that the address is in, the smallest first.
func (ix *BlindIndex) server(a netip.Addr, p Port) *BlindSpot {
	a = a.Unmap()
	if !a.IsValid() {
		return nil
	}
	f, at := place(a)
	if ix.near[f][at/64]&(1<<(at%64)) == 0 {
		return nil
	}
	for _, bits := range ix.bits[f] {
		net, err := a.WithZone("").Prefix(bits)
		if err != nil {
			return nil
		}
		for _, b := range ix.servers[net] {
			if b.serves(p) {
				return b
			}
		}
	}
	return nil
}

// serves reports whether b's addresses do at p what b is listed for. VPNs and
// relays without ports take any.
func (b *BlindSpot) serves(p Port) bool {
	if len(b.Ports) > 0 {
		return slices.Contains(b.Ports, p)
	}
	for _, k := range b.Kinds {
		if k.at(p) || k == BlindVPN || k == BlindRelay {
			return true
		}
	}
	return false
}

// as returns what b is at p: that of its kinds which uses the port, else its
// most usual one.
func (b *BlindSpot) as(p Port) Blind {
	if b == nil {
		return Blind{}
	}
	found := Blind{Kind: b.Kinds[0], Name: b.Name}
	if b.anonymous() {
		found.Name = ""
	}
	for _, k := range b.Kinds {
		if k.at(p) {
			found.Kind = k
			break
		}
	}
	return found
}

// resolves reports whether b is a resolver.
func (b *BlindSpot) resolves() bool {
	k := b.Kinds[0]
	return k == BlindDoH || k == BlindDoT || k == BlindDoQ
}

// anonymous reports whether b stands for a protocol, not for somebody.
func (b *BlindSpot) anonymous() bool {
	return len(b.Domains)+len(b.Hosts)+len(b.Addresses) == 0
}
