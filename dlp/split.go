package dlp

import (
	"bytes"
	"regexp/syntax"
)

// What finding a value costs beside the bytes that automata read once: a capture
// reads a match twice and looks at more, an expression is slow.
const (
	captureWork    = 4
	expressionFree = 200
	expressionWork = 20
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
//
// It adds to work what it reads.
func (d *detector) groupIn(text []byte, i, j int, old *groupings, work *int) (from, to int, ok bool) {
	match := text[i:j]
	if p := d.split(); p != nil {
		if from, to, n := p.find(match, work); n <= 1 {
			return from, to, n == 1
		}
	}
	if c := d.capture(); c != nil {
		*work += captureWork * len(match)
		if from, to, ok, sure := c.find(match); sure {
			return from, to, ok
		}
	}
	g := &old[d.order%len(old)]
	if g.d == d && bytes.Equal(text[g.i:g.j], match) {
		return g.from, g.to, g.ok
	}
	*work += expressionFree + expressionWork*len(match)
	*g = grouping{d: d, i: i, j: j}
	if re := d.group(); re != nil {
		if m := re.FindSubmatchIndex(match); m != nil && m[2*d.groupAt] >= 0 {
			g.from, g.to, g.ok = m[2*d.groupAt], m[2*d.groupAt+1], true
		}
	}
	return g.from, g.to, g.ok
}

// split finds the value in a match of a pattern such as "before (value) after"
// with an automaton for each of its parts: a regular expression takes fifty times
// as long.
type split struct {
	before, value, after *reader // before and after may be nil: nothing
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
		auto **reader
		of   []*syntax.Regexp
	}{{&p.before, parts[:at]}, {&p.value, parts[at : at+1]}, {&p.after, parts[at+1:]}} {
		if len(part.of) == 0 {
			continue
		}
		if *part.auto, err = newReader(&syntax.Regexp{Op: syntax.OpConcat, Flags: syntax.Perl, Sub: part.of}); err != nil {
			return nil
		}
	}
	return &p
}

// find returns the place of the value in match and how many there are, if it is no
// more than one: which of several it is, the preferences of the pattern say.
func (p *split) find(match []byte, work *int) (from, to, n int) {
	if p.before == nil {
		return p.valueAt(match, 0, work)
	}
	for before := p.before.read(match, 0); ; {
		at, ok := before.end()
		if !ok {
			*work += before.at
			return from, to, n
		}
		if i, j, k := p.valueAt(match, at, work); k > 0 {
			from, to = i, j
			if n += k; n > 1 {
				return 0, 0, n
			}
		}
	}
}

// valueAt is find for values that start at i.
func (p *split) valueAt(match []byte, i int, work *int) (from, to, n int) {
	for value := p.value.read(match, i); ; {
		at, ok := value.end()
		if !ok {
			*work += value.at - i + 1
			return i, to, n
		}
		if p.after == nil && at == len(match) || p.after != nil && p.after.whole(match[at:], work) {
			if to, n = at, n+1; n > 1 {
				return i, to, n
			}
		}
	}
}
