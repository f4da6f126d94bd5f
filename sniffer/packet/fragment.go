package packet

// fragment is a part of an IP datagram.
type fragment struct {
	id    uint32
	proto byte // of IPv6: only the first fragment's counts
	v4    bool
	more  bool
	off   int
	data  []byte
}

// maxDatagram is the longest that offsets and lengths can describe.
const maxDatagram = 1<<16 - 1

// check refuses a fragment that no sender makes: beyond the longest datagram
// ("ping of death"), empty, or not the last and of odd length, as offsets count
// in units of 8 bytes.
func (f *fragment) check() Reason {
	if len(f.data) == 0 || f.off+len(f.data) > maxDatagram || f.more && len(f.data)%8 != 0 {
		return FragmentRange
	}
	return Fine
}

// fragment keeps a fragment, and hands out what can be read now: the whole
// datagram when this was the last one missing, else the first fragment.
func (d *Decoder) fragment(p *Packet, e ends, f fragment) (bool, Reason) {
	if !d.step() {
		return false, Depth
	}
	d.fragments.stats.Fragments++
	k := fragmentKey{ends: e, id: f.id, vlan: p.VLAN, v4: f.v4}
	if f.v4 {
		k.proto = f.proto
	}
	var got assembly
	var why Reason
	switch why = f.check(); {
	case d.missing > 0: // can't be put together
		got.first, why = f.off == 0, d.short(FragmentRange)
	case why != Fine:
		got.first = f.off == 0
	default:
		got, why = d.fragments.add(k, &f, d.now)
	}
	switch {
	case got.whole != nil:
		p.Reassembled, p.Repeats, p.Fragment = true, got.handed, false
		d.snapped = false
		return d.upper(p, e, f.v4, got.proto, got.whole)
	case !got.first:
		return false, why
	}
	p.Fragment = true
	ok, bad := d.upper(p, e, f.v4, f.proto, f.data)
	if ok {
		d.fragments.handedOut(k)
	}
	if why == Fine && (bad == Depth || bad == LinkType || ok) {
		why = bad // a header that ends in the next fragment is no damage
	}
	return ok, why
}

func (d *Decoder) upper(p *Packet, e ends, v4 bool, proto byte, b []byte) (bool, Reason) {
	if v4 {
		return d.transport(p, e, proto, b)
	}
	return d.extensions(p, e, proto, b)
}

// fragmentKey says which datagram a fragment is of (RFC 791, RFC 8200; the VLAN
// as customers use the same addresses).
type fragmentKey struct {
	ends
	id    uint32
	vlan  uint16
	proto byte
	v4    bool
}
