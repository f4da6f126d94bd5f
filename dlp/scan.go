package dlp

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// scan is the state of one pass over one text.
type scan struct {
	s    *Scanner
	text []byte
	hits []Hit
	base int // hits before this one are another text's
	work int // bytes that patterns and context searches looked at, less what hits pay for
	paid int // what hits have paid for,

	paidTo        int     // the latest of which ends here
	skipped       Skipped // places that were not tried
	begun         int     // work that had been done when the text was begun to be read once more
	seen          int     // work of views and of looking for them, and their bytes
	done          int     // groups of digits before this place have been dealt with
	near          surroundings
	money         money // the latest amount
	numberedSpent int   // which has cost so much
	numberedTo    int   // numbers before this place have been told by their words
	wordless      wordless
	numberedIdle  int   // short groups of digits before this place are of none
	gluedAt       int   // where the latest number starts that a low line joins to a word
	tries         int   // of detectors at numbers
	memo          *memo // of which these are remembered; nil: there were few

	inflates  int     // runs that were tried as raw deflate
	linesDone int     // short lines of base64 before this place have been read as one
	codesDone int     // and codes of characters
	pairsDone int     // pairs of hexadecimal digits before this place have been looked at
	batch     batch   // of values that are set apart
	coded     batch   // of characters that are written as numbers
	aparts    int     // values set apart that have been looked at,
	codesSeen int     // and codes in a row
	spoke85   int     // words that speak of base85 which have been met,
	done85    int     // and where what has been read as base85 ends
	together  bool    // this is a view of such a value: there are no others in it
	scrambled bool    // this is a view of letters in another order or for others, or in one
	backwards bool    // this is a view of a text from its end, or in one
	shown     []place // of this view; nil: it is none, or nothing in it stands in the text as it is
	shownAt   int     // the place of it that was asked for last
	tokenDone int     // words before this place have been dealt with
	nameDone  int     // and words with capitals
	aloneDone int     // and one of them
	publicEnd int     // where the latest name ends that all know

	assign    assignment // the latest
	last      *detector  // whose keyword led to the latest match,
	lastAt    int        // which starts here
	lastEnd   int        // and ends here: what starts inside it is part of it
	long      [4]found   // the latest long values
	longAt    int
	grouped   groupings
	labels    labelPlaces
	toldTo    int // sentences before this place have been read,
	toldSpent int // which has cost so much
	block     Hit // the latest that a cutter ended: a block of code is not read again from each of its lines

	signs       signs       // of disguises
	grids       []grid      // whose heads were met
	headDone    int         // what stands before this place is no head of another
	tags        tagPlace    // those that were looked for
	bracketDone int         // nor do brackets open before this place that hold a head
	carry       *tableCarry // in a stream
	statements  []statement // of SQL that were met,
	sqlDone     int         // no other one begins before this place
	literals    []literal   // of these,
	dumps       []dump      // some of which are about people
	showing     bool        // the views that are made are of columns
	below       bool        // this is such a view
	inCode      bool        // this is a view of code without the joints of its literals
	lists       [8][2]int   // where lists of literals are joined,
	joins       int         // of which there are so many
	turned      [2]int      // the first and the last word that speaks of reversing
	runFrom     int         // where the first long run may start,
	apartAt     int         // the first characters set apart,
	listedAt    int         // and the first that may stand in a list
	low         uint64      // the bytes below '+' of the latest window,
	union       uint64      // and all bytes of all
	runDone     int         // long runs before this place have been looked at
	depth       int         // disguises that were undone to get this text
	room        int         // bytes that views may still have,
	effort      int         // and work that they may cause
	trace       *trace      // nil: nobody asks
	prints      bool        // whether values in views are to be fingerprinted

	sentenceSpent      int          // what it has cost to look for orders, and to tag sentences
	tagging            *tagged      // the sentence that was taken apart; nil: none was yet
	spans              []taggedSpan // of it
	takenFrom, takenTo int          // where it stands
}

// Work a text may cause. Ordinary text needs less than one step a byte; the
// bound keeps text that was made to be slow at a fixed cost per byte.
const (
	workFree    = 64 << 10
	workPerByte = 7
	workPerHit  = 600 // a list of cards is worth the work: each hit pays for itself
	workTry     = 8   // what a try costs beside the bytes that it looks at
)

