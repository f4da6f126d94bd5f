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
	if !canonical(host) {
		return ix.findOdd(host)
	}
	return ix.findCanonical(host)
}

func (ix *index) findCanonical(host string) *entry {
	domain, rest := lastTwo(host)
	if n := ix.domains[domain]; n != nil {
		if e, _ := n.find(rest, 0); e != nil {
			return e
		}
	}
	if i := strings.IndexByte(host, '.'); i > 0 {
		return ix.lead[host[:i]]
	}
	return nil
}

// findOdd looks up a name with letters that no canonical name has: in lower
// case, and then as a resolver or net/http would read it. Full-width letters
// and ideographic full stops turn into ASCII there (UTS #46), so that
// "ｏｐｅｎａｉ。com" does not get past the catalogue.
func (ix *index) findOdd(host string) *entry {
	if len(host) > maxName {
		host = host[len(host)-maxName:] // its end says whose it is
	}
	host = strings.ToLower(host)
	if e := ix.findCanonical(host); e != nil || canonical(host) {
		return e
	}
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil {
		return nil
	}
	return ix.findCanonical(ascii)
}

// canonical reports whether host has neither upper-case letters nor bytes
// outside ASCII.
func canonical(host string) bool {
	for i := range len(host) {
		if c := host[i]; c >= 0x80 || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
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
