package dlp

import (
	_ "embed"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// numbered.txt is what numbers are called, in all languages.
//
//go:embed numbered.txt
var numberedText string

// called.txt is by which words people give a telephone number, by language.
//
//go:embed called.txt
var calledText string

// The kinds of words of numbered.txt.
const (
	isThing    toldKind = 1 << iota // what somebody has that is numbered: a policy, a meter
	isWeak                          // the same of words that mean much else: a card
	isBank                          // an account
	isNumber                        // "number", "ref"
	isOther                         // what is numbered and nobody's own: an invoice, a page
	isUnit                          // what is counted
	isPhone                         // what is called
	isOfficial                      // what the state numbers: other checks know these
)

var numberedNames = []string{"thing", "weak", "bank", "number", "other", "unit", "phone", "official"}

// numberedWords holds the words of numbered.txt.
var numberedWords = sync.OnceValue(func() *toldLexicon {
	l := newToldLexicon()
	kind := toldKind(0)
	for line := range strings.Lines(numberedText) {
		switch line = strings.TrimSpace(line); {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			kind = 0
			for name := range strings.FieldsSeq(strings.Trim(line, "[]")) {
				kind |= 1 << slices.Index(numberedNames, name)
			}
		default:
			l.addLine(line, kind)
		}
	}
	return l
})

// callLexicon holds the words of called.txt: their kinds are bits of languages.
type callLexicon struct {
	*toldLexicon
	regions [][]*dialPlan // of each language
}

var callWords = sync.OnceValue(func() *callLexicon {
	l := &callLexicon{toldLexicon: newToldLexicon()}
	kind := toldKind(0)
	for line := range strings.Lines(calledText) {
		switch line = strings.TrimSpace(line); {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			kind = 1 << len(l.regions)
			l.regions = append(l.regions, together(strings.Fields(strings.Trim(line, "[]"))))
		default:
			l.addLine(line, kind)
		}
	}
	return l
})

const (
	numberedBefore = 110 // bytes before a number that are read,
	numberedAfter  = 64  // and behind it
	mostBetween    = 10  // digits of others between it and a word
	numberedWide   = 14  // words before it,
	numberedAhead  = 8   // and behind it
)

// numberedWord is a word near a number.
type numberedWord struct {
	kind  toldKind
	langs toldKind // those in which it speaks of calling
	gap   uint8    // what parts it from the word or number nearer to the number
}

// The kinds of gaps between words.
const (
	gapStop  = 1 << iota // the end of a sentence
	gapLine              // of a line
	gapDigit             // another number
	gapComma
)

// numberedAround is what stands around a number: the nearest first.
type numberedAround struct {
	before [numberedWide]numberedWord
	after  [numberedAhead]numberedWord
	n, m   int
	langs  toldKind
}

// numberedSeen remembers by its place what a word is: those between two numbers are read
// for both.
type numberedSeen [64]struct {
	from, to    int32
	kind, langs toldKind
}

// look is look for the word text[from:to], which may have been looked up before.
func (s *numberedSeen) look(w *numberedWord, text []byte, from, to int) int {
	if s == nil || to > math.MaxInt32 {
		return look(w, text[from:to])
	}
	known := &s[from%len(s)]
	if int(known.from) == from && int(known.to) == to {
		*w = numberedWord{kind: known.kind, langs: known.langs}
		return 1
	}
	work := look(w, text[from:to])
	known.from, known.to, known.kind, known.langs = int32(from), int32(to), w.kind, w.langs
	return work
}

// read reads the words around text[i:j] and returns what that took.
func (a *numberedAround) read(text []byte, i, j int, seen *numberedSeen) (work int) {
	return a.readBefore(text, i, seen) + a.readBehind(text, j, seen)
}

// readBefore reads the words before i, up to another number of many digits.
func (a *numberedAround) readBefore(text []byte, i int, seen *numberedSeen) (work int) {
	gap, digits, end := uint8(0), 0, max(0, i-numberedBefore)
	for k := i; k > end && a.n < len(a.before); {
		r, n := utf8.DecodeLastRune(text[:k])
		if !isWordLetter(r) {
			if gap |= gapBefore(text, k, r); r < utf8.RuneSelf && isDigit(byte(r)) {
				if digits++; digits > mostBetween {
					end = k
				}
			}
			k -= n
			continue
		}
		to := k
		for k > end && isWordLetter(r) {
			k -= n
			last := r
			if r, n = utf8.DecodeLastRune(text[:k]); unicode.IsUpper(last) && unicode.IsLower(r) || joinedScript(last) != joinedScript(r) {
				break
			}
		}
		if k == end && end > 0 { // a part of a word
			break
		}
		if r == '/' && to-k <= 2 {
			k = slashedStart(text, k)
		}
		w := &a.before[a.n]
		a.n++
		work += seen.look(w, text, k, to)
		a.langs |= w.langs
		if w.gap, gap = gap, 0; w.kind&isNumber != 0 {
			w.gap &^= gapStop // "Nr."
		}
		if r == '°' || r == 'º' || r == '№' || r == '#' {
			w.kind |= isNumber
		}
	}
	return work + (i-end)/2
}

// slashedStart returns where the short word at k starts with the letter that a slash
// joins to it, "a/c", or k.
func slashedStart(text []byte, k int) int {
	r, n := utf8.DecodeLastRune(text[:k-1])
	if !isWordLetter(r) {
		return k
	}
	if before, _ := utf8.DecodeLastRune(text[:k-1-n]); isWordLetter(before) {
		return k
	}
	return k - 1 - n
}

// readBehind reads the words from j on, to the end of the line.
func (a *numberedAround) readBehind(text []byte, j int, seen *numberedSeen) (work int) {
	gap := uint8(0)
	for k := j; k < len(text) && k < j+numberedAfter && a.m < len(a.after); {
		r, n := utf8.DecodeRune(text[k:])
		if !isWordLetter(r) {
			if gap |= gapAfter(text, k, r); gap&gapLine != 0 {
				break
			}
			k += n
			continue
		}
		from := k
		for k < len(text) && k-from < longestTold && isWordLetter(r) {
			k += n
			last := r
			if r, n = utf8.DecodeRune(text[k:]); unicode.IsLower(last) && unicode.IsUpper(r) || joinedScript(last) != joinedScript(r) {
				break
			}
		}
		w := &a.after[a.m]
		a.m++
		work += seen.look(w, text, from, k)
		w.gap, gap = gap, 0
	}
	return work + numberedAfter/2
}

// isWordLetter reports whether r is a part of a word.
func isWordLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return isAlpha(byte(r))
	}
	return unicode.IsLetter(r) || unicode.IsMark(r)
}

