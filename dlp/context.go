package dlp

import "bytes"

const (
	maxWithin   = 200 // bytes before a match in which a context word may stand
	afterWithin = 24  // and after it, where forms put the unit or the kind
)

// window is the folded text around one place, kept for the detectors that ask
// about the same place one after another.
type window struct {
	from, to int // 0, 0: none
	buf      [maxWithin + afterWithin]byte
}

// load folds text[from:to] unless it is there already.
func (w *window) load(text []byte, from, to int) []byte {
	if w.from != from || w.to != to {
		w.from, w.to = from, to
		for i, c := range text[from:to] {
			w.buf[i] = fold(c)
		}
	}
	return w.buf[:to-from]
}

// near reports whether one of words stands within reach of text[i:j], and how
// many bytes were looked at.
func (w *window) near(text []byte, words []string, within, i, j int) (found bool, work int) {
	before := w.load(text, max(0, i-within), i)
	work = len(before)
	for _, word := range words {
		if hasWord(before, word) {
			return true, work
		}
	}
	after := w.load(text, j, min(len(text), j+afterWithin))
	work += len(after)
	for _, word := range words {
		if hasWord(after, word) {
			return true, work
		}
	}
	return false, work
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
