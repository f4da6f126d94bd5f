package document

import "encoding/binary"

// trueTypeGlyphs returns the characters of the glyphs of a TrueType font by its
// table "cmap" (OpenType specification), formats 4 and 12. Damaged fonts give less.
func trueTypeGlyphs(font []byte) map[uint32]rune {
	table := trueTypeTable(font, "cmap")
	if len(table) < 4 {
		return nil
	}
	out := map[uint32]rune{}
	for i := 0; i < int(binary.BigEndian.Uint16(table[2:])) && 12+8*i <= len(table); i++ {
		off := int64(binary.BigEndian.Uint32(table[8+8*i:]))
		if off+16 > int64(len(table)) {
			continue
		}
		switch sub := table[off:]; binary.BigEndian.Uint16(sub) {
		case 4:
			cmapFormat4(sub, out)
		case 12:
			cmapFormat12(sub, out)
		}
	}
	return out
}

func trueTypeTable(font []byte, tag string) []byte {
	if len(font) < 12 {
		return nil
	}
	for i := 0; i < int(binary.BigEndian.Uint16(font[4:])) && 28+16*i <= len(font); i++ {
		rec := font[12+16*i:]
		if string(rec[:4]) != tag {
			continue
		}
		off, n := int64(binary.BigEndian.Uint32(rec[8:])), int64(binary.BigEndian.Uint32(rec[12:]))
		if off > int64(len(font)) {
			return nil
		}
		return font[off:min(int64(len(font)), off+n)]
	}
	return nil
}

func cmapFormat4(t []byte, out map[uint32]rune) {
	n := int(binary.BigEndian.Uint16(t[6:])) / 2
	if 16+8*n > len(t) {
		return
	}
	word := func(at int) int {
		if at+2 > len(t) {
			return 0
		}
		return int(binary.BigEndian.Uint16(t[at:]))
	}
	for i := range n {
		end, start := word(14+2*i), word(16+2*n+2*i)
		delta, at := word(16+4*n+2*i), 16+6*n+2*i
		offset := word(at)
		for c := start; c <= end && c < 0xffff; c++ {
			g := c + delta
			if offset != 0 {
				if g = word(at + offset + 2*(c-start)); g != 0 {
					g += delta
				}
			}
			setGlyph(out, uint32(g&0xffff), rune(c))
		}
	}
}

func cmapFormat12(t []byte, out map[uint32]rune) {
	n := int64(binary.BigEndian.Uint32(t[12:]))
	for t = t[16:]; n > 0 && len(t) >= 12; n, t = n-1, t[12:] {
		start, end, g := binary.BigEndian.Uint32(t), binary.BigEndian.Uint32(t[4:]), binary.BigEndian.Uint32(t[8:])
		for c := start; c <= end && c-start < 1<<16 && c <= 0x10ffff; c++ {
			setGlyph(out, g+c-start, rune(c))
		}
		if len(out) >= 1<<16 {
			return
		}
	}
}

// setGlyph keeps the first character of a glyph. A font has at most 65,536.
func setGlyph(out map[uint32]rune, g uint32, c rune) {
	if _, ok := out[g]; !ok && g != 0 && g < 1<<16 {
		out[g] = c
	}
}
