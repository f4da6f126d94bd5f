package rules

import "github.com/gnomon-proxy/gnomon/traffic"

// Step is one rule as it was tried.
type Step struct {
	Rule     string
	Source   Position
	Action   traffic.Action
	Class    traffic.Class // of the findings that it was tried for,
	Detector string        // both empty: it was tried for the request
	Matched  bool
	Failed   string // first condition that does not hold: a key of the rule, "until", "exception" or "findings"; "" when matched
}

// Explain returns every rule that Decide tries for x, in order: first for the
// request, then for each kind of finding, each time up to the rule that
// matches.
func (e *Engine) Explain(x *traffic.Exchange) []Step {
	v := view{x: x, engine: e}
	v.sort()
	steps := e.explain(&v, nil, nil)
	for i := range v.groups {
		steps = e.explain(&v, &v.groups[i], steps)
	}
	return steps
}

func (e *Engine) explain(v *view, g *group, steps []Step) []Step {
	now := e.clock()
	for _, r := range e.rules {
		s := Step{Rule: r.policy.Name, Source: r.policy.Source, Action: r.policy.Action}
		if g != nil {
			s.Class, s.Detector = g.class, g.detector
		}
		switch {
		case r.expired(now):
			s.Failed = "until"
		case v.x.Exempt(r.policy.Name):
			s.Failed = "exception"
		default:
			s.Failed = r.failing(v, g)
		}
		s.Matched = s.Failed == ""
		steps = append(steps, s)
		if s.Matched {
			break
		}
	}
	return steps
}
