package dlp

import (
	"unicode"
	"unicode/utf8"
)

// checkMark asks of what stands around a word of marks that it is one: a mark is known
// by the kinds of its words and by how it is set off, as there are too many to list.
const checkMark = "mark"

// How far a mark goes from the word that gives it away, in bytes, and how many words and
// bytes it has.
const (
	markBefore = 120
	markAfter  = 280
	markWords  = 48
	markBytes  = 480
)

// markWord is a word, or several that are one entry of the vocabulary.
type markWord struct {
	from, to int // in the text
	kind     markKinds
	loud     bool // in capitals
	capital  bool // starts with one, or with a digit, or is of a script without capitals
	digit    bool
	caseless bool
	gap      byte // what parts it from the word before: ' ', ',', '.', '(' , ')' or '-' for all else
}

// markPiece is the part of a text around a word of marks.
type markPiece struct {
	text   []byte
	lo, hi int // its bounds: of the line, or of what is set off
	words  [markWords]markWord
	n      int
}

// markAt returns where the mark lies that the word at i gives away.
func markAt(text []byte, i int, work *int) (from, to int, ok bool) {
	if !markMayStart(text, i) {
		return 0, 0, false
	}
	var p markPiece
	p.text = text
	p.bound(i)
	*work += p.hi - p.lo
	p.read()
	k := p.wordAt(i)
	if k < 0 {
		return 0, 0, false
	}
	switch p.words[k].kind {
	case markLabel:
		return p.labelled(k)
	case markEmbargo:
		if from, to, ok = p.embargo(k); ok {
			return from, to, true
		}
		return p.banner(k)
	case markLevel, markHandle, markWeak:
		if to := p.words[k].to; to < len(text) && text[to] == '_' {
			return 0, 0, false
		}
		if from, to, ok = p.banner(k); !ok {
			from, to, ok = p.notice(k)
		}
		return from, to, ok
	}
	return 0, 0, false
}

// markMayStart reports whether a word starts at i.
func markMayStart(text []byte, i int) bool {
	if i == 0 {
		return true
	}
	if text[i-1] == 'n' && i > 1 && text[i-2] == '\\' {
		return true
	}
	if anywhere(text[i:min(len(text), i+utf8.UTFMax)]) {
		return true
	}
	r, _ := utf8.DecodeLastRune(text[:i])
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' || text[i] == ' '
}
