package dlp

import (
	"encoding/binary"
	"errors"
	"regexp/syntax"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// capture finds the value in a match as a regular expression would, in two
// readings of the match and without trying anything twice. The first goes from the
// end to the beginning, by a deterministic automaton that says at each place from
// which instructions of the pattern the rest can be read. The second goes from the
// beginning to the end and takes, where the pattern leaves a choice, the first way
// that leads there, which is the one that the expression prefers. The states of the
// automaton are made when they are first met: few ever are. It is safe for
// concurrent use.
type capture struct {
	*runes
	steps []captureStep
	start uint16
	into  [][]uint16 // by step: those that lead to it without reading
	from  [][]uint16 // and those that lead to it by reading
	takes [][]uint64 // by class of characters, a bit for each step that reads it

	last *captureState // behind the end of a match
	none *captureState // from which nothing can be read
	mu   sync.Mutex
	ids  map[string]*captureState
	room int // bytes that states may still take
}

// captureState is a place in a match, told by what can be read behind it.
type captureState struct {
	can    []uint64                       // a bit for each step from which the rest can be read
	before []atomic.Pointer[captureState] // by class, the place one character before; nil: not known yet
}

// captureStep is an instruction of the pattern.
type captureStep struct {
	op       captureOp
	out, arg uint16 // where to go on, and where else
}

type captureOp uint8

const (
	captureFail captureOp = iota
	captureRead
	captureChoice
	captureOpen
	captureClose
	captureEnd
)

// Bounds of a capture: a pattern or a match that needs more is left to the
// expression.
const (
	mostCaptureSteps = 1 << 12
	captureRoom      = 256 << 10 // bytes of states
	mostTrail        = 512       // bytes of a match
)

// newCapture returns what finds the group of that number in matches of re.
func newCapture(re *syntax.Regexp, group int) (*capture, error) {
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return nil, err
	}
	n := len(prog.Inst)
	if n > mostCaptureSteps {
		return nil, errors.New("the pattern is too long")
	}
	c := &capture{
		steps: make([]captureStep, n), start: uint16(prog.Start), into: make([][]uint16, n), from: make([][]uint16, n),
		ids: make(map[string]*captureState), room: captureRoom,
	}
	var reads [][]uint16
	if c.runes, reads, err = newRunes(prog); err != nil {
		return nil, err
	}
	for _, pcs := range reads {
		set := c.newSet()
		for _, pc := range pcs {
			set[pc>>6] |= 1 << (pc & 63)
		}
		c.takes = append(c.takes, set)
	}
	for pc := range prog.Inst {
		if err := c.add(prog, uint16(pc), uint32(group)); err != nil {
			return nil, err
		}
	}
	if c.loops() {
		return nil, errors.New("the pattern repeats what may be empty")
	}
	c.none = &captureState{}
	c.last = c.ending()
	return c, nil
}

func (c *capture) newSet() []uint64 { return make([]uint64, (len(c.steps)+63)/64) }

// add notes the instruction pc.
func (c *capture) add(prog *syntax.Prog, pc uint16, group uint32) error {
	in := &prog.Inst[pc]
	step := &c.steps[pc]
	*step = captureStep{captureChoice, uint16(in.Out), uint16(in.Out)}
	switch in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		step.arg = uint16(in.Arg)
		c.into[in.Arg] = append(c.into[in.Arg], pc)
	case syntax.InstCapture:
		switch in.Arg {
		case 2 * group:
			step.op = captureOpen
		case 2*group + 1:
			step.op = captureClose
		}
	case syntax.InstNop:
	case syntax.InstFail:
		step.op = captureFail
		return nil
	case syntax.InstMatch:
		step.op = captureEnd
		return nil
	case syntax.InstEmptyWidth:
		return errors.New("the pattern has assertions")
	default:
		step.op = captureRead
		c.from[in.Out] = append(c.from[in.Out], pc)
		return nil
	}
	c.into[in.Out] = append(c.into[in.Out], pc)
	return nil
}

