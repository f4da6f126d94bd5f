package dns

import "net/netip"

// follow takes the records of the asked name and of all that it leads to.
func (m *Message) follow() (first Reason) {
	m.Addresses, m.Services, m.budget = m.addresses[:0], m.services[:0], maxSteps
	m.chain[0], m.chained = link{name: m.asked, ttl: 1<<32 - 1}, 1
	for n := 0; n < m.chained; n++ {
		for i := range m.records[:m.kept] {
			rec := &m.records[i]
			if rec.taken || !m.same(m.chain[n].name, int(rec.owner)) {
				continue
			}
			rec.taken = true
			if r := m.take(rec, min(rec.ttl, m.chain[n].ttl)); r != Fine {
				first = or(first, r)
			}
		}
	}
	if m.budget <= 0 {
		first = or(first, ReasonRecords)
	}
	return first
}

// take reads the data of a record that belongs to the asked name.
func (m *Message) take(rec *record, ttl uint32) Reason {
	off, end := int(rec.data), int(rec.data)+int(rec.size)
	data := m.b[off:end]
	switch rec.kind {
	case TypeA:
		if len(data) != 4 {
			return ReasonData
		}
		m.address(netip.AddrFrom4([4]byte(data)), ttl, false)
	case TypeAAAA:
		if len(data) != 16 {
			return ReasonData
		}
		m.address(netip.AddrFrom16([16]byte(data)), ttl, false)
	case TypeCNAME:
		to, r := m.checkName(off)
		if r != Fine {
			return r
		}
		if to != end {
			return ReasonData
		}
		return m.lead(off, ttl)
	default:
		return m.service(rec, ttl)
	}
	return Fine
}

func (m *Message) address(a netip.Addr, ttl uint32, hint bool) {
	if len(m.Addresses) < cap(m.Addresses) { // hints can be many
		m.Addresses = append(m.Addresses, Address{Addr: a, TTL: ttl, Hint: hint})
	}
}

// lead notes that the asked name leads to the name at off.
func (m *Message) lead(off int, ttl uint32) Reason {
	for i := range m.chain[:m.chained] {
		if m.same(m.chain[i].name, off) {
			return Fine // a loop, or two ways to one name
		}
	}
	if m.chained == maxChain {
		return ReasonRecords
	}
	m.chain[m.chained] = link{off, ttl}
	m.chained++
	return Fine
}

// checkName returns where the name at off ends.
func (m *Message) checkName(off int) (end int, r Reason) {
	wire, c := 1, at(off)
	for {
		m.budget--
		label, r := m.label(&c)
		if r != Fine {
			return 0, r
		}
		if len(label) == 0 {
			return c.end, Fine
		}
		if wire += len(label) + 1; wire > maxName {
			return 0, ReasonName
		}
	}
}
