package dlp

// maxSecond is the longest second group of digits that a row tells apart.
const maxSecond = 7

// secondGroups says which detectors of a row may go on behind the mark that ends the
// first group of digits, by the length of the second group and the kind of the
// byte behind that: bits by place in free. Most patterns say how long each group
// is, and a table costs less than reading the text once for each of them.
type secondGroups [maxSecond + 1][numberKinds]uint64

// start is where the matches of a row stand when the first group of digits ends.
type start struct {
	letters, digits int
	spaced          bool
}

// number the rows, as each works out what goes on behind a mark when a text has it
// for the first time: few texts have most of them.
func (x *numberIndex) placeRows() {
	for letters := range maxLetters + 1 {
		for digits := range maxDigits + 1 {
			x.direct[letters][digits].from = start{letters, digits, false}
			x.spaced[letters][digits].from = start{letters, digits, true}
		}
	}
}

// goOn returns which of free may match where the first group of digits ends at
// end, with a mark of kind behind which digits stand.
func (r *numberRow) goOn(text []byte, end int, kind uint8) uint64 {
	if r.from.digits == 0 || kind < kindMarks { // the first group is any
		return ^uint64(0)
	}
	n, at := 0, end+1
	for at < len(text) && isDigit(text[at]) {
		if n++; n > maxSecond {
			return ^uint64(0)
		}
		at++
	}
	t := r.second[kind-kindMarks].Load()
	if t == nil {
		t = r.secondGroups(kind)
		r.second[kind-kindMarks].Store(t)
	}
	behind := uint8(kindOther)
	if at < len(text) {
		behind = numberKind[text[at]]
	}
	return t[n][behind]
}

// secondGroups works out what goOn looks up.
func (r *numberRow) secondGroups(kind uint8) *secondGroups {
	t := new(secondGroups)
	mark := numberMarks[kind-kindMarks]
	for at, d := range r.free[:min(len(r.free), 64)] {
		var b behind
		b.read(d.auto)
		set := d.auto.after(r.from, &b)
		ended := d.auto.acceptsAny(set)
		set = d.auto.step(nil, set, []uint8{d.auto.class[mark]})
		ended = ended || d.auto.acceptsAny(set)
		for n := 1; n <= maxSecond; n++ {
			set = d.auto.step(nil, set, b.digits)
			goes := b.of(set)
			for k := range t[n] {
				if ended || goes[k] != 0 {
					t[n][k] |= 1 << at
				}
			}
		}
	}
	return t
}

// after returns the states that the letters and digits of from lead to.
func (a *automaton) after(from start, b *behind) []uint16 {
	set := []uint16{a.start()}
	for range from.letters {
		set = a.step(nil, set, b.letters)
	}
	if from.spaced {
		set = a.step(nil, set, a.classes(&blankOrDash))
	}
	for range from.digits {
		set = a.step(nil, set, b.digits)
	}
	return set
}

func (a *automaton) acceptsAny(set []uint16) bool {
	for _, s := range set {
		if a.accepts(s) {
			return true
		}
	}
	return false
}
