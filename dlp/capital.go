package dlp

import (
	"bytes"
	"math/bits"
	"unicode"
	"unicode/utf8"
)

// capitals returns a word with the high bit of each byte of x set that is below '+',
// as low says, and stands between a letter and a capital: a byte with bit 6 but
// without bit 5, which the first byte of a capital of Latin, Greek and Cyrillic is.
func capitals(x, low uint64) uint64 { return low & (x >> 7) &^ (x >> 6) & (x<<9 | x<<8) }

// mostGiven bounds the first word of a name, in bytes.
const mostGiven = 40

// capitals looks at the blanks in the eight bytes at i that a word with a capital
// follows.
func (c *scan) capitals(i int, blanks uint64) {
	for ; blanks != 0; blanks &= blanks - 1 {
		if at := i + bits.TrailingZeros64(blanks)/8; at > c.nameDone && at+1 < len(c.text) && c.text[at] == ' ' && len(c.s.names) > 0 {
			c.name(at)
		}
	}
}

// name tries the names whose first word ends at the blank, or before the particles
// in front of it.
func (c *scan) name(blank int) {
	from, to := c.firstWord(blank)
	if from < 0 || c.insideWord(from) || !mayBeName(c.text[from:to], c.text[blank+1:]) || c.spent(from) {
		return
	}
	for _, d := range c.s.names {
		end, work := d.auto.match(c.text, from)
		c.work += work + workTry
		if end > blank {
			end = from + ownWords(c.text[from:end])
			c.nameDone = max(c.nameDone, end)
			if public(c.text[from:end]) {
				c.publicEnd = end
			}
			c.judge(d, from, end, false)
		}
	}
}

// mostParticles is how many particles a name has in a row: "van der".
const mostParticles = 3

// firstWord returns the word with a capital that ends at the blank or before the
// particles in front of it; from is -1 if there is none.
func (c *scan) firstWord(blank int) (from, to int) {
	for range mostParticles + 1 {
		from, to = c.wordBefore(blank), blank
		if from < 0 || !isLower(c.text[from]) {
			break
		}
		if from < 2 || c.text[from-1] != ' ' || !particle(c.text[from:to]) {
			return -1, 0
		}
		blank = from - 1
	}
	if from < 0 {
		return -1, 0
	}
	if r, _ := utf8.DecodeRune(c.text[from:to]); !unicode.IsUpper(r) {
		return -1, 0
	}
	return from, to
}

// particle reports whether word may stand between a first name and a surname.
func particle(word []byte) bool {
	switch string(word) {
	case "van", "von", "vom", "zu", "zum", "zur", "der", "den", "de", "del", "des", "di", "da", "do", "dos", "das", "du", "la", "le", "ter", "ten", "bin", "ben", "al", "el", "af", "av", "y", "e", "i":
		return true
	}
	return false
}

// wordBefore returns where the word starts that ends at i, or -1 if none does.
func (c *scan) wordBefore(i int) int {
	from := i
	for from > 0 && i-from < mostGiven && inName(c.text[from-1]) {
		from--
	}
	if from == i || from > 0 && inName(c.text[from-1]) {
		return -1
	}
	return from
}

// inName reports whether c may be a byte of a part of a name.
func inName(c byte) bool { return isAlpha(c) || c >= utf8.RuneSelf || c == '-' || c == '\'' }

// mayBeName reports whether word, behind which next stands, may be the first of a
// name: a first name, or a word that is none of ordinary language with the other part
// behind it.
func mayBeName(word, next []byte) bool {
	var a, b [mostGiven]byte
	first, _, _ := nextWord(a[:0], word)
	if givenNames().has(first) {
		return true
	}
	second, capital, _ := nextWord(b[:0], next[:min(len(next), mostGiven)])
	if !capital || plainWords().has(first) {
		return false
	}
	return surname(second) || givenNames().has(second) && surname(first)
}

// ownWords returns how many bytes of a match are the name: behind its second word
// with a capital only those that are names may stand ("Anna Berg Urlaub").
func ownWords(match []byte) int {
	own := 0
	for i, n := 0, 0; i < len(match); {
		var buf [mostGiven]byte
		word, capital, size := nextWord(buf[:0], match[i:])
		end := min(i+size, len(match))
		i = end
		if len(word) == 0 || !capital {
			continue
		}
		if n++; n > 2 && len(word) > 1 && !surname(word) && !givenNames().has(word) {
			return own
		}
		if own = end; own < len(match) {
			own = len(bytes.TrimRight(match[:own], " ,"))
		}
	}
	return own
}
