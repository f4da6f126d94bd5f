package dlp

import (
	"bytes"
	"regexp/syntax"
	"unicode/utf8"
)

// groupings remember what was found in matches of a text: one may stand there over
// and over.
type groupings [8]grouping

type grouping struct {
	d        *detector
	i, j     int // the match
	from, to int
	ok       bool
}

// groupIn returns the place of the group in the match text[i:j].
func (d *detector) groupIn(text []byte, i, j int, old *groupings) (from, to int, ok bool) {
	match := text[i:j]
	if p := d.split(); p != nil && ascii(match) { // automata take all that is beyond for letters
		if from, to, ok = p.find(match); ok {
			return from, to, true
		}
	}
	g := &old[d.order%len(old)]
	if g.d == d && bytes.Equal(text[g.i:g.j], match) {
		return g.from, g.to, g.ok
	}
	*g = grouping{d: d, i: i, j: j}
	if re := d.group(); re != nil {
		if m := re.FindSubmatchIndex(match); m != nil && m[2*d.groupAt] >= 0 {
			g.from, g.to, g.ok = m[2*d.groupAt], m[2*d.groupAt+1], true
		}
	}
	return g.from, g.to, g.ok
}

func ascii(s []byte) bool {
	for _, c := range s {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// split finds the value in a match of a pattern such as "before (value) after"
// with an automaton for each of its parts: a regular expression takes fifty times
// as long.
type split struct {
	before, value, after *automaton // before and after may be nil: nothing
}

// newSplit returns nil for a pattern that is not made so.
func newSplit(pattern string, group int) *split {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	parts := []*syntax.Regexp{re}
	if re.Op == syntax.OpConcat {
		parts = re.Sub
	}
	at := 0
	for at < len(parts) && (parts[at].Op != syntax.OpCapture || parts[at].Cap != group) {
		at++
	}
	if at == len(parts) {
		return nil
	}
	var p split
	for _, part := range []struct {
		auto **automaton
		of   []*syntax.Regexp
	}{{&p.before, parts[:at]}, {&p.value, parts[at : at+1]}, {&p.after, parts[at+1:]}} {
		if len(part.of) == 0 {
			continue
		}
		if *part.auto, err = compileAny(&syntax.Regexp{Op: syntax.OpConcat, Flags: syntax.Perl, Sub: part.of}); err != nil {
			return nil
		}
	}
	return &p
}

// mostStarts bounds where in a match a value may start.
const mostStarts = 4

// find returns the place of the value in match, if there is but one: where there
// are more, the expression says which it is.
func (p *split) find(match []byte) (from, to int, only bool) {
	var starts [mostStarts]int
	n := 1
	if p.before != nil {
		if n = p.before.ends(match, starts[:]); n > len(starts) {
			return 0, 0, false
		}
	}
	for _, at := range starts[:n] {
		var ends [mostEnds]int
		k := 0
		if p.after == nil {
			if p.value.whole(match[at:]) {
				ends[0], k = len(match)-at, 1
			}
		} else if k = p.value.ends(match[at:], ends[:]); k > len(ends) {
			return 0, 0, false
		}
		for _, end := range ends[:k] {
			if end += at; p.after != nil && !p.after.whole(match[end:]) {
				continue
			}
			if only {
				return 0, 0, false
			}
			from, to, only = at, end, true
		}
	}
	return from, to, only
}

// mostEnds bounds where a value may end.
const mostEnds = 256

// ends fills dst with the places of text up to which a matches and returns how
// many there are, at most one more than dst has room for.
func (a *automaton) ends(text []byte, dst []int) (n int) {
	state := a.start()
	for i := 0; ; i++ {
		if a.accepts(state) {
			if n == len(dst) {
				return n + 1
			}
			dst[n] = i
			n++
		}
		if i == len(text) {
			return n
		}
		if state = a.next[int(state)+int(a.class[text[i]])]; state == 0 {
			return n
		}
	}
}
