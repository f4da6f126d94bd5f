package dlp

import (
	"bytes"
	"math/bits"
	"unicode"
	"unicode/utf8"
)

// capitals returns a word with the high bit of each byte of x set that is below '+',
// as low says, and stands in front of a capital: a byte with bit 6 but without bit 5,
// which the first byte of a capital of Latin, Greek and Cyrillic is.
func capitals(x, low uint64) uint64 { return low & (x >> 7) &^ (x >> 6) }

// mostGiven bounds the first word of a name, in bytes.
const mostGiven = 40

// capitals looks at the blanks in the eight bytes at i that a word with a capital
// follows.
func (c *scan) capitals(i int, blanks uint64) {
	for ; blanks != 0; blanks &= blanks - 1 {
		at := i + bits.TrailingZeros64(blanks)/8
		if at+1 >= len(c.text) || len(c.s.names) == 0 {
			continue
		}
		if at > c.nameDone && c.text[at] == ' ' {
			c.name(at)
		}
		if at+1 > c.aloneDone {
			c.aloneDone = at + 1 // windows overlap
			c.alone(at + 1)
		}
	}
}

// name tries the names whose first word ends at the blank, or before the particles
// in front of it.
func (c *scan) name(blank int) {
	if startsInitial(c.text[blank+1:]) && c.roleBefore(blank+1) != noRole && !c.spent(blank) {
		c.nameFrom(blank+1, blank+1, fullRole)
		return
	}
	from, to := c.firstWord(blank)
	if from < 0 || c.insideWord(from) {
		return
	}
	if isRole(c.text[from:to]) {
		return // the name starts behind it
	}
	known := mayBeName(c.text[from:to], c.text[blank+1:])
	role := c.roleBefore(from)
	if role == noRole && c.signedPair(from, to, blank, known) {
		role = signRole
	}
	if !known && role != signRole && (role != fullRole || inUpper(c.text[from:to]) && inUpper(c.text[blank+1:])) || c.spent(from) {
		return
	}
	c.nameFrom(from, blank, role)
}

// inUpper reports whether the first two letters of text are capitals.
func inUpper(text []byte) bool { return len(text) > 1 && isUpper(text[0]) && isUpper(text[1]) }

// startsInitial reports whether text starts with a letter and a dot.
func startsInitial(text []byte) bool {
	return len(text) > 3 && (text[1] == '.' || text[0] >= utf8.RuneSelf && text[2] == '.')
}

// nameFrom tries the names that start at from and go on behind the blank.
func (c *scan) nameFrom(from, blank int, role roleBehind) {
	for _, d := range c.s.names {
		if d.alone || d.role && role == noRole {
			continue
		}
		end, work := d.auto.match(c.text, from)
		c.work += work + workTry
		if end > blank {
			end = from + ownWords(c.text[from:end], role)
			c.nameDone = max(c.nameDone, end)
			if public(c.text[from:end]) {
				c.publicEnd = end
			}
			if c.judge(d, from, end, false) {
				c.aloneDone = max(c.aloneDone, end)
			}
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
	for from < i && c.text[from] >= utf8.RuneSelf { // a quotation mark is no part of it
		r, n := utf8.DecodeRune(c.text[from:i])
		if unicode.IsLetter(r) {
			break
		}
		from += n
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
// with a capital only those that are names may stand ("Anna Berg Urlaub"), behind a
// role those that are no ordinary words. What a dash joins is one word, and initials
// and particles are none.
func ownWords(match []byte, role roleBehind) int {
	own := 0
	for i, n := 0, 0; i < len(match); {
		var buf [mostGiven]byte
		word, capital, size := nextWord(buf[:0], match[i:])
		joined := i > 0 && (match[i-1] == '-' || match[i-1] == '\'')
		end := min(i+size, len(match))
		i = end
		if len(word) == 0 || !capital {
			continue
		}
		if len(word) > 1 && !joined && !particle(word) {
			n++
		}
		if n > 2 && !joined && !surname(word) && !givenNames().has(word) && (role == noRole || plainWords().has(word)) {
			return own
		}
		if own = end; own < len(match) {
			own = len(bytes.TrimRight(match[:own], " ,"))
		}
	}
	return own
}
