package logs

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// members walks the members of one JSON object where it lies (RFC 8259):
//
//	for m := object(s); m.next(); {
//		switch m.key { case "query": host = text(m.value) ... }
//	}
//	if m.bad ...
//
// A value is the raw text of it; object(m.value) goes one level down. Keys with
// escapes are handed over raw: no log has them.
type members struct {
	key, value string // of the last next
	bad        bool   // not an object, or cut short
	s          string // what is left
	state      uint8  // 0 before the first member, 1 between, 2 at the end
}

// object starts a walk; s may have space around the object.
func object(s string) members {
	s = space(s)
	if s == "" || s[0] != '{' {
		return members{bad: true, state: 2}
	}
	return members{s: s[1:]}
}

// next moves to the next member.
func (m *members) next() bool {
	if m.state == 2 {
		return false
	}
	s := m.s
	if len(s) < 2 || m.state == 0 || s[0] != ',' || s[1] != '"' { // else as most programs write it
		var more bool
		if s, more = m.between(s); !more {
			return false
		}
	} else {
		s = s[1:]
	}
	n := stringEnd(s)
	if n < 0 {
		return m.fail()
	}
	m.key = s[1 : n-1]
	s = space(s[n:])
	if s == "" || s[0] != ':' {
		return m.fail()
	}
	s = space(s[1:])
	if n = valueEnd(s); n < 0 {
		return m.fail()
	}
	m.value, m.s = s[:n], s[n:]
	return true
}

// between moves to the next key, past what separates members; more is false at
// the end of the object.
func (m *members) between(s string) (rest string, more bool) {
	s = space(s)
	if s != "" && s[0] == '}' {
		m.state, m.bad = 2, space(s[1:]) != ""
		return "", false
	}
	if m.state == 1 {
		if s == "" || s[0] != ',' {
			return "", m.fail()
		}
		s = space(s[1:])
	}
	m.state = 1
	return s, true
}

func (m *members) fail() bool {
	m.bad, m.state = true, 2
	return false
}

// first returns the first element of a JSON array, "" when it has none.
func first(array string) string {
	if array == "" || array[0] != '[' {
		return ""
	}
	s := space(array[1:])
	if n := valueEnd(s); n > 0 {
		return s[:n]
	}
	return ""
}

// space takes the space off the start of s, which seldom has any.
func space(s string) string {
	if s != "" && s[0] <= ' ' {
		return spaces(s)
	}
	return s
}

func spaces(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t' || s[0] == '\r' || s[0] == '\n') {
		s = s[1:]
	}
	return s
}

// stringEnd returns the length of the JSON string that s starts with, quotes
// included; -1 when there is none.
func stringEnd(s string) int {
	if s == "" || s[0] != '"' {
		return -1
	}
	for i := 1; ; {
		n := quote(s, i)
		if n < 0 {
			return -1
		}
		i = n + 1
		back := n
		for s[back-1] == '\\' { // s[0] is a quote, so this ends
			back--
		}
		if (n-back)%2 == 0 {
			return i
		}
	}
}

// quote returns where the next quote from i is, -1 when there is none. Most are
// near.
func quote(s string, i int) int {
	for far := i + 48; i < far && i+8 <= len(s); i += 8 {
		if hits := match(binary.LittleEndian.Uint64([]byte(s[i:i+8])), '"'); hits != 0 { // not copied
			return i + bits.TrailingZeros64(hits)/8
		}
	}
	if n := strings.IndexByte(s[i:], '"'); n >= 0 {
		return i + n
	}
	return -1
}

// valueEnd returns the length of the JSON value that s starts with; -1 when
// there is none. Arrays and objects are only looked through for their end.
func valueEnd(s string) int {
	if s == "" {
		return -1
	}
	switch s[0] {
	case '"':
		return stringEnd(s)
	case '{', '[':
		return nestedEnd(s)
	}
	i := 0
	for i < len(s) && s[i] > ' ' && s[i] != ',' && s[i] != '}' && s[i] != ']' && s[i] != '"' && s[i] != ':' {
		i++
	}
	if i == 0 {
		return -1
	}
	return i
}

// nestedEnd counts brackets: it needs no stack, so depth costs nothing. It lets
// [} pass as a pair; nobody reads inside without noticing.
func nestedEnd(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			n := stringEnd(s[i:])
			if n < 0 {
				return -1
			}
			i += n - 1
		}
	}
	return -1
}

// text returns what a raw JSON value says: a string decoded, a number or
// boolean as written, "" for null, arrays and objects. It allocates only for a
// string with escapes.
func text(raw string) string {
	if raw == "" || raw[0] == '{' || raw[0] == '[' || raw == "null" {
		return ""
	}
	if raw[0] != '"' {
		return raw
	}
	raw = raw[1 : len(raw)-1]
	if strings.IndexByte(raw, '\\') < 0 {
		return raw
	}
	return unescapeJSON(raw)
}

// unescapeJSON decodes the escapes of a JSON string; an unknown one stays as it is.
func unescapeJSON(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b = append(b, s[i])
			continue
		}
		i++
		switch c := s[i]; c {
		case '"', '\\', '/':
			b = append(b, c)
		case 'b', 'f', 'n', 'r', 't':
			b = append(b, "\b\f\n\r\t"[strings.IndexByte("bfnrt", c)])
		case 'u':
			r := hex4(s, i+1)
			if r < 0 {
				b = append(b, '\\', 'u')
				continue
			}
			i += 4
			if utf16.IsSurrogate(r) && i+2 < len(s) && s[i+1] == '\\' && s[i+2] == 'u' {
				if two := utf16.DecodeRune(r, hex4(s, i+3)); two != utf8.RuneError {
					r = two
					i += 6
				}
			}
			b = utf8.AppendRune(b, r)
		default:
			b = append(b, '\\', c)
		}
	}
	return string(b)
}

// hex4 reads four hexadecimal digits at i; -1 when there are none.
func hex4(s string, i int) rune {
	if i+4 > len(s) {
		return -1
	}
	var r rune
	for _, c := range []byte(s[i : i+4]) {
		switch {
		case c-'0' <= 9:
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}
