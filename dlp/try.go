package dlp

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/rules"
)

// try is one detector at one keyword: how to get from the keyword to where the
// pattern starts. There are thousands, and a text of nothing but keywords leads
// through all of them: what most of them end at fits a line of the cache.
type try struct {
	d    *detector
	next byteSet  // the bytes that may stand behind the keyword, or that the value beside it starts with
	over *byteSet // those that may stand between the start and the keyword; nil: these are as many as back says
	back int16    // bytes before the keyword, at most
	kind tryKind
	cuts bool // the detector says more of what it can find than its pattern

	again  bool   // see beforeNext
	folded bool   // see readAhead
	after  uint16 // the state behind the keyword; 0: it has to be read
	upper  uint32 // bits of the letters of the keyword that are capitals
}

// tryKind says where the value is.
type tryKind uint8

const (
	tryPattern tryKind = iota // around the keyword
	tryAssign                 // assigned to it
	tryColumn                 // so, but in a view of a column only
	tryLabel                  // near it
	tryTold                   // anywhere in its sentence
	tryPerson                 // the name beside it
)

// newTry makes d ready to be tried at keyword.
func newTry(d *detector, keyword string) (*try, error) {
	t := &try{d: d, cuts: d.cut != nil || d.heads != nil, again: d.again}
	switch {
	case d.anchor == rules.AnchorLabel:
		t.kind = tryLabel
	case d.anchor == rules.AnchorTold:
		t.kind = tryTold
	case d.anchor == rules.AnchorPerson:
		t.kind = tryPerson
	case d.anchor == rules.AnchorAssign:
		t.kind = tryAssign
	case d.anchor == rules.AnchorColumn:
		t.kind = tryColumn
	case d.at > maxMatch:
		return nil, fmt.Errorf("keyword_at must be between 1 and %d", maxMatch)
	case d.at > 0:
		t.back, t.next = int16(d.at), anyByte
		return t, nil
	default:
		return t, t.locate(keyword)
	}
	t.next = d.auto.firstBytes()
	return t, nil
}

// longestAhead is the longest keyword that is read ahead: each letter has a bit.
const longestAhead = 32

// readAhead reads the keyword that the pattern starts with, so that texts need not:
// if either all of its letters may be written in any case, or each in one only.
func (t *try) readAhead(keyword string) {
	a := t.d.auto
	state, upperBits, either, one := a.start(), uint32(0), false, false
	if len(keyword) > longestAhead {
		return
	}
	for k := range len(keyword) {
		small, big := a.next[state+uint16(a.class[keyword[k]])], a.next[state+uint16(a.class[upper(keyword[k])])]
		switch {
		case !isLower(keyword[k]):
		case small == big:
			either = true
		case small == 0:
			one, upperBits, small = true, upperBits|1<<k, big
		case big == 0:
			one = true
		default:
			return
		}
		if state = small; state == 0 || either && one || a.accepts(state) {
			return
		}
	}
	t.after, t.upper, t.folded = state, upperBits, either
}

// behind returns the state of the pattern behind text, which is the keyword in some
// letter case: 0 if nothing matches. It is not known where the text has to be read.
func (t *try) behind(text []byte, keyword string) (state uint16, known bool) {
	if t.after == 0 {
		return 0, false
	}
	state = t.after
	for k, x := range text {
		if x == keyword[k]&^uint8(t.upper>>k&1<<5) {
			continue
		}
		if fold(x) != keyword[k] {
			return 0, false // the filter takes '@' for '`'
		}
		if !t.folded {
			state = 0
		}
	}
	return state, true
}

// word tries the detectors of a keyword, if it stands at i.
func (c *scan) word(w *word, i int) {
	if !w.is(c.text, i) {
		return
	}
	j := i + len(w.text)
	if w.sign != 0 {
		c.meet(w.sign, i, j)
	}
	for k := range w.tries {
		t := &w.tries[k]
		if t.kind == tryPattern && j < len(c.text) && !t.next.has(c.text[j]) && c.trace == nil {
			continue
		}
		c.try(t, i, j, w.text)
	}
}

// try tries a detector whose keyword stands at text[i:j].
func (c *scan) try(t *try, i, j int, keyword string) {
	if t.kind == tryColumn && !c.below || c.spent(i) {
		return
	}
	switch t.kind {
	case tryLabel:
		c.label(t, i, j)
		return
	case tryTold:
		c.told(t, i, j)
		return
	case tryPerson:
		c.person(t.d, i, j)
		return
	}
	at, ok := c.startOf(t, i, j)
	if !ok || t.d == c.last && c.lastAt <= at && at < c.lastEnd || c.foundAround(t.d, at) {
		return
	}
	if t.cuts {
		if t.d.cut != nil && c.inBlock(t.d, at) {
			return
		}
		if t.d.heads != nil && !t.d.heads(c.text[at:]) {
			c.work += headWork
			c.note(t.d, i, j, false, 0, "a keyword is met, but what follows it can't be such a thing")
			return
		}
	}
	from, state := at, t.d.auto.start()
	if after, known := t.behind(c.text[i:j], keyword); known {
		from, state = j, after
	}
	end, work := -1, 1
	if t.manyStarts() {
		at, end = c.anyStart(t, at, i)
	} else if state != 0 && t.again && c.beforeNext(t, at, from, state, j, keyword) {
		return
	} else if state != 0 {
		end, work = t.d.auto.matchFrom(c.text, at, from, state)
	}
	c.work += work + workTry
	if end < 0 {
		c.note(t.d, i, j, false, 0, "a keyword is met, but what follows it is not what the pattern asks for")
	} else if t.d.glued && c.nameLike(at, end) {
		c.note(t.d, i, j, false, 0, "it is a part of a longer name")
	} else if c.judge(t.d, at, end, false) {
		c.last, c.lastAt, c.lastEnd = t.d, at, end
		c.noteLong(t.d)
		if t.d.cut != nil {
			c.block = c.hits[len(c.hits)-1]
		}
	}
}

