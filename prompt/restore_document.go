package prompt

import (
	"bytes"
	"slices"
	"strings"
)

const (
	// maxPiece is the length of documents beyond which none of their text is held
	// back for the next one: pieces are short.
	maxPiece = 16 << 10
	// maxLanes bounds the texts that come at one time.
	maxLanes = 64
)

// documents restores the JSON documents of one answer, one after the other. In
// some of them the pieces of a text come: a token may be cut by the end of one
// document and go on in the next.
type documents struct {
	m      *matcher
	pieces bool    // the documents are those of a stream
	lanes  []*lane // in the order in which they began
	path   string  // the latest, of asPath

	// Of the document that is read:
	src    []byte
	walker walker
	spans  []span
	scopes []scope
	scope  int
	kind   string
}

// span is a string of a document.
type span struct {
	place      *node
	start, end int
	scope      int
	path       string
}

// scope is an object of a document.
type scope struct {
	of   int    // the object around it
	ids  string // its numbers
	last bool   // texts in it end with this document
}

// carrier is a document that has brought what is held back, but for the text: a
// copy of it brings the rest when no other does.
type carrier struct{ label, before, after []byte }

// extra is a document that the service did not send.
type extra struct {
	label []byte // that the document had which it is a copy of
	doc   []byte
}

func newDocuments(m *matcher, pieces bool) *documents { return &documents{m: m, pieces: pieces} }

// restore returns what goes on in the place of a document, which is itself where
// nothing changes, and what has to go before it; label is what a copy of it has
// to have. ok is false for what is no JSON: nothing is restored in it.
func (d *documents) restore(doc, label []byte) (first []extra, out []byte, ok bool) {
	d.src, d.kind = doc, ""
	d.spans, d.scopes, d.scope = d.spans[:0], append(d.scopes[:0], scope{of: -1}), 0
	path := d.path
	d.walker = walker{src: doc, to: d}
	if d.walker.values(answers) != whole || len(d.spans)+len(d.scopes) == 1 {
		return d.flush(""), doc, false
	}
	if d.ends() || d.path != path {
		first = d.flush("")
	}
	splices := d.fill(label)
	for i := range d.scopes {
		if d.scopes[i].last {
			first = append(first, d.flush(d.keyOf(i))...)
		}
	}
	out, err := apply(doc, splices)
	if err != nil {
		return first, doc, true
	}
	return first, out, true
}

// ends reports whether no text goes on after a document of this kind.
func (d *documents) ends() bool {
	return slices.ContainsFunc(lastKinds, func(end string) bool { return strings.HasSuffix(d.kind, end) })
}

// fill restores the strings of the document.
func (d *documents) fill(label []byte) (splices []splice) {
	for i := range d.spans {
		s := &d.spans[i]
		raw := d.src[s.start:s.end]
		l, last := d.laneOf(s)
		if (l == nil || len(l.held) == 0 && l.head[1] != 0) && !d.m.mayBegin(raw) { // no escape either
			if l != nil {
				l.passed(raw)
			}
			continue
		}
		if l == nil {
			l = &lane{form: formOf(s.place.use)}
		}
		text, changed := d.m.restore(nil, l, decode(raw, jsonLayer), last)
		if len(l.held) > 0 {
			l.origin = d.copyOf(i, label)
		}
		if changed {
			splices = append(splices, splice{s.start, s.end, encode(nil, text, jsonLayer)})
		}
	}
	return splices
}

func formOf(u use) textForm {
	if u == asArguments || u == asArgumentsPiece {
		return formJSON
	}
	return formByHead
}

// isPiece reports whether a string is a piece of a longer text.
func (d *documents) isPiece(s *span) bool {
	switch s.place.use {
	case asPiece, asArgumentsPiece:
		// Sound comes in pieces, too, whose every byte counts.
		return !strings.Contains(d.kind, "audio") || strings.Contains(d.kind, "transcript")
	case asNamedPiece:
		return pieceKinds[d.kind]
	}
	return false
}

