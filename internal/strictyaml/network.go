package strictyaml

import (
	"fmt"
	"net/netip"
)

// ParseNetwork reads a CIDR, or a bare address as the network of that address
// alone. Bits beyond the mask are a mistake: either the address or the mask is
// not what was meant.
func ParseNetwork(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("expected a network such as 10.0.0.0/8, got %s", quote(s))
	}
	if p != p.Masked() {
		return netip.Prefix{}, fmt.Errorf("the network %s has bits beyond its mask; write %s", p, p.Masked())
	}
	return p, nil
}
