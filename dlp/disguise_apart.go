package dlp

import "bytes"

// setApart tells what may stand between the letters of a value that are set
// apart.
var setApart = table(" .-_*|/,:;+~=\n\t")

const (
	minApart = 5   // characters, each set apart, that may be a value
	maxApart = 400 // and the most that are looked at

	maxWordApart = 48 // bytes of a word before the sign that it is set apart

	manyApart = 32 // values of one text whose surroundings are looked at, too
)

// wordsApart stand between two words whose characters are set apart: "m.y. .c.a.r.d".
// Blanks between words end what looks like a long run.
var wordsApart = []string{". .", "- -", "_ _", "/ /", "| |", "* *", ", ,"}

// meetApart notes the sign of characters that are set apart on both sides of one of
// wordsApart at i.
func (c *scan) meetApart(i int) {
	x := c.text[i]
	if i < 2 || i+4 >= len(c.text) || !isPlain(c.text[i-1]) || c.text[i-1] == x || c.text[i-2] != x || !isPlain(c.text[i+3]) || c.text[i+3] == x || c.text[i+4] != x {
		return
	}
	c.signs |= signSpaced
	c.apartAt = min(c.apartAt, max(0, i-maxWordApart))
}

// alternating looks for three blanks or other marks of one kind with one character
// between each two of them, of which the first is one of the four bytes at i.
func (c *scan) alternating(i int) {
	for k := i; k < i+4; k++ {
		x := c.text[k]
		if setApart[x] && c.text[k+2] == x && c.text[k+4] == x && c.text[k+1] > ' ' && c.text[k+3] > ' ' {
			c.signs |= signSpaced
			c.apartAt = min(c.apartAt, max(0, k-maxWordApart))
		}
		if quotedOne(c.text, k) && (c.text[k+4] == x || space[c.text[k+4]]) {
			c.meetListed(k)
		}
	}
}

// spaced looks at letters and digits that stand one by one ("4 1 1 1", "s-k-a")
// as if nothing stood between them but a blank where words end ("m y   c a r d",
// "m.y. .c.a.r.d").
func (c *scan) spaced() {
	w := c.workspace()
	defer c.release(w)
	text := c.text
	for i := c.apartAt; i+2*minApart-1 <= len(text) && c.room > 0; i++ {
		x := text[i+1]
		if text[i+3] != x || text[i+5] != x || !setApart[x] || text[i] <= ' ' || text[i+2] <= ' ' {
			continue
		}
		gap := 1
		for gap < 3 && text[i+1+gap] == x {
			gap++
		}
		if gap > 1 || i > 0 && isAlnum(text[i-1]) {
			continue
		}
		switch j := w.words(text, i, x); {
		case len(w.in) < minApart:
		case binary01(w.in):
			i += w.moreBits(text, i, x)
		case !c.copied(i, j):
			c.apart(w, i, j)
			i = j
		}
	}
}

// words puts the characters from text[i] that have x between them into w.in, and where
// they stand into w.inner. It returns where they end.
func (w *workspace) words(text []byte, i int, x byte) (end int) {
	m := mapping{places: w.inner[:0]}
	w.in = w.in[:0]
	for end = i; len(w.in) < maxApart; {
		var next int
		if end, next = w.word(&m, text, end, x); next == 0 {
			break
		}
		m.add(len(w.in), end, 0, waySeparator)
		w.in = append(w.in, ' ')
		end = next
	}
	w.inner = m.places
	return end
}

// moreBits returns how many bytes of text from i on are bits with x between, such that
// w.in would be bits again if it had begun at any of them: without most of these, with
// as many other characters at its end. A long row is not read from each of its bits.
func (w *workspace) moreBits(text []byte, i int, x byte) int {
	zeros, ones, size := bytes.Count(w.in, []byte{'0'}), bytes.Count(w.in, []byte{'1'}), len(w.in)
	if size >= maxApart-1 {
		size = maxApart + 1
	}
	most := min((4*(zeros+ones)-3*size)/4, (3*zeros-size)/3) - 1
	from := i
	for n := 0; n < most; {
		switch {
		case (text[i] == '0' || text[i] == '1') && text[i+1] == x:
			n, i = n+1, i+2
		case x == ' ' && text[i] == x: // the end of a word
			i++
		default:
			n = most
		}
	}
	return max(0, i-from-2) // others may begin with the last x
}

