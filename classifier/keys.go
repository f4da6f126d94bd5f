package classifier

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// maxDepth bounds how deep a body is followed: requests of AI services nest
// less than ten levels before their text.
const maxDepth = 64

// longText is a string longer than what programs send each other, save for
// prose and code.
const longText = 512

// facts is a set of things seen in a body, by number.
type facts [4]uint64

func (f *facts) set(n int) { f[n>>6&3] |= 1 << (n & 63) }

func (f *facts) add(g facts) {
	for i := range f {
		f[i] |= g[i]
	}
}

func (f *facts) contains(g facts) bool {
	return f[0]&g[0] == g[0] && f[1]&g[1] == g[1] && f[2]&g[2] == g[2] && f[3]&g[3] == g[3]
}

// factNone is set by nothing that a signal can name; factLong by a long string
// anywhere.
const (
	factNone = iota
	factLong
	factsFixed
)

// keyTree holds the JSON paths of all body signals in one tree, so that a body
// is walked once. It is filled by term and immutable afterwards.
type keyTree struct {
	root  keyNode
	terms map[string]int // numbers of the facts
}

type keyNode struct {
	keys   map[string]*keyNode
	any    *keyNode // "*": whatever the key
	elem   *keyNode // of an array
	seen   int      // fact: a value is there, and not null
	text   int      // fact: it is a string, not empty
	values map[string][]int
}

// term returns the number of the fact that a term states: "a.b[].c" for a
// value at that path, "a=*" for a string that is not empty, "a=x|y" for one of
// these strings, "@long" for a long string anywhere.
func (t *keyTree) term(s string) (int, error) {
	if n, ok := t.terms[s]; ok {
		return n, nil
	}
	if t.terms == nil {
		t.terms = map[string]int{"@long": factLong}
		t.root.elem = &t.root // a list of requests reads as one
		return t.term(s)
	}
	n := len(t.terms) + factsFixed
	if n >= len(facts{})*64 {
		return 0, fmt.Errorf("more than %d different terms", n)
	}
	path, value, hasValue := strings.Cut(s, "=")
	at := &t.root
	for part := range strings.SplitSeq(path, ".") {
		key := strings.TrimRight(part, "[]")
		if key == "" {
			return 0, fmt.Errorf("term %q: empty key", s)
		}
		at = at.child(key)
		for range strings.Count(part, "[]") {
			if at.elem == nil {
				at.elem = new(keyNode)
			}
			at = at.elem
		}
	}
	switch {
	case !hasValue:
		at.seen = n
	case value == "*":
		at.text = n
	default:
		if at.values == nil {
			at.values = make(map[string][]int)
		}
		for v := range strings.SplitSeq(value, "|") {
			at.values[v] = append(at.values[v], n)
		}
	}
	t.terms[s] = n
	return n, nil
}

func (n *keyNode) child(key string) *keyNode {
	if key == "*" {
		if n.any == nil {
			n.any = new(keyNode)
		}
		return n.any
	}
	if n.keys == nil {
		n.keys = make(map[string]*keyNode)
	}
	if n.keys[key] == nil {
		n.keys[key] = new(keyNode)
	}
	return n.keys[key]
}

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
