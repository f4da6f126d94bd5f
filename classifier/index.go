package classifier

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Confidences of the catalogue.
const (
	sureHost       = 1.0
	surePath       = 0.95
	unverifiedHost = 0.6
	sharedHost     = 0.3 // somebody uses the host: for its AI, perhaps
)

// maxLabel is the longest label of a DNS name, maxName the longest name
// (RFC 1035, section 2.3.4).
const (
	maxLabel = 63
	maxName  = 255
)

// index finds the rule for a host: a tree of labels, the last first. It starts
// at the last two, at which a name outside the catalogue mostly ends.
type index struct {
	domains map[string]*node
	lead    map[string]*entry // by first label, before any domain
}

type node struct {
	next  map[string]*node
	globs []glob // patterns for the next label, few

	tree, exact *entry // for this name with its subdomains, without them
}

type glob struct {
	pattern string
	node    *node
}

// entry is what the catalogue says of one host, verdicts prebuilt.
type entry struct {
	host  traffic.Verdict // when only the name is known
	whole traffic.Verdict // for requests under none of the paths
	paths []pathRule      // of this rule, then of the shorter ones that cover it
}

type pathRule struct {
	pattern string
	verdict traffic.Verdict
}

func newIndex(services []rules.Service) (*index, error) {
	ix := &index{domains: make(map[string]*node), lead: make(map[string]*entry)}
	var errs []error
	for i := range services {
		s := &services[i]
		if s.Disabled {
			continue
		}
		for _, h := range s.Hosts {
			if err := ix.add(s, h); err != nil {
				errs = append(errs, fmt.Errorf("%v: service %q, host %q: %w", s.Source, s.Name, h.Host, err))
			}
		}
	}
	for _, n := range ix.domains {
		n.inherit(nil)
	}
	return ix, errors.Join(errs...)
}

// add puts one host rule into the index.
func (ix *index) add(s *rules.Service, h rules.HostRule) error {
	if err := checkHost(h); err != nil {
		return err
	}
	e := ix.entryFor(h)
	v := verdictOf(s, h)
	if len(h.Paths) == 0 {
		if e.whole.AI() {
			return fmt.Errorf("already belongs to %q: give one of them paths", e.whole.Service)
		}
		e.host, e.whole = v, v
		return nil
	}
	for _, p := range h.Paths {
		e.paths = append(e.paths, pathRule{p, v})
	}
	if !e.host.AI() && !h.Quiet {
		e.host = v
		e.host.How, e.host.Confidence = traffic.HowSharedHost, sharedHost
	}
	return nil
}

func checkHost(h rules.HostRule) error {
	name := strings.TrimSuffix(h.Host, ".**")
	switch {
	case name == "" || h.Host != strings.ToLower(h.Host):
		return errors.New("want a name in lower case")
	case name == h.Host && !strings.Contains(name, "."):
		return errors.New("a whole top-level domain is too much")
	case strings.Contains(name, "**"), name != h.Host && strings.ContainsAny(name, ".*"):
		return errors.New(`"**" may only follow one plain first label`)
	case h.Quiet && len(h.Paths) == 0:
		return errors.New("quiet needs paths")
	}
	if domain, _ := lastTwo(name); strings.Contains(domain, "*") {
		return errors.New("the last two labels of a pattern must be plain")
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > maxLabel || strings.ContainsFunc(label, notInPattern) {
			return fmt.Errorf("%q is no label of a host name", label)
		}
	}
	for _, p := range h.Paths {
		if !strings.HasPrefix(p, "/") || len(p) < 2 {
			return fmt.Errorf(`path %q: want "/" and more`, p)
		}
	}
	return nil
}

func notInPattern(r rune) bool {
	return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '_' || r == '*')
}

func verdictOf(s *rules.Service, h rules.HostRule) traffic.Verdict {
	v := traffic.Verdict{
		Service: s.Name, ID: s.ID, Vendor: s.Vendor, Category: s.Category,
		Scope: s.Scope, Surface: traffic.Surface(s.Surface),
		How: traffic.HowCatalogue, Confidence: sureHost, Features: []string{"host " + h.Host},
	}
	if h.Scope != "" {
		v.Scope = h.Scope
	}
	if len(h.Paths) > 0 {
		v.Scope, v.Confidence = traffic.ScopePath, surePath
		v.Features = []string{"host " + h.Host + ", path"}
	}
	if h.Unverified {
		v.How, v.Confidence = traffic.HowCatalogueUnverified, unverifiedHost
	}
	return v
}

// entryFor returns the entry at the rule's place in the index, made where it
// is missing.
func (ix *index) entryFor(h rules.HostRule) *entry {
	if first, ok := strings.CutSuffix(h.Host, ".**"); ok {
		if ix.lead[first] == nil {
			ix.lead[first] = new(entry)
		}
		return ix.lead[first]
	}
	domain, rest := lastTwo(h.Host)
	if ix.domains[domain] == nil {
		ix.domains[domain] = new(node)
	}
	n := ix.domains[domain]
	for rest != "" {
		var label string
		label, rest = lastLabel(rest)
		n = n.child(label)
	}
	at := &n.tree
	if h.Exact {
		at = &n.exact
	}
	if *at == nil {
		*at = new(entry)
	}
	return *at
}

func (n *node) child(label string) *node {
	if strings.Contains(label, "*") {
		for _, g := range n.globs {
			if g.pattern == label {
				return g.node
			}
		}
		n.globs = append(n.globs, glob{label, new(node)})
		return n.globs[len(n.globs)-1].node
	}
	if n.next == nil {
		n.next = make(map[string]*node)
	}
	if n.next[label] == nil {
		n.next[label] = new(node)
	}
	return n.next[label]
}

// inherit completes each entry by what shorter rules say of it, so that a
// look-up needs only the longest.
func (n *node) inherit(from *entry) {
	n.tree.complete(from)
	if n.tree != nil {
		from = n.tree
	}
	n.exact.complete(from)
	for _, c := range n.next {
		c.inherit(from)
	}
	for _, g := range n.globs {
		g.node.inherit(from)
	}
}

func (e *entry) complete(from *entry) {
	if e == nil || from == nil || e.whole.AI() {
		return
	}
	e.paths = append(e.paths, from.paths...)
	if e.whole = from.whole; e.whole.AI() {
		e.host = e.whole
	}
}