// gapBefore tells what r, which ends at k, is between two words. A dot behind a short
// word is one of an abbreviation.
func gapBefore(text []byte, k int, r rune) uint8 {
	if r == ';' || r == '.' && k > 4 && k < len(text) && text[k] == ' ' && isAlpha(text[k-2]) && isAlpha(text[k-3]) && isAlpha(text[k-4]) && isAlpha(text[k-5]) {
		return gapStop
	}
	return gapKind(r)
}

// gapAfter tells what r at k is.
func gapAfter(text []byte, k int, r rune) uint8 {
	if r == '.' && (k+1 == len(text) || space[text[k+1]]) {
		return gapStop
	}
	return gapKind(r)
}

// gapKind tells what r is in any place.
func gapKind(r rune) uint8 {
	switch r {
	case '\n':
		return gapLine
	case '?', '!', '。':
		return gapStop
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return gapDigit
	case ',', ';', '(', ')', '、', '，':
		return gapComma
	}
	return 0
}

// look looks word up for w and returns what that took.
func look(w *numberedWord, word []byte) int {
	*w = numberedWord{}
	if len(word) > longestTold {
		return len(word)
	}
	ids, calls := numberedWords(), callWords()
	if r, _ := utf8.DecodeRune(word); joinedScript(r) {
		w.kind, _ = ids.ofJoined(word)
		w.langs, _ = calls.ofJoined(word)
		return 4 * len(word)
	}
	var buf [longestTold]byte
	lower := lowerWord(buf[:0], word)
	w.kind, w.langs = ids.of(lower), calls.of(lower)
	if n := len(lower); n > 4 && (string(lower[n-2:]) == "nr" || string(lower[n-2:]) == "no" && ids.of(lower[:n-2]) != 0) {
		w.kind |= isNumber
	}
	return 2 * len(word)
}
