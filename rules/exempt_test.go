package rules_test

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestExempt leaves out the one rule that an exception names: those after it are
// tried, and Explain says why it was not.
func TestExempt(t *testing.T) {
	e := engine(t, policies(t, `policies:
  - {name: no-chat, when: {category: [chat assistant]}, action: block, message: No.}
  - {name: watch, when: {category: [chat assistant]}, action: alert}
`))
	x := request(traffic.StatusApproved, traffic.ClassSecret)
	if d := e.Decide(x); d.Action != traffic.ActionBlock || d.Rule != "no-chat" {
		t.Fatalf("without an exception: %+v", d)
	}
	x.Exemptions = []traffic.Exemption{{ID: "x-1", Rule: "no-chat"}}
	if d := e.Decide(x); d.Action != traffic.ActionAlert || d.Rule != "watch" {
		t.Errorf("with an exception: %+v, want the next rule", d)
	}
	steps := e.Explain(x)
	if steps[0].Rule != "no-chat" || steps[0].Failed != "exception" || steps[0].Matched || !steps[1].Matched {
		t.Errorf("steps %+v", steps[:2])
	}
	x.Exemptions[0].Rule = "watch"
	if d := e.Decide(x); d.Rule != "no-chat" {
		t.Errorf("an exception from another rule: %+v", d)
	}
}
