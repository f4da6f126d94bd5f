package dlp

import (
	"encoding/binary"
	"errors"
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// runes groups the characters that a pattern does not tell apart, so that an
// automaton can read a text by its characters, whatever their script. Bytes that
// make none count as U+FFFD each, as they do for a regular expression.
type runes struct {
	ascii [utf8.RuneSelf]uint8
	least []rune // beyond ASCII, those from least[i] up to least[i+1] are of class of[i]
	of    []uint8
	width int // how many classes there are
}

// mostRunes bounds how many pieces a pattern may part the characters into.
const mostRunes = 1 << 12

// newRunes groups the characters of a program and returns which instructions read
// those of each class.
func newRunes(prog *syntax.Prog) (*runes, [][]uint16, error) {
	edges := []rune{0, utf8.RuneSelf}
	kinds := make(map[string]int) // instructions that read the same, by what they read
	var same [][]uint16
	var name []byte
	for pc := range prog.Inst {
		in := &prog.Inst[pc]
		if !isReading(in) {
			continue
		}
		name = binary.LittleEndian.AppendUint32(append(name[:0], byte(in.Op)), in.Arg)
		for _, r := range in.Rune {
			name = binary.LittleEndian.AppendUint32(name, uint32(r))
		}
		kind, ok := kinds[string(name)]
		if !ok {
			kind = len(same)
			kinds[string(name)] = kind
			same = append(same, nil)
			edges = appendEdges(edges, in)
		}
		same[kind] = append(same[kind], uint16(pc))
	}
	slices.Sort(edges)
	if edges = slices.Compact(edges); len(edges) > mostRunes {
		return nil, nil, errors.New("the pattern names too many characters")
	}
	return groupRunes(prog, edges, same)
}

// groupRunes makes classes of the pieces between edges by the instructions that
// read them.
func groupRunes(prog *syntax.Prog, edges []rune, same [][]uint16) (*runes, [][]uint16, error) {
	r := new(runes)
	var reads [][]uint16
	known := make(map[string]uint8)
	member := make([]byte, len(same))
	for k, lo := range edges {
		for i, pcs := range same {
			member[i] = 0
			if prog.Inst[pcs[0]].MatchRune(lo) {
				member[i] = 1
			}
		}
		class, ok := known[string(member)]
		if !ok {
			if len(reads) == 255 {
				return nil, nil, errors.New("the pattern has too many classes of characters")
			}
			class = uint8(len(reads))
			known[string(member)] = class
			var pcs []uint16
			for i, is := range member {
				if is == 1 {
					pcs = append(pcs, same[i]...)
				}
			}
			reads = append(reads, pcs)
		}
		if lo >= utf8.RuneSelf {
			r.least, r.of = append(r.least, lo), append(r.of, class)
			continue
		}
		for x := lo; x < edges[k+1]; x++ { // utf8.RuneSelf is an edge
			r.ascii[x] = class
		}
	}
	r.width = len(reads)
	return r, reads, nil
}

func isReading(in *syntax.Inst) bool {
	switch in.Op {
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		return true
	}
	return false
}

// appendEdges appends the characters at which in begins or ends to read.
func appendEdges(edges []rune, in *syntax.Inst) []rune {
	if in.Op == syntax.InstRuneAnyNotNL {
		return append(edges, '\n', '\n'+1)
	}
	if len(in.Rune) == 1 {
		r := in.Rune[0]
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			edges = append(edges, f, f+1)
		}
		return append(edges, r, r+1)
	}
	for i := 0; i+1 < len(in.Rune); i += 2 {
		edges = append(edges, in.Rune[i], in.Rune[i+1]+1)
	}
	return edges
}

// beyond returns the class of a character beyond ASCII.
func (r *runes) beyond(x rune) uint8 {
	lo, hi := 0, len(r.least)
	for hi-lo > 1 {
		if mid := int(uint(lo+hi) >> 1); r.least[mid] <= x {
			lo = mid
		} else {
			hi = mid
		}
	}
	return r.of[lo]
}

// reader is an automaton that reads characters.
type reader struct {
	*runes
	next []uint16 // rows as those of an automaton
	row  int      // entries of a row, of which the last is not 0 where a match may end
}

// newReader builds the reader of a pattern, which may match the empty text.
func newReader(re *syntax.Regexp) (*reader, error) {
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return nil, err
	}
	for pc := range prog.Inst {
		if prog.Inst[pc].Op == syntax.InstEmptyWidth {
			return nil, errors.New("the pattern has assertions")
		}
	}
	classes, reads, err := newRunes(prog)
	if err != nil {
		return nil, err
	}
	b := builders.Get().(*builder)
	defer builders.Put(b)
	b.reset(prog)
	for class, pcs := range reads { // a class stands for a byte
		b.reps = append(b.reps, byte(class))
		for _, pc := range pcs {
			if b.takes[pc] == nil {
				b.takes[pc] = new(byteSet)
			}
			b.takes[pc].add(byte(class))
		}
	}
	b.a.width = len(reads) + 1
	a, err := b.build()
	if err != nil {
		return nil, err
	}
	return &reader{runes: classes, next: a.next, row: a.width}, nil
}

// reading is how far a reader has come in a text.
type reading struct {
	*reader
	text  []byte
	at    int // what has been read
	state int // 0: no match can end any more
}

// read begins to read text[i:].
func (a *reader) read(text []byte, i int) reading {
	return reading{reader: a, text: text, at: i, state: a.row}
}

// end returns the next place at which a match may end.
func (r *reading) end() (at int, ok bool) {
	for r.state != 0 {
		at, ok = r.at, r.reader.next[r.state+r.row-1] != 0
		if r.at == len(r.text) {
			r.state = 0
		} else {
			class, n := r.classAt(r.text, r.at)
			r.state = int(r.reader.next[r.state+int(class)])
			r.at += n
		}
		if ok {
			return at, true
		}
	}
	return 0, false
}

// whole reports whether all of text matches. It adds to work what it reads.
func (a *reader) whole(text []byte, work *int) bool {
	state, i := a.row, 0
	for i < len(text) && state != 0 {
		class, n := a.classAt(text, i)
		state = int(a.next[state+int(class)])
		i += n
	}
	*work += i + 1
	return a.next[state+a.row-1] != 0
}

// classAt returns the class of the character at i, and its length.
func (r *runes) classAt(text []byte, i int) (uint8, int) {
	if x := text[i]; x < utf8.RuneSelf {
		return r.ascii[x], 1
	}
	x, n := utf8.DecodeRune(text[i:])
	return r.beyond(x), n
}
