package dlp

import "math/bits"

// numberIndex lists the detectors of numbers by how a number starts: how many
// letters, then (directly or after a blank or dash) how many digits.
type numberIndex struct {
	direct [maxLetters + 1][maxDigits + 1]numberRow
	spaced [maxLetters + 1][maxDigits + 1]numberRow
	marked [128]numberRow // by the mark in front: "+", "("

	min       float64
	detectors []*detector // by order; nil: of no number
}

const (
	maxLetters = 6  // an Italian tax code starts with six
	maxDigits  = 34 // no number has a longer group; longer ones are data
)

func newNumberIndex(detectors int, least float64) *numberIndex {
	x := &numberIndex{min: least, detectors: make([]*detector, detectors)}
	x.placeRows()
	return x
}

// add enters d where its automaton survives the start of a number.
func (x *numberIndex) add(d *detector) {
	x.detectors[d.order] = d
	d.digits = max(d.auto.fewestDigits(), d.least)
	var a behind
	a.read(d.auto)
	set := []uint16{d.auto.start()}
	for letters := 0; letters <= maxLetters && len(set) > 0; letters++ {
		x.enter(d, &a, &x.direct[letters], set, false)
		if letters > 0 {
			x.enter(d, &a, &x.spaced[letters], d.auto.step(nil, set, d.auto.classes(&blankOrDash)), true)
		}
		set = d.auto.step(nil, set, a.letters)
	}
	for _, mark := range []byte{'+', '('} {
		if d.auto.next[d.auto.start()+uint16(d.auto.class[mark])] != 0 {
			x.marked[mark].enter(d, d.confidence >= x.min || d.separated >= x.min, x, &anyBehind)
		}
	}
}

var (
	blankOrDash    = bytesOf(func(c byte) bool { return c == ' ' || c == '-' })
	letterBytes    = bytesOf(isAlpha)
	digitBytes     = bytesOf(isDigit)
	separatorBytes = bytesOf(isSeparator)
)

func (x *numberIndex) enter(d *detector, a *behind, row *[maxDigits + 1]numberRow, set []uint16, separated bool) {
	for digits := 1; digits <= maxDigits && len(set) > 0; digits++ {
		set = d.auto.step(nil, set, a.digits)
		goes := a.of(set)
		if goes == (goesOn{}) {
			continue
		}
		grouped := separated || len(d.auto.step(nil, set, a.separators)) > 0
		row[digits].enter(d, d.confidence >= x.min || d.shown || grouped && d.separated >= x.min, x, &goes)
	}
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
	if len(c.s.amounts) > 0 {
		c.amount(from, to)
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
		c.numbers(&x.direct[n][to-from], letters, to, to)
	}
	if len(c.s.numbered) > 0 {
		c.numbered(from, to)
	}
	return to
}

