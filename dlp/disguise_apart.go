package dlp

import "bytes"

// setApart tells what may stand between the letters of a value that are set
// apart.
var setApart = table(" .-_*|/,:;+~=\n\t")

const (
	minApart = 5   // characters, each set apart, that may be a value
	maxApart = 400 // and the most that are looked at

	manyApart = 32 // values of one text whose surroundings are looked at, too
)

// alternating looks for three blanks or other marks of one kind with one character
// between each two of them, of which the first is one of the four bytes at i.
func (c *scan) alternating(i int) {
	for k := i; k < i+4; k++ {
		x := c.text[k]
		if setApart[x] && c.text[k+2] == x && c.text[k+4] == x && c.text[k+1] > ' ' && c.text[k+3] > ' ' {
			c.signs |= signSpaced
			c.apartAt = min(c.apartAt, max(0, k-minApart))
		}
	}
}

// spaced looks at letters and digits that stand one by one ("4 1 1 1", "s-k-a")
// as if nothing stood between them.
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
		j := i
		w.in = w.in[:0]
		for j < len(text) && len(w.in) < maxApart && text[j] > ' ' && text[j] < 0x80 {
			w.in = append(w.in, text[j])
			if j++; j+1 >= len(text) || text[j] != x || text[j+1] == x && x <= ' ' {
				break
			}
			j++
		}
		if j < len(text) && isAlnum(text[j]) && len(w.in) > 1 { // the last one begins a word
			w.in, j = w.in[:len(w.in)-1], j-2
		}
		if len(w.in) >= minApart && !binary01(w.in) && !c.copied(i, j) {
			c.apart(w, i, j, 2)
			i = j
		}
	}
}

// binary01 reports whether three of four characters are 0 or 1, and a third are 0:
// the bits of a table, which pass many a checksum.
func binary01(b []byte) bool {
	zeros, ones := bytes.Count(b, []byte{'0'}), bytes.Count(b, []byte{'1'})
	return 4*(zeros+ones) >= 3*len(b) && 3*zeros >= len(b)
}

// apart looks at text[i:j] with w.in in its place, which has scale bytes of text
// for each of its own; 0: no fixed number.
func (c *scan) apart(w *workspace, i, j int, scale uint8) {
	const before, behind = around / 2, afterWithin
	if c.aparts++; c.aparts > manyApart {
		b := &c.batch
		if b.together = true; c.open(b, i, batchBefore, batchBehind) {
			b.w.out = putTogether(b.w.out, &b.m, w.in, i, j, scale)
			c.shut(b, j)
		}
		return
	}
	from, to := max(0, i-before), min(len(c.text), j+behind)
	m := mapping{places: w.places[:0], end: to}
	m.add(0, from, 1, 0)
	out := append(w.out[:0], c.text[from:i]...)
	out = putTogether(out, &m, w.in, i, j, scale)
	m.add(len(out), j, 1, 0)
	out = append(out, c.text[j:to]...)
	w.out, w.places = out, m.places
	c.lookAt(out, &m, 0, true)
}

// putTogether appends value, which stands for text[i:j], to a view.
func putTogether(out []byte, m *mapping, value []byte, i, j int, scale uint8) []byte {
	if scale != 2 {
		m.add(len(out), i, scale, waySeparator)
		return append(out, value...)
	}
	m.add(len(out), i, 2, waySeparator) // the last one has nothing behind it
	out = append(out, value[:len(value)-1]...)
	m.add(len(out), j-1, 0, waySeparator)
	return append(out, value[len(value)-1])
}

// digitsApart looks at the group of digits text[from:to] as a part of something
// that is set apart or written in codes.
func (c *scan) digitsApart(from, to int) {
	n := to - from
	if n == 2 && c.hexPairs(from, to) {
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
		gapEnd++
	}
	gap := text[to:gapEnd]
	if c.inList(from, gap) {
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
	usual = usual && len(gap) == 1
	for k := from; k < j; k++ {
		switch {
		case isDigit(text[k]):
			w.in = append(w.in, text[k])
		case isDigit(text[k-1]) && !usual:
			w.in = append(w.in, ' ')
		}
	}
	c.apart(w, from, j, 0)
	return true
}

// inList reports whether the same gap and a further group stand before the
// number: it is part of a longer list.
func (c *scan) inList(from int, gap []byte) bool {
	before := from - len(gap)
	return before > 0 && bytes.Equal(c.text[before:from], gap) && isDigit(c.text[before-1])
}

// deliberate tells groups of a card or an id that somebody parted in an unusual
// way from lists, amounts, addresses and versions.
func deliberate(sizes []int, gap []byte) bool {
	unusual := len(gap) != 1 || gap[0] != ' ' && gap[0] != '-'
	n := len(sizes)
	if bytes.ContainsAny(gap, ",;:=(+") { // a list, a sum
		return false
	}
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
