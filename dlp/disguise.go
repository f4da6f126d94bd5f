package dlp

import (
	"bytes"
	"slices"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Disguises are undone in views: a view is a text with one layer taken off and
// a mapping back. What is found in a view is reported at the bytes of the text
// that it was made from. Views are made only where the first pass saw a sign of
// a disguise, and of the surroundings of the sign only.

// signs tell what a pass met that may be a disguise.
type signs uint32

const (
	signWide       signs = 1 << iota // characters beyond ASCII
	signMark                         // an escape: %41, &#65;, \u0041, =41
	signRun                          // a long run of letters and digits
	signSpaced                       // letters or digits set apart
	signNul                          // NULs: wide characters
	signJoin                         // texts joined by an operator
	signReversed                     // a keyword written backwards, or a word that speaks of it
	signRot13                        // a word that speaks of it
	signMorse                        // digits of Morse's code
	signBase85                       // what ascii85 stands between
	signSpoken                       // words for digits
	signColumn                       // the head of a table
	signList                         // what joins the list behind it
	signListBefore                   // what joins the list before it
	signEmphasis                     // marks of Markdown around a word with digits
	signListed                       // characters one by one in a list
	signUU                           // the first line of uuencode
	sign85                           // a word that speaks of base85
	signSQL                          // a statement with values
)

const (
	maxDepth    = 3 // layers of disguise
	growth      = 4 // bytes that views may have in all, for each byte of the text
	growthFree  = 64 << 10
	workView    = 32 << 10 // work that a view may cause beyond what its bytes may
	leastEffort = 64       // that a view costs
	around      = 300      // bytes of context that a view shows on both sides
	wordsBefore = 48       // bytes whose words are the context of a view of a run
	maxTogether = 32       // values of one detector in one encoded run
)

// undisguise makes the views that the signs call for and scans them.
func (c *scan) undisguise() {
	if c.depth >= maxDepth {
		return
	}
	if c.signs&signNul != 0 && c.wide() {
		return
	}
	if c.signs&signRun != 0 {
		c.runs()
	}
	if c.signs&(signWide|signMark) != 0 {
		c.plain()
	}
	if c.signs&signSpaced != 0 && !c.together {
		c.spaced()
	}
	if c.signs&signListed != 0 && !c.together {
		c.oneByOne()
	}
	if c.signs&signJoin != 0 {
		c.joined()
	}
	if c.signs&signBase85 != 0 {
		c.ascii85()
	}
	if c.signs&signUU != 0 {
		c.uuencoded()
	}
	if c.signs&signReversed != 0 {
		c.reversed()
	}
	if c.signs&signRot13 != 0 {
		c.rotated()
	}
	if c.signs&signMorse != 0 {
		c.morse()
	}
	if c.signs&signSpoken != 0 {
		c.spokenDigits()
	}
	if c.signs&signEmphasis != 0 {
		c.emphasized()
	}
	if c.signs&signSQL != 0 {
		c.readStatements()
	}
	if c.signs&signColumn != 0 {
		c.columns()
	}
}

// look scans a view. Its hits are added to those of c, at the bytes of c's text.
func (c *scan) look(view []byte, m *mapping, via ways) { c.lookAt(view, m, via, false) }

// lookAt is look for a view whose values set apart have been put together, or
// not.
func (c *scan) lookAt(view []byte, m *mapping, via ways, together bool) {
	allowed := min(c.effort, workView)
	if len(view) < 4 {
		return
	}
	if len(view) > c.room || allowed <= 0 {
		c.skipView(Skipped{1, 0, len(view)}, m)
		return
	}
	c.room -= len(view)
	sub := c.s.subScan()
	*sub = scan{
		s: c.s, text: view, hits: c.hits, base: len(c.hits), work: workFree - allowed,
		depth: c.depth + 1, room: c.room, effort: c.effort, prints: c.prints, trace: c.trace, together: together, backwards: c.backwards || m.back, below: c.showing, inflates: c.inflates,
	}
	if !m.whole && !m.back {
		sub.shown = m.places
	}
	if m.whole { // what stands before it says what the base64 is, or the name of its field
		sub.near.name = c.near.name
		if from := int(m.places[0].orig); from > 0 {
			sub.near.name = string(c.text[max(0, from-wordsBefore):from])
		}
	}
	sub.inCode = m.ways == wayJoined.set()
	sub.scrambled = c.scrambled || m.back || m.rotated
	noted := 0
	if c.trace != nil {
		noted = len(c.trace.seen)
	}
	sub.read()
	if c.trace != nil {
		c.bring(noted, m, via)
	}
	c.seen += len(view) + sub.steps() - (workFree - allowed)
	c.room, c.inflates = sub.room, sub.inflates
	c.effort = sub.effort - max(leastEffort, sub.work-workFree+allowed)
	c.hits = sub.hits
	if together { // code is none that is set apart: it has single letters
		kept := slices.DeleteFunc(c.hits[sub.base:], func(h Hit) bool { return h.Class == traffic.ClassSourceCode })
		c.hits = c.hits[:sub.base+len(kept)]
	}
	if m.whole && len(c.hits) > sub.base {
		c.hits = c.hits[:sub.base+len(few(resolve(c.hits[sub.base:]), maxTogether))]
	}
	c.skipView(sub.skipped, m)
	var pr *printer
	for i := sub.base; i < len(c.hits); i++ {
		h := &c.hits[i]
		if c.prints && h.print == "" {
			if pr == nil {
				pr = newPrinter(c.s.key)
			}
			h.print = pr.print(h.Class, view[h.Start:h.End])
		}
		from, to, set := m.span(h.Start, h.End)
		if set == 0 {
			set = m.ways
		}
		outer := via
		if outer == 0 {
			outer = set.list()
		}
		h.Start, h.End, h.via, h.whole = from, to, outer.then(h.via), h.whole || m.whole
	}
	sub.text, sub.hits, sub.shown = nil, nil, nil
	c.s.scans.Put(sub)
}

// marks looks for the first sign of an escape. It runs over the text once for
// each mark at the speed of memory.
func (c *scan) marks() {
	for _, mark := range [...]byte{'%', '\\', '&'} {
		for i := 0; c.signs&signMark == 0; i++ {
			n := bytes.IndexByte(c.text[i:], mark)
			if n < 0 {
				break
			}
			i += n
			if escaped(c.text, i) {
				c.signs |= signMark
				break
			}
		}
	}
	c.quotedMarks()
	if bytes.Contains(c.text, []byte("<~")) {
		c.signs |= signBase85
	}
	for _, mark := range [...]byte{'<', '*', '+'} {
		for i := 0; c.signs&signMark == 0; i++ {
			n := bytes.IndexByte(c.text[i:], mark)
			if n < 0 {
				break
			}
			if i += n; mark == '+' && isShifted(c.text, i) || mark != '+' && tagInWord(c.text, i) || mark == '*' && i > 0 && c.text[i-1] == '/' && tagInWord(c.text, i-1) {
				c.signs |= signMark
			}
		}
	}
	if _, _, _, end := nextEmphasis(c.text, 0); end > 0 {
		c.signs |= signEmphasis
	}
	if bytes.IndexByte(c.text[:min(len(c.text), 4<<10)], 0) >= 0 {
		c.signs |= signNul
	}
}

// quotedMarks looks for a soft line break or an escape of quoted-printable.
func (c *scan) quotedMarks() {
	for i := 0; ; i++ {
		n := bytes.IndexByte(c.text[i:], '=')
		if n < 0 {
			return
		}
		i += n
		if soft(c.text, i) > 0 || escaped(c.text, i) && i+3 < len(c.text) && (c.text[i+3] == '=' || i > 2 && c.text[i-3] == '=') {
			c.signs |= signMark
			return
		}
	}
}

// soft returns the length of a soft line break at i: "=" and the end of the
// line.
func soft(text []byte, i int) int {
	switch rest := text[i:]; {
	case len(rest) > 1 && rest[0] == '=' && rest[1] == '\n':
		return 2
	case len(rest) > 2 && rest[0] == '=' && rest[1] == '\r' && rest[2] == '\n':
		return 3
	}
	return 0
}

// escaped reports whether an escape other than of a control character or a
// quotation mark starts at i.
func escaped(text []byte, i int) bool {
	rest := text[i:]
	if len(rest) < 3 {
		return false
	}
	switch rest[0] {
	case '%', '=':
		return unhex[rest[1]] < 16 && unhex[rest[2]] < 16
	case '&':
		return rest[1] == '#' || isAlpha(rest[1]) && bytes.IndexByte(rest[:min(len(rest), maxEntity)], ';') > 0
	case '\\':
		switch rest[1] {
		case 'u', 'U', 'x', 'N':
			return true
		case '\n':
			return continued(text, i)
		}
		return '0' <= rest[1] && rest[1] <= '3' && isDigit(rest[2])
	}
	return false
}

// continued reports whether the line that ends with a backslash at i is cut inside
// a word.
func continued(text []byte, i int) bool {
	return i > 0 && i+2 < len(text) && isAlnum(text[i-1]) && isAlnum(text[i+2])
}

// unhex is the value of a hexadecimal digit, 255 for other bytes.
var unhex = func() (t [256]uint8) {
	for i := range t {
		t[i] = 255
	}
	for i := range 10 {
		t['0'+i] = uint8(i)
	}
	for i := range 6 {
		t['a'+i], t['A'+i] = uint8(10+i), uint8(10+i)
	}
	return t
}()
