package dns

import (
	"encoding/binary"
)

// maxName bounds a name in wire form (RFC 1035, section 3.1).
const maxName = 255

// maxHops bounds the pointers of one name: as many as it can have labels.
const maxHops = 127

// cursor walks over the labels of a name.
type cursor struct {
	off   int
	start int // of the piece of the name that off is in
	end   int // of the name where it stands, once known
	hops  int
}

func at(off int) cursor { return cursor{off: off, start: off} }

// label returns the next label of the name; it is empty at the name's end.
//
// A pointer must lead to before the piece of the name that it ends. So each
// jump goes backwards, and no chain of pointers can run for ever.
func (m *Message) label(c *cursor) ([]byte, Reason) {
	for {
		if c.off >= len(m.b) {
			return nil, ReasonName
		}
		n := int(m.b[c.off])
		c.off++
		switch n & 0xc0 {
		case 0:
			if n > len(m.b)-c.off {
				return nil, ReasonName
			}
			label := m.b[c.off : c.off+n]
			c.off += n
			if n == 0 && c.end == 0 {
				c.end = c.off
			}
			return label, Fine
		case 0xc0:
			if c.off >= len(m.b) {
				return nil, ReasonName
			}
			to := n&0x3f<<8 | int(m.b[c.off])
			if c.end == 0 {
				c.end = c.off + 1
			}
			m.budget-- // as costly as a label
			if c.hops++; to >= c.start || to < headerSize || c.hops > maxHops {
				return nil, ReasonPointer
			}
			c.off, c.start = to, to
		default: // 0x40 and 0x80: extended labels, never used (RFC 6891, section 5)
			return nil, ReasonName
		}
	}
}

// readName reads the name at off into m.Name and returns where it ends.
func (m *Message) readName(off int) (end int, r Reason) {
	if end = m.plainName(off); end > 0 {
		return end, Fine
	}
	out, wire, c := m.text[:0], 1, at(off)
	for {
		label, r := m.label(&c)
		if r != Fine {
			return 0, r
		}
		if len(label) == 0 {
			break
		}
		if wire += len(label) + 1; wire > maxName {
			return 0, ReasonName
		}
		if len(out) > 0 {
			out = append(out, '.')
		}
		out = appendLabel(out, label)
	}
	if len(out) == 0 {
		out = append(out, '.')
	}
	m.Name = out
	return c.end, Fine
}

// plainName reads the name at off into m.Name if it is one of host names, without
// pointer, as nearly all questions have. It returns where that ends, else 0.
//
// It takes eight bytes at a time, the lengths of the labels among them: those are
// odd bytes, which become dots, and there must be as many of them as labels.
func (m *Message) plainName(off int) (end int) {
	b, labels, end := m.b, uint64(0), off
	for {
		if uint(end) >= uint(len(b)) {
			return 0
		}
		size := int(b[end])
		if size == 0 {
			break
		}
		if size > ' ' { // the length of a label, or what means itself as a character
			return 0
		}
		end += size + 1
		labels++
	}
	n := end - off // bytes of labels with their lengths
	if n == 0 || n > maxName-1 {
		return 0
	}
	var odds uint64 // how many odd bytes there were at each of eight places
	for i := 0; i < n; i += 8 {
		var w uint64
		if at := off + i; at+8 <= len(b) {
			w = binary.LittleEndian.Uint64(b[at:])
		} else { // the header is longer than that
			w = binary.LittleEndian.Uint64(b[len(b)-8:]) >> (8 * (at + 8 - len(b)))
		}
		if rest := 8 * (n - i); rest < 64 { // what is behind the name is even
			w = w&(1<<rest-1) | eachByte*'a'<<rest
		}
		odd := oddBytes(w)
		odds += odd >> 7
		w = lowerBytes(w)
		mask := odd<<1 - odd>>7
		binary.LittleEndian.PutUint64(m.text[i:], w&^mask|eachByte*'.'&mask)
	}
	if odds*eachByte>>56 != labels {
		return 0
	}
	m.Name = m.text[1:n]
	return end + 1
}

// maxLabel bounds a label (RFC 1035, section 3.1).
const maxLabel = 63

const (
	eachByte = 0x0101010101010101
	topBits  = 0x80 * eachByte
)

// oddBytes has the top bit of each byte set that appendLabel would escape.
func oddBytes(w uint64) uint64 {
	low := w &^ topBits
	fine := ((low | topBits) - eachByte*('!')) & ((low ^ eachByte*'.' | topBits) - eachByte) & ((low ^ eachByte*'\\' | topBits) - eachByte)
	return (w | (low + eachByte) | ^fine) & topBits
}

// lowerBytes makes upper-case letters lower-case. Bytes with their top bit set
// may become anything.
func lowerBytes(w uint64) uint64 {
	low := w &^ topBits
	upper := (low + eachByte*(0x80-'A')) &^ (low + eachByte*(0x7f-'Z')) & topBits
	return w | upper>>2
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

// appendName appends the name at off, as readName writes it.
func (m *Message) appendName(dst []byte, off int) []byte {
	before, wire, c := len(dst), 1, at(off)
	for {
		label, r := m.label(&c)
		if wire += len(label) + 1; r != Fine || wire > maxName+1 {
			return dst[:before]
		}
		if len(label) == 0 {
			break
		}
		if len(dst) > before {
			dst = append(dst, '.')
		}
		dst = appendLabel(dst, label)
	}
	if len(dst) == before {
		dst = append(dst, '.')
	}
	return dst
}

// skipName returns where the name at off ends, without reading what a pointer
// points at; 0 when the name runs out of the message.
func skipName(b []byte, off int) int {
	for off < len(b) {
		n := int(b[off])
		off++
		switch n & 0xc0 {
		case 0:
			if off += n; n == 0 {
				return off
			}
		case 0xc0:
			if off >= len(b) {
				return 0
			}
			return off + 1
		default:
			return 0
		}
	}
	return 0
}

// same reports whether the names at a and b are the same, whatever their case.
func (m *Message) same(a, b int) bool {
	if a == b {
		return true
	}
	ca, cb := at(a), at(b)
	for m.budget > 0 {
		m.budget--
		la, ra := m.label(&ca)
		lb, rb := m.label(&cb)
		if ra != Fine || rb != Fine || !equalFold(la, lb) {
			return false
		}
		if len(la) == 0 || ca.off == cb.off { // the end, or one tail for both
			return true
		}
	}
	return false
}

// equalFold compares labels as RFC 4343 says: only ASCII letters have a case.
func equalFold(a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i, c := range a {
		if d := b[i]; c != d && (lower(c) != lower(d)) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
