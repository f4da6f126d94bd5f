package prompt

import (
	"bytes"
	"slices"
	"sort"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// matcher finds tokens in text and puts the values in their place. A model may
// have changed a token slightly: the case of its letters, an escape of Markdown
// before a bracket or the line, a blank or a hyphen in the place of the line, a
// missing bracket, a letter O for a zero. What is left has to be the name of one
// of the speaker's own tokens.
type matcher struct {
	tokens traffic.Tokens
	names  []string  // in order
	begins [256]bool // what a token may begin with
	n      int       // tokens that were replaced
}

func newMatcher(t traffic.Tokens) *matcher {
	m := &matcher{tokens: t}
	m.take(t.Names())
	return m
}

// take makes names those that are found.
func (m *matcher) take(names []string) {
	m.names = names
	m.begins = [256]bool{'[': true, '\\': true}
	for _, n := range names {
		m.begins[n[0]], m.begins[n[0]|0x20] = true, true
	}
}

// done tells the vault how many tokens were replaced since the last call.
func (m *matcher) done() {
	if m.n > 0 {
		m.tokens.Restored(m.n)
		m.n = 0
	}
}

// lane is a text that comes in pieces.
type lane struct {
	held   []byte   // the end of what came, which may be the beginning of a token
	before byte     // what stands before it
	link   link     // and the run that does
	head   [2]byte  // the first bytes of the text that are no blanks
	form   textForm // of the text

	place  *node    // of documents: where its pieces stand,
	key    string   // in which of the objects,
	origin *carrier // and what held came with
}

// textForm says whether a text is JSON, whose strings a value has to fit into.
type textForm uint8

const (
	formByHead textForm = iota // as its first bytes show
	formJSON
	formPlain
)

// note looks at the first bytes.
func (l *lane) note(text []byte) {
	for _, c := range text {
		switch {
		case l.head[1] != 0:
			return
		case isSpace(c):
		case l.head[0] == 0:
			l.head[0] = c
		default:
			l.head[1] = c
		}
	}
}

// isJSON reports whether values have to be escaped: a text in square brackets
// may be a sentence that begins with a token.
func (l *lane) isJSON() bool {
	if l.form == formByHead {
		return l.head[0] == '{' || l.head[0] == '[' && (l.head[1] == '{' || l.head[1] == '"' || l.head[1] == '[')
	}
	return l.form == formJSON
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// restore appends to dst what can go on of a text when its next piece has come,
// and keeps the rest in l: nothing when the piece is the last one. It reports
// whether that differs from the piece.
func (m *matcher) restore(dst []byte, l *lane, text []byte, last bool) (out []byte, changed bool) {
	if l.head[1] == 0 {
		l.note(text)
	}
	if len(l.held) > 0 {
		text = append(slices.Clip(l.held), text...)
		l.held, changed = nil, true
	}
	done, run, seen := 0, l.link, 0
	for at := 0; at < len(text); at++ {
		if !m.begins[text[at]] {
			continue
		}
		if at > 0 {
			l.before = text[at-1]
		}
		f := m.match(text, at, l.before, last)
		if f.partial {
			l.held = bytes.Clone(text[at:])
			text, changed = text[:at], true
			break
		}
		if f.name == "" {
			continue
		}
		run = run.after(text[seen:f.start], l.isJSON())
		if seen = f.start; run.in {
			at = f.end - 1
			continue
		}
		value := m.tokens.Value(f.name)
		if value == nil {
			at = f.end - 1
			continue
		}
		dst = append(dst, text[done:f.start]...)
		dst = appendValue(dst, value, l.isJSON())
		done, at, changed = f.end, f.end-1, true
		m.n++
		clear(value)
	}
	l.passed(text)
	return append(dst, text[done:]...), changed
}

// passed notes what goes on without being held.
func (l *lane) passed(text []byte) {
	if len(text) > 0 {
		l.before, l.link = text[len(text)-1], l.link.after(text, l.isJSON())
	}
}

func appendValue(dst, value []byte, inJSON bool) []byte {
	value = bytes.ToValidUTF8(value, []byte("\ufffd"))
	if inJSON {
		return encode(dst, value, jsonLayer)
	}
	return append(dst, value...)
}

// found is a token in a text.
type found struct {
	name       string // "": none
	start, end int
	partial    bool // the text ends within what may become one
}

// match looks for a token that begins at text[at]; before is the byte before it.
// With last nothing follows the text.
func (m *matcher) match(text []byte, at int, before byte, last bool) found {
	r := tokenReader{text: text, at: at, names: m.names, last: last}
	open := r.bracket('[')
	if r.more {
		return found{partial: true}
	}
	if !open && (isWordByte(before) || text[at] == '\\') {
		return found{}
	}
	if open {
		r.blank()
	}
	start := r.at
	name := r.name(open)
	if r.more {
		return found{partial: true}
	}
	if name == "" {
		return found{}
	}
	f := found{name: name, start: start, end: r.at}
	if open {
		r.blank()
		if r.bracket(']') {
			f.start, f.end = at, r.at
		}
		f.partial = r.more
	}
	return f
}

func isWordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_' || c >= 0x80
}

// tokenReader reads one token.
type tokenReader struct {
	text  []byte
	at    int
	names []string // those that begin with what has been read
	read  int      // bytes of the name
	last  bool
	more  bool // the text is too short to tell
}

// peek returns the next byte, 0 at the end.
func (r *tokenReader) peek() byte {
	if r.at < len(r.text) {
		return r.text[r.at]
	}
	r.more = !r.last
	return 0
}

// bracket takes b, or b escaped.
func (r *tokenReader) bracket(b byte) bool {
	switch c := r.peek(); {
	case c == b:
		r.at++
		return true
	case c != '\\':
		return false
	}
	switch {
	case r.at+1 == len(r.text):
		r.more = !r.last
	case r.text[r.at+1] == b:
		r.at += 2
		return true
	}
	return false
}

func (r *tokenReader) blank() {
	if r.peek() == ' ' {
		r.at++
	}
}

// name takes a name, "" where there is none.
func (r *tokenReader) name(open bool) string {
	for c := upper(r.peek()); c >= 'A' && c <= 'Z'; c = upper(r.peek()) {
		if !r.next(c) {
			return ""
		}
		r.at++
	}
	if r.more {
		return ""
	}
	switch c := r.peek(); {
	case c == '_', open && (c == ' ' || c == '-'):
		r.at++
	case c == '\\' && r.at+1 == len(r.text):
		r.more = !r.last
		return ""
	case c == '\\' && r.text[r.at+1] == '_':
		r.at += 2
	default:
		return ""
	}
	if !r.next('_') {
		return ""
	}
	for {
		c := upper(r.peek())
		switch c {
		case 'O':
			c = '0'
		case 'I', 'L':
			c = '1'
		}
		if r.more || !r.next(c) {
			return ""
		}
		r.at++
		if len(r.names[0]) == r.read { // no name is the beginning of another: their second parts are equally long
			return r.names[0]
		}
	}
}

// next leaves the names that go on with c, and reports whether there are any.
func (r *tokenReader) next(c byte) bool {
	k := r.read
	at := func(i int) byte {
		if k < len(r.names[i]) {
			return r.names[i][k]
		}
		return 0
	}
	from := sort.Search(len(r.names), func(i int) bool { return at(i) >= c })
	to := sort.Search(len(r.names), func(i int) bool { return at(i) > c })
	r.names = r.names[from:to]
	r.read++
	return len(r.names) > 0
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c &^ 0x20
	}
	return c
}

// mayBegin reports whether something in text may be the beginning of a token.
func (m *matcher) mayBegin(text []byte) bool {
	for _, c := range text {
		if m.begins[c] {
			return true
		}
	}
	return false
}
