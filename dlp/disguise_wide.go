package dlp

import (
	"bytes"
	"encoding/binary"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// isWide reports whether b looks like UTF-16 or UTF-32.
func isWide(b []byte) bool {
	_, size := wideness(b)
	return size > 0
}

// wideness tells UTF-16 and UTF-32 by their mark, else by where the NULs are.
// The size of a unit is 0 for other texts.
func wideness(b []byte) (order binary.ByteOrder, size int) {
	switch {
	case len(b) == 0 || 0 < b[0] && b[0] < 0xfe: // no mark
	case bytes.HasPrefix(b, []byte{0xff, 0xfe, 0, 0}):
		return binary.LittleEndian, 4
	case bytes.HasPrefix(b, []byte{0, 0, 0xfe, 0xff}):
		return binary.BigEndian, 4
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}):
		return binary.LittleEndian, 2
	case bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		return binary.BigEndian, 2
	}
	b = b[:min(len(b), 2*sniffed)&^3]
	var nul [4]int
	for i, c := range b {
		if c == 0 {
			nul[i&3]++
		}
	}
	n := len(b) / 4
	many := func(k int) bool { return nul[k]*3 >= n*2 }
	few := func(k int) bool { return nul[k]*8 <= n }
	switch {
	case n < 2:
		return nil, 0
	case few(0) && many(1) && many(2) && many(3):
		return binary.LittleEndian, 4
	case many(0) && many(1) && many(2) && few(3):
		return binary.BigEndian, 4
	case few(0) && many(1) && few(2) && many(3):
		return binary.LittleEndian, 2
	case many(0) && few(1) && many(2) && few(3):
		return binary.BigEndian, 2
	}
	return wideAlphabet(b)
}

// wideAlphabet tells UTF-16 of the alphabets before U+1000 (Greek, Cyrillic, Arabic, Thai, ...): of
// each two bytes one is small, as of no other text, and what they make are letters.
func wideAlphabet(b []byte) (order binary.ByteOrder, size int) {
	var small [2]int
	for i, c := range b {
		if c < 0x10 {
			small[i&1]++
		}
	}
	const least = 8 // characters
	switch n := len(b) / 2; {
	case n < least:
		return nil, 0
	case small[1]*20 >= n*17 && small[0]*4 <= n:
		order = binary.LittleEndian
	case small[0]*20 >= n*17 && small[1]*4 <= n:
		order = binary.BigEndian
	default:
		return nil, 0
	}
	letters := 0
	for i := 0; i+2 <= len(b); i += 2 {
		if r := rune(order.Uint16(b[i:])); unicode.IsLetter(r) || unicode.IsMark(r) || ' ' <= r && r < 0x7f || r == '\n' || r == '\r' || r == '\t' {
			letters++
		}
	}
	if letters*20 < len(b)/2*19 {
		return nil, 0
	}
	return order, 2
}

// wide looks at a text in UTF-16 or UTF-32 as UTF-8, a window at a time, and
// tells whether it is such a text.
func (c *scan) wide() bool {
	order, size := wideness(c.text)
	if size == 0 {
		return false
	}
	w := c.workspace()
	defer c.release(w)
	const overlap = maxIsland / 8
	for i := 0; i < len(c.text) && c.room > 0; i += maxIsland - overlap {
		m := mapping{places: w.places[:0]}
		end := min(len(c.text), i+maxIsland)
		w.out = narrow(w.out[:0], c.text[i:end], i, order, size, &m)
		w.places = m.places
		c.look(w.out, &m, 0)
		if end == len(c.text) {
			break
		}
	}
	return true
}

// narrow appends text, which starts at base, to dst as UTF-8.
func narrow(dst, text []byte, base int, order binary.ByteOrder, size int, m *mapping) []byte {
	way := wayUTF16
	if size == 4 {
		way = wayUTF32
	}
	i := 0
	for i+size <= len(text) {
		n := size
		var r rune
		if size == 4 {
			r = rune(order.Uint32(text[i:]))
		} else if r = rune(order.Uint16(text[i:])); utf16.IsSurrogate(r) && i+4 <= len(text) {
			r, n = utf16.DecodeRune(r, rune(order.Uint16(text[i+2:]))), 4
		}
		if r < utf8.RuneSelf && r >= 0 {
			m.add(len(dst), base+i, uint8(size), way)
			dst = append(dst, byte(r))
		} else {
			m.add(len(dst), base+i, 0, way)
			dst = utf8.AppendRune(dst, r)
		}
		i += n
	}
	m.end = base + i
	return dst
}
