package dlp

import "math/bits"

// A list may hold the characters of a value one by one: `"4", "5", "3"`, or
// `[4, 5, 3]`. Whoever reads the list reads the value.

const (
	minListed       = 7                    // characters in quotation marks, one by one, that may be a value,
	minListedDigits = 12                   // and digits without: short ones are lists of digits
	leastKinds      = 5                    // of digits in such a list
	maxListGap      = 12                   // bytes between two of them: a comma, a line break
	beforeListed    = 3 * (maxListGap + 4) // and before the one that is met: windows pass over some
)

// digitsListed are signs of digits that stand one by one in a list.
var digitsListed = []string{", 0, ", ", 1, ", ", 2, ", ", 3, ", ", 4, ", ", 5, ", ", 6, ", ", 7, ", ", 8, ", ", 9, "}

// meetListed notes that characters may stand one by one in a list around i.
func (c *scan) meetListed(i int) {
	if c.signs&signListed == 0 {
		c.signs |= signListed
		c.listedAt = max(0, i-beforeListed)
	}
}

// isListed reports whether one of digitsListed at i is followed by two more digits.
func isListed(text []byte, i int) bool {
	return i+10 < len(text) && isDigit(text[i+5]) && text[i+6] == ',' && isDigit(text[i+8])
}

// quotedOne reports whether a character in quotation marks and a comma stand at i.
func quotedOne(text []byte, i int) bool {
	return i+3 < len(text) && quote[text[i]] && text[i+2] == text[i] && text[i+3] == ',' && isPlain(text[i+1])
}

// oneByOne looks at the characters that stand one by one in lists as what they spell.
func (c *scan) oneByOne() {
	w := c.workspace()
	defer c.release(w)
	text := c.text
	for i := c.listedAt; i+4 < len(text) && c.room > 0; i++ {
		if quotedOne(text, i) && (i == 0 || text[i-1] != text[i]) || isDigit(text[i]) && text[i+1] == ',' && (i == 0 || !isWord[text[i-1]] && text[i-1] != '.') {
			i = c.list(w, i)
		}
	}
}

// list looks at the list that begins at i, and returns the last byte of it that was
// read.
func (c *scan) list(w *workspace, i int) int {
	text := c.text
	mark, least := text[i], minListed
	if isDigit(mark) {
		mark, least = 0, minListedDigits
	}
	w.in, w.inner = w.in[:0], w.inner[:0]
	last := i
	for j := i; j >= 0 && len(w.in) < maxApart; j = nextListed(text, last+1, mark) {
		if mark != 0 {
			j++
		}
		w.inner = append(w.inner, place{view: uint32(len(w.in)), orig: uint32(j), way: waySeparator})
		w.in = append(w.in, text[j])
		if last = j; mark != 0 {
			last++
		}
	}
	if n := len(w.in); n >= least && !binary01(w.in) && (mark != 0 || manyKinds(w.in)) {
		if from, to := int(w.inner[0].orig), int(w.inner[n-1].orig)+1; !c.copied(from, to) {
			c.apart(w, from, to)
		}
	}
	c.seen += (last - i) / 4
	return last
}

// manyKinds reports whether digits are more than a list of few numbers that come
// again and again, as tests have them.
func manyKinds(digits []byte) bool {
	var seen uint16
	for _, x := range digits {
		seen |= 1 << (x - '0')
	}
	return bits.OnesCount16(seen) >= leastKinds
}

// nextListed returns where the next character of a list stands, with its quotation
// mark, if text[i:] goes on with a comma and it; -1 if not.
func nextListed(text []byte, i int, mark byte) int {
	if i >= len(text) || text[i] != ',' {
		return -1
	}
	end := min(len(text), i+maxListGap)
	for i++; i < end && space[text[i]]; i++ {
	}
	switch {
	case i >= end:
		return -1
	case mark == 0:
		if !isDigit(text[i]) || i+1 < len(text) && (isWord[text[i+1]] || text[i+1] == '.') {
			return -1
		}
	case text[i] != mark || i+2 >= len(text) || text[i+2] != mark || text[i+1] < ' ':
		return -1
	}
	return i
}