// groupStart tries the numbers whose group of digits text[from:to] no letter
// touches.
func (c *scan) groupStart(from, to int) {
	x := c.s.numbers
	if from > 0 && (c.text[from-1] == '+' || c.text[from-1] == '(') && (from == 1 || !isWord[c.text[from-2]]) { // "1+1234567" is a sum, "f(202)" a call
		c.numbers(&x.marked[c.text[from-1]], from-1, to, to) // first: without its mark it is not the better number
	}
	if c.numberStarts(from) {
		c.numbers(&x.direct[0][to-from], from, to, to)
	}
	if from == 0 {
		return
	}
	switch before := c.text[from-1]; before {
	case ' ', '-', '.':
		p := from - 1
		if p > 0 && isDigit(c.text[p-1]) { // "1 85 05": the pairs start one group late
			if p < 2 || !isDigit(c.text[p-2]) {
				if c.numberStarts(p - 1) {
					c.numbers(&x.direct[0][1], p-1, p, to)
				}
				if p >= 2 && c.text[p-2] == '+' && (p == 2 || !isWord[c.text[p-3]]) {
					c.numbers(&x.marked['+'], p-2, p, to)
				}
			}
			return
		}
		q := p
		for q > 0 && isAlpha(c.text[q-1]) && p-q <= maxLetters {
			q--
		}
		if n := p - q; before != '.' && 0 < n && n <= maxLetters && c.numberStarts(q) {
			c.numbers(&x.spaced[n][to-from], q, to, to)
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
		return !isWord[p] || c.startsGlued(i) || !c.insideWord(i)
	}
}

// startsGlued reports whether a low line joins what starts at i to a word before it,
// which some detectors take for a border, and notes the place for the others. Digits
// before it are another part of one number.
func (c *scan) startsGlued(i int) bool {
	if c.text[i-1] != '_' || i < 2 || !isAlpha(c.text[i-2]) {
		return false
	}
	c.gluedAt = i
	return true
}

// numbers tries the detectors of r at i, where the first group of digits ends at
// end; to is the end of the groups that were looked at.
func (c *scan) numbers(r *numberRow, i, end, to int) {
	if c.trace == nil && c.outdoneAt(i, r.best) {
		return
	}
	k, bit := kindsAt(c.text, end)
	free := r.after[k].free[bit]
	if free != 0 && bit == secondDigit {
		free &= r.goOn(c.text, end, k)
	}
	for ; free != 0; free &= free - 1 {
		c.numberAt(r.free[bits.TrailingZeros64(free)], i)
	}
	for _, d := range r.free[min(len(r.free), 64):] {
		c.numberAt(d, i)
	}
	if r.after[k].bound>>bit&1 == 0 || c.fewer(i, r.digits) {
		return
	}
	if len(c.text) <= maxBare {
		c.bareNumbers(r, i)
	}
	c.work += c.near.cover(c.s.context, c.text, i-r.within, to+boundAfter) / 2
	if c.near.n > 0 {
		c.boundNumbers(r, i, to)
	}
}

// boundNumbers is numbers for those that need a word near them.
func (c *scan) boundNumbers(r *numberRow, i, to int) {
	var tried [maxBound / 64]uint64 // one word after the other speaks for the same detectors,
	var heard [32]uint16            // and some stand there again and again
	for k := c.near.n - 1; k >= 0 && int(c.near.seen[k].start) >= i-r.within; k-- {
		w := &c.near.seen[k]
		if heard[w.word%32] == w.word+1 {
			continue
		}
		word := &c.s.context.words[w.word]
		if int(w.start) < i-word.within || int(w.start) > to+boundAfter {
			continue
		}
		heard[w.word%32] = w.word + 1
		for _, those := range word.raises {
			again := r.bound[those.at] & those.bits
			if int(those.at) < len(tried) {
				again &^= tried[those.at]
				tried[those.at] |= again
			}
			for ; again != 0; again &= again - 1 {
				c.numberAt(c.s.numbers.detectors[int(those.at)<<6+bits.TrailingZeros64(again)], i)
			}
		}
	}
}

// maxBare is the longest text that may be nothing but a number.
const maxBare = 48

// bareNumbers tries the detectors that otherwise need a word near them, but whose
// checks are worth a finding where the number is all of its text.
func (c *scan) bareNumbers(r *numberRow, i int) {
	for _, d := range r.bare {
		c.numberAt(d, i)
	}
}

// maxBound is how many detectors are remembered as tried at a place; of more, some
// are tried twice.
const maxBound = 2 << 10

// boundAfter is how far behind the first group of digits of a number a context
// word may stand: the number goes on, then the word.
const boundAfter = afterWithin + 32

// manyMarks is how many bytes that are neither digits nor letters no number has in
// a row: brackets on both sides of two no-break spaces are six.
const manyMarks = 7

// fewer reports whether what may be a number at i has fewer than n digits: years,
// amounts and versions are not worth a look at the words around them.
func (c *scan) fewer(i, n int) bool {
	letters, marks := -maxLetters, 0 // a number may start with more letters than it has inside
	for ; i < len(c.text) && letters <= 4 && marks < manyMarks; i++ {
		switch fewerKind[c.text[i]] {
		case fewerDigit:
			if n--; n <= 0 {
				return false
			}
			letters, marks = 0, 0
		case fewerLetter:
			letters, marks = letters+1, 0
		case fewerEnd:
			return n > 0
		default:
			marks++
		}
	}
	return n > 0
}

// outdoneAt reports whether the latest hit, around i, is better than what starts
// there can be, however far it goes.
func (c *scan) outdoneAt(i int, best float64) bool {
	n := len(c.hits)
	return n > c.base && i < c.hits[n-1].End && c.hits[n-1].Start <= i && best < c.hits[n-1].Confidence && !c.hits[n-1].block()
}

// outdone reports whether the latest hit covers text[i:j] with a confidence that
// d can't reach.
func (c *scan) outdone(d *detector, i, j int) bool {
	if len(c.hits) == c.base {
		return false
	}
	h := &c.hits[len(c.hits)-1]
	return h.Start <= i && j <= h.End && h.Confidence > d.best && !h.block()
}

// foundWith reports whether text[i:j] is a part of what d found just before, with all
// the confidence that it can have: the end of a telephone number is none.
func (c *scan) foundWith(d *detector, i, j int) bool {
	n := len(c.hits)
	if n == c.base || c.trace != nil {
		return false
	}
	h := &c.hits[n-1]
	return h.order == d.order && h.Start <= i && h.Confidence >= d.best && (j <= h.End || i < h.End && j-i <= h.End-h.Start)
}

// The kinds of bytes that fewer tells.
const (
	fewerMark = uint8(iota)
	fewerDigit
	fewerLetter
	fewerEnd // no number goes on behind it
)

var fewerKind = func() (t [256]uint8) {
	for c := range t {
		switch {
		case isDigit(byte(c)):
			t[c] = fewerDigit
		case isAlpha(byte(c)):
			t[c] = fewerLetter
		case c == '\n' || c == '"':
			t[c] = fewerEnd
		}
	}
	return t
}()

// numberAt tries d at i.
func (c *scan) numberAt(d *detector, i int) {
	if c.trace == nil && c.outdoneAt(i, d.best) {
		return
	}
	if i == c.gluedAt && i > 0 && !d.glued {
		return
	}
	r := c.memory(d, i)
	if r != nil && r.holds(d, c.text, i) {
		c.work += workTry
		if end := i + int(r.end); r.ok && !c.foundWith(d, i, end) && !c.outdone(d, i, end) {
			c.weigh(d, i+int(r.from), i+int(r.to), separators(c.text[i:end]))
		}
		return
	}
	end, work := d.auto.match(c.text, i)
	c.work += work + workTry
	matches := end >= 0 && !c.continues(end)
	if r != nil && !r.note(d, c.text, i, end-i, work) {
		r = nil
	}
	if !matches {
		return
	}
	if c.foundWith(d, i, end) || c.outdone(d, i, end) {
		if r != nil {
			r.order = 0 // whether it is a value is not known
		}
		return
	}
	from, to, ok := c.check(d, i, end)
	if r != nil {
		r.check(i, from, to, ok)
	}
	if ok {
		c.weigh(d, from, to, separators(c.text[i:end]))
	}
}

// continues reports whether the number that ends at j is the head of something
// longer: a version, a date, an identifier.
func (c *scan) continues(j int) bool {
	if j+1 >= len(c.text) {
		return false
	}
	next := c.text[j+1]
	switch c.text[j] {
	case '-':
		return isAlnum(next)
	case '_':
		return !isAlpha(next)
	case '.':
		return isDigit(next) && !c.wholeFraction(j)
	}
	return false
}

// leastWhole is how many digits a number has that nobody writes as a fraction.
const leastWhole = 9

// wholeFraction reports whether the number that ends at j is a long one with ".0"
// behind it: what programs make of columns of numbers that have gaps.
func (c *scan) wholeFraction(j int) bool {
	if j < leastWhole || c.text[j+1] != '0' || j+2 < len(c.text) && (isWord[c.text[j+2]] || c.text[j+2] == '.' && j+3 < len(c.text) && isWord[c.text[j+3]]) {
		return false
	}
	for _, x := range c.text[j-leastWhole : j] {
		if !isDigit(x) {
			return false
		}
	}
	return true
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
