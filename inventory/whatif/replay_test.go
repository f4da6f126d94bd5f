package whatif_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
	"github.com/gnomon-proxy/gnomon/inventory/whatif"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// candidate returns the embedded rules with an overlay.
func candidate(t *testing.T, files map[string]string) *rules.Set {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := rules.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func replay(t *testing.T, set *rules.Set, events ...inventory.Event) *whatif.Report {
	t.Helper()
	hide := func(user string) string { return "u-" + user }
	status := func(string) traffic.Status { return traffic.StatusUnreviewed }
	r, err := whatif.New(rules.Embedded(), set, hide, status, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		r.Add(&events[i])
	}
	return r.Report()
}

// event is a prompt with a contact, which the embedded policy alerts on.
func event(user string, edit func(*inventory.Event)) inventory.Event {
	e := inventory.Event{
		ID: traffic.NewID(now), Time: now, ServiceID: "openai-api", Service: "OpenAI API", Category: "API platform", User: "u-" + user, Requests: 1,
		Depth: traffic.Inspected, Action: traffic.ActionAlert, Findings: map[string]int{"email": 2}, Classes: map[traffic.Class]int{traffic.ClassContact: 2},
	}
	if edit != nil {
		edit(&e)
	}
	return e
}

// TestUnchanged replays the policy in force: nothing is decided otherwise,
// whatever was recorded.
func TestUnchanged(t *testing.T) {
	events := storetest.Events(5, 500)
	for i := range events {
		events[i].Action = traffic.ActionAllow
	}
	r := replay(t, rules.Embedded(), events...)
	if r.Different != 0 || len(r.Changes) != 0 || r.Requests == 0 || len(r.Limits) != 0 {
		t.Errorf("the policy in force against itself: %+v", r)
	}
}

// TestReplay tries a stricter policy.
func TestReplay(t *testing.T) {
	set := candidate(t, map[string]string{"policies/ours.yaml": `policies:
  - {name: no-contacts, when: {class: [contact], min_count: 2}, action: block, message: not here}
  - {name: not-ann, when: {user: [ann]}, action: block, message: not here}
`})
	events := []inventory.Event{
		event("bob", nil), event("bob", nil), event("eve", nil),
		event("eve", func(e *inventory.Event) { e.Findings["email"] = 1 }),
		event("ann", func(e *inventory.Event) { e.Findings, e.Action = nil, traffic.ActionAllow }),
		event("dns", func(e *inventory.Event) { e.Findings, e.Action, e.Depth = nil, "", traffic.MetadataOnly }),
		event("pin", func(e *inventory.Event) { e.Findings, e.Action, e.Depth = nil, traffic.ActionAllow, traffic.Blind }),
	}
	r := replay(t, set, events...)
	if r.Requests != 6 || r.Different != 4 || r.Users != 3 || r.Undecided != 1 || r.Blind != 1 || r.Unlike != 0 {
		t.Errorf("report = %+v, want 4 of 6 different, of 3 users", r)
	}
	var got []string
	for _, c := range r.Changes {
		got = append(got, fmt.Sprintf("%s>%s by %s: %d of %d at %v", c.From, c.To, c.Rule, c.Requests, c.Users, c.Services))
	}
	want := "alert>block by no-contacts: 3 of 2 at [openai-api]\nallow>block by not-ann: 1 of 1 at [openai-api]"
	if strings.Join(got, "\n") != want {
		t.Errorf("changes:\n%s\nwant:\n%s", strings.Join(got, "\n"), want)
	}
}

// TestUnlike counts what the policy in force would not decide as it did.
func TestUnlike(t *testing.T) {
	if r := replay(t, rules.Embedded(), event("bob", func(e *inventory.Event) { e.Action = traffic.ActionBlock })); r.Unlike != 1 || r.Different != 0 {
		t.Errorf("report = %+v", r)
	}
}

// TestLimits names what can't be told without prompts and addresses.
func TestLimits(t *testing.T) {
	r := replay(t, candidate(t, map[string]string{
		"policies/ours.yaml": `policies:
  - {name: guests, when: {network: [10.9.0.0/16]}, action: block, message: not here}
  - {name: long, expr: "bytes > 1000", action: alert}
`,
		"detectors/ours.yaml": `detectors:
  - name: project-x
    class: custom
    keywords: [gnxproj]
    pattern: gnxproj-[0-9]{4}
    confidence: 0.9
    match: [gnxproj-1234]
    no_match: [gnxproj-12]
`,
	}))
	all := strings.Join(r.Limits, "\n")
	for _, want := range []string{"rule guests (candidate): network", "rule long (candidate): expr", "detector project-x is new"} {
		if !strings.Contains(all, want) {
			t.Errorf("limits lack %q:\n%s", want, all)
		}
	}
	if len(r.Limits) != 3 {
		t.Errorf("%d limits, want 3:\n%s", len(r.Limits), all)
	}
}

// TestDiscreet asks what one person has done, by name and by what few do: a replay
// must not tell it.
func TestDiscreet(t *testing.T) {
	set := candidate(t, map[string]string{"policies/ours.yaml": `policies:
  - {name: not-ann, when: {user: [ann]}, action: block, message: not here}
  - {name: no-api, when: {service: [Anthropic API]}, action: block, message: not here}
  - {name: no-contacts, when: {class: [contact]}, action: block, message: not here}
`})
	r, err := whatif.New(rules.Embedded(), set, nil, func(string) traffic.Status { return traffic.StatusUnreviewed }, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{"bob", "eve", "kim"} {
		e := event(user, nil)
		r.Add(&e)
	}
	ann := event("ann", func(e *inventory.Event) { e.Findings, e.Action = nil, traffic.ActionAllow })
	r.Add(&ann)
	few := event("ann", func(e *inventory.Event) {
		e.ServiceID, e.Service, e.Findings, e.Action = "anthropic-api", "Anthropic API", nil, traffic.ActionAllow
	})
	r.Add(&few)
	got := r.Discreet(3)
	if got.Requests != 5 || got.Different != 3 || got.Users != 3 || len(got.Changes) != 1 || got.Few != 1 || !strings.Contains(strings.Join(got.Limits, "\n"), "rule not-ann (candidate): user") {
		t.Errorf("report = %+v, want one change of three people, one left out, and the rule that names a user listed", got)
	}
}
