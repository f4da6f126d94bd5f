package dlp

import (
	"fmt"
	"slices"
)

const maxBack = 64

// locate finds out where in a match the keyword may stand.
func (t *try) locate(keyword string) error {
	a := t.d.auto
	least, most := -1, -1
	first := foldings(keyword[0])
	others := a.classes(&first)
	notFirst := first.not()
	g := newGraph(a, a.classes(&notFirst))
	set, next := []uint16{a.start()}, []uint16(nil)
	for n := 0; n <= maxBack && len(set) > 0; n++ {
		if behind := a.read(set, keyword, others); len(behind) > 0 {
			a.mayFollow(behind, &t.next)
			if most = n; least < 0 {
				least = n
			}
			if least == 0 && !t.d.namesFirst() {
				break // further occurrences are inside a token that starts with it
			}
		}
		next = g.step(next[:0], set)
		set, next = next, set
	}
	if least < 0 {
		return fmt.Errorf("the keyword %q does not occur in the first %d bytes of what the pattern matches", keyword, maxBack)
	}
	t.back = int16(most)
	if least == most {
		if most == 0 {
			t.readAhead(keyword)
		}
		return nil
	}
	t.next = anyByte // there may be ways to the keyword that were not followed
	t.over = new(byteSet)
	way := a.way(keyword)
	inside := len(keyword) > 3 && isAlpha(keyword[0])
	for x := range 256 {
		if way[a.class[x]] && (inside || !first.has(byte(x))) {
			t.over.add(byte(x))
		}
	}
	return nil
}

// graph is an automaton without the bytes that lead from one state to another,
// which are of some classes only.
type graph struct {
	auto    *automaton
	classes []uint8
	span    [][2]int32 // by state: its part of to, empty until somebody asks for it
	to      []uint16
	seen    []bool // by state
}

func newGraph(a *automaton, classes []uint8) *graph {
	n := len(a.next) / a.width
	return &graph{auto: a, classes: classes, span: make([][2]int32, n), seen: make([]bool, n)}
}

// step appends to dst the states that are one byte from set.
func (g *graph) step(dst, set []uint16) []uint16 {
	w := uint16(g.auto.width)
	for _, s := range set {
		span := g.span[s/w]
		if span[1] == 0 {
			span = g.open(s)
		}
		for _, n := range g.to[span[0]:span[1]] {
			if !g.seen[n/w] {
				g.seen[n/w] = true
				dst = append(dst, n)
			}
		}
	}
	for _, n := range dst {
		g.seen[n/w] = false
	}
	return dst
}

// open finds the states that s leads to.
func (g *graph) open(s uint16) [2]int32 {
	if len(g.to) == 0 {
		g.to = append(g.to, 0) // no span ends at 0
	}
	from := len(g.to)
	for _, c := range g.classes {
		if n := g.auto.next[s+uint16(c)]; n != 0 && !slices.Contains(g.to[from:], n) {
			g.to = append(g.to, n)
		}
	}
	g.span[s/uint16(g.auto.width)] = [2]int32{int32(from), int32(len(g.to))}
	return g.span[s/uint16(g.auto.width)]
}

// way returns the classes of the bytes on ways to the keyword: those behind it, a
// blank and the number of a house, would lead into the words before it.
func (a *automaton) way(keyword string) (way [256]bool) {
	w := a.width
	leads := make([]bool, len(a.next)/w) // by state
	for s := w; s < len(a.next); s += w {
		leads[s/w] = a.reads(uint16(s), keyword)
	}
	for more := true; more; {
		more = false
		for s := len(a.next) - w; s > 0; s -= w { // later states are farther from the start
			for class := 0; class < w-1 && !leads[s/w]; class++ {
				leads[s/w] = leads[int(a.next[s+class])/w]
				more = more || leads[s/w]
			}
		}
	}
	for s := w; s < len(a.next); s += w {
		for class, n := range a.next[s : s+w-1] {
			way[class] = way[class] || leads[int(n)/w]
		}
	}
	return way
}

// reads reports whether state s goes on by keyword in any letter case.
func (a *automaton) reads(s uint16, keyword string) bool {
	for ; s != 0 && keyword != ""; keyword = keyword[1:] {
		small, big := a.next[s+uint16(a.class[keyword[0]])], a.next[s+uint16(a.class[upper(keyword[0])])]
		if small != 0 && big != small && big != 0 && a.reads(big, keyword[1:]) {
			return true
		}
		if s = small; s == 0 {
			s = big
		}
	}
	return s != 0
}

func upper(c byte) byte {
	if isLower(c) {
		return c &^ 0x20
	}
	return c
}

// read returns the states that set reaches by keyword in any letter case, whose
// first byte is of the classes first.
func (a *automaton) read(set []uint16, keyword string, first []uint8) []uint16 {
	set = a.step(nil, set, first)
	for i := 1; i < len(keyword) && len(set) > 0; i++ {
		bytes := foldings(keyword[i])
		set = a.step(nil, set, a.classes(&bytes))
	}
	return set
}

// mayFollow adds to follow the bytes that may stand behind a text that led to
// set.
func (a *automaton) mayFollow(set []uint16, follow *byteSet) {
	for _, s := range set {
		if a.accepts(s) {
			*follow = anyByte
			return
		}
	}
	var may [256]bool // by class
	for _, s := range set {
		for class, next := range a.next[int(s) : int(s)+a.width-1] {
			may[class] = may[class] || next != 0
		}
	}
	for x := range 256 {
		if may[a.class[x]] {
			follow.add(byte(x))
		}
	}
}

// origin returns where the pattern must start for the keyword at i, or -1.
func (t *try) origin(text []byte, i int) int {
	back := int(t.back)
	if t.over == nil {
		return max(-1, i-back)
	}
	j := i
	for j > 0 && i-j < back && t.over.has(text[j-1]) {
		j--
	}
	a := t.d.auto
	for j < i && a.next[a.width+int(a.class[text[j]])] == 0 {
		j++ // a dot or dash in front that no match starts with
	}
	return j
}
