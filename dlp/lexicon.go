package dlp

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A lexicon holds words and phrases by their first bytes.
type lexicon struct {
	starts map[uint32][]lexeme // by as many as four bytes
	words  []string            // those that are no more than additions
}

// lexeme is a word, or what words start with.
type lexeme struct {
	text string
	open bool // the word may go on
	more bool // it belongs to the one before it
}

// newLexicon reads entries that commas part, in lines of which those that start
// with a hash are comments.
func newLexicon(file string) *lexicon {
	l := &lexicon{starts: make(map[uint32][]lexeme)}
	for line := range strings.Lines(file) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for entry := range strings.SplitSeq(strings.TrimSpace(line), ",") {
			l.add(strings.TrimSpace(entry))
		}
	}
	return l
}

func (l *lexicon) add(entry string) {
	if entry == "" {
		return
	}
	var e lexeme
	entry, e.more = strings.CutPrefix(entry, "+")
	e.text, e.open = strings.CutSuffix(entry, "*")
	h := headOf([]byte(e.text))
	l.starts[h] = append(l.starts[h], e)
	if !e.more {
		l.words = append(l.words, e.text)
	}
}

// spellings returns the words as a text may have them: with a capital where that is
// no letter of ASCII, whose case a search does not see, and abbreviations in capitals.
func (l *lexicon) spellings() []string {
	var out []string
	for _, w := range l.words {
		out = append(out, w)
		if first := capital(w); first != w {
			out = append(out, first)
			if utf8.RuneCountInString(w) <= longestShort {
				out = append(out, strings.ToUpper(w))
			}
		}
	}
	return out
}

// longestShort is how many letters an abbreviation has at most.
const longestShort = 4

// headOf returns the first four bytes of text, or all of a shorter one.
func headOf(text []byte) (h uint32) {
	for i := range min(4, len(text)) {
		h |= uint32(text[i]) << (8 * i)
	}
	return h
}

// at returns how many bytes of text, in lower case with single blanks, the longest
// entry takes that it starts with, to the end of the word; more: it is one that
// belongs to another.
func (l *lexicon) at(text []byte) (size int, more bool) {
	size, more = longestEntry(l.starts[headOf(text)], text, 0)
	if end := wordEnd(text); end < 4 {
		if n, m := longestEntry(l.starts[headOf(text[:end])], text, size); n > size {
			return n, m
		}
	}
	return size, more
}

// longestEntry returns the longest of entries that text starts with, if it is
// longer than size.
func longestEntry(entries []lexeme, text []byte, size int) (n int, more bool) {
	longest := 0
	for _, e := range entries {
		k := len(e.text)
		if k <= longest || k > len(text) || string(text[:k]) != e.text {
			continue
		}
		end := k
		if !runsOn(text) {
			end += wordEnd(text[k:])
		}
		if end == k || e.open {
			longest, size, more = k, max(size, end), e.more
		}
	}
	return size, more
}

// wordEnd returns the length of the word at the start of text.
func wordEnd(text []byte) (n int) {
	for n < len(text) && text[n] != ' ' {
		n++
	}
	return n
}

// runsOn reports whether text is in a script without blanks, where words end
// anywhere.
func runsOn(text []byte) bool {
	r, _ := utf8.DecodeRune(text)
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}
