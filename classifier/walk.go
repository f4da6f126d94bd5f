package classifier

import (
	"bytes"
	"encoding/json"
)

// maxDepth bounds how deep a body is followed: requests of AI services nest
// less than ten levels before their text.
const maxDepth = 64

// longText is a string longer than what programs send each other, save for
// prose and code.
const longText = 512

// walk returns what is seen in the first values JSON values of data, which may
// end anywhere and need not be JSON at all. It does not allocate, save for keys
// written with escapes.
func (t *keyTree) walk(data []byte, values int) facts {
	w := walker{data: data, next: &t.root, root: &t.root}
	w.run(values)
	return w.facts
}

type walker struct {
	data  []byte
	pos   int
	facts facts
	root  *keyNode
	next  *keyNode // the node of the value that follows; nil: of no interest
	stack [maxDepth]frame
	depth int
}

type frame struct {
	node   *keyNode // object: whose keys; array: the node of its elements
	object bool
	key    bool // a key comes next
}

func (w *walker) run(values int) {
	for w.pos < len(w.data) {
		c := w.data[w.pos]
		switch c {
		case ' ', '\t', '\n', '\r', ':':
			w.pos++
		case ',':
			w.pos++
			w.nextMember()
		case '{', '[':
			w.pos++
			if !w.open(c == '{') {
				return
			}
		case '}', ']':
			w.pos++
			if w.depth == 0 {
				return
			}
			if w.depth--; w.depth == 0 {
				if values--; values <= 0 {
					return
				}
				w.next = w.root
			}
		case '"':
			w.pos++
			w.text()
		default:
			if w.depth == 0 {
				return // no body of a request is a bare number or word
			}
			if c != 'n' {
				w.saw()
			}
			w.literal()
		}
	}
}

// nextMember gets ready for what follows a comma.
func (w *walker) nextMember() {
	if w.depth == 0 {
		return
	}
	if top := &w.stack[w.depth-1]; top.object {
		top.key = true
	} else {
		w.next = top.node
	}
}

func (w *walker) open(object bool) bool {
	if w.depth == maxDepth {
		return false
	}
	w.saw()
	n := w.next
	if n != nil && !object {
		n = n.elem
	}
	w.stack[w.depth] = frame{n, object, object}
	w.depth++
	w.next = nil
	if !object {
		w.next = n
	}
	return true
}

func (w *walker) saw() {
	if w.next != nil {
		w.facts.set(w.next.seen)
	}
}

// text reads a string behind its opening quotation mark: a key or a value.
func (w *walker) text() {
	s, escaped := w.str()
	if w.depth == 0 {
		return
	}
	top := &w.stack[w.depth-1]
	if top.object && top.key {
		top.key = false
		w.next = top.node.member(s, escaped)
		return
	}
	if len(s) >= longText {
		w.facts.set(factLong)
	}
	w.saw()
	if w.next == nil || len(s) == 0 {
		return
	}
	w.facts.set(w.next.text)
	for _, n := range w.next.values[string(s)] {
		w.facts.set(n)
	}
}

// member returns the node for a key, nil for one of no interest.
func (n *keyNode) member(key []byte, escaped bool) *keyNode {
	if n == nil {
		return nil
	}
	if escaped && len(key) <= 256 { // "mess\u0061ges" is "messages" to every server
		var s string
		if json.Unmarshal(append(append([]byte{'"'}, key...), '"'), &s) == nil {
			key = []byte(s)
		}
	}
	if c := n.keys[string(key)]; c != nil {
		return c
	}
	return n.any
}

// str returns the inside of the string at pos and steps behind it. A string
// that the end of the data cuts off counts as far as it goes.
func (w *walker) str() (s []byte, escaped bool) {
	start := w.pos
	for {
		i := bytes.IndexByte(w.data[w.pos:], '"')
		if i < 0 {
			w.pos = len(w.data)
			return w.data[start:], escaped
		}
		end := w.pos + i
		w.pos = end + 1
		slashes := 0
		for end-slashes > start && w.data[end-slashes-1] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			s = w.data[start:end]
			return s, escaped || len(s) <= 256 && bytes.IndexByte(s, '\\') >= 0
		}
		escaped = true
	}
}

func (w *walker) literal() {
	for w.pos++; w.pos < len(w.data); w.pos++ {
		switch w.data[w.pos] {
		case ',', '}', ']', ' ', '\t', '\n', '\r', '"', '{', '[':
			return
		}
	}
}
