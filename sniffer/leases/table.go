package leases

import (
	"cmp"
	"encoding/binary"
	"math"
	"net/netip"
	"slices"
	"sort"
	"time"
)

// maxLeases bounds what is held, over all files: about 40 bytes each.
const maxLeases = 1 << 20

// The ends of time. Seconds are as fine as any of the formats.
const (
	always = math.MinInt64
	never  = math.MaxInt64
)

// address is a netip.Addr in a form that sorts fast and holds no pointer. The
// IPv4 form is that of an IPv4-mapped address, which no Addr here is.
type address struct{ hi, lo uint64 }

func addressOf(a netip.Addr) address {
	b := a.As16()
	return address{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

func (a address) compare(b address) int {
	return cmp.Or(cmp.Compare(a.hi, b.hi), cmp.Compare(a.lo, b.lo))
}

// masked returns a with all but its first bits (of 128) cleared.
func (a address) masked(bits int) address {
	switch {
	case bits >= 128:
		return a
	case bits >= 64:
		a.lo &^= math.MaxUint64 >> (bits - 64)
		return a
	}
	return address{hi: a.hi &^ (math.MaxUint64 >> bits)}
}

// lease says who had an address from one second until before another. Without
// names it says that nobody is known to have had it.
type lease struct {
	addr         address
	from, until  int64
	user, device uint32 // indexes into table.names
	bits         uint8  // of the network, of 128
	inherit      bool   // another word on the lease that started then: it keeps names that this one lacks
}

// table holds what one file says. It is immutable.
type table struct {
	names  []string // the first is ""
	bits   []uint8  // the lengths of networks there are, the longest first
	leases []lease  // by bits (the longest first), address, from; those of one address don't overlap
	first  []int    // of leases, by index of bits; one more ends the last
}

// newTable sorts list, which it keeps, and settles who holds where leases
// overlap. Of leases that start at once the last of list holds.
func newTable(list []lease, names []string) *table {
	slices.SortStableFunc(list, func(a, b lease) int {
		return cmp.Or(cmp.Compare(b.bits, a.bits), a.addr.compare(b.addr), cmp.Compare(a.from, b.from))
	})
	t := &table{names: names, leases: make([]lease, 0, len(list))}
	var open []lease
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].bits == list[0].bits && list[n].addr == list[0].addr {
			n++
		}
		if len(t.bits) == 0 || t.bits[len(t.bits)-1] != list[0].bits {
			t.bits, t.first = append(t.bits, list[0].bits), append(t.first, len(t.leases))
		}
		t.leases, open = flatten(t.leases, list[:n], open[:0])
		list = list[n:]
	}
	t.first = append(t.first, len(t.leases))
	return t
}

// flatten appends to out the leases of one address, sorted by their start, cut
// so that they don't overlap. open is room to work in: leases that have begun,
// the last of which holds.
func flatten(out, list, open []lease) ([]lease, []lease) {
	now := int64(always)
	until := func(t int64) { // what holds from now to t
		for len(open) > 0 && now < t {
			top := open[len(open)-1]
			if end := min(top.until, t); end > now {
				if top.user|top.device != 0 {
					out = append(out, top)
					out[len(out)-1].from, out[len(out)-1].until = now, end
				}
				now = end
			}
			if top.until <= now {
				open = open[:len(open)-1]
			}
		}
		now = max(now, t)
	}
	for _, l := range list {
		until(l.from)
		if n := len(open); n > 0 && open[n-1].from == l.from {
			if l.inherit {
				l.user, l.device = cmp.Or(l.user, open[n-1].user), cmp.Or(l.device, open[n-1].device)
			}
			open = open[:n-1]
		}
		open = append(open, l)
	}
	until(never)
	return out, open
}

// find returns the lease of a at a time, nil when nobody is known to have had
// it. A lease of the address itself goes before that of a network.
func (t *table) find(a address, at int64) *lease {
	for i, bits := range t.bits {
		list := t.leases[t.first[i]:t.first[i+1]]
		net := a.masked(int(bits))
		n := sort.Search(len(list), func(i int) bool { // the first that starts later
			return cmp.Or(list[i].addr.compare(net), cmp.Compare(list[i].from, at)) > 0
		})
		if n > 0 && list[n-1].addr == net && at < list[n-1].until {
			return &list[n-1]
		}
	}
	return nil
}

// lookup asks each table. from is when the lease of the user began.
func lookup(tables []*table, client netip.Addr, at time.Time) (user, device string, ok bool) {
	if !client.IsValid() {
		return "", "", false
	}
	a, sec := addressOf(client), at.Unix()
	userFrom, deviceFrom := int64(always), int64(always)
	for _, t := range tables {
		l := t.find(a, sec)
		if l == nil {
			continue
		}
		if l.user != 0 && (!ok || user == "" || l.from >= userFrom) {
			user, userFrom = t.names[l.user], l.from
		}
		if l.device != 0 && (!ok || device == "" || l.from >= deviceFrom) {
			device, deviceFrom = t.names[l.device], l.from
		}
		ok = true
	}
	return user, device, ok
}
