package dlp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"regexp/syntax"
	"slices"
	"sync"
)

// automaton is a pattern as a deterministic finite automaton over bytes,
// anchored at its start. It takes one step a byte and never goes back, which is
// what makes the scanner's work countable.
type automaton struct {
	class [256]uint8 // bytes that no state tells apart share a class
	width int        // of a row: the classes, and a column that says "match"
	next  []uint16   // rows of states; a state is the index of its row, 0 is dead
	runs  int        // the first of the states that run on over all bytes but those of exits
	ends  int        // the first of the states in which a match may end
	exits [][]byte   // of the states from runs up to ends
	rest  uint16     // the state that all bytes but one lead back to: the tail of "[^\x00]*"; 0: none
	stop  byte       // that byte, which ends the match
	glued bool       // a match may end before a low line that goes on with a word
}

const (
	maxTable = 1 << 16 // entries: a pattern that needs more is refused, it is no token
	maxMatch = 8 << 10
)

// start returns the first state.
func (a *automaton) start() uint16 { return uint16(a.width) }

// accepts reports whether a match may end in state s.
func (a *automaton) accepts(s uint16) bool { return a.next[int(s)+a.width-1] != 0 }

// compile builds the automaton of a parsed pattern. Assertions (^, $, \b) are
// refused: the scanner looks at the neighbours of a match itself.
func compile(re *syntax.Regexp) (*automaton, error) {
	a, err := compileAny(re)
	if err != nil {
		return nil, err
	}
	if a.accepts(a.start()) {
		return nil, errors.New("the pattern matches the empty text")
	}
	a.order()
	return a, nil
}

// compileAny is compile for what may match the empty text.
func compileAny(re *syntax.Regexp) (*automaton, error) {
	prog, err := syntax.Compile(spell(re).Simplify())
	if err != nil {
		return nil, err
	}
	b := builders.Get().(*builder)
	defer builders.Put(b)
	b.reset(prog)
	if err := b.partition(); err != nil {
		return nil, err
	}
	return b.build()
}

// compilePattern parses and builds.
func compilePattern(pattern string) (*automaton, error) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return compile(re)
}

// builder holds the subset construction of one automaton.
type builder struct {
	prog  *syntax.Prog
	a     automaton
	takes []*byteSet        // by instruction; nil: reads nothing
	reps  []byte            // one byte of each class
	ids   map[uint64]uint16 // states by the hash of their set; sets of one hash follow each other in same
	same  []uint16          // by state: another one with that hash, or 0
	sets  [][]uint32        // the instructions of each state
	all   []uint32          // their backing
	mark  []uint32
	round uint32
	stack []uint32
	set   []uint32
	bytes map[string]*byteSet // what an instruction takes, by its runes
	name  []byte
}

// builders keeps the buffers of builders: hundreds of automata are built at once.
var builders = sync.Pool{New: func() any {
	return &builder{ids: make(map[uint64]uint16), bytes: make(map[string]*byteSet)}
}}

// reset makes b ready for prog.
func (b *builder) reset(prog *syntax.Prog) {
	b.prog, b.a = prog, automaton{next: b.a.next[:0]}
	clear(b.ids)
	if len(b.bytes) > 1<<12 {
		clear(b.bytes)
	}
	b.takes = slices.Grow(b.takes[:0], len(prog.Inst))[:len(prog.Inst)]
	clear(b.takes)
	b.mark = slices.Grow(b.mark[:0], len(prog.Inst))[:len(prog.Inst)]
	clear(b.mark)
	b.round = 0
	b.reps, b.same, b.sets, b.all = b.reps[:0], b.same[:0], b.sets[:0], b.all[:0]
}

