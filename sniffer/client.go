package sniffer

import (
	"encoding/binary"
	"math/bits"
	"net/netip"

	"github.com/gnomon-proxy/gnomon/sniffer/packet"
)

// workerOf returns which of n workers reads p. All packets of a flow have one
// worker, and so have, nearly always, all flows of a client: its lookups tell
// what its sessions mean, and count once together.
func workerOf(p *packet.Packet, n int) int {
	a := clientOf(p.Src, p.Dst).As16()
	const odd = 0x9e3779b97f4a7c15 // 2^64 by the golden ratio: spreads neighbours
	h := binary.BigEndian.Uint64(a[:8])*odd ^ binary.BigEndian.Uint64(a[8:])
	hi, _ := bits.Mul64(h*odd, uint64(n))
	return int(hi)
}

// clientOf guesses whose flow one between a and b is. Both directions must give
// the same answer, so the SYN does not count; a wrong one only costs what a
// client's flows know of each other.
func clientOf(a, b netip.AddrPort) netip.Addr {
	if low := a.Port() < 1024; low != (b.Port() < 1024) {
		if low {
			return b.Addr()
		}
		return a.Addr()
	}
	if in := inside(a.Addr()); in != inside(b.Addr()) {
		if in {
			return a.Addr()
		}
		return b.Addr()
	}
	if a.Port() > b.Port() || a.Port() == b.Port() && a.Addr().Less(b.Addr()) { // ports of clients are mostly high
		return a.Addr()
	}
	return b.Addr()
}

// inside tells addresses that no server on the internet has.
func inside(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsLoopback() || shared.Contains(a)
}

// shared is the space between a provider's customers and its translators (RFC 6598).
var shared = netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10)
