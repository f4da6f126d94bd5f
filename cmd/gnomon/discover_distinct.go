package main

import (
	"encoding/binary"
	"math"
	"math/bits"
	"net/netip"
)

// distinct counts different values in bounded memory: exactly while there are
// few, then by a sketch (HyperLogLog, 0.8 % standard error, 16 KiB). The zero
// value is empty. Its outcome does not depend on the order of the values.
type distinct struct {
	exact  []uint64 // an open table, a power of two long, half empty; 0 is free
	n      int      // values in exact
	sketch []uint8
}

const (
	maxExact   = 4096
	sketchBits = 14
)

// text adds a string, address an address. Neither is kept.
func (d *distinct) text(s string) { d.add(hashText(s)) }

func (d *distinct) address(a netip.Addr) {
	b := a.As16()
	h := binary.BigEndian.Uint64(b[:8])
	d.add(mix(mix(h) ^ binary.BigEndian.Uint64(b[8:])))
}

func (d *distinct) add(h uint64) {
	if d.sketch != nil {
		d.rank(h)
		return
	}
	if h == 0 { // two of 2^64 values pass for one
		h = 1
	}
	if 2*d.n >= len(d.exact) {
		d.grow()
	}
	mask := uint64(len(d.exact) - 1)
	at := h & mask // hashes are mixed
	for ; d.exact[at] != 0; at = (at + 1) & mask {
		if d.exact[at] == h {
			return
		}
	}
	d.exact[at] = h
	if d.n++; d.n > maxExact {
		d.spread()
	}
}

// grow makes room: a client is one of few, so that it starts small.
func (d *distinct) grow() {
	old := d.exact
	d.exact = make([]uint64, max(4, 2*len(old)))
	d.n = 0
	for _, h := range old {
		if h != 0 {
			d.add(h)
		}
	}
}

// spread moves on from single values to the sketch.
func (d *distinct) spread() {
	d.sketch = make([]uint8, 1<<sketchBits)
	for _, h := range d.exact {
		if h != 0 {
			d.rank(h)
		}
	}
	d.exact, d.n = nil, 0
}

func (d *distinct) rank(h uint64) {
	i := h >> (64 - sketchBits)
	d.sketch[i] = max(d.sketch[i], uint8(bits.LeadingZeros64(h<<sketchBits|1<<(sketchBits-1))+1))
}

// merge adds the values of o, which is not used any more.
func (d *distinct) merge(o *distinct) {
	if o.sketch != nil {
		if d.sketch == nil {
			*d, *o = *o, *d
		}
		for i, r := range o.sketch {
			d.sketch[i] = max(d.sketch[i], r)
		}
	}
	for _, h := range o.exact {
		if h != 0 {
			d.add(h)
		}
	}
}

// count returns how many values there were, and whether that is an estimate.
func (d *distinct) count() (n int64, estimate bool) {
	if d.sketch == nil {
		return int64(d.n), false
	}
	m := float64(len(d.sketch))
	sum, empty := 0.0, 0.0
	for _, r := range d.sketch {
		sum += math.Ldexp(1, -int(r))
		if r == 0 {
			empty++
		}
	}
	e := 0.7213 / (1 + 1.079/m) * m * m / sum
	if e < 2.5*m && empty > 0 { // small range: count the empty registers
		e = m * math.Log(m/empty)
	}
	return int64(e + 0.5), true
}

// hashText is FNV-1a with its bits mixed. It is the same in each run.
func hashText(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return mix(h)
}

// mix spreads the bits of h (the finalizer of MurmurHash3).
func mix(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
