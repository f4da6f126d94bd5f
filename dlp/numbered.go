package dlp

// What a sentence says a number is: of a policy, a meter, a member, or of a telephone.
// Nobody can list what all labels are; what shows it is a word of what people have that is
// numbered and one for numbers near it (numbered.txt), or one for calling (called.txt),
// and how the number looks.

// Checks of what the words around a number say.
const (
	checkNumbered = "numbered"        // it is somebody's number of something,
	checkBank     = "numbered_bank"   // of an account,
	checkCalled   = "numbered_called" // or of a telephone
)

const (
	surelyNumbered = 0.66 // confidence that such a detector has at most

	numberedFree    = 64 << 10 // work that a text may cause here, which is none of that of the patterns,
	numberedPerByte = 3        // and for each byte of it;
	numberedPerHit  = 400      // a number that is found pays for what it took
)

// numberedAs is what a number is told to be.
type numberedAs uint8

const (
	asNothing numberedAs = iota
	asThing
	asAccount
	asPhone
)

var numberedChecks = map[string]numberedAs{checkNumbered: asThing, checkBank: asAccount, checkCalled: asPhone}

// numbered tries the detectors of numbers that have a name around the group of digits
// text[from:to].
func (c *scan) numbered(from, to int) {
	if from < c.numberedTo || from < c.numberedIdle && to-from < 3 && c.text[from] != '0' || c.isBare(from, to) || c.isPart(from, to) || c.fewer(from, leastNumbered) {
		return
	}
	if n := len(c.hits); n > c.base && c.hits[n-1].End > from && c.hits[n-1].Confidence > surelyNumbered && !c.hits[n-1].block() && c.trace == nil {
		return
	}
	if c.numberedSpent > numberedFree+numberedPerByte*from {
		c.skip(from, to)
		return
	}
	c.readNumbered(from, to)
}

// readNumbered is numbered for a group of digits that may be the start of a number: most
// are none, and this one clears much room.
func (c *scan) readNumbered(from, to int) {
	phone := phoneAround(c.text, from, to)
	i, j := idAround(c.text, from, to)
	shape := shapeOfID(c.text, i, j)
	if c.numberedSpent += (j - i) / 2; phone.n == 0 && shape == idNone {
		c.numberedIdle = j
		return
	}
	var a numberedAround
	left, right := i, j
	if phone.n > 0 {
		left, right = min(i, phone.from), max(j, phone.to[0])
	}
	if shape == idNone {
		left, right = phone.from, phone.to[0]
	}
	var seen *numberedSeen
	if c.memo != nil {
		seen = &c.memo.numbered
	}
	c.numberedSpent += a.read(c.text, left, right, seen)
	as := asNothing
	if shape != idNone {
		as = a.thing(shape, shape == idStrong && !allDigits(c.text[i:j]), j-i)
	}
	if phone.n > 0 && (as == asNothing || a.callsFirst()) {
		if end := c.isCalled(&phone, &a); end > 0 {
			c.tellNumbered(asPhone, phone.from, end)
			return
		}
	}
	if as != asNothing {
		c.tellNumbered(as, i, j)
	}
}

// isPart reports whether the group of digits text[from:to] is a part of a date, a time or
// a number that has been looked at.
func (c *scan) isPart(from, to int) bool {
	if from > 0 {
		switch c.text[from-1] {
		case '-', '.', '/', ' ':
			if from > 2 && isDigit(c.text[from-2]) && isDigit(c.text[from-3]) && c.text[from-1] != ' ' {
				return true
			}
		case ':':
			return from > 1 && isDigit(c.text[from-2])
		}
	}
	if to-from <= 4 && c.isAlone(from, to) { // "in March 2025,"
		return true
	}
	if to+2 >= len(c.text) || !isDigit(c.text[to+1]) || !isDigit(c.text[to+2]) {
		return false
	}
	next := c.text[to]
	if next == ':' {
		return true
	}
	if to-from == 4 && (next == '-' || next == '/') && (to+3 == len(c.text) || !isDigit(c.text[to+3])) && (c.text[from] == '1' || c.text[from] == '2') {
		c.numberedTo = to + len("-12-31")
		return true
	}
	return false
}