// laneOf returns the lane of a piece, nil for a text that is whole, and whether
// it is the last piece.
func (d *documents) laneOf(s *span) (*lane, bool) {
	if !d.pieces || !d.isPiece(s) {
		return nil, true
	}
	key := d.keyOf(s.scope) + s.path
	at := slices.IndexFunc(d.lanes, func(l *lane) bool { return l.place == s.place && l.key == key })
	if at < 0 {
		if at = len(d.lanes); at >= maxLanes {
			d.lanes = slices.DeleteFunc(d.lanes, func(l *lane) bool { return len(l.held) == 0 })
			if at = len(d.lanes); at >= maxLanes {
				return nil, true
			}
		}
		d.lanes = append(d.lanes, &lane{place: s.place, key: key, form: d.formOfPiece(s)})
	}
	last := len(d.src) > maxPiece || d.ends()
	for i := s.scope; i >= 0 && !last; i = d.scopes[i].of {
		last = d.scopes[i].last
	}
	return d.lanes[at], last
}

// formOfPiece knows the pieces of a response: the kind of the event tells what
// they are of.
func (d *documents) formOfPiece(s *span) textForm {
	if s.place == answers.keys["delta"] {
		switch {
		case strings.Contains(d.kind, "arguments"):
			return formJSON
		case strings.Contains(d.kind, "tool_call_input"): // anything
			return formPlain
		}
	}
	return formOf(s.place.use)
}

// keyOf returns the numbers of an object and of those around it.
func (d *documents) keyOf(i int) (key string) {
	for ; i > 0; i = d.scopes[i].of {
		key = d.scopes[i].ids + key
	}
	return key
}

// copyOf returns the document with no pieces in it.
func (d *documents) copyOf(i int, label []byte) *carrier {
	without := func(from, to int, spans []span) (out []byte) {
		for j := range spans {
			if d.isPiece(&spans[j]) {
				out = append(out, d.src[from:spans[j].start]...)
				from = spans[j].end
			}
		}
		return append(out, d.src[from:to]...)
	}
	return &carrier{
		label:  bytes.Clone(label),
		before: without(0, d.spans[i].start, d.spans[:i]),
		after:  without(d.spans[i].end, len(d.src), d.spans[i+1:]),
	}
}

// flush returns documents with what is held back of the texts in objects with
// that key, and forgets those texts.
func (d *documents) flush(key string) (out []extra) {
	d.lanes = slices.DeleteFunc(d.lanes, func(l *lane) bool {
		if !strings.HasPrefix(l.key, key) {
			return false
		}
		if o := l.origin; len(l.held) > 0 {
			text, _ := d.m.restore(nil, l, nil, true)
			doc := encode(slices.Clip(o.before), text, jsonLayer)
			out = append(out, extra{o.label, append(doc, o.after...)})
		}
		return true
	})
	return out
}

// enter implements visitor, as do the methods that follow.
func (d *documents) enter(*node) frame {
	d.scopes = append(d.scopes, scope{of: d.scope})
	d.scope = len(d.scopes) - 1
	return frame{}
}

func (d *documents) leave(*node, frame) { d.scope = d.scopes[d.scope].of }

func (d *documents) key(n *node, start, end int) {
	d.spans = append(d.spans, span{place: answers.any, start: start, end: end, scope: d.scope})
}

func (d *documents) text(n *node, start, end int) {
	path := ""
	switch n.use {
	case asNumber:
		d.number(start, end)
		return
	case asPath:
		d.path = string(d.src[start:min(end, start+maxID)])
		return
	case asKindOf:
		if d.scopes[d.scope].of == 0 {
			d.kind = string(d.src[start:min(end, start+maxID)])
		}
		return
	case asLast:
		d.scopes[d.scope].last = end > start
	case asPiece:
		if n == answers.keys["v"] || n == answers.keys["v"].keys["v"] {
			path = d.path
		}
	}
	d.spans = append(d.spans, span{n, start, end, d.scope, path})
}

// number makes a number or a name one of those that the object goes by.
func (d *documents) number(start, end int) {
	d.scopes[d.scope].ids += "{" + string(d.src[start:min(end, start+maxID)])
}

func (d *documents) literal(n *node, start, end int) {
	switch n.use {
	case asNumber:
		d.number(start, end)
	case asLast:
		d.scopes[d.scope].last = d.scopes[d.scope].last || d.src[start] == 't'
	}
}
