package rules

import (
	"sync/atomic"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Engine decides by policies. It implements traffic.Policy; its methods are
// safe for concurrent use.
//
// Rules are tried in order, once for the request and once for each finding, and
// the first that matches counts. A rule with a condition on findings (class,
// detector, finding, min_confidence, min_count) is tried for findings only; every other rule is tried
// for both, so that "allow this service" lets its findings pass too. The
// decision is the strictest of all those matches; of equally strict ones the
// rule that comes first is named. It fails closed as soon as one of the matches
// does. Only findings whose own rule redacts or pseudonymises are replaced.
type Engine struct {
	rules   []*rule
	expires bool // some rule has a last day

	confident bool            // some rule asks for a confidence
	prints    map[string]bool // the values that some rule asks for
	now       func() time.Time
	failures  atomic.Int64
}

// NewEngine prepares policies, which are tried in the given order; now tells
// which rules have expired. Disabled policies are left out. The error is of
// type Errors.
func NewEngine(policies []Policy, now func() time.Time) (*Engine, error) {
	e := &Engine{now: now, prints: make(map[string]bool)}
	var errs Errors
	for i := range policies {
		p := &policies[i]
		if p.Disabled {
			continue
		}
		r := compile(p, &errs)
		e.rules = append(e.rules, r)
		e.expires = e.expires || !r.over.IsZero()
		e.confident = e.confident || p.When.MinConfidence > 0
		for _, print := range p.When.Finding {
			e.prints[print] = true
		}
	}
	if err := errs.Err(); err != nil {
		return nil, err
	}
	return e, nil
}

// Failures returns how many expressions of rules have failed while they ran.
func (e *Engine) Failures() int64 { return e.failures.Load() }

// Decide says what becomes of x by its verdict, status, account, flow and
// findings. It does not allocate for a request without findings unless a rule
// has an expression. Where no rule matches the request is allowed.
func (e *Engine) Decide(x *traffic.Exchange) traffic.Decision {
	v := view{x: x, engine: e}
	v.sort()
	now := e.clock()
	d := traffic.Decision{Action: traffic.ActionAllow, OnFailure: traffic.FailOpen}
	best := -1
	take := func(i int) {
		if i < 0 {
			return
		}
		r := e.rules[i]
		if r.onFail == traffic.FailClosed {
			d.OnFailure = traffic.FailClosed
		}
		if rank := r.policy.Action.Rank(); best < 0 || rank > d.Action.Rank() || rank == d.Action.Rank() && i < best {
			best = i
			d.Action, d.Rule, d.Reason = r.policy.Action, r.policy.Name, r.reason
		}
	}
	take(e.first(&v, nil, now))
	for i := range v.groups {
		g := &v.groups[i]
		g.rule = e.first(&v, g, now)
		take(g.rule)
	}
	if d.Action != traffic.ActionBlock { // what is refused is not rewritten
		d.Redact, d.Styles = e.redactions(&v)
	}
	return d
}

// first returns the index of the first rule that matches, -1 when none does.
func (e *Engine) first(v *view, g *group, now time.Time) int {
	for i, r := range e.rules {
		if !r.expired(now) && !v.x.Exempt(r.policy.Name) && r.failing(v, g) == "" {
			return i
		}
	}
	return -1
}

// redactions returns the findings whose rule replaces them. Pseudonymising is
// replacing too: whatever stands in for the value, the value must not leave.
func (e *Engine) redactions(v *view) (out []int, styles []traffic.Style) {
	styled := false
	for i, n := range v.of {
		r := v.groups[n].rule
		if r < 0 {
			continue
		}
		p := e.rules[r].policy
		style := p.Style
		switch p.Action {
		case traffic.ActionPseudonymise:
			style = traffic.StyleToken
		case traffic.ActionRedact:
		default:
			continue
		}
		out, styles = append(out, i), append(styles, style)
		styled = styled || style != ""
	}
	if !styled {
		styles = nil
	}
	return out, styles
}

// clock reads the time only where it matters.
func (e *Engine) clock() time.Time {
	if !e.expires {
		return time.Time{}
	}
	return e.now()
}
