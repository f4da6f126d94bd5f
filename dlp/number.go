package dlp

// numberIndex lists the detectors of numbers by how a number starts: how many
// letters, then (directly or after a blank or dash) how many digits.
type numberIndex struct {
	direct [maxLetters + 1][maxDigits + 1]numberRow
	spaced [maxLetters + 1][maxDigits + 1]numberRow
	marked [128]numberRow // by the mark in front: "+", "("

	min       float64
	detectors []*detector // by order; nil: of no number
}

// numberRow is the detectors of one start. Those that need a word near the number
// to be reported are tried only where one stands: their count costs nothing.
type numberRow struct {
	free   []*detector
	bound  []uint64 // bits by order
	digits int      // the fewest that one of bound needs
	within int      // the farthest that one of them looks for a word
}

const (
	maxLetters = 6  // an Italian tax code starts with six
	maxDigits  = 34 // no number has a longer group; longer ones are data
)

func newNumberIndex(detectors int, least float64) *numberIndex {
	return &numberIndex{min: least, detectors: make([]*detector, detectors)}
}

// add enters d where its automaton survives the start of a number.
func (x *numberIndex) add(d *detector) {
	x.detectors[d.order] = d
	d.digits = d.auto.fewestDigits()
	set := []uint16{d.auto.start()}
	for letters := 0; letters <= maxLetters && len(set) > 0; letters++ {
		x.enter(d, &x.direct[letters], set, false)
		if letters > 0 {
			x.enter(d, &x.spaced[letters], d.auto.step(set, func(c byte) bool { return c == ' ' || c == '-' }), true)
		}
		set = d.auto.step(set, isAlpha)
	}
	for _, mark := range []byte{'+', '('} {
		if len(d.auto.step([]uint16{d.auto.start()}, func(c byte) bool { return c == mark })) > 0 {
			x.marked[mark].enter(d, d.confidence >= x.min || d.separated >= x.min, len(x.detectors))
		}
	}
}

func (x *numberIndex) enter(d *detector, row *[maxDigits + 1]numberRow, set []uint16, separated bool) {
	for digits := 1; digits <= maxDigits && len(set) > 0; digits++ {
		set = d.auto.step(set, isDigit)
		if !d.auto.canStop(set) {
			continue
		}
		grouped := separated || len(d.auto.step(set, isSeparator)) > 0
		row[digits].enter(d, d.confidence >= x.min || grouped && d.separated >= x.min, len(x.detectors))
	}
}

func (r *numberRow) enter(d *detector, free bool, detectors int) {
	if free {
		r.free = append(r.free, d)
		return
	}
	if r.bound == nil {
		r.bound = make([]uint64, (detectors+63)/64)
		r.digits = d.digits
	}
	r.bound[d.order>>6] |= 1 << (d.order & 63)
	r.digits = min(r.digits, d.digits)
	r.within = max(r.within, d.within)
}

// canStop reports whether a group of digits may end in one of set: the match
// ends or something else follows.
func (a *automaton) canStop(set []uint16) bool {
	for _, s := range set {
		if a.accepts(s) {
			return true
		}
	}
	return len(a.step(set, func(c byte) bool { return !isDigit(c) })) > 0
}

// number tries what may be a number around the group of digits that holds place
// i and returns the end of the group.
func (c *scan) number(i int) int {
	from, to := i, i+2
	for from > 0 && isDigit(c.text[from-1]) && i-from < maxDigits {
		from--
	}
	for to < len(c.text) && isDigit(c.text[to]) {
		to++
	}
	c.work++
	if to-from > maxDigits || c.spent(i) {
		return to
	}
	x := c.s.numbers
	letters := from
	for letters > 0 && isAlpha(c.text[letters-1]) && from-letters <= maxLetters {
		letters--
	}
	if letters < from || to < len(c.text) && isAlpha(c.text[to]) {
		c.token(from, to)
	}
	switch n := from - letters; {
	case n == 0:
		c.groupStart(from, to)
	case n <= maxLetters && c.numberStarts(letters):
		c.numbers(&x.direct[n][to-from], letters, to)
	}
	return to
}

