package rules

import (
	"regexp/syntax"
	"strings"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// What can be said of one entry without the stage that uses it is checked here;
// the stages check the rest (validators, kinds of signals, examples) when they
// are built.

func checkService(s *Service, at locate, errs *Errors) {
	required(s.ID, "id", at, errs)
	if !isSlug(s.ID) {
		errs.Add(at("id"), "id %q: only lower-case letters, digits, '-' and '.' are allowed", s.ID)
	}
	if s.Disabled && len(s.Hosts) == 0 {
		return
	}
	required(s.Name, "name", at, errs)
	required(s.Category, "category", at, errs)
	optional("surface", s.Surface, at, surfaces, errs)
	optional("scope", string(s.Scope), at, scopes[1:], errs)
	checkSupplier(&s.Supplier, at, errs)
	if len(s.Hosts) == 0 {
		errs.Add(at(), "service %q has no hosts", s.ID)
	}
	for i, h := range s.Hosts {
		optional("scope", string(h.Scope), func(...any) Position { return at("hosts", i, "scope") }, scopes[1:], errs)
		if !isHost(h.Host) {
			errs.Add(at("hosts", i, "host"), "host %q: write a bare name in lower case, such as api.example.com", h.Host)
		}
		for j, p := range h.Paths {
			if !strings.HasPrefix(p, "/") {
				errs.Add(at("hosts", i, "paths", j), "path %q does not start with a slash", p)
			}
		}
	}
}

func checkSignal(s *Signal, at locate, errs *Errors) {
	required(s.Name, "name", at, errs)
	if s.Disabled && len(s.Values) == 0 {
		return
	}
	required(s.Kind, "kind", at, errs)
	if len(s.Values) == 0 {
		errs.Add(at(), "signal %q has no values", s.Name)
	}
}

func checkDetector(d *Detector, at locate, errs *Errors) {
	required(d.Name, "name", at, errs)
	if d.Disabled && d.Class == "" {
		return
	}
	enum("class", string(d.Class), at("class"), words(traffic.Classes()), errs)
	if _, err := syntax.Parse(d.Pattern, syntax.Perl); err != nil {
		errs.Add(at("pattern"), "pattern: %v", err)
	}
	for i, a := range d.Allow {
		if _, err := syntax.Parse(a, syntax.Perl); err != nil {
			errs.Add(at("allow", i), "pattern: %v", err)
		}
	}
	for _, c := range []struct {
		key   string
		value float64
	}{{"confidence", d.Confidence}, {"context_confidence", d.InContext}} {
		if c.value < 0 || c.value > 1 {
			errs.Add(at(c.key), "%s: expected a number from 0 to 1", c.key)
		}
	}
}

func isSlug(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || i > 0 && (c == '-' || c == '.')) {
			return false
		}
	}
	return true
}

// isHost reports whether s is a canonical host, perhaps with "*" in it.
func isHost(s string) bool {
	return s != "" && len(s) <= 253 && s == traffic.CanonicalHost(s) && !strings.ContainsAny(s, " /@?#%\\") && !strings.Contains(s, "..")
}

// check notes what is wrong between the entries of a set.
func (s *Set) check(errs *Errors) {
	names, services, categories := make(map[string]Position), []string{}, map[string]bool{"unknown": true}
	for i := range s.Services {
		v := &s.Services[i]
		services = append(services, v.Name, v.ID)
		categories[v.Category] = true
		both := v.Name + "\x00" + v.Vendor // two vendors may sell products of one name
		if at, twice := names[both]; twice {
			errs.Add(v.Source, "duplicate service name %q, first at %s", v.Name, at)
			continue
		}
		names[both] = v.Source
	}
	detectors := make([]string, len(s.Detectors))
	for i := range s.Detectors {
		detectors[i] = s.Detectors[i].Name
	}
	detectors = append(detectors, s.own...)
	s.checkAllow(services, detectors, errs)
	for i := range s.Policies {
		p := &s.Policies[i]
		refers(p, "service", p.When.Service, services, errs)
		refers(p, "category", p.When.Category, sortedKeys(categories), errs)
		refers(p, "detector", p.When.Detector, detectors, errs)
	}
	s.checkBlindSpots(errs)
}

// refers notes names in a policy that nothing bears: such a rule would never
// match, and nobody would know. Services that the catalogue does not know go by
// their host.
func refers(p *Policy, what string, names, known []string, errs *Errors) {
	for i, n := range names {
		if oneOf(known, n) || what == "service" && (strings.Contains(n, ".") || strings.HasPrefix(n, "unknown:")) {
			continue
		}
		errs.Add(p.place("when", what, i), "policy %q: unknown %s %q%s", p.Name, what, n, strictyaml.DidYouMean(n, known))
	}
}