// maxNameLength bounds the name of a part that is read: the names of fields are
// short.
const maxNameLength = 128

// ScanText appends the hits in text to dst, ordered and without overlaps. Values
// that were encoded together (in one run of base64) all have the place of what
// they were encoded in. It does not allocate unless it finds something, or a
// disguise.
func (s *Scanner) ScanText(text []byte, dst []Hit) []Hit {
	dst, _ = s.ScanAll(text, dst)
	return dst
}

// ScanAll is ScanText that tells what it has skipped.
func (s *Scanner) ScanAll(text []byte, dst []Hit) ([]Hit, Skipped) {
	var skipped Skipped
	n := len(dst)
	dst = s.scanNamed("", text, dst, s.allow != nil, &skipped, nil)
	return dst[:n+len(s.withoutAllowed(text, dst[n:], "", ""))], skipped
}

// scanNamed is ScanText for a text that stands under a name, which is read as
// if it stood in front of the text. With prints, the values of hits in disguise
// are fingerprinted. What was skipped is added to skipped, where that is not nil.
// A window of a stream has a carry: a table of the window before may go on in it.
func (s *Scanner) scanNamed(name string, text []byte, dst []Hit, prints bool, skipped *Skipped, carry *tableCarry) []Hit {
	n := len(dst)
	c := scan{
		s: s, text: text, hits: dst, base: n,
		room: growthFree + growth*len(text), effort: workFree + workPerByte*len(text), prints: prints, carry: carry,
	}
	if carry != nil && carry.heads != nil {
		c.signs = signColumn
	}
	if carry != nil && carry.sql.open {
		c.signs |= signSQL
	}
	if name != "" && len(name) <= maxNameLength {
		c.near.name = name
		c.named()
	}
	c.read()
	if skipped != nil {
		skipped.add(c.skipped, 0)
	}
	if len(c.hits) == n && len(c.literals) == 0 {
		return c.hits
	}
	return append(c.hits[:n], c.settle(c.hits[n:])...)
}

// read scans the text as it stands, then what it may disguise.
func (c *scan) read() {
	c.runFrom, c.apartAt = len(c.text), len(c.text)
	c.pass()
	c.sentences()
	for i := range c.s.rare {
		c.begun = c.work
		c.rare(&c.s.rare[i])
	}
	c.begun = c.work
	c.codeLines()
	c.aloneAtStart()
	c.begun = c.work
	c.tables()
	c.fingerprints()
	c.marks()
	if c.signs != 0 {
		c.undisguise()
	}
	c.flush(&c.batch)
	c.flush(&c.coded)
	c.forget()
}

// stride is how far apart the windows of eight bytes are through which a text is
// read: each covers three groups of four bytes that start on even places, and
// every pair of digits.
const stride = 6

// pass reads the text once, in the order of its windows.
func (c *scan) pass() {
	f := c.s.filter
	c.low = high
	shape := c.nextShape(0)
	word, group := f.next(c.text, 0)
	for shape+8 <= len(c.text) || word+8 <= len(c.text) {
		if shape <= word {
			c.shape(shape)
			shape = c.nextShape(shape + stride)
		} else {
			c.groups(word, group, f)
			word, group = f.next(c.text, word+stride)
		}
	}
	if c.low == 0 {
		c.longRun(max(0, len(c.text)-8))
	}
	for i := word; i < len(c.text); i += stride {
		x := window(c.text, i)
		c.union |= x
		if d := digitPairs(x); d != 0 {
			c.digits(i, d)
		}
		if b := capitals(x, lows(x)); b != 0 {
			c.capitals(i, b)
		}
		c.groups(i, 0, f)
	}
	if c.union&high != 0 {
		c.signs |= signWide
	}
}

// window returns the eight bytes at i, with zeros behind the end of the text.
func window(text []byte, i int) uint64 {
	if i+8 <= len(text) {
		return binary.LittleEndian.Uint64(text[i:])
	}
	var rest [8]byte
	copy(rest[:], text[min(i, len(text)):])
	return binary.LittleEndian.Uint64(rest[:])
}

