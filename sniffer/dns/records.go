package dns

import (
	"encoding/binary"
	"net/netip"
)

const (
	// maxRecords bounds the records of one message that are looked at: ten
	// times what the largest pools of addresses send.
	maxRecords = 256

	// maxChain bounds the aliases of one name; resolvers follow 8 to 16.
	maxChain = 17

	// maxSteps bounds the labels compared for one message, and the pointers followed
	// to them. A reply with 256 addresses under two names needs a quarter of it; a
	// made-up one with many long names that almost match, or that are chains of
	// pointers, must not cost milliseconds.
	maxSteps = 8192
)

// Address is one that a reply gives for the asked name.
type Address struct {
	Addr netip.Addr
	TTL  uint32 // seconds, the least on the way to it
	Hint bool   // from an HTTPS or SVCB record, not from A or AAAA
}

// EDNS is what the OPT record of a message says (RFC 6891). Its options, client
// subnets among them, are not read.
type EDNS struct {
	Present bool
	Version uint8
	UDPSize uint16
	DO      bool // DNSSEC wanted
}

// record is a record that may matter, by its places in the message.
type record struct {
	owner, data, size uint16
	kind              uint16
	ttl               uint32
	taken             bool
}

// link is one name that the asked one leads to.
type link struct {
	name int
	ttl  uint32
}

// Records reads the records after the questions: m.EDNS, and of a reply with
// one question m.Addresses and m.Services. Only what belongs to the asked name
// is taken: records under that name or under one that CNAME, HTTPS or SVCB
// records make of it, in whatever order they come. A reason tells of the first
// thing that could not be read; all else stands.
func (m *Message) Records() Reason {
	for m.left > 0 && !m.broken {
		if _, r := m.Next(); r != Fine {
			return r
		}
	}
	if m.broken || m.Opcode != 0 {
		return Fine
	}
	m.broken = true // a second call has nothing to read
	m.asked = headerSize
	if m.plain() {
		return Fine
	}
	return m.thorough()
}

// thorough reads records of any kind, in any order.
func (m *Message) thorough() Reason {
	m.kept, m.budget = 0, maxSteps
	r := m.collect()
	if m.Reply && m.Counts[0] == 1 && m.Class == ClassIN && m.kept > 0 {
		if of := m.follow(); r == Fine {
			r = of
		}
	}
	return r
}

// collect walks over all records and keeps those that may matter.
func (m *Message) collect() (first Reason) {
	count := int(m.Counts[1]) + int(m.Counts[2]) + int(m.Counts[3])
	answers := int(m.Counts[1])
	for i := range count {
		if m.off == len(m.b) {
			if m.Truncated {
				return first // it says itself that the rest is missing
			}
			return or(first, ReasonCounts)
		}
		rec, r := m.record()
		if r != Fine {
			if m.Truncated {
				return first
			}
			return or(first, r)
		}
		authority := i >= answers && i < answers+int(m.Counts[2])
		if r := m.keep(rec, authority); r != Fine {
			first = or(first, r)
		}
	}
	return first
}

// record reads the fixed part of the record at m.off and goes behind it.
func (m *Message) record() (rec record, r Reason) {
	end := skipName(m.b, m.off)
	if end == 0 {
		return rec, ReasonName
	}
	if len(m.b)-end < 10 {
		return rec, ReasonRecord
	}
	h := m.b[end:]
	size := int(binary.BigEndian.Uint16(h[8:]))
	if len(h)-10 < size {
		return rec, ReasonRecord
	}
	rec = record{
		owner: uint16(m.off), data: uint16(end + 10), size: uint16(size),
		kind: binary.BigEndian.Uint16(h), ttl: binary.BigEndian.Uint32(h[4:]),
	}
	m.off = end + 10 + size
	class := binary.BigEndian.Uint16(h[2:])
	switch {
	case rec.kind == TypeOPT:
		rec.ttl = 0
		m.edns(class, h[4:8], int(end)-int(rec.owner))
		rec.kind = 0
	case class != ClassIN:
		rec.kind = 0
	case rec.ttl > 1<<31-1: // RFC 2181, section 8
		rec.ttl = 0
	}
	return rec, Fine
}

// edns reads the fields that an OPT record has in place of class and TTL. Its
// owner is the root; the first one counts.
func (m *Message) edns(class uint16, ttl []byte, owner int) {
	if owner != 1 || m.EDNS.Present {
		return
	}
	m.EDNS = EDNS{Present: true, Version: ttl[1], UDPSize: class, DO: ttl[2]&0x80 != 0}
	m.Rcode |= uint16(ttl[0]) << 4
}

// keep notes a record of a type that follow understands.
func (m *Message) keep(rec record, authority bool) Reason {
	switch rec.kind {
	case TypeA, TypeAAAA, TypeCNAME, TypeSVCB, TypeHTTPS:
	default:
		return Fine
	}
	if authority || !m.Reply {
		return Fine
	}
	if m.kept == maxRecords || m.budget <= 0 {
		return ReasonRecords
	}
	if o := int(rec.owner); m.b[o] != 0xc0 || m.b[o+1] != headerSize { // mostly it is the asked name
		if _, r := m.checkName(o); r != Fine {
			return r
		}
	}
	for m.b[rec.owner]&0xc0 == 0xc0 { // two pointers to one name are seen to be the same
		rec.owner = uint16(m.b[rec.owner]&0x3f)<<8 | uint16(m.b[rec.owner+1])
	}
	m.records[m.kept] = rec
	m.kept++
	return Fine
}

func or(r, other Reason) Reason {
	if r != Fine {
		return r
	}
	return other
}
