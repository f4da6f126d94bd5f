package dlp

import "bytes"

const (
	maxWithin   = 200 // bytes before a match in which a context word may stand
	afterWithin = 48  // and after it, where forms put the unit or the kind
)

// window is the folded text around one place, kept for the detectors that ask
// about the same place one after another.
type window struct {
	from, to int    // 0, 0: none
	initials uint32 // of its words, see initial
	buf      [maxWithin]byte
}

// load folds text[from:to] unless it is there already, and reports whether it
// had to.
func (w *window) load(text []byte, from, to int) bool {
	if w.from == from && w.to == to {
		return false
	}
	w.from, w.to, w.initials = from, to, 0
	inside := false
	for i, c := range text[from:to] {
		c = fold(c)
		w.buf[i] = c
		letter := isLower(c) || c >= 0x80
		if letter && (!inside || c >= 0x80) { // scripts without blanks: any byte may start a word
			w.initials |= initial(c)
		}
		inside = letter
	}
	return true
}

// initial maps the first byte of a word to one of 32 bits.
func initial(c byte) uint32 { return 1 << (c & 31) }

// has reports whether one of words stands in the window, and how many bytes were
// looked at.
func (w *window) has(words []string) (found bool, work int) {
	s := w.buf[:w.to-w.from]
	for _, word := range words {
		if w.initials&initial(word[0]) == 0 {
			continue
		}
		work += 8 + len(s)/8
		if hasWord(s, word) {
			return true, work
		}
	}
	return false, work
}

// surroundings are the windows before and after one place.
type surroundings struct{ before, after window }

// have reports whether one of words stands within reach of text[i:j], and how
// many bytes were looked at.
func (s *surroundings) have(text []byte, words []string, within, i, j int) (found bool, work int) {
	if s.before.load(text, max(0, i-within), i) {
		work += within
	}
	found, n := s.before.has(words)
	if work += n; found {
		return true, work
	}
	if s.after.load(text, j, min(len(text), j+afterWithin)) {
		work += afterWithin
	}
	found, n = s.after.has(words)
	return found, work + n
}

// hasWord reports whether word stands in s as a word of its own. A long word may
// go on ("passport" in "passports").
func hasWord(s []byte, word string) bool {
	for {
		i := bytes.Index(s, []byte(word))
		if i < 0 {
			return false
		}
		end := i + len(word)
		if (i == 0 || !isAlpha(s[i-1])) && (len(word) > 5 || end == len(s) || !isAlpha(s[end])) {
			return true
		}
		s = s[i+1:]
	}
}

// containsFold reports whether s has the lower-case text sub in any letter case.
func containsFold(s []byte, sub string) bool {
	for i := 0; i+len(sub) <= len(s); i++ {
		k := 0
		for k < len(sub) && fold(s[i+k]) == sub[k] {
			k++
		}
		if k == len(sub) {
			return true
		}
	}
	return false
}