// word appends to w.in the characters from text[i] that have x between them. It
// returns where they end, and where the next word begins: 0, if there is none.
func (w *workspace) word(m *mapping, text []byte, i int, x byte) (end, next int) {
	first, from := len(w.in), i
	for len(w.in) < maxApart {
		w.in = append(w.in, text[i])
		if i++; i+1 >= len(text) || text[i] != x || !isPlain(text[i+1]) {
			break
		}
		i++
	}
	next = wordApart(text, i, x)
	if n := len(w.in) - first; next == 0 && n > 1 && i < len(text) && isAlnum(text[i]) { // the last one begins a word
		w.in, i = w.in[:len(w.in)-1], i-2
	}
	last := len(w.in) - 1 // has nothing behind it
	if last > first {
		m.add(first, from, 2, waySeparator)
	}
	m.add(last, i-1, 0, waySeparator)
	return i, next
}

// wordApart returns where the next word of characters that are set apart begins,
// if only what parts words stands between text[i] and it, else 0.
func wordApart(text []byte, i int, x byte) int {
	j := i
	if x == ' ' {
		for j < i+3 && j < len(text) && text[j] == x {
			j++
		}
		if j == i+1 {
			return 0
		}
	} else {
		if j < len(text) && text[j] == x {
			j++
		}
		if j >= len(text) || text[j] != ' ' && (text[j] != '\n' || x != '\n') {
			return 0
		}
		if j++; j > i+1 && j < len(text) && text[j] == x {
			j++
		}
	}
	if j < len(text) && isPlain(text[j]) && (j+1 == len(text) || text[j+1] == x) {
		return j
	}
	return 0
}

// isPlain reports whether b is a character of ASCII, no blank.
func isPlain(b byte) bool { return b > ' ' && b < 0x7f }

// binary01 reports whether three of four characters are 0 or 1, and a third are 0:
// the bits of a table, which pass many a checksum.
func binary01(b []byte) bool {
	zeros, ones := bytes.Count(b, []byte{'0'}), bytes.Count(b, []byte{'1'})
	return 4*(zeros+ones) >= 3*len(b) && 3*zeros >= len(b)
}

// apart looks at text[i:j] with w.in in its place, which w.inner leads back to the
// text.
func (c *scan) apart(w *workspace, i, j int) {
	const before, behind = around / 2, afterWithin
	if c.aparts++; c.aparts > manyApart {
		b := &c.batch
		if b.together = true; c.open(b, i, batchBefore, batchBehind) {
			b.show(w.in, w.inner)
			c.shut(b, j)
		}
		return
	}
	from, to := max(0, i-before), min(len(c.text), j+behind)
	m := mapping{places: w.places[:0], end: to}
	m.add(0, from, 1, 0)
	out := append(w.out[:0], c.text[from:i]...)
	for _, p := range w.inner {
		m.add(len(out)+int(p.view), int(p.orig), p.scale, p.way)
	}
	out = append(out, w.in...)
	m.add(len(out), j, 1, 0)
	out = append(out, c.text[j:to]...)
	w.out, w.places = out, m.places
	c.lookAt(out, &m, 0, true)
}

// digitsApart looks at the group of digits text[from:to] as a part of something
// that is set apart or written in codes.
func (c *scan) digitsApart(from, to int) {
	n := to - from
	if to < len(c.text) && literalMark[c.text[to]] && c.literal(from, to) {
		return
	}
	if n <= 4 && mayPair(c.text, to) && c.hexPairs(from) {
		return
	}
	if n <= 4 {
		c.regroup(from, to)
	}
	if n <= 3 || n == 8 {
		c.codes(from, to)
	}
}

