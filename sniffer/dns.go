package sniffer

import "encoding/binary"

// maxQuestions bounds the questions of one message: each may point at one long
// name, which would make a small packet cost a lot. Real messages have one.
const maxQuestions = 64

// maxName bounds a name in wire form (RFC 1035, section 3.1).
const maxName = 255

// message reads the questions of a DNS message (RFC 1035, section 4).
type message struct {
	id    uint16
	reply bool
	left  int // questions not read yet
	b     []byte
	off   int

	name  []byte // of the last question; valid until the next one
	qtype uint16

	text [4*maxName + 1]byte // room for a name of nothing but escapes
}

// reset starts with the message in b.
func (m *message) reset(b []byte) Reason {
	if len(b) < 12 {
		m.left = 0
		return ReasonDNSHeader
	}
	m.id, m.reply = binary.BigEndian.Uint16(b), b[2]&0x80 != 0
	m.left, m.b, m.off = int(binary.BigEndian.Uint16(b[4:])), b, 12
	return fine
}

// next reads the next question; ok is false after the last one.
func (m *message) next(nth int) (ok bool, r Reason) {
	if m.left == 0 {
		return false, fine
	}
	if nth >= maxQuestions {
		return false, ReasonDNSQuestions
	}
	m.left--
	if r := m.readName(); r != fine {
		return false, r
	}
	if len(m.b)-m.off < 4 {
		return false, ReasonDNSQuestion
	}
	m.qtype = binary.BigEndian.Uint16(m.b[m.off:])
	m.off += 4
	return true, fine
}

// readName reads the name at m.off into m.name and moves m.off behind it.
//
// A pointer must lead to before the piece of the name that it ends. So each
// jump goes backwards, and no chain of pointers can run for ever.
func (m *message) readName() Reason {
	out, wire := m.text[:0], 1
	off, start, jumped := m.off, m.off, false
	for {
		if off >= len(m.b) {
			return ReasonDNSName
		}
		c := int(m.b[off])
		off++
		switch c & 0xc0 {
		case 0xc0:
			if off >= len(m.b) {
				return ReasonDNSName
			}
			to := c&0x3f<<8 | int(m.b[off])
			off++
			if !jumped {
				m.off, jumped = off, true
			}
			if to >= start || to < 12 {
				return ReasonDNSPointer
			}
			off, start = to, to
			continue
		case 0:
		default: // 0x40 and 0x80: extended labels, never used (RFC 6891, section 5)
			return ReasonDNSName
		}
		if c == 0 {
			break
		}
		if wire += c + 1; wire > maxName || off+c > len(m.b) {
			return ReasonDNSName
		}
		if len(out) > 0 {
			out = append(out, '.')
		}
		out = appendLabel(out, m.b[off:off+c])
		off += c
	}
	if !jumped {
		m.off = off
	}
	if len(out) == 0 {
		out = append(out, '.')
	}
	m.name = out
	return fine
}

// appendLabel appends a label in lower case. What is not printable, and the two
// characters that mean something in a name, become \DDD (RFC 4343, section 2.1).
func appendLabel(out, label []byte) []byte {
	for _, c := range label {
		switch {
		case 'A' <= c && c <= 'Z':
			out = append(out, c+'a'-'A')
		case c <= ' ' || c > '~' || c == '.' || c == '\\':
			out = append(out, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
		default:
			out = append(out, c)
		}
	}
	return out
}