// isAlone reports whether nothing joins the digits text[from:to] to a longer number.
func (c *scan) isAlone(from, to int) bool {
	if from > 1 && (c.text[from-1] != ' ' && c.text[from-1] != ':' && c.text[from-1] != '"' || isUpper(c.text[from-2]) || isDigit(c.text[from-2])) {
		return false
	}
	if to+1 >= len(c.text) {
		return true
	}
	switch next := c.text[to+1]; c.text[to] {
	case ',', ';', ':', '"', '\n', '?', '!', '.':
		return !isAlnum(next)
	case ' ':
		return isLower(next)
	}
	return false
}

// tellNumbered notes text[i:j] for the detectors of what it is told to be.
func (c *scan) tellNumbered(as numberedAs, i, j int) {
	c.numberedTo = j
	if as != asThing && c.numbersElse(i, j) {
		return
	}
	for _, d := range c.s.numbered {
		if d.numbered == as && c.judge(d, i, j, false) {
			c.numberedSpent = max(0, c.numberedSpent-numberedPerHit)
		}
	}
}

// countsUnits reports whether the number is one of things that are counted: "2500 items".
func (a *numberedAround) countsUnits() bool {
	return a.m > 0 && a.after[0].gap == 0 && a.after[0].kind&isUnit != 0
}

// callsFirst reports whether the nearest word that says what a number is speaks of calling.
func (a *numberedAround) callsFirst() bool {
	for k := range a.n {
		if w := &a.before[k]; w.kind&isNumber == 0 && w.langs|w.kind != 0 {
			return w.langs != 0 && w.kind&^(isPhone|isOther) == 0
		}
	}
	return false
}

// wordsOfThing is how many words before a number may say what it is.
const wordsOfThing = 10

// thing returns what the words around a number of such a shape say that it is.
func (a *numberedAround) thing(shape idShape, mixed bool, length int) numberedAs {
	if a.countsUnits() {
		return asNothing
	}
	named, comma, kind, at := false, false, toldKind(0), 0
	for k := range min(a.n, wordsOfThing) {
		w := &a.before[k]
		if w.gap&(gapStop|gapDigit) != 0 || w.gap&gapLine != 0 && (k > 0 || w.kind == 0) {
			break
		}
		named = named || w.kind&isNumber != 0
		if w.kind&(isOther|isPhone) != 0 && kind&isThing == 0 {
			return asNothing
		}
		if comma = comma || w.gap&gapComma != 0; comma && w.kind&(isThing|isBank|isWeak) == isWeak {
			continue
		}
		if w.kind&isOfficial != 0 && w.kind&isThing == 0 && (kind == 0 || k <= at+1 && kind&isBank == 0) {
			return asNothing
		}
		if w.kind&(isThing|isBank|isWeak) != 0 {
			if kind == 0 {
				at = k
			}
			kind |= w.kind
		}
		if kind != 0 && k > at+2 {
			break
		}
	}
	switch {
	case kind == 0:
		return a.thingBehind(shape)
	case kind&(isThing|isBank) == 0 && !named: // a card
		return asNothing
	case named && at <= 7:
	case shape == idStrong && at <= 2:
	case shape == idStrong && mixed && at <= 5:
	case shape == idWeak && mixed && at == 0:
	default:
		return asNothing
	}
	if kind&isBank != 0 && kind&(isThing|isWeak) == 0 {
		if shape == idWeak && !named {
			return asNothing
		}
		return asAccount
	}
	return asThing
}

// thingBehind is thing for words behind the number: "8841-2 is my member number".
func (a *numberedAround) thingBehind(shape idShape) numberedAs {
	if shape != idStrong {
		return asNothing
	}
	kind, named := toldKind(0), false
	for k := range a.m {
		w := &a.after[k]
		if w.gap&(gapStop|gapDigit|gapLine) != 0 || w.gap&gapComma != 0 && k > 0 || k > 5 || w.kind&isOther != 0 {
			break
		}
		named = named || w.kind&isNumber != 0
		kind |= w.kind
	}
	switch {
	case !named || kind&(isThing|isBank|isWeak) == 0:
		return asNothing
	case kind&(isThing|isWeak) == 0:
		return asAccount
	}
	return asThing
}
