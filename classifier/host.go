package classifier

import (
	"strings"

	"golang.org/x/net/idna"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// find returns the entry of the longest rule that covers host, or nil.
func (ix *index) find(host string) *entry {
	for strings.HasSuffix(host, ".") {
		host = host[:len(host)-1]
	}
	if e, ok := ix.findCanonical(host); ok {
		return e
	}
	return ix.findOdd(host)
}

// findCanonical looks host up. It is not ok for a name with upper-case letters
// or bytes outside ASCII.
func (ix *index) findCanonical(host string) (e *entry, ok bool) {
	first, second, dots := 0, -1, 0 // the first dot; the last but one
	for i := len(host) - 1; i >= 0; i-- {
		switch c := host[i]; {
		case c == '.':
			if dots++; dots == 2 {
				second = i
			}
			first = i
		case c >= 0x80 || 'A' <= c && c <= 'Z':
			return nil, false
		}
	}
	if n := ix.domains[host[second+1:]]; n != nil {
		if e, _ := n.find(host[:max(second, 0)], 0); e != nil {
			return e, true
		}
	}
	if dots == 0 {
		return nil, true
	}
	return ix.lead[host[:first]], true
}

// findOdd looks up a name that is not canonical: in lower case, and else as a
// resolver or net/http would read it. Full-width letters and ideographic full
// stops turn into ASCII there (UTS #46), so that "ｏｐｅｎａｉ。com" does not
// get past the catalogue.
func (ix *index) findOdd(host string) *entry {
	if len(host) > maxName {
		host = host[len(host)-maxName:] // its end says whose it is
	}
	if e, ok := ix.findCanonical(asciiLower(host)); ok && e != nil {
		return e
	}
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil {
		return nil
	}
	e, _ := ix.findCanonical(ascii)
	return e
}

// asciiLower returns host in lower case and with NUL for what is not ASCII:
// no rule has it.
func asciiLower(host string) string {
	b := []byte(host)
	for i, c := range b {
		switch {
		case 'A' <= c && c <= 'Z':
			b[i] += 'a' - 'A'
		case c >= 0x80:
			b[i] = 0
		}
	}
	return string(b)
}

// find returns the deepest entry below n for the labels of rest, and its
// depth. Plain labels beat patterns of the same length. It goes as deep as the
// longest rule, however long the name.
func (n *node) find(rest string, depth int) (best *entry, at int) {
	if rest == "" {
		if n.exact != nil {
			return n.exact, depth
		}
		return n.tree, depth
	}
	best, at = n.tree, depth
	label, rest := lastLabel(rest)
	if c := n.next[label]; c != nil {
		if e, d := c.find(rest, depth+1); e != nil {
			best, at = e, d
		}
	}
	for i := range n.globs {
		if globMatch(n.globs[i].pattern, label) {
			if e, d := n.globs[i].node.find(rest, depth+1); e != nil && (best == nil || d > at) {
				best, at = e, d
			}
		}
	}
	return best, at
}

// lastTwo cuts off the last two labels.
func lastTwo(name string) (domain, rest string) {
	_, rest = lastLabel(name)
	_, rest = lastLabel(rest)
	if rest == "" {
		return name, ""
	}
	return name[len(rest)+1:], rest
}

func lastLabel(name string) (label, rest string) {
	for i := len(name) - 1; i >= 0; i-- { // labels are short: quicker than strings.LastIndexByte
		if name[i] == '.' {
			return name[i+1:], name[:i]
		}
	}
	return name, ""
}

// request returns the verdict for a request under path.
func (e *entry) request(path string) traffic.Verdict {
	if len(e.paths) > 0 {
		path = cleanPath(path)
		for i := range e.paths {
			if underPath(e.paths[i].pattern, path) {
				return e.paths[i].verdict
			}
		}
	}
	return e.whole
}
