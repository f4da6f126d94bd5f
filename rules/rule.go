package rules

import (
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/vm"
	"github.com/gaissmai/bart"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// rule is a Policy made ready to be tried.
type rule struct {
	policy   *Policy
	networks *bart.Lite  // nil: any client
	program  *vm.Program // nil: no expression
	over     time.Time   // the first moment at which it no longer holds; zero: never
	reason   string
	onFail   traffic.FailMode
}

// ofFindings reports whether the rule speaks of findings: it is then tried for
// each of them and not for the request.
func (r *rule) ofFindings() bool {
	w := &r.policy.When
	return len(w.Class) > 0 || len(w.Detector) > 0 || w.MinCount > 0 || w.MinConfidence > 0 || len(w.Finding) > 0
}

// expired reports whether the rule's last day has passed.
func (r *rule) expired(now time.Time) bool { return !r.over.IsZero() && !now.Before(r.over) }

// failing returns the YAML key of the first condition that does not hold, or ""
// when the rule matches. g is the group of findings that it is tried for, nil
// when it is tried for the request.
func (r *rule) failing(v *view, g *group) string {
	if key := r.failingFinding(v, g); key != "" {
		return key
	}
	if key := r.failingRequest(v.x); key != "" {
		return key
	}
	if r.program != nil && !v.holds(r, g) {
		return "expr"
	}
	return ""
}

func (r *rule) failingFinding(v *view, g *group) string {
	w := &r.policy.When
	switch {
	case g == nil && r.ofFindings():
		return "findings"
	case g == nil:
		return ""
	case len(w.Class) > 0 && !slices.Contains(w.Class, string(g.class)):
		return "class"
	case len(w.Detector) > 0 && !slices.Contains(w.Detector, g.detector):
		return "detector"
	case len(w.Finding) > 0 && !slices.Contains(w.Finding, g.print):
		return "finding"
	case g.confidence < w.MinConfidence:
		return "min_confidence"
	case w.MinCount > 1 && v.count(w) < w.MinCount:
		return "min_count"
	}
	return ""
}

func (r *rule) failingRequest(x *traffic.Exchange) string {
	w := &r.policy.When
	switch {
	case len(w.Service) > 0 && !oneOf(w.Service, x.Verdict.Service) && !oneOf(w.Service, x.Verdict.ID):
		return "service"
	case len(w.Category) > 0 && !oneOf(w.Category, x.Verdict.Category):
		return "category"
	case len(w.Status) > 0 && !slices.Contains(w.Status, string(x.Status)):
		return "status"
	case len(w.User) > 0 && !oneOf(w.User, x.Flow.User):
		return "user"
	case len(w.Group) > 0 && !anyOf(w.Group, x.Flow.Groups):
		return "group"
	case r.networks != nil && !r.networks.Contains(x.Flow.Client):
		return "network"
	case len(w.Surface) > 0 && !slices.Contains(w.Surface, string(x.Verdict.Surface)):
		return "surface"
	case len(w.Account) > 0 && !slices.Contains(w.Account, string(x.Account.Kind)):
		return "account"
	}
	return ""
}

// oneOf reports whether list holds s, in whatever letter case. What is unknown
// ("") is in no list.
func oneOf(list []string, s string) bool {
	return s != "" && slices.ContainsFunc(list, func(one string) bool { return strings.EqualFold(one, s) })
}

func anyOf(list, values []string) bool {
	for _, v := range values {
		if oneOf(list, v) {
			return true
		}
	}
	return false
}
