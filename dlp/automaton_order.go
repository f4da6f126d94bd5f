package dlp

import "bytes"

// mostExits is how many bytes may lead out of a state that runs on: each is looked
// for by itself.
const mostExits = 4

// order numbers the states anew: first those of no kind, then those that run on,
// then those in which a match may end. What a state is can be told by its number,
// without its row: that is seldom near those that were read before.
func (a *automaton) order() {
	w := a.width
	var first, running, ending []int // states
	for s := 0; s < len(a.next); s += w {
		switch exits := a.exitsOf(s); {
		case a.accepts(uint16(s)):
			ending = append(ending, s)
		case s > w && exits != nil: // not the dead state, nor the start, which has a number of its own
			running = append(running, s)
			a.exits = append(a.exits, exits)
		default:
			first = append(first, s)
		}
	}
	a.runs = len(first) * w
	a.ends = a.runs + len(running)*w
	to := make([]uint16, len(a.next)/w) // by state: its new number
	for at, s := range append(append(first, running...), ending...) {
		to[s/w] = uint16(at * w)
	}
	next := make([]uint16, len(a.next))
	for s := 0; s < len(a.next); s += w {
		row := next[to[s/w]:][:w]
		for class, n := range a.next[s : s+w-1] {
			row[class] = to[int(n)/w]
		}
		row[w-1] = a.next[s+w-1]
	}
	a.next, a.rest = next, to[int(a.rest)/w]
}

// exitsOf returns the bytes that lead out of state s; nil if there are none or too
// many.
func (a *automaton) exitsOf(s int) (exits []byte) {
	for x := range 256 {
		if int(a.next[s+int(a.class[x])]) != s {
			if len(exits) == mostExits {
				return nil
			}
			exits = append(exits, byte(x))
		}
	}
	return exits
}

// run returns how many bytes of text a state runs on over.
func (a *automaton) run(text []byte, state int) int {
	exits := a.exits[(state-a.runs)/a.width]
	for at, size := 0, 32; at < len(text); size *= 2 { // so that an exit that is far costs no more than what is read before another
		piece := text[at:min(len(text), at+size)]
		n := len(piece)
		for _, x := range exits {
			if k := bytes.IndexByte(piece[:n], x); k >= 0 {
				n = k
			}
		}
		at += n
		if n < len(piece) {
			return at
		}
	}
	return len(text)
}