// repeatsWithin is how far behind a keyword it is looked for again.
const repeatsWithin = 256

// beforeNext reports whether t matches from at on before its keyword, which ends at j, stands
// again on the line: a pattern that may pass options or words would else find the password of the last
// of several commands or sentences only.
func (c *scan) beforeNext(t *try, at, from int, state uint16, j int, keyword string) bool {
	line := c.text[j:min(len(c.text), j+repeatsWithin)]
	if n := bytes.IndexByte(line, '\n'); n >= 0 {
		line = line[:n]
	}
	c.work += len(line) / 4
	k := indexFold(line, keyword)
	if k < 0 {
		return false
	}
	// The word before the keyword may be its own: "the password".
	for _, end := range [...]int{k, bytes.LastIndexByte(bytes.TrimRight(line[:k], " "), ' ')} {
		if end <= 0 {
			continue
		}
		to, work := t.d.auto.matchFrom(c.text[:j+end], at, from, state)
		if c.work += work; to >= 0 && c.judge(t.d, at, to, false) {
			c.last, c.lastAt, c.lastEnd = t.d, at, to
			return true
		}
	}
	return false
}

// nameLike reports whether low lines join text[i:j] to other words and nothing in it
// is drawn at random: neither a digit nor letters of both cases.
func (c *scan) nameLike(i, j int) bool {
	if (i == 0 || c.text[i-1] != '_') && (j == len(c.text) || c.text[j] != '_') {
		return false
	}
	small, big := false, false
	for _, x := range c.text[i:j] {
		if isDigit(x) {
			return false
		}
		small, big = small || isLower(x), big || isUpper(x)
	}
	return !small || !big
}

// startOf returns where a match of t must start whose keyword stands at text[i:j].
func (c *scan) startOf(t *try, i, j int) (at int, ok bool) {
	if t.kind == tryPattern {
		at = t.origin(c.text, i)
		c.work += i - at
		if at > 0 && t.d.health && isAlpha(c.text[at]) && endsInLetter(c.text[:at]) {
			return at, false // "hrt" in "fährt"
		}
		return at, at >= 0 && (t.manyStarts() || !c.insideWord(at) || t.d.glued && at == i && c.text[i-1] == '_')
	}
	if j < len(c.text) && !assignFollow.has(c.text[j]) && c.trace == nil {
		return 0, false
	}
	if operator[c.text[j-1]] && i > 0 && isAlpha(c.text[i]) && isAlpha(c.text[i-1]) { // "pass:" in "bypass:"
		return 0, false
	}
	at, ok = c.assigned(j)
	return at, ok && (t.next.has(c.text[at]) || c.trace != nil)
}

// endsInLetter reports whether text ends in a letter beyond ASCII of a script with blanks between
// words.
func endsInLetter(text []byte) bool {
	if text[len(text)-1] < utf8.RuneSelf {
		return false
	}
	r, _ := utf8.DecodeLastRune(text)
	return isTagLetter(r) && !isUnspaced(r)
}

// assignment is what assigned says of the name that ends at end: many detectors ask
// for the same one.
type assignment struct {
	end, at int
	ok      bool
}

func (c *scan) assigned(j int) (at int, ok bool) {
	if a := &c.assign; a.end != j {
		a.end = j
		a.at, a.ok = assigned(c.text, j)
		c.work += 16
	}
	return c.assign.at, c.assign.ok
}

// headWork is what a look at the head of a match costs.
const headWork = 64

// foundAround reports whether place i is inside one of the latest values that d has
// found, with all the confidence that it can have: a long one holds many keywords.
func (c *scan) foundAround(d *detector, i int) bool {
	for k := range c.long {
		if l := &c.long[k]; l.d == d && l.from <= i && i < l.to {
			return c.trace == nil
		}
	}
	return false
}

// found is a long value: one of at least leastLong bytes, with all the confidence
// that its detector has.
type found struct {
	d        *detector
	from, to int
}

const leastLong = 256

// noteLong notes the latest hit where it is a long one of d.
func (c *scan) noteLong(d *detector) {
	if h := &c.hits[len(c.hits)-1]; h.End-h.Start >= leastLong && h.Confidence >= d.best {
		c.long[c.longAt%len(c.long)] = found{d, h.Start, h.End}
		c.longAt++
	}
}

// inBlock reports whether d can say nothing better of place i than the block
// around it says.
func (c *scan) inBlock(d *detector, i int) bool {
	return i < c.block.End && i >= c.block.Start && d.class == c.block.Class && d.best <= c.block.Confidence
}
