package classifier

import (
	"fmt"
	"strings"
)

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