const high = 0x8080808080808080

// lows returns a word with the high bit of each byte set that is below '+': blanks
// and quotation marks.
func lows(x uint64) uint64 { return (x - 0x2b2b2b2b2b2b2b2b) & ^x & high }

// nextShape returns the first window from i on that shape has to look at, or one
// that is not within the text.
func (c *scan) nextShape(i int) int {
	text, before, union := c.text, c.low, c.union
	for ; i <= len(text)-8; i += stride {
		x := binary.LittleEndian.Uint64(text[i:])
		union |= x
		low := lows(x)
		if digitPairs(x)|low&(low>>16)&(low>>32)|(low<<8)&^(x<<2) != 0 || low|before == 0 && i >= c.runDone {
			if digitPairs(x)|low&(low>>16)&(low>>32)|capitals(x, low) != 0 || low|before == 0 { // no bit 5, but no capital
				break
			}
		}
		before = low
	}
	c.low, c.union = before, union
	return i
}

// shape looks at the window at i for what can be seen without words: numbers,
// long runs and characters set apart.
func (c *scan) shape(i int) {
	x := binary.LittleEndian.Uint64(c.text[i:])
	if d := digitPairs(x); d != 0 {
		c.digits(i, d)
	}
	low := lows(x)
	if low|c.low == 0 && i >= c.runDone {
		c.longRun(i)
	}
	c.low = low
	if low&(low>>16)&(low>>32)&^(low>>8)&^(low>>24) != 0 {
		c.alternating(i)
	}
	if b := capitals(x, low); b != 0 {
		c.capitals(i, b)
	}
}

// digitPairs returns a word with the high bit of each byte set that is a digit
// and is followed by one.
func digitPairs(x uint64) uint64 {
	const low = ^uint64(high)
	d := x ^ 0x3030303030303030
	is := ^(d | (d&low + 0x7676767676767676)) & high
	return is & (is >> 8)
}

// digits deals with the pairs of digits in the eight bytes at i.
func (c *scan) digits(i int, pairs uint64) {
	for ; pairs != 0; pairs &= pairs - 1 {
		if at := i + bits.TrailingZeros64(pairs)/8; at >= c.done {
			c.done = c.number(at)
			c.digitsApart(at, c.done)
		}
	}
}

// groups looks up the three groups of four bytes in the window at i from the kth
// on, as parts of long keywords and of short ones.
func (c *scan) groups(i, k int, f *filter) {
	x := window(c.text, i) | folded
	y := x << 8
	if i > 0 {
		y |= uint64(c.text[i-1] | 0x20)
	}
	groups := [...]uint64{y & five, y >> 16 & five, x >> 24}
	for ; k < len(groups); k++ {
		g := groups[k]
		if f.inLong(g) != 0 {
			c.entries(f, f.byLong.at(hashFive(g)), i+2*k)
		}
		in := f.inShort(g)
		if uint32(in) != 0 {
			c.entries(f, f.byShort.at(shortHash(uint32(g>>8)&0xffffff)), i+2*k)
		}
		if in>>32 != 0 {
			c.entries(f, f.byShort.at(shortHash(uint32(g>>16))), i+2*k+1)
		}
	}
}

// entries deals with the words that have a group where one stands at i.
func (c *scan) entries(f *filter, entries []entry, i int) {
	for k := range entries {
		if e := &entries[k]; e.is(c.text, i) {
			c.word(&f.words[e.word], i-int(e.offset))
		}
	}
}

// rare looks for a keyword of one byte.
func (c *scan) rare(r *rareByte) {
	for i := 0; i < len(c.text); i++ {
		n := bytes.IndexByte(c.text[i:], r.b)
		if n < 0 {
			return
		}
		i += n
		for _, t := range r.tries {
			c.try(t, i, i+1, "")
		}
	}
}

// spent reports whether the work done by place i is more than a text is worth, and
// notes that what stands there is not tried.
func (c *scan) spent(i int) bool { return c.work-c.begun > workFree+workPerByte*i && c.skip(i, i+1) }

