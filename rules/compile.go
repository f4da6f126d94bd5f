package rules

import (
	"strings"
	"time"

	"github.com/gaissmai/bart"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// locate returns the place of a value of an entry, given its path below the
// entry.
type locate func(path ...any) Position

// compile makes p ready and notes in errs what is wrong with it.
func compile(p *Policy, errs *Errors) *rule {
	r := &rule{policy: p, reason: p.Message, onFail: p.OnFailure}
	checkPolicy(p, errs)
	if r.reason == "" {
		r.reason = sentence(p.Action)
	}
	if r.onFail == "" {
		if r.onFail = traffic.FailOpen; p.Action == traffic.ActionBlock {
			r.onFail = traffic.FailClosed // what is refused does not pass for want of a look
		}
	}
	if !p.Until.IsZero() {
		r.over = p.Until.Add(24 * time.Hour)
	}
	if len(p.When.Network) > 0 {
		r.networks = new(bart.Lite)
		for i, s := range p.When.Network {
			prefix, err := strictyaml.ParseNetwork(s)
			if err != nil {
				errs.Add(p.place("when", "network", i), "%v", err)
				continue
			}
			r.networks.Insert(prefix)
		}
	}
	if p.Expr != "" {
		var err error
		if r.program, err = compileExpr(p.Expr); err != nil {
			errs.Add(p.place("expr"), "expression: %v", err)
		}
	}
	return r
}

// sentence is what a person is told by a rule without a message.
func sentence(a traffic.Action) string {
	switch a {
	case traffic.ActionAlert:
		return "The request was sent on and reported."
	case traffic.ActionRedact, traffic.ActionPseudonymise:
		return "Sensitive data was replaced before the request was sent on."
	}
	return ""
}

func checkPolicy(p *Policy, errs *Errors) {
	at := p.place
	required(p.Name, "name", at, errs)
	switch {
	case p.Action == "":
		errs.Add(at(), "policy %q has no action", p.Name)
	default:
		enum("action", string(p.Action), at("action"), actions, errs)
	}
	optional("style", string(p.Style), at, words(traffic.Styles()), errs)
	if p.Style != "" && p.Action != traffic.ActionRedact {
		errs.Add(at("style"), "policy %q: style says how findings are replaced: it needs action redact", p.Name)
	}
	if p.When.MinConfidence < 0 || p.When.MinConfidence > 1 {
		errs.Add(at("when", "min_confidence"), "expected a number from 0 to 1")
	}
	for i, print := range p.When.Finding {
		if !isPrint(print) {
			errs.Add(at("when", "finding", i), "%q is no fingerprint of a finding: 16 hexadecimal digits", print)
		}
	}
	if p.Message == "" && (p.Action == traffic.ActionBlock || p.Action == traffic.ActionCoach) {
		errs.Add(at(), "policy %q: action %s needs a message that tells the person why", p.Name, p.Action)
	}
	if p.OnFailure != "" {
		enum("on_failure", string(p.OnFailure), at("on_failure"), failModes, errs)
	}
	if p.When.MinCount < 0 {
		errs.Add(at("when", "min_count"), "expected a number from 1")
	}
	for _, key := range []struct {
		name   string
		values []string
		known  []string
	}{
		{"status", p.When.Status, words(traffic.Statuses())},
		{"class", p.When.Class, words(traffic.Classes())},
		{"surface", p.When.Surface, surfaces},
		{"account", p.When.Account, accounts},
	} {
		for i, v := range key.values {
			enum(key.name, v, at("when", key.name, i), key.known, errs)
		}
	}
	for _, list := range []struct {
		name     string
		examples []Example
	}{{"match", p.Match}, {"no_match", p.NoMatch}} {
		for i := range list.examples {
			checkExample(&list.examples[i], func(path ...any) Position { return at(append([]any{list.name, i}, path...)...) }, errs)
		}
	}
}

func checkExample(e *Example, at locate, errs *Errors) {
	optional("status", string(e.Status), at, words(traffic.Statuses()), errs)
	optional("surface", string(e.Surface), at, surfaces, errs)
	optional("account", e.Account, at, accounts, errs)
	for i, f := range e.Findings {
		if f.Class != "" {
			enum("class", string(f.Class), at("findings", i, "class"), words(traffic.Classes()), errs)
		}
		if f.Count < 0 || f.Count > maxExampleCount {
			errs.Add(at("findings", i, "count"), "expected a number from 1 to %d", maxExampleCount)
		}
	}
}

// isPrint reports whether s looks like the fingerprint of a finding.
func isPrint(s string) bool {
	return len(s) == 16 && strings.Trim(s, "0123456789abcdef") == ""
}

func required(value, key string, at locate, errs *Errors) {
	if value == "" {
		errs.Add(at(), "%s is missing", key)
	}
}

func optional(key, value string, at locate, known []string, errs *Errors) {
	if value != "" {
		enum(key, value, at(key), known, errs)
	}
}

func enum(key, value string, at Position, known []string, errs *Errors) {
	for _, k := range known {
		if k == value {
			return
		}
	}
	hint := strictyaml.DidYouMean(value, known)
	if hint == "" {
		hint = "; use one of " + strings.Join(known, ", ")
	}
	errs.Add(at, "unknown %s %q%s", key, value, hint)
}

func words[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// The words that rule files may use, beside those that package traffic lists.
var (
	actions = words([]traffic.Action{traffic.ActionAllow, traffic.ActionAlert, traffic.ActionCoach,
		traffic.ActionPseudonymise, traffic.ActionRedact, traffic.ActionBlock})
	failModes = words([]traffic.FailMode{traffic.FailOpen, traffic.FailClosed})
	surfaces  = words([]traffic.Surface{traffic.SurfaceWeb, traffic.SurfaceAPI, traffic.SurfaceIDE,
		traffic.SurfaceCLI, traffic.SurfaceAgent, traffic.SurfaceEmbedded})
	accounts = words([]traffic.AccountKind{traffic.AccountPersonal, traffic.AccountCorporate,
		traffic.AccountAPIKey, traffic.AccountAnonymous})
	scopes = words([]traffic.Scope{traffic.ScopeHost, traffic.ScopePath, traffic.ScopeWebsite})
)
