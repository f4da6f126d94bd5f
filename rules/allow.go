package rules

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Allow is a list of values that are no findings (allow/*.yaml of an overlay):
// test data, the organisation's own addresses. At least one of Values, Patterns
// and Findings is there.
type Allow struct {
	Name     string          `yaml:"name"`
	Detector []string        `yaml:"detector"` // or tables and fingerprints; none: all
	Class    []traffic.Class `yaml:"class"`    // none: all
	Service  []string        `yaml:"service"`  // name or id; none: all, and files that are scanned
	Values   []string        `yaml:"values"`   // as they stand; numbers with any separators
	Patterns []string        `yaml:"patterns"` // RE2, for the whole value; not tried on values in disguise
	Findings []string        `yaml:"findings"` // fingerprints, as in When.Finding
	Reason   string          `yaml:"reason"`
	Until    time.Time       `yaml:"until"`    // last day on which it holds, in UTC
	Match    []string        `yaml:"match"`    // values that the patterns match
	NoMatch  []string        `yaml:"no_match"` // and that they must not
	Disabled bool            `yaml:"disabled"`
	Source   Position        `yaml:"-"`
}

// Holds reports whether the list holds at a time for a service, "" being none.
func (a *Allow) Holds(service, id string, now time.Time) bool {
	if !now.Before(a.Until.Add(24 * time.Hour)) {
		return false
	}
	return len(a.Service) == 0 || service != "" && oneOf(a.Service, service) || id != "" && oneOf(a.Service, id)
}

// Covers reports whether the list is for findings of a detector and class.
func (a *Allow) Covers(detector string, class traffic.Class) bool {
	return (len(a.Detector) == 0 || oneOf(a.Detector, detector)) && (len(a.Class) == 0 || slices.Contains(a.Class, class))
}

func allowEntry(a *Allow) entry {
	return entry{a.Name, a.Disabled, len(a.Values)+len(a.Patterns)+len(a.Findings) == 0, a.Source}
}

// leastAllowed is the length of a value that may be allowed: shorter ones say
// nothing.
const leastAllowed = 4

// tooWide are values that nobody means to allow all of: a pattern that matches
// one of them allows nearly anything.
var tooWide = []string{
	"", "a", "0", "a1B2c3D4e5F6g7H8i9J0", "Z1Y2X3W4V5U6T7S8R9Q0", "4539148803436467", "+999 555 0198765", "someone@elsewhere.invalid", "Zorvath Quillnapper",
	"Z9y8X7w6V5u4T3s2R1q0-p9O8n7M6l5K4j3I2h1G0_f9E8d7C6b5A4z3Y2x1W0",
}

// checkAllow checks one list by itself.
func checkAllow(a *Allow, at locate, errs *Errors) {
	required(a.Name, "name", at, errs)
	if a.Disabled {
		return
	}
	required(a.Reason, "reason", at, errs)
	if a.Until.IsZero() {
		errs.Add(at(), "allow-list %q has no end: give until, the last day on which it holds", a.Name)
	}
	if allowEntry(a).bare {
		errs.Add(at(), "allow-list %q allows nothing: give values, patterns or findings", a.Name)
	}
	for i, c := range a.Class {
		enum("class", string(c), at("class", i), words(traffic.Classes()), errs)
	}
	for i, v := range a.Values {
		if len(strings.TrimSpace(v)) < leastAllowed {
			errs.Add(at("values", i), "a value of less than %d characters is everywhere", leastAllowed)
		}
	}
	for i, f := range a.Findings {
		if !isPrint(f) {
			errs.Add(at("findings", i), "finding %.40q: expected 16 hexadecimal digits, as gnomon inspect shows them", f)
		}
	}
	a.checkPatterns(at, errs)
}

func (a *Allow) checkPatterns(at locate, errs *Errors) {
	all := make([]*regexp.Regexp, 0, len(a.Patterns))
	for i, p := range a.Patterns {
		re, err := regexp.Compile(`\A(?:` + p + `)\z`)
		if err != nil {
			errs.Add(at("patterns", i), "pattern: %v", err)
			return
		}
		if j := slices.IndexFunc(tooWide, re.MatchString); j >= 0 {
			errs.Add(at("patterns", i), "the pattern is too wide: it matches %q", tooWide[j])
		}
		all = append(all, re)
	}
	for _, list := range []struct {
		key      string
		examples []string
		want     bool
		text     string
	}{
		{"match", a.Match, true, "no pattern of %q matches this example"},
		{"no_match", a.NoMatch, false, "a pattern of %q matches this example, and should not"},
	} {
		for i, x := range list.examples {
			if slices.ContainsFunc(all, func(re *regexp.Regexp) bool { return re.MatchString(x) }) != list.want {
				errs.Add(at(list.key, i), list.text, a.Name)
			}
		}
	}
}

// warn notes lists that have no effect, or less than somebody may think.
func (a *Allow) warn(now time.Time, warnings *Errors) {
	if !now.Before(a.Until.Add(24 * time.Hour)) {
		warnings.Add(a.Source, "allow-list %q expired on %s", a.Name, a.Until.Format(time.DateOnly))
	}
	for _, v := range a.Values {
		if strings.HasPrefix(v, "*") != strings.HasSuffix(v, "*") {
			warnings.Add(a.Source, "allow-list %q: the * of the value %q stands for itself: give a pattern if it is to stand for any text", a.Name, v)
		}
	}
}

// checkAllow notes names in allow-lists that nothing bears.
func (s *Set) checkAllow(services, detectors []string, errs *Errors) {
	for i := range s.Allow {
		a := &s.Allow[i]
		for _, d := range a.Detector {
			if !oneOf(detectors, d) {
				errs.Add(a.Source, "allow-list %q: unknown detector %q%s", a.Name, d, strictyaml.DidYouMean(d, detectors))
			}
		}
		for _, v := range a.Service {
			if !oneOf(services, v) && !strings.Contains(v, ".") && !strings.HasPrefix(v, "unknown:") {
				errs.Add(a.Source, "allow-list %q: unknown service %q%s", a.Name, v, strictyaml.DidYouMean(v, services))
			}
		}
	}
}
