package dlp

import "bytes"

// Marks of emphasis that are letters to the scanner: in Markdown "_4111_" is a word
// with marks around it. Asterisks part words anyway.

const (
	maxEmphasis   = 128 // bytes between the marks,
	leastEmphasis = 8   // of which one is a digit: "__init__" is a name
)

// emphasis returns the text between marks that open at i, and the end of those that
// close it; to is 0 if there is none.
func emphasis(text []byte, i int) (from, to, end int) {
	if i > 0 && isWord[text[i-1]] {
		return 0, 0, 0
	}
	from = i
	for from < len(text) && text[from] == '_' {
		from++
	}
	marks, digit := from-i, false
	if from == len(text) || marks > 3 || !isAlnum(text[from]) {
		return 0, 0, 0
	}
	for to = from; to < len(text) && to-from < maxEmphasis; to++ {
		switch x := text[to]; {
		case isDigit(x):
			digit = true
		case x == '\n', x == '_' && !isAlnum(text[to-1]):
			return 0, 0, 0
		case x == '_' && isClosing(text, to, marks):
			if !digit || to-from < leastEmphasis {
				return 0, 0, 0
			}
			return from, to, to + marks
		}
	}
	return 0, 0, 0
}

// isClosing reports whether so many marks at i end a word.
func isClosing(text []byte, i, marks int) bool {
	end := i + marks
	if end > len(text) || end < len(text) && isWord[text[end]] {
		return false
	}
	for _, x := range text[i:end] {
		if x != '_' {
			return false
		}
	}
	return true
}

// nextEmphasis returns the next text between marks from i, and where the marks are;
// end is 0 if there is none.
func nextEmphasis(text []byte, i int) (at, from, to, end int) {
	for i < len(text) {
		n := bytes.IndexByte(text[i:], '_')
		if n < 0 {
			break
		}
		i += n
		if from, to, end = emphasis(text, i); end > 0 {
			return i, from, to, end
		}
		for i < len(text) && text[i] == '_' {
			i++
		}
	}
	return 0, 0, 0, 0
}

// emphasized looks at texts without the marks around them, those that stand near one
// another in one view, with their surroundings.
func (c *scan) emphasized() {
	w := c.workspace()
	defer c.release(w)
	text, done := c.text, 0
	at, from, to, end := nextEmphasis(text, 0)
	for end > 0 && c.room > 0 {
		first := max(done, at-around)
		m := mapping{places: w.places[:0]}
		m.add(0, first, 1, 0)
		out := w.out[:0]
		for k := first; ; k = done {
			out = append(out, text[k:at]...)
			m.add(len(out), at, 0, wayTags)
			m.add(len(out), from, 1, 0)
			out = append(out, text[from:to]...)
			m.add(len(out), to, 0, wayTags)
			m.add(len(out), end, 1, 0)
			done = end
			at, from, to, end = nextEmphasis(text, done)
			if end == 0 || at > done+around || at > first+maxIsland {
				break
			}
		}
		m.end = min(len(text), done+around)
		out = append(out, text[done:m.end]...)
		w.out, w.places = out, m.places
		c.look(out, &m, 0)
	}
}