// partition groups the bytes that every instruction treats alike.
func (b *builder) partition() error {
	var done [16]*byteSet // the sets of latest instructions: most repeat
	classes := 1
	for pc := range b.prog.Inst {
		in := &b.prog.Inst[pc]
		switch in.Op {
		case syntax.InstEmptyWidth:
			return errors.New("assertions such as ^, $ and \\b are not supported: the neighbours of a match are always checked")
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		default:
			continue
		}
		set := b.taken(in)
		b.takes[pc] = set
		if !slices.Contains(done[:], set) {
			done[pc%len(done)] = set
			classes = b.split(set, classes)
		}
	}
	for x := range 256 {
		if int(b.a.class[x]) == len(b.reps) { // classes are numbered by their first bytes
			b.reps = append(b.reps, byte(x))
		}
	}
	b.a.width = len(b.reps) + 1
	return nil
}

// split parts the classes into the bytes that set has and those that it has
// not, and returns how many there are.
func (b *builder) split(set *byteSet, classes int) int {
	var to [256][2]int16 // class and membership: the new class, plus one
	n := int16(0)
	for x := range 256 {
		in := 0
		if set.has(byte(x)) {
			in = 1
		}
		c := &to[b.a.class[x]][in]
		if *c == 0 {
			n++
			*c = n
		}
		b.a.class[x] = uint8(*c - 1)
	}
	return int(n)
}

// taken returns the bytes that in accepts.
func (b *builder) taken(in *syntax.Inst) *byteSet {
	b.name = binary.LittleEndian.AppendUint32(append(b.name[:0], byte(in.Op)), in.Arg)
	for _, r := range in.Rune {
		b.name = binary.LittleEndian.AppendUint32(b.name, uint32(r))
	}
	set, ok := b.bytes[string(b.name)]
	if !ok {
		set = new(byteSet)
		*set = bytesOf(func(x byte) bool { return takesByte(in, x) })
		b.bytes[string(b.name)] = set
	}
	return set
}

// takesByte reports whether in accepts the byte x. Bytes of multi-byte
// characters are taken by classes that hold letters of any script, such as
// [^\s]; letters that a pattern names are spelt. One is not, the no-break space
// (C2 A0), which separates groups of digits as a blank does.
func takesByte(in *syntax.Inst, x byte) bool {
	if x < 0x80 {
		return in.MatchRune(rune(x))
	}
	if in.MatchRune('中') {
		return true
	}
	return in.MatchRune(byteRune+rune(x)) || (x == 0xc2 || x == 0xa0) && in.MatchRune(0xa0)
}

func (b *builder) build() (*automaton, error) {
	b.a.next = append(b.a.next, make([]uint16, b.a.width)...) // the dead state leads to itself
	b.sets, b.same = append(b.sets, nil), append(b.same, 0)
	b.begin()
	b.follow(uint32(b.prog.Start))
	if _, err := b.state(); err != nil {
		return nil, err
	}
	for s := 1; s < len(b.sets); s++ {
		for c, rep := range b.reps {
			b.begin()
			for _, pc := range b.sets[s] {
				if t := b.takes[pc]; t != nil && t.has(rep) {
					b.follow(b.prog.Inst[pc].Out)
				}
			}
			id, err := b.state()
			if err != nil {
				return nil, err
			}
			b.a.next[s*b.a.width+c] = id
		}
	}
	a := b.a
	a.next = slices.Clone(b.a.next)
	a.findRest()
	return &a, nil
}

func (b *builder) begin() {
	b.round++
	b.set = b.set[:0]
}

// follow adds pc and what it reaches without reading to the set under
// construction.
func (b *builder) follow(pc uint32) {
	b.stack = append(b.stack[:0], pc)
	for len(b.stack) > 0 {
		pc := b.stack[len(b.stack)-1]
		b.stack = b.stack[:len(b.stack)-1]
		if b.mark[pc] == b.round {
			continue
		}
		b.mark[pc] = b.round
		switch in := &b.prog.Inst[pc]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			b.stack = append(b.stack, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			b.stack = append(b.stack, in.Out)
		case syntax.InstFail:
		default:
			b.set = append(b.set, pc)
		}
	}
}

