package dlp

// isID reports whether a column holds the numbers of rows: these stay, as other tables
// refer to them.
func isID(name []byte) bool {
	if len(name) < 2 || len(name) > 2 && name[len(name)-3] != '_' && !isLower(name[len(name)-3]) || fold(name[len(name)-2]) != 'i' || fold(name[len(name)-1]) != 'd' {
		return false
	}
	for _, of := range []string{"tax", "nation", "personal", "citizen", "social", "passport", "vat", "steuer", "fiscal"} {
		if len(name) > len(of) && equalFold(name[:len(of)], of) {
			return false
		}
	}
	return len(name) == 2 || name[len(name)-3] == '_' || isUpper(name[len(name)-2]) // user_id, userId
}

// saysColumn reports whether the values of a column of this name are worth a look.
func (s *Scanner) saysColumn(name []byte) bool {
	if len(name) == 0 || len(name) > maxHeadName {
		return false
	}
	if s.hasContext(name) {
		return true
	}
	var buf [maxHeadName + 2]byte
	text := append(append(append(buf[:0], ','), name...), ',')
	for i := 0; i < len(text); i += stride {
		x := window(text, i) | folded
		y := x << 8
		if i > 0 {
			y |= uint64(text[i-1] | 0x20)
		}
		for k, g := range [...]uint64{y & five, y >> 16 & five, x >> 24} {
			at := i + 2*k
			if s.filter.inLong(g) != 0 && s.hasColumnSign(s.filter.byLong.at(hashFive(g)), text, at) {
				return true
			}
			in := s.filter.inShort(g)
			if uint32(in) != 0 && s.hasColumnSign(s.filter.byShort.at(shortHash(uint32(g>>8)&0xffffff)), text, at) {
				return true
			}
			if in>>32 != 0 && s.hasColumnSign(s.filter.byShort.at(shortHash(uint32(g>>16))), text, at+1) {
				return true
			}
		}
	}
	return false
}

func (s *Scanner) hasColumnSign(entries []entry, text []byte, i int) bool {
	for k := range entries {
		e := &entries[k]
		if w := &s.filter.words[e.word]; w.sign&signColumn != 0 && e.is(text, i) && w.is(text, i-int(e.offset)) {
			return true
		}
	}
	return false
}