// loops reports whether the steps lead in a circle without reading: the second
// reading would not end.
func (c *capture) loops() bool {
	left := make([]int, len(c.into)) // ways that lead on without reading
	for _, pcs := range c.into {
		for _, pc := range pcs {
			left[pc]++
		}
	}
	var free []uint16
	for pc, n := range left {
		if n == 0 {
			free = append(free, uint16(pc))
		}
	}
	done := 0
	for ; done < len(free); done++ {
		for _, pc := range c.into[free[done]] {
			if left[pc]--; left[pc] == 0 {
				free = append(free, pc)
			}
		}
	}
	return done < len(c.into)
}

// find returns the place of the value in match, unless it is no match, or one
// without a value. It is not sure where there is no room for what it would need.
func (c *capture) find(match []byte) (from, to int, ok, sure bool) {
	var trail [mostTrail + 1]*captureState
	if len(match) > mostTrail {
		return 0, 0, false, false
	}
	if ok, sure = c.backward(match, &trail); !ok {
		return 0, 0, false, sure
	}
	from, to = -1, -1
	for s, i := c.start, 0; ; {
		step := &c.steps[s]
		s = step.out
		switch step.op {
		case captureRead:
			for i++; trail[i] == nil; { // inside a character
				i++
			}
		case captureChoice:
			if !trail[i].leads(step.out) {
				s = step.arg
			}
		case captureOpen:
			from = i
		case captureClose:
			to = i
		default:
			return from, to, from >= 0 && to >= 0, true
		}
	}
}

// leads reports whether the rest behind a place can be read from step s.
func (p *captureState) leads(s uint16) bool { return p.can[s>>6]>>(s&63)&1 != 0 }

// backward notes the state at each place of match where a character starts, from
// its end, and reports whether it is a match.
func (c *capture) backward(match []byte, trail *[mostTrail + 1]*captureState) (ok, sure bool) {
	state := c.last
	i := len(match)
	trail[i] = state
	for i > 0 {
		var class uint8
		if x := match[i-1]; x < utf8.RuneSelf {
			i--
			class = c.ascii[x]
		} else {
			r, n := utf8.DecodeLastRune(match[:i])
			i -= n
			class = c.beyond(r)
		}
		next := state.before[class].Load()
		if next == nil {
			if next = c.stepBack(state, class); next == nil {
				return false, false
			}
		}
		if next == c.none {
			return false, true
		}
		state = next
		trail[i] = state
	}
	return state.leads(c.start), true
}

// stepBack makes the state before state and a character of that class, or returns
// nil if there is no room for it.
func (c *capture) stepBack(state *captureState, class uint8) *captureState {
	set, stack := c.newSet(), make([]uint16, 0, 64)
	for out, pcs := range c.from {
		if len(pcs) == 0 || !state.leads(uint16(out)) {
			continue
		}
		for _, pc := range pcs {
			if c.takes[class][pc>>6]>>(pc&63)&1 != 0 {
				stack = append(stack, pc)
			}
		}
	}
	next := c.none
	if len(stack) > 0 {
		c.close(set, stack)
		next = c.state(set)
	}
	if next != nil {
		state.before[class].Store(next)
	}
	return next
}

// close adds to set the steps of stack and all that lead to them without reading.
func (c *capture) close(set []uint64, stack []uint16) {
	for len(stack) > 0 {
		pc := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if set[pc>>6]>>(pc&63)&1 == 0 {
			set[pc>>6] |= 1 << (pc & 63)
			stack = append(stack, c.into[pc]...)
		}
	}
}

// state returns the state of set, or nil if it is a new one and there is no room.
func (c *capture) state(set []uint64) *captureState {
	name := make([]byte, 0, 8*len(set))
	for _, w := range set {
		name = binary.LittleEndian.AppendUint64(name, w)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.ids[string(name)]; s != nil {
		return s
	}
	if c.room -= 2*len(name) + 8*c.width + 128; c.room < 0 {
		return nil
	}
	s := &captureState{can: set, before: make([]atomic.Pointer[captureState], c.width)}
	c.ids[string(name)] = s
	return s
}

// ending returns the state behind a match.
func (c *capture) ending() *captureState {
	set := c.newSet()
	for pc := range c.steps {
		if c.steps[pc].op == captureEnd {
			c.close(set, []uint16{uint16(pc)})
		}
	}
	return c.state(set)
}
