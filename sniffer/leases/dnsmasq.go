package leases

import (
	"strconv"
	"strings"
)

// dnsmasq reads dnsmasq.leases: "expiry hardware address name client-id", one
// line for each lease of now. It does not tell when a lease started.
type dnsmasq struct{ *builder }

// holds is how long a lease is taken to hold of which only the end (dnsmasq) or
// the last word (RADIUS) is known.
const holds = 24 * 60 * 60

func isDnsmasq(line string) bool {
	f := strings.Fields(line)
	if len(f) == 2 && f[0] == "duid" {
		return true
	}
	if len(f) != 5 {
		return false
	}
	_, err := strconv.ParseUint(f[0], 10, 40)
	_, ok := network(f[2])
	return err == nil && ok
}

func (r *dnsmasq) line(s string) Reason {
	f := strings.Fields(s)
	if len(f) == 0 || f[0] == "duid" { // the server's own, before the leases of IPv6
		return good
	}
	if len(f) < 4 {
		return ReasonColumns
	}
	n, err := strconv.ParseInt(f[0], 10, 64)
	until, ok := epoch(n)
	if err != nil || !ok {
		return ReasonTime
	}
	e := entry{from: until - holds, until: until, device: f[3]}
	if until == 0 { // without end
		e.from, e.until = always, never
	} else {
		r.note("dnsmasq does not tell when leases started: each was taken to hold for the 24 hours before it expires")
	}
	if e.net, ok = network(strings.Trim(f[2], "[]")); !ok {
		return ReasonAddress
	}
	return r.add(e)
}

func (r *dnsmasq) end() Reason { return good }
