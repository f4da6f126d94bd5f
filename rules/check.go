package rules

import (
	"maps"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Report is what Check found.
type Report struct {
	Set      *Set   // nil when there are errors
	Errors   Errors // for which the rules are refused
	Warnings Errors // with which they are used
}

// Check reads and checks rules as Load does, and warns of what is allowed but
// hardly meant: rules that have expired by now, that no request can reach, that
// let pass what another one would redact, entries that disable nothing.
func Check(now time.Time, overlays ...string) Report {
	set, errs, warnings := load(overlays, Embedded(), folders)
	if len(errs) > 0 {
		return Report{Errors: errs}
	}
	set.warn(now, &warnings)
	return Report{Set: set, Warnings: warnings}
}

func (s *Set) warn(now time.Time, warnings *Errors) {
	for i := range s.Allow {
		s.Allow[i].warn(now, warnings)
	}
	var last *Policy // the rule that matches everything
	for i := range s.Policies {
		p := &s.Policies[i]
		r := rule{policy: p, over: p.Until.Add(24 * time.Hour)}
		switch {
		case last != nil:
			warnings.Add(p.Source, "policy %q is never reached: %q at %s matches everything", p.Name, last.Name, last.Source)
			continue
		case !p.Until.IsZero() && r.expired(now):
			warnings.Add(p.Source, "policy %q expired on %s", p.Name, p.Until.Format(time.DateOnly))
			continue
		case p.Expr == "" && p.When.empty():
			last = p
		}
		if masked := s.masked(i); masked != nil && !r.ofFindings() && last == nil &&
			(p.Action == traffic.ActionAlert || p.Action == traffic.ActionCoach) {
			warnings.Add(p.Source, "policy %q also decides about the findings of its requests: %q no longer redacts them; put a redacting rule before it, or say allow if that is meant", p.Name, masked.Name)
		}
	}
}

// masked returns the first rule after the i-th that replaces findings.
func (s *Set) masked(i int) *Policy {
	for j := i + 1; j < len(s.Policies); j++ {
		if a := s.Policies[j].Action; a == traffic.ActionRedact || a == traffic.ActionPseudonymise {
			return &s.Policies[j]
		}
	}
	return nil
}

func (w *When) empty() bool {
	return len(w.Service)+len(w.Category)+len(w.Status)+len(w.Class)+len(w.Detector)+len(w.User)+
		len(w.Group)+len(w.Network)+len(w.Surface)+len(w.Account)+w.MinCount+len(w.Finding) == 0 && w.MinConfidence == 0
}

// checkExamples tries a rule, alone and as if it never expired, on its own
// examples.
func checkExamples(r *rule, errs *Errors) {
	for _, list := range []struct {
		examples []Example
		want     bool
		text     string
	}{
		{r.policy.Match, true, "policy %q does not match this example: %s does not hold"},
		{r.policy.NoMatch, false, "policy %q matches this example, and should not%s"},
	} {
		for i := range list.examples {
			if failing := r.try(list.examples[i].Exchange()); (failing == "") != list.want {
				errs.Add(list.examples[i].Source, list.text, r.policy.Name, failing)
			}
		}
	}
}

// try returns "" when r matches x or one of its findings, else a condition that
// does not hold.
func (r *rule) try(x *traffic.Exchange) string {
	e := &Engine{confident: r.policy.When.MinConfidence > 0, prints: make(map[string]bool)}
	for _, print := range r.policy.When.Finding {
		e.prints[print] = true
	}
	v := view{x: x, engine: e}
	v.sort()
	failing := r.failing(&v, nil)
	for i := range v.groups {
		if failing == "" {
			break
		}
		failing = r.failing(&v, &v.groups[i])
	}
	return failing
}

func sortedKeys(m map[string]bool) []string { return slices.Sorted(maps.Keys(m)) }
