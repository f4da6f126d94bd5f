package dns

import (
	"encoding/binary"
	"net/netip"
)

// maxServices bounds the HTTPS and SVCB records of one message that are kept.
const maxServices = 8

// Service is an HTTPS or SVCB record of the asked name (RFC 9460).
type Service struct {
	Type     uint16 // TypeHTTPS or TypeSVCB
	Priority uint16 // 0: an alias, which has nothing but a target
	Port     uint16 // 0: that of the scheme
	TTL      uint32
	ECH      bool // it has configurations for an encrypted client hello

	// PublicName is the name that an encrypted client hello shows to all; empty
	// without ECH, and where no configuration is of a version that is known.
	PublicName []byte

	alpn   []byte
	target int
}

// Keys of the parameters that are read (RFC 9460, section 14.3.2).
const (
	keyALPN = 1
	keyPort = 3
	keyIPv4 = 4
	keyECH  = 5
	keyIPv6 = 6
)

// HasALPN reports whether s offers the protocol id, such as "dot" or "h3".
func (s *Service) HasALPN(id string) bool {
	for list := s.alpn; len(list) > 0 && int(list[0]) < len(list); list = list[1+int(list[0]):] {
		if string(list[1:1+int(list[0])]) == id {
			return true
		}
	}
	return false
}

// AppendTarget appends the name that the service is at, written as m.Name; "."
// stands for the owner of the record.
func (m *Message) AppendTarget(dst []byte, s *Service) []byte { return m.appendName(dst, s.target) }

// service reads an SVCB or HTTPS record. One that is malformed anywhere is
// ignored (RFC 9460, section 2.2).
func (m *Message) service(rec *record, ttl uint32) Reason {
	off, end := int(rec.data), int(rec.data)+int(rec.size)
	if rec.size < 3 {
		return ReasonData
	}
	target, r := m.checkName(off + 2)
	if r != Fine {
		return r
	}
	if target > end {
		return ReasonData
	}
	s := Service{Type: rec.kind, Priority: binary.BigEndian.Uint16(m.b[off:]), TTL: ttl, target: off + 2}
	if !checkParams(m.b[target:end]) {
		return ReasonData
	}
	if s.Priority > 0 {
		r = m.params(&s, m.b[target:end])
	}
	if len(m.Services) < maxServices {
		m.Services = append(m.Services, s)
	}
	if m.b[s.target] != 0 { // not "."
		if of := m.lead(s.target, ttl); r == Fine {
			r = of
		}
	}
	return r
}

// checkParams reports whether all parameters are whole, their keys ascending
// and the values of those that we read well-formed.
func checkParams(b []byte) bool {
	last := -1
	for len(b) > 0 {
		if len(b) < 4 {
			return false
		}
		key, size := int(binary.BigEndian.Uint16(b)), int(binary.BigEndian.Uint16(b[2:]))
		if key <= last || size > len(b)-4 || !checkParam(key, b[4:4+size]) {
			return false
		}
		last, b = key, b[4+size:]
	}
	return true
}

func checkParam(key int, v []byte) bool {
	switch key {
	case keyALPN:
		for rest := v; len(rest) > 0; rest = rest[1+int(rest[0]):] {
			if n := int(rest[0]); n == 0 || n >= len(rest) {
				return false
			}
		}
		return len(v) > 0
	case keyPort:
		return len(v) == 2
	case keyIPv4:
		return len(v) > 0 && len(v)%4 == 0
	case keyIPv6:
		return len(v) > 0 && len(v)%16 == 0
	}
	return true
}

// params reads the parameters, which checkParams has found well-formed.
func (m *Message) params(s *Service, b []byte) (r Reason) {
	for len(b) > 0 {
		key, size := binary.BigEndian.Uint16(b), int(binary.BigEndian.Uint16(b[2:]))
		v := b[4 : 4+size]
		b = b[4+size:]
		switch key {
		case keyALPN:
			s.alpn = v
		case keyPort:
			s.Port = binary.BigEndian.Uint16(v)
		case keyIPv4:
			for ; len(v) > 0; v = v[4:] {
				m.address(netip.AddrFrom4([4]byte(v)), s.TTL, true)
			}
		case keyIPv6:
			for ; len(v) > 0; v = v[16:] {
				m.address(netip.AddrFrom16([16]byte(v)), s.TTL, true)
			}
		case keyECH:
			r = m.ech(s, v)
		}
	}
	return r
}

// ech notes the public name of the first configuration that is understood.
func (m *Message) ech(s *Service, list []byte) Reason {
	name, ok := PublicName(list)
	if !ok {
		return ReasonECH
	}
	s.ECH = true
	if len(m.Services) < maxServices {
		s.PublicName = m.public[len(m.Services)][:0]
		for _, c := range name {
			s.PublicName = append(s.PublicName, lower(c))
		}
	}
	return Fine
}