// groupStart tries the numbers whose group of digits text[from:to] no letter
// touches.
func (c *scan) groupStart(from, to int) {
	x := c.s.numbers
	if c.numberStarts(from) {
		c.numbers(&x.direct[0][to-from], from, to)
	}
	if from == 0 {
		return
	}
	switch before := c.text[from-1]; before {
	case '+', '(':
		if from == 1 || !isWord[c.text[from-2]] { // "1+1234567" is a sum, "f(202)" a call
			c.numbers(&x.marked[before], from-1, to)
		}
	case ' ', '-', '.':
		p := from - 1
		if p > 0 && isDigit(c.text[p-1]) { // "1 85 05": the pairs start one group late
			if p < 2 || !isDigit(c.text[p-2]) {
				if c.numberStarts(p - 1) {
					c.numbers(&x.direct[0][1], p-1, to)
				}
				if p >= 2 && c.text[p-2] == '+' && (p == 2 || !isWord[c.text[p-3]]) {
					c.numbers(&x.marked['+'], p-2, to)
				}
			}
			return
		}
		q := p
		for q > 0 && isAlpha(c.text[q-1]) && p-q <= maxLetters {
			q--
		}
		if n := p - q; before != '.' && 0 < n && n <= maxLetters && c.numberStarts(q) {
			c.numbers(&x.spaced[n][to-from], q, to)
		}
	}
}

// numberStarts reports whether a number may start at i: not inside a word, and
// not behind a mark that joins it to one, as in names of files and versions.
func (c *scan) numberStarts(i int) bool {
	if i == 0 {
		return true
	}
	switch p := c.text[i-1]; p {
	case '-', '.', '/':
		return i == 1 || !isWord[c.text[i-2]]
	default:
		return !isWord[p] || !c.insideWord(i)
	}
}

// numbers tries the detectors of r at i, where the first group of digits ends at
// to.
func (c *scan) numbers(r *numberRow, i, to int) {
	for _, d := range r.free {
		c.numberAt(d, i)
	}
	if r.bound == nil || c.fewer(i, r.digits) {
		return
	}
	c.work += c.near.cover(c.s.context, c.text, i-r.within, to+boundAfter) / 2
	for k := c.near.n - 1; k >= 0 && int(c.near.seen[k].start) >= i-r.within; k-- {
		w := &c.near.seen[k]
		word := &c.s.context.words[w.word]
		if int(w.start) < i-word.within || int(w.start) > to+boundAfter {
			continue
		}
		for _, id := range word.raises {
			if r.bound[id>>6]>>(id&63)&1 != 0 {
				c.numberAt(c.s.numbers.detectors[id], i)
			}
		}
	}
}

// boundAfter is how far behind the first group of digits of a number a context
// word may stand: the number goes on, then the word.
const boundAfter = afterWithin + 32

// fewer reports whether what may be a number at i has fewer than n digits: years,
// amounts and versions are not worth a look at the words around them.
func (c *scan) fewer(i, n int) bool {
	letters, marks := -maxLetters, 0 // a number may start with more letters than it has inside
	for ; i < len(c.text) && n > 0 && letters <= 4 && marks <= 3; i++ {
		switch b := c.text[i]; {
		case isDigit(b):
			n, letters, marks = n-1, 0, 0
		case isAlpha(b):
			letters, marks = letters+1, 0
		case b == '\n' || b == '"':
			marks = 4 // no number goes on behind it
		default:
			marks++
		}
	}
	return n > 0
}

// numberAt tries d at i.
func (c *scan) numberAt(d *detector, i int) {
	end, work := d.auto.match(c.text, i)
	c.work += work + workTry
	if end < 0 || c.goesOn(end) {
		return
	}
	c.judge(d, i, end, separators(c.text[i:end]))
}

// goesOn reports whether the number that ends at j is the head of something
// longer: a version, a date, an identifier.
func (c *scan) goesOn(j int) bool {
	if j+1 >= len(c.text) {
		return false
	}
	next := c.text[j+1]
	switch c.text[j] {
	case '-':
		return isAlnum(next)
	case '.':
		return isDigit(next)
	}
	return false
}

// separators reports whether a number is written in groups.
func separators(number []byte) bool {
	for _, x := range number {
		if isSeparator(x) {
			return true
		}
	}
	return false
}

func isSeparator(c byte) bool { return c == ' ' || c == '-' || c == '.' || c == '/' || c == 0xa0 }