// state returns the number of the state for the set under construction.
func (b *builder) state() (uint16, error) {
	if len(b.set) == 0 {
		return 0, nil
	}
	slices.Sort(b.set)
	h := uint64(len(b.set))
	for _, pc := range b.set {
		h = (h ^ uint64(pc)) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	first, known := b.ids[h]
	for id := first; id != 0; id = b.same[int(id)/b.a.width] {
		if slices.Equal(b.sets[int(id)/b.a.width], b.set) {
			return id, nil
		}
	}
	at := len(b.sets) * b.a.width
	if at+b.a.width > maxTable {
		return 0, fmt.Errorf("the pattern needs more than %d states: shorten its repetitions", maxTable/b.a.width)
	}
	id := uint16(at)
	b.ids[h] = id
	if !known {
		first = 0
	}
	b.same = append(b.same, first)
	n := len(b.all)
	b.all = append(b.all, b.set...)
	b.sets = append(b.sets, b.all[n:len(b.all):len(b.all)])
	b.a.next = slices.Grow(b.a.next, b.a.width)[:at+b.a.width]
	clear(b.a.next[at:])
	if slices.ContainsFunc(b.set, func(pc uint32) bool { return b.prog.Inst[pc].Op == syntax.InstMatch }) {
		b.a.next[at+b.a.width-1] = 1
	}
	return id, nil
}

// findRest looks for a state that the rest of a text is read in: no other byte
// than one leads out of it, and that one ends the match.
func (a *automaton) findRest() {
	for s := a.width; s < len(a.next); s += a.width {
		row := a.next[s : s+a.width-1]
		out := -1
		for class, to := range row {
			if int(to) == s {
				continue
			}
			if to != 0 || out >= 0 {
				out = -2
				break
			}
			out = class
		}
		if out < 0 {
			continue
		}
		stops := 0
		for x := range 256 {
			if int(a.class[x]) == out {
				a.stop = byte(x)
				stops++
			}
		}
		if stops == 1 {
			a.rest = uint16(s)
			return
		}
	}
}

// restWork is how many bytes of a rest are read in the time of a step.
const restWork = 16

// endsIn reports whether a match may end in x.
func (a *automaton) endsIn(x byte) bool {
	for s := a.width; s < len(a.next); s += a.width {
		if to := a.next[s+int(a.class[x])]; to != 0 && a.accepts(to) {
			return true
		}
	}
	return false
}

// readRest is what match does in the state rest from text[j] on: where the match
// ends, or before if there is no such place, and how much work it was.
func (a *automaton) readRest(text []byte, j, limit, before int) (end, work int) {
	stop := limit
	if n := bytes.IndexByte(text[j:limit], a.stop); n >= 0 {
		stop = j + n
	}
	work = (stop - j) / restWork
	if !a.accepts(a.rest) {
		return before, work
	}
	for end = stop; end > j; end-- {
		if end == len(text) || !isWord[text[end-1]] || !isWord[text[end]] {
			return end, work
		}
	}
	return before, work
}

// firstBytes returns the bytes that a match may start with.
func (a *automaton) firstBytes() byteSet {
	return bytesOf(func(c byte) bool { return a.next[a.start()+uint16(a.class[c])] != 0 })
}

// match returns the end of the longest match at i whose end is no place inside
// a word, or -1, and how many bytes it looked at.
func (a *automaton) match(text []byte, i int) (end, work int) {
	return a.matchFrom(text, i, i, a.start())
}

// matchFrom is match where text[i:from] led to a state in which no match ends.
func (a *automaton) matchFrom(text []byte, i, from int, begin uint16) (end, work int) {
	end = -1
	limit := min(len(text), i+maxMatch)
	next, class, runs, ends := a.next, &a.class, a.runs, a.ends // once, not at each byte
	state, passed := int(begin), 0
	j := from
	for ; j < limit; j++ {
		to := int(next[state+int(class[text[j]])])
		if to == state {
			if to == int(a.rest) {
				end, work = a.readRest(text, j, limit, end)
				return end, work + j - from - passed + passed/restWork
			}
			if to < runs {
				continue // in a run of one class the next byte need not wait for this one
			}
			if to < ends {
				n := a.run(text[j+1:limit], to)
				j, passed = j+n, passed+n
				continue
			}
		}
		if state = to; state == 0 {
			break
		}
		if state >= ends && (j+1 == len(text) || !isWord[text[j]] || !isWord[text[j+1]] || a.glued && text[j+1] == '_') {
			end = j + 1
		}
	}
	return end, j - from - passed + passed/restWork + 1
}

// whole reports whether all of text matches.
func (a *automaton) whole(text []byte) bool {
	state := a.start()
	for _, x := range text {
		if state = a.next[int(state)+int(a.class[x])]; state == 0 {
			return false
		}
	}
	return a.accepts(state)
}

// wholeSteps is whole that says how many bytes it looked at.
func (a *automaton) wholeSteps(text []byte) (ok bool, steps int) {
	state := a.start()
	for i, x := range text {
		if state = a.next[int(state)+int(a.class[x])]; state == 0 {
			return false, i + 1
		}
	}
	return a.accepts(state), len(text)
}

// classes returns the classes that the bytes of set are in.
func (a *automaton) classes(set *byteSet) []uint8 {
	var seen byteSet
	out := make([]uint8, 0, 8)
	for i, w := range set {
		for ; w != 0; w &= w - 1 {
			if c := a.class[i<<6|bits.TrailingZeros64(w)]; !seen.has(c) {
				seen.add(c)
				out = append(out, c)
			}
		}
	}
	return out
}

// step appends to dst the states that set reaches by the bytes of classes.
func (a *automaton) step(dst, set []uint16, classes []uint8) []uint16 {
	if len(set)*len(classes) > 64 {
		return a.stepFar(dst, set, classes)
	}
	from := len(dst)
	for _, s := range set {
		for _, c := range classes {
			if n := a.next[s+uint16(c)]; n != 0 && !slices.Contains(dst[from:], n) {
				dst = append(dst, n)
			}
		}
	}
	return dst
}

// stepFar is step for large sets.
func (a *automaton) stepFar(dst, set []uint16, classes []uint8) []uint16 {
	seen := make([]uint64, len(a.next)>>6+1)
	last := uint16(0)
	for _, s := range set {
		for _, c := range classes {
			if n := a.next[s+uint16(c)]; n != last && n != 0 { // most classes lead to one place
				if last = n; seen[n>>6]>>(n&63)&1 == 0 {
					seen[n>>6] |= 1 << (n & 63)
					dst = append(dst, n)
				}
			}
		}
	}
	return dst
}

// fewestDigits returns how many digits the shortest match has.
func (a *automaton) fewestDigits() int {
	var digit, other [256]bool // by class
	for x := range 256 {
		if isDigit(byte(x)) {
			digit[a.class[x]] = true
		} else {
			other[a.class[x]] = true
		}
	}
	least := make([]int, len(a.next)/a.width) // by state, plus one; 0: not reached
	least[1] = 1
	fewest := maxMatch
	for round := []int{1}; len(round) > 0; {
		var next []int
		for _, s := range round {
			if a.next[s*a.width+a.width-1] != 0 {
				fewest = min(fewest, least[s]-1)
			}
			for c := range a.width - 1 {
				to := int(a.next[s*a.width+c]) / a.width
				n := least[s]
				if !other[c] {
					n++
				}
				if to != 0 && (least[to] == 0 || n < least[to]) && (other[c] || digit[c]) {
					least[to] = n
					next = append(next, to)
				}
			}
		}
		round = next
	}
	return fewest
}
