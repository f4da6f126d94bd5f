package leases

import (
	"net/netip"
	"strconv"
	"strings"
)

// kea reads the lease files of Kea's memfile backend, of IPv4 and IPv6: a line
// for each change of a lease, columns as the header names them.
type kea struct {
	*builder
	fields  []string
	columns map[string]int
}

// Values of the columns state, lease_type and valid_lifetime.
const (
	keaDeclined = "1"
	keaExpired  = "2" // and reclaimed: the name is gone, the time had passed before
	keaPrefix   = "2"
	keaForever  = 1<<32 - 1
)

func isKea(line string) bool {
	return strings.HasPrefix(line, "address,") && strings.Contains(line, ",valid_lifetime,expire,")
}

func newKea(b *builder) *kea { return &kea{builder: b} }

func (r *kea) line(s string) Reason {
	switch {
	case s == "":
		return good
	case isKea(s): // also amid a file, where two were joined
		r.columns = make(map[string]int)
		for i, name := range strings.Split(s, ",") {
			r.columns[name] = i
		}
		return good
	case r.columns == nil:
		return ReasonSyntax
	}
	r.fields, _ = cut(s, ',', r.fields[:0]) // Kea writes no quotes: it escapes commas
	net, ok := network(r.field("address"))
	if !ok {
		return ReasonAddress
	}
	if n, err := strconv.Atoi(r.field("prefix_len")); err == nil && r.field("lease_type") == keaPrefix {
		if net, err = net.Addr().Prefix(n); err != nil {
			return ReasonAddress
		}
	}
	return r.keep(net)
}

func (r *kea) end() Reason { return good }

func (r *kea) keep(net netip.Prefix) Reason {
	lifetime, err := strconv.ParseInt(r.field("valid_lifetime"), 10, 64)
	expire, err2 := strconv.ParseInt(r.field("expire"), 10, 64)
	if err != nil || err2 != nil || lifetime < 0 || expire < 0 {
		return ReasonTime
	}
	e := entry{net: net, from: expire - lifetime, until: expire, device: r.name()}
	switch state := r.field("state"); {
	case state == keaDeclined || state == keaExpired:
		return good
	case lifetime == 0: // deleted, by a release
		return r.release(net, expire)
	case lifetime == keaForever:
		e.from, e.until = always, never
	}
	return r.add(e)
}

// name returns the host name, without the escapes of Kea and the final dot.
func (r *kea) name() string {
	s := strings.TrimSuffix(r.field("hostname"), ".")
	if strings.Contains(s, "&#x2c") {
		s = strings.ReplaceAll(s, "&#x2c", ",")
	}
	return s
}

func (r *kea) field(name string) string {
	if i, ok := r.columns[name]; ok && i < len(r.fields) {
		return r.fields[i]
	}
	return ""
}
