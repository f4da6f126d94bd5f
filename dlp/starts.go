package dlp

// wordStarts tells where in a text one of some words may start, by its first two
// bytes: most places of most values are passed over by one look.
type wordStarts [1 << 10 / 64]uint64

func (s *wordStarts) add(word string) {
	if len(word) > 1 {
		s.addPair(word[0], word[1])
		return
	}
	for next := range 256 {
		s.addPair(word[0], byte(next))
	}
}

func (s *wordStarts) addPair(a, b byte) {
	k := startOf(a, b)
	s[k>>6] |= 1 << (k & 63)
}

// startOf folds two bytes into a number below 1024.
func startOf(a, b byte) int { return int(fold(a))<<5&1023 ^ int(fold(b)) }

// in reports whether text holds one of words, which are those that were added, in
// any letter case.
func (s *wordStarts) in(text []byte, words []string) bool {
	for i := range text {
		next := byte(0)
		if i+1 < len(text) {
			next = text[i+1]
		}
		if k := startOf(text[i], next); s[k>>6]>>(k&63)&1 == 0 {
			continue
		}
		for _, w := range words {
			if i+len(w) <= len(text) && equalFold(text[i:i+len(w)], w) {
				return true
			}
		}
	}
	return false
}