// regroup looks at a number whose groups of digits, the first of which is
// text[from:to] without its beginning, are parted by what numbers are not
// parted by, or are not the usual groups. It returns whether it took the number on.
func (c *scan) regroup(from, to int) bool {
	text := c.text
	if to+2 >= len(text) || !setApart[text[to]] || c.together || c.depth >= maxDepth || c.room <= 0 || c.effort <= 0 {
		return false
	}
	for from > 0 && isDigit(text[from-1]) {
		from--
	}
	usual := text[to] == ' ' || text[to] == '-'
	if usual == (to-from != 2) && isDigit(text[to+1]) || to-from > 4 {
		return false
	}
	if usual && isDigit(text[to+1]) && (to+3 >= len(text) || text[to+3] != text[to]) { // these are looked at in pairs only
		return false
	}
	var sizes [20]int
	gapEnd := to
	for gapEnd < len(text) && gapEnd-to < 4 && !isAlnum(text[gapEnd]) {
		if partsList[text[gapEnd]] {
			return false
		}
		gapEnd++
	}
	gap := text[to:gapEnd]
	usual = usual && len(gap) == 1
	if first := to - from; usual != (first == 2) || first == 1 || c.inList(from, gap) {
		return false
	}
	digits, groups, j := 0, 0, from
	for groups < len(sizes) {
		k := j
		for k < len(text) && isDigit(text[k]) {
			k++
		}
		if k == j {
			return false
		}
		sizes[groups] = k - j
		groups++
		digits += k - j
		if j = k; !bytes.HasPrefix(text[j:], gap) || j+len(gap) >= len(text) || !isDigit(text[j+len(gap)]) {
			break
		}
		j += len(gap)
	}
	c.seen += j - from
	if digits < 9 || digits > maxDigits || groups < 2 || !deliberate(sizes[:groups], gap) || c.copied(from, j) {
		return false
	}
	w := c.workspace()
	defer c.release(w)
	w.in = w.in[:0]
	for k := from; k < j; k++ {
		switch {
		case isDigit(text[k]):
			w.in = append(w.in, text[k])
		case isDigit(text[k-1]) && !usual:
			w.in = append(w.in, ' ')
		}
	}
	w.inner = append(w.inner[:0], place{orig: uint32(from), way: waySeparator})
	c.apart(w, from, j)
	return true
}

// inList reports whether the same gap and a further group stand before the
// number: it is part of a longer list.
func (c *scan) inList(from int, gap []byte) bool {
	before := from - len(gap)
	return before > 0 && bytes.Equal(c.text[before:from], gap) && isDigit(c.text[before-1])
}

// partsList are what stands between the numbers of a list, a sum or a time.
var partsList = table(",;:=(+")

// deliberate tells groups of a card or an id that somebody parted in an unusual
// way from lists, amounts, addresses and versions.
func deliberate(sizes []int, gap []byte) bool {
	unusual := len(gap) != 1 || gap[0] != ' ' && gap[0] != '-'
	n := len(sizes)
	if n == 3 && sizes[1] != 2 && sizes[1] != 6 && (space[gap[0]] || gap[0] == '-') { // three numbers of a table
		return false
	}
	switch {
	case n >= 3 && n <= 5 && sizes[0] == 4 && sizes[1] == 4 && sizes[2] == 4: // a card, an IBAN's digits
		return unusual
	case n == 3 && sizes[0] == 4 && sizes[1] == 6: // American Express
		return unusual
	case n == 3 && sizes[0] == 3 && sizes[1] == 2 && sizes[2] == 4: // social security
		return unusual
	case n == 8 && !unusual: // a card in pairs
		for _, s := range sizes {
			if s != 2 {
				return false
			}
		}
		return true
	}
	return false
}
