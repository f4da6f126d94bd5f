package document

import (
	"bytes"
	"fmt"
	"math"
	"slices"
)

// Limits of one page.
const (
	maxForms     = 2000 // drawings that a page calls, with those that they call
	maxFormDepth = 12
	maxStates    = 200
	maxOperands  = 4096
)

// matrix maps points: x' = a x + c y + e, y' = b x + d y + f.
type matrix [6]float64

var unitMatrix = matrix{1, 0, 0, 1, 0, 0}

// mul returns the map that does m, then n.
func (m matrix) mul(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

// pdfState is the graphics state as far as text needs it.
type pdfState struct {
	ctm                    matrix
	font                   *pdfFont
	size, charGap, wordGap float64
	scale, leading, rise   float64
}

// pdfTextReader reads the text of a page: it follows the operators that place text
// (ISO 32000-1, section 9), and tells by the distance between two pieces whether a
// space or a line end stood between them.
type pdfTextReader struct {
	f       *pdfFile
	state   pdfState
	stack   []pdfState
	tm, tlm matrix
	args    []any
	buf     []byte // text of a string
	forms   int
	inside  map[*pdfStream]bool
	content map[pdfRef][]byte

	wrote      bool // endX, endY are those of some text
	endX, endY float64
	glyphs     int
	unreadable int
	images     int
}

func newPDFText(f *pdfFile) *pdfTextReader {
	t := &pdfTextReader{f: f, inside: map[*pdfStream]bool{}, content: map[pdfRef][]byte{}}
	t.state = pdfState{ctm: unitMatrix, scale: 1}
	t.tm, t.tlm = unitMatrix, unitMatrix
	return t
}

// report notes what of the page was not read.
func (t *pdfTextReader) report() {
	if t.images > 0 {
		t.f.w.gap(Image, fmt.Sprintf("%d on the page", t.images))
	}
	if t.unreadable > 0 {
		t.f.w.gap(Unreadable, fmt.Sprintf("%d of %d characters", t.unreadable, t.glyphs))
	}
}

// run follows the operators of a content stream.
func (t *pdfTextReader) run(content []byte, resources pdfDict, depth int) {
	l := pdfLex{data: content}
	t.args = t.args[:0]
	for t.f.w.more() {
		o, ok := l.next(false)
		if !ok {
			return
		}
		word, isWord := o.(pdfWord)
		if !isWord {
			if len(t.args) < maxOperands {
				t.args = append(t.args, o)
			}
			continue
		}
		if word == "BI" {
			t.images++
			skipInlineImage(&l)
		} else {
			t.operator(string(word), resources, depth)
		}
		t.args = t.args[:0]
	}
}

// skipInlineImage moves behind the EI that ends a picture in the content.
func skipInlineImage(l *pdfLex) {
	if n := bytes.Index(l.data[l.pos:], []byte("ID")); n >= 0 {
		l.pos += n + 2
	}
	for {
		n := bytes.Index(l.data[l.pos:], []byte("EI"))
		if n < 0 {
			l.pos = len(l.data)
			return
		}
		at := l.pos + n
		l.pos = at + 2
		if at > 0 && pdfSpace(l.data[at-1]) && (l.pos == len(l.data) || pdfSpace(l.data[l.pos])) {
			return
		}
	}
}

// num returns an operand, counted from the first.
func (t *pdfTextReader) num(i int) float64 {
	if i < len(t.args) {
		n, _ := t.args[i].(float64)
		return n
	}
	return 0
}

func (t *pdfTextReader) matrixArg() matrix {
	return matrix{t.num(0), t.num(1), t.num(2), t.num(3), t.num(4), t.num(5)}
}

func (t *pdfTextReader) operator(op string, resources pdfDict, depth int) {
	s := &t.state
	switch op {
	case "q":
		if len(t.stack) < maxStates {
			t.stack = append(t.stack, *s)
		}
	case "Q":
		if n := len(t.stack); n > 0 {
			*s = t.stack[n-1]
			t.stack = t.stack[:n-1]
		}
	case "cm":
		s.ctm = t.matrixArg().mul(s.ctm)
	case "BT":
		t.tm, t.tlm = unitMatrix, unitMatrix
	case "Tf":
		if len(t.args) > 1 {
			name, _ := t.args[0].(pdfName)
			s.font, s.size = t.f.font(t.f.dict(resources["Font"])[string(name)]), t.num(1)
		}
	case "Tc":
		s.charGap = t.num(0)
	case "Tw":
		s.wordGap = t.num(0)
	case "Tz":
		s.scale = t.num(0) / 100
	case "TL":
		s.leading = t.num(0)
	case "Ts":
		s.rise = t.num(0)
	case "Td":
		t.move(t.num(0), t.num(1))
	case "TD":
		s.leading = -t.num(1)
		t.move(t.num(0), t.num(1))
	case "Tm":
		t.tlm = t.matrixArg()
		t.tm = t.tlm
	case "T*":
		t.move(0, -s.leading)
	case "Tj", "TJ", "'", "\"":
		t.showing(op)
	case "Do":
		t.draw(resources, depth)
	}
}

func (t *pdfTextReader) move(x, y float64) {
	t.tlm = matrix{1, 0, 0, 1, x, y}.mul(t.tlm)
	t.tm = t.tlm
}

// showing shows the strings of an operator.
func (t *pdfTextReader) showing(op string) {
	if len(t.args) == 0 {
		return
	}
	last := t.args[len(t.args)-1]
	switch op {
	case "\"":
		t.state.wordGap, t.state.charGap = t.num(0), t.num(1)
		fallthrough
	case "'":
		t.move(0, -t.state.leading)
	}
	switch v := last.(type) {
	case pdfString:
		t.show(v)
	case pdfArray:
		for _, o := range v {
			switch o := o.(type) {
			case pdfString:
				t.show(o)
			case float64:
				t.advance(-o / 1000 * t.state.size * t.state.scale)
			}
		}
	}
}

// advance moves along the line.
func (t *pdfTextReader) advance(x float64) {
	if f := t.state.font; f != nil && f.vertical {
		t.tm = matrix{1, 0, 0, 1, 0, x / max(t.state.scale, 0.01)}.mul(t.tm)
		return
	}
	t.tm = matrix{1, 0, 0, 1, x, 0}.mul(t.tm)
}

// show writes a string and moves behind it.
func (t *pdfTextReader) show(s []byte) {
	font := t.state.font
	if font == nil {
		font = plainFont
	}
	if len(s) == 0 {
		return
	}
	t.separate()
	width, out := 0.0, t.buf[:0]
	spread := t.state.size > 0 && t.state.charGap/t.state.size > wideGap && !font.vertical
	for len(s) > 0 {
		g := font.next(s)
		s = s[g.bytes:]
		start := len(out)
		out = font.appendText(out, g)
		t.glyphs++
		if len(out) == start {
			t.unreadable++
			out = append(out, "\uFFFD"...)
		}
		if spread && start > 0 && out[start] != ' ' && out[start-1] != ' ' {
			out = slices.Insert(out, start, ' ')
		}
		width += (g.width*t.state.size + t.state.charGap) * t.state.scale
		if g.bytes == 1 && g.code == ' ' {
			width += t.state.wordGap * t.state.scale
		}
	}
	t.f.w.write(out)
	t.buf = out
	if font.vertical {
		width = -width
	}
	t.advance(width)
	m := t.tm.mul(t.state.ctm)
	t.endX, t.endY, t.wrote = m[4], m[5], true
}

// Distances between two pieces of text in parts of the size of the font.
const (
	newLine  = 0.5  // across the line
	newWord  = 0.15 // along it: fonts have spaces of 0.2 to 0.3
	wideGap  = 0.2  // between all characters of a string: some producers make spaces so
	newCell  = 1.8  // along it: a column of a table
	backward = -0.8 // along it: another text, not kerning
)

// separate writes what stands between the text before and the one to come.
func (t *pdfTextReader) separate() {
	if !t.wrote {
		return
	}
	m := t.tm.mul(t.state.ctm)
	dx, dy := m[4]-t.endX, m[5]-t.endY
	long := math.Hypot(m[0], m[1])
	if long == 0 || math.IsNaN(long) || math.IsInf(long, 0) {
		t.f.w.line()
		return
	}
	ux, uy := m[0]/long, m[1]/long
	size := math.Abs(t.state.size) * math.Max(math.Hypot(m[2], m[3]), 1e-9)
	along, across := (dx*ux+dy*uy)/size, math.Abs(dx*uy-dy*ux)/size
	if f := t.state.font; f != nil && f.vertical {
		along, across = across, math.Abs(along)
		if along < newLine && across < newLine {
			return
		}
	}
	switch out := t.f.w.out; {
	case across > newLine, along < backward, math.IsNaN(along):
		t.f.w.line()
	case len(out) > 0 && isSpace(out[len(out)-1]):
	case along > newCell:
		t.f.w.write([]byte{'\t'})
	case along > newWord:
		t.f.w.write([]byte{' '})
	}
}

// draw reads a drawing with a content of its own, and counts pictures.
func (t *pdfTextReader) draw(resources pdfDict, depth int) {
	if len(t.args) == 0 {
		return
	}
	name, _ := t.args[0].(pdfName)
	s, ok := t.f.resolve(t.f.dict(resources["XObject"])[string(name)]).(*pdfStream)
	if !ok {
		return
	}
	if t.f.name(s.pdfDict["Subtype"]) == "Image" {
		t.picture(s)
		return
	}
	if depth >= maxFormDepth || t.inside[s] {
		return
	}
	if t.forms++; t.forms > maxForms {
		if t.forms == maxForms+1 {
			t.f.w.gap(TooMany, "drawings of the page")
		}
		return
	}
	t.form(s, resources, depth)
}

func (t *pdfTextReader) form(s *pdfStream, resources pdfDict, depth int) {
	content, ok := t.content[s.ref]
	if !ok {
		var reason Reason
		if content, reason = t.f.decode(s); reason != "" {
			t.f.w.gap(reason, "drawing")
		}
		t.content[s.ref] = content
	}
	state, tm, tlm, stack := t.state, t.tm, t.tlm, len(t.stack)
	if m := t.f.array(s.pdfDict["Matrix"]); len(m) == 6 {
		var mm matrix
		for i := range m {
			mm[i] = t.f.number(m[i], 0)
		}
		t.state.ctm = mm.mul(t.state.ctm)
	}
	if own := t.f.dict(s.pdfDict["Resources"]); own != nil {
		resources = own
	}
	t.inside[s] = true
	t.run(content, resources, depth+1)
	delete(t.inside, s)
	t.state, t.tm, t.tlm, t.stack = state, tm, tlm, t.stack[:min(len(t.stack), stack)]
}

// picture counts a picture, or gives it to the OCR command where it is a file.
func (t *pdfTextReader) picture(s *pdfStream) {
	if t.f.w.o.OCR != nil {
		if data, reason := t.f.decode(s); reason == Image && detect(data) == "image/jpeg" {
			t.f.w.inside("image", data)
			return
		}
	}
	t.images++
}
