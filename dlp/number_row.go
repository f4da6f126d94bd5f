package dlp

import "sync/atomic"

// numberRow is the detectors of one start. Those that need a word near the number
// to be reported are tried only where one stands: their count costs nothing. Of
// the others only those are tried that may go on as the text does.
type numberRow struct {
	free   []*detector
	bound  []uint64    // bits by order
	bare   []*detector // those of bound that may be all of their text
	digits int         // the fewest that one of bound needs
	within int         // the farthest that one of them looks for a word
	best   float64     // the highest confidence that one of all may have
	after  [numberKinds]rowAfter
	from   start
	second [len(numberMarks)]atomic.Pointer[secondGroups] // by the mark behind the first group; nil: not met yet
}

// rowAfter tells which detectors of a row may go on behind the first group of
// digits, by the kind of the second byte there; that of the first is the index
// of the rowAfter.
type rowAfter struct {
	free  [3]uint64 // bits by place in free, of the first 64
	bound uint8     // bits by kind: whether any does
}

func (r *numberRow) enter(d *detector, free bool, x *numberIndex, goes *goesOn) {
	r.best = max(r.best, d.best)
	if free {
		if at := len(r.free); at < 64 {
			for k := range goes {
				for kind := range 3 {
					r.after[k].free[kind] |= uint64(goes[k]>>kind&1) << at
				}
			}
		}
		r.free = append(r.free, d)
		return
	}
	if r.bound == nil {
		r.bound = make([]uint64, (len(x.detectors)+63)/64)
		r.digits = d.digits
	}
	for k := range goes {
		r.after[k].bound |= goes[k]
	}
	r.bound[d.order>>6] |= 1 << (d.order & 63)
	if d.bare >= x.min {
		r.bare = append(r.bare, d)
	}
	r.digits = min(r.digits, d.digits)
	r.within = max(r.within, d.within)
}

// The kinds of bytes behind a group of digits: each mark that numbers are parted
// by is one of its own.
const (
	kindOther = iota
	kindLetter
	kindHigh
	kindMarks
	numberMarks = " -./:,_*'+\\\t\n"
	numberKinds = kindMarks + len(numberMarks)
)

var numberKind = func() (t [256]uint8) {
	for c := range t {
		switch {
		case isAlpha(byte(c)):
			t[c] = kindLetter
		case c >= 0x80:
			t[c] = kindHigh
		}
	}
	for k, c := range []byte(numberMarks) {
		t[c] = uint8(kindMarks + k)
	}
	return t
}()

const (
	secondDigit = iota
	secondLetter
	secondOther
)

// secondKind tells digits, letters and other bytes.
func secondKind(c byte) int {
	switch {
	case isDigit(c):
		return secondDigit
	case isAlpha(c):
		return secondLetter
	}
	return secondOther
}

// kindsAt returns the kinds of the two bytes at i. Behind the end of the text
// nothing goes on.
func kindsAt(text []byte, i int) (first uint8, second int) {
	second = secondOther
	if i < len(text) {
		first = numberKind[text[i]]
	}
	if i+1 < len(text) {
		second = secondKind(text[i+1])
	}
	return first, second
}

// goesOn says for each kind of first byte behind a group of digits by which
// kinds of second bytes (bits) a pattern goes on, or has ended.
type goesOn [numberKinds]uint8

const anySecond = 7

var anyBehind = func() (g goesOn) {
	for k := range g {
		g[k] = anySecond
	}
	return g
}()

// behind is what numberIndex.add asks an automaton for.
type behind struct {
	auto                        *automaton
	digits, letters, separators []uint8     // classes
	kinds                       [256]uint32 // by class: bits of kinds of the first byte, 0 for digits only
	seconds                     [256]uint8  // by class: bits of kinds of the second
}

func (b *behind) read(a *automaton) {
	b.auto = a
	b.digits, b.letters, b.separators = a.classes(&digitBytes), a.classes(&letterBytes), a.classes(&separatorBytes)
	for c := range 256 {
		class := a.class[c]
		b.seconds[class] |= 1 << secondKind(byte(c))
		if !isDigit(byte(c)) {
			b.kinds[class] |= 1 << numberKind[c]
		}
	}
}

// of returns how matches go on that have led to one of set.
func (b *behind) of(set []uint16) (g goesOn) {
	a := b.auto
	for _, s := range set {
		if a.accepts(s) { // it may end here, unless a word goes on
			for k := range g {
				if k != kindLetter && k != int(numberKind['_']) {
					g[k] = anySecond
				}
			}
			if a.glued {
				g[numberKind['_']] |= 1 << secondLetter
			}
		}
		for class, to := range a.next[s : int(s)+a.width-1] {
			if to == 0 || b.kinds[class] == 0 {
				continue
			}
			second := b.second(to)
			for k := range g {
				if b.kinds[class]>>k&1 != 0 {
					g[k] |= second
				}
			}
		}
	}
	return g
}

// second returns the kinds of bytes by which state goes on; all where it may
// end.
func (b *behind) second(state uint16) (kinds uint8) {
	if b.auto.accepts(state) {
		return anySecond
	}
	for class, to := range b.auto.next[state : int(state)+b.auto.width-1] {
		if to != 0 {
			kinds |= b.seconds[class]
		}
	}
	return kinds
}
