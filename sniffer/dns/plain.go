package dns

import (
	"encoding/binary"
	"net/netip"
)

// plain reads the records of a reply as servers write them: each answer under the
// asked name, or under the one that the answer before it made of that, and named
// by a pointer to it; behind the answers nothing that could tell more of it. It
// returns false for everything else, and leaves that to the way that takes
// records in any order. Both read the same.
func (m *Message) plain() bool {
	before, rcode := m.off, m.Rcode
	if m.Truncated || !m.Reply || m.Counts[0] != 1 || m.Class != ClassIN || !m.plainAnswers() || !m.plainRest() || m.budget <= 0 {
		m.off, m.Rcode, m.EDNS = before, rcode, EDNS{}
		m.Addresses, m.Services = nil, nil
		return false
	}
	return true
}

// recordHead is what a record has behind its name: type, class, TTL, length.
const recordHead = 10

func (m *Message) plainAnswers() bool {
	count := int(m.Counts[1])
	if count > maxServices { // few enough for all that is kept
		return false
	}
	m.Addresses, m.Services, m.budget = m.addresses[:0], m.services[:0], maxSteps
	m.chain[0], m.chained = link{name: m.asked, ttl: 1<<32 - 1}, 1
	for range count {
		b := m.b[m.off:]
		if len(b) < 2+recordHead {
			return false
		}
		owner, kind := binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
		class, ttl, size := binary.BigEndian.Uint16(b[4:]), binary.BigEndian.Uint32(b[6:]), int(binary.BigEndian.Uint16(b[10:]))
		from := &m.chain[m.chained-1]
		if int(owner) != 0xc000|from.name || from.name > maxPointer || class != ClassIN || ttl > 1<<31-1 || size > len(b)-2-recordHead {
			return false
		}
		data := b[2+recordHead:][:size]
		ttl = min(ttl, from.ttl)
		switch {
		case kind == TypeA && size == 4:
			m.address(netip.AddrFrom4([4]byte(data)), ttl, false)
		case kind == TypeAAAA && size == 16:
			m.address(netip.AddrFrom16([16]byte(data)), ttl, false)
		case kind == TypeCNAME:
			if !m.plainAlias(m.off+2+recordHead, size, ttl) {
				return false
			}
		case kind == TypeHTTPS || kind == TypeSVCB:
			if m.service(&record{data: uint16(m.off + 2 + recordHead), size: uint16(size), kind: kind, ttl: ttl}, ttl) != Fine {
				return false
			}
		default:
			return false
		}
		m.off += 2 + recordHead + size
	}
	return true
}

// plainAlias notes that the name at off is what the one before it stands for, if
// its first label tells that it is a new one.
func (m *Message) plainAlias(off, size int, ttl uint32) bool {
	if m.chained == maxChain || off > maxPointer || size < 2 {
		return false
	}
	first := m.b[off : off+2]
	if first[0] == 0 || first[0] > maxLabel {
		return false
	}
	for i := range m.chain[:m.chained] {
		other := m.b[m.chain[i].name:]
		if other[0] > maxLabel || other[0] == first[0] && lower(other[1]) == lower(first[1]) {
			return m.lead(off, ttl) == Fine && m.chain[m.chained-1].name == off && m.endsAt(off, off+size)
		}
	}
	if !m.endsAt(off, off+size) {
		return false
	}
	m.chain[m.chained] = link{off, ttl}
	m.chained++
	return true
}

// maxPointer is as far as the pointer of a name reaches.
const maxPointer = 1<<14 - 1

// endsAt reports whether the name at off can be read, by a pointer to it too, and
// ends there.
func (m *Message) endsAt(off, end int) bool {
	wire, c := 1, at(off)
	for {
		label, r := m.label(&c)
		if wire += len(label) + 1; r != Fine || wire > maxName+1 || c.hops == maxHops {
			return false
		}
		if len(label) == 0 {
			return c.end == end
		}
	}
}

// plainRest passes what is behind the answers.
func (m *Message) plainRest() bool {
	for range m.Counts[2] {
		if !m.pass(true) {
			return false
		}
	}
	for range m.Counts[3] {
		if !m.pass(false) {
			return false
		}
	}
	return true
}

// pass passes one record. Outside of the authority section one of a type that
// follow understands may matter.
func (m *Message) pass(authority bool) bool {
	if m.off >= len(m.b) {
		return false
	}
	end := m.off + 1
	if m.b[m.off] != 0 {
		if end = skipName(m.b, m.off); end == 0 {
			return false
		}
	}
	if len(m.b)-end < recordHead {
		return false
	}
	h := m.b[end:]
	size := int(binary.BigEndian.Uint16(h[8:]))
	if len(h)-recordHead < size {
		return false
	}
	switch binary.BigEndian.Uint16(h) {
	case TypeOPT:
		m.edns(binary.BigEndian.Uint16(h[2:]), h[4:8], end-m.off)
	case TypeA, TypeAAAA, TypeCNAME, TypeSVCB, TypeHTTPS:
		if !authority {
			return false
		}
	}
	m.off = end + recordHead + size
	return true
}