// steps is all the work that was done, in views, too: it is counted, as time says
// nothing on a busy machine.
func (c *scan) steps() int {
	return c.work + c.paid + c.seen + c.toldSpent + c.numberedSpent + c.sentenceSpent
}

// insideWord reports whether a word goes on at i. The letter of an escape such
// as \n is no part of the word.
func (c *scan) insideWord(i int) bool {
	if i == 0 || !isWord[c.text[i]] || !isWord[c.text[i-1]] {
		return false
	}
	escape := i > 1 && c.text[i-2] == '\\' && (c.text[i-1] == 'n' || c.text[i-1] == 't' || c.text[i-1] == 'r')
	return !escape
}

// judge weighs a match and notes it when it is likely enough.
func (c *scan) judge(d *detector, i, j int, separated bool) bool {
	if c.outdone(d, i, j) {
		return false
	}
	i, j, ok := c.recall(d, i, j)
	return ok && c.weigh(d, i, j, separated)
}

// check returns the value of the match text[i:j] of d, if it is one.
func (c *scan) check(d *detector, i, j int) (from, to int, ok bool) {
	from, to, ok = d.value(c.text, i, j, &c.grouped, &c.work)
	if !ok { // the group took no part in the match, which is refused as a whole
		from, to = i, j
	}
	c.work += d.cost(max(to-from, 0))
	if !ok || from == to || !d.accepts(c.text[from:to]) {
		c.noteRefused(d, from, to)
		return 0, 0, false
	}
	return from, to, true
}

// weigh notes the value text[i:j] of d if the words around it make it likely
// enough.
func (c *scan) weigh(d *detector, i, j int, separated bool) bool {
	confidence := d.confidence
	if separated && d.separated > 0 {
		confidence = d.separated
	}
	if d.address {
		shown := false
		if i, j, shown = c.wholeAddress(d, i, j); shown {
			confidence = max(confidence, d.inContext)
		}
	}
	if d.asks && (d.inContext > confidence || confidence >= c.s.min) {
		switch raised, opposed := c.context(d, i, j); {
		case raised && d.another && c.numbersElse(i, j):
			confidence = min(confidence, opposedConfidence)
		case raised && (!d.near || c.dialled(d, i, j)):
			confidence = max(confidence, d.inContext)
		case opposed:
			confidence = min(confidence, opposedConfidence)
		}
	}
	if d.pay || d.figure {
		i, j, confidence = c.weighPay(d, i, j, confidence)
	}
	if d.bare > confidence && c.depth == 0 && c.near.name == "" && onlyValue(c.text, i, j) {
		confidence = d.bare
	}
	if c.plainOrder(d, i, j) {
		confidence = min(confidence, opposedConfidence)
	}
	c.noteJudged(d, i, j, separated, confidence)
	if confidence == 0 || confidence < c.s.min {
		return false
	}
	if i >= c.paidTo && d.tag == tagNone { // its rivals for these bytes pay no more
		pay := workPerHit + workPerByte*min(j-i, maxNameLength)
		if d.address {
			pay += workPerAddress
		}
		if d.pay || d.figure {
			pay += workPerPay
		}
		c.work -= pay
		c.paid += pay
		c.paidTo = j
	}
	i, j = c.widen(d, i, j)
	c.hits = append(c.hits, Hit{Detector: d.name, Class: d.class, Start: i, End: j, Confidence: confidence, order: d.order})
	return true
}

// onlyValue reports whether there is nothing in text but text[i:j], blanks and
// punctuation: the answer to a question has no words that could tell what it is.
func onlyValue(text []byte, i, j int) bool {
	const around = " \t\r\n\"'`()[]<>.,;:!"
	return j-i+len(around) > len(text) && !isTimestamp(text[i:j]) && len(bytes.Trim(text[:i], around)) == 0 && len(bytes.Trim(text[j:], around)) == 0
}

// isTimestamp reports whether number may be a time since 1970, of 2001 to 2033, in
// seconds, milliseconds, microseconds or nanoseconds.
func isTimestamp(number []byte) bool {
	return number[0] == '1' && (len(number) == 10 || len(number) == 13 || len(number) == 16 || len(number) == 19) && !separators(number)
}

// opposedConfidence is what is left of a match near a word against it.
const opposedConfidence = 0.3
