package rules_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestEmbedded(t *testing.T) {
	set := rules.Embedded()
	if len(set.Services) < 500 || len(set.Signals) == 0 || len(set.Policies) == 0 {
		t.Errorf("embedded: %d services, %d signals, %d detectors, %d policies", len(set.Services), len(set.Signals), len(set.Detectors), len(set.Policies))
	}
	for _, s := range set.Services {
		if s.Source.Line == 0 {
			t.Fatalf("service %q has no position", s.ID)
		}
	}
}

// overlay writes files, named by their path, into a folder of rules.
func overlay(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestBadFiles loads each file of testdata/bad as the overlay
// <kind>/<rest of its name> and compares the error with the golden text.
func TestBadFiles(t *testing.T) {
	paths, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(paths) < 25 {
		t.Fatalf("%d files, %v", len(paths), err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".yaml")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			kind, rest, _ := strings.Cut(name, "-")
			dir := overlay(t, map[string]string{kind + "/" + rest + ".yaml": string(text)})
			set, err := rules.Load(dir)
			if err == nil || set != nil {
				t.Fatalf("loaded with error %v, want an error and no set", err)
			}
			golden(t, strings.TrimSuffix(path, ".yaml")+".txt", strings.ReplaceAll(err.Error(), dir+"/", "")+"\n")
		})
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestBadFolders(t *testing.T) {
	const policy = "policies: [{name: a, action: allow}]"
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"at the top", map[string]string{"mine.yaml": policy}, "mine.yaml: rule files belong into a sub-folder: services, signals, detectors, policies, blindspots, controls, allow"},
		{"misspelt folder", map[string]string{"policy/mine.yaml": policy}, `policy: unknown folder of rules "policy"; did you mean "policies"?`},
		{"folder with the name of a file", map[string]string{"policies/mine.yaml/x": policy}, "policies/mine.yaml: reading the file: not a regular file"},
		{"all files are reported", map[string]string{"policies/a.yaml": "x: 1", "policies/b.yml": "y: 1", "services/c.yaml": "z: 1"},
			"policies/a.yaml:1:1: unknown key \"x\"\npolicies/b.yml:1:1: unknown key \"y\"\nservices/c.yaml:1:1: unknown key \"z\""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := overlay(t, tt.files)
			_, err := rules.Load(dir)
			if err == nil || strings.ReplaceAll(err.Error(), dir+"/", "") != tt.want {
				t.Errorf("got  %v\nwant %v", err, tt.want)
			}
		})
	}
	if _, err := rules.Load(filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func TestOverlay(t *testing.T) {
	dir := overlay(t, map[string]string{
		"README.md":     "not a rule",
		".git/x.yaml":   "not: a rule",
		"notes/todo.md": "not a rule",
		"services/mine.yaml": `services:
  - {name: Our Assistant, id: our-assistant, category: chat assistant, hosts: [{host: ai.corp.example}]}
  - {id: chatgpt, disabled: true}
`,
		"policies/20.yaml": "policies: [{name: later, when: {service: [Our Assistant]}, action: allow}]",
		"policies/10.yaml": `policies:
  - {name: first, when: {user: [eve]}, action: block, message: No.}
  - {name: alert-on-personal-data, disabled: true}
  - {name: redact-secrets-cards-and-ids, when: {class: [secret]}, action: block, message: No secrets.}
`,
	})
	base := rules.Embedded()
	set, err := rules.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Services) != len(base.Services) {
		t.Errorf("%d services, want %d: one more, one less", len(set.Services), len(base.Services))
	}
	for _, s := range set.Services {
		if s.ID == "chatgpt" {
			t.Error("a disabled service is still there")
		}
	}
	var names []string
	for _, p := range set.Policies {
		names = append(names, p.Name+":"+string(p.Action))
	}
	want := "first:block redact-secrets-cards-and-ids:block later:allow refuse-refused-services:block allow-the-rest:allow"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("policies\n got %s\nwant %s", got, want)
	}
	if len(base.Policies) != 4 || rules.Embedded() != base {
		t.Error("the embedded set has changed")
	}
}

// TestOverlays lays one overlay over another: the upper one has the last word, and
// its policies are tried first.
func TestOverlays(t *testing.T) {
	const rule = "policies:\n  - {name: %s, when: {category: [chat assistant]}, action: %s, message: why}\n"
	lower := overlay(t, map[string]string{
		"policies/a.yaml": fmt.Sprintf(rule, "shared", "allow") + "  - {name: below, action: alert}\n",
		"services/a.yaml": "services:\n  - {name: Mine, id: mine, vendor: V, category: chat assistant, surface: web, hosts: [{host: mine.example}]}\n",
	})
	upper := overlay(t, map[string]string{
		"policies/a.yaml": fmt.Sprintf(rule, "shared", "block"),
		"services/a.yaml": "services:\n  - {id: mine, disabled: true}\n",
	})
	for _, tt := range []struct {
		name     string
		overlays []string
		action   traffic.Action
		services int
	}{
		{"one", []string{lower}, traffic.ActionAllow, 1},
		{"upper", []string{lower, upper}, traffic.ActionBlock, 0},
		{"lower", []string{upper, "", lower}, traffic.ActionAllow, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			set, err := rules.Load(tt.overlays...)
			if err != nil {
				t.Fatal(err)
			}
			if p := set.Policies[0]; p.Name != "shared" || p.Action != tt.action {
				t.Errorf("the first policy is %s, %s, want shared, %s", p.Name, p.Action, tt.action)
			}
			if i := slices.IndexFunc(set.Policies[1:], func(p rules.Policy) bool { return p.Name == "shared" }); i >= 0 {
				t.Error("the policy below it is there, too")
			}
			if got := len(set.Services) - len(rules.Embedded().Services); got != tt.services {
				t.Errorf("%d services beside the embedded ones, want %d", got, tt.services)
			}
		})
	}
	if _, err := rules.Load(lower, filepath.Join(upper, "none")); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("an upper overlay that is not there: %v", err)
	}
}

func TestCheckWarns(t *testing.T) {
	dir := overlay(t, map[string]string{
		"services/a.yaml": "services: [{id: no-such-service, disabled: true}]",
		"policies/a.yaml": `policies:
  - {name: gone, when: {user: [eve]}, action: allow, until: 2026-01-31}
  - {name: no-such-policy, disabled: true}
  - {name: watch-interns, when: {group: [interns]}, action: alert}
  - {name: everything, action: allow}
  - {name: unreachable, when: {user: [bob]}, action: alert}
`,
	})
	now := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	report := rules.Check(now, dir)
	if report.Set == nil || len(report.Errors) > 0 {
		t.Fatalf("errors: %v", report.Errors)
	}
	golden(t, "testdata/warnings.txt", strings.ReplaceAll(strings.ReplaceAll(warningText(report), dir+"/", ""), "embedded/", "")+"\n")
	if early := rules.Check(now.Add(-time.Second), dir); strings.Contains(warningText(early), "expired") {
		t.Error("a rule expires on its last day already")
	}
	if r := rules.Check(now, ""); len(r.Warnings) > 0 || len(r.Errors) > 0 || r.Set == nil {
		t.Errorf("the embedded rules: %v %v", r.Errors, r.Warnings)
	}
	if r := rules.Check(now, filepath.Join(dir, "none")); len(r.Errors) == 0 || r.Set != nil {
		t.Errorf("no folder: %+v", r)
	}
}

func warningText(r rules.Report) string {
	var lines []string
	for _, w := range r.Warnings {
		lines = append(lines, w.Error())
	}
	return strings.Join(lines, "\n")
}

// TestLoadHosts loads what tells hosts apart, the same as with all the rest; an
// overlay counts.
func TestLoadHosts(t *testing.T) {
	dir := overlay(t, map[string]string{
		"services/ours.yaml":  "services:\n  - {name: House AI, id: house-ai, vendor: us, category: chat, surface: web, hosts: [{host: ai.house.example}], match: [ai.house.example]}\n",
		"policies/wrong.yaml": "policies: nothing of it is read\n",
	})
	hosts, err := rules.LoadHosts(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := rules.Embedded()
	if len(hosts.Services) != len(all.Services)+1 || !reflect.DeepEqual(hosts.Services[:len(all.Services)], all.Services) ||
		!reflect.DeepEqual(hosts.Signals, all.Signals) || !reflect.DeepEqual(hosts.BlindSpots, all.BlindSpots) {
		t.Errorf("%d services, %d signals, %d blind spots; want all there are and one more service", len(hosts.Services), len(hosts.Signals), len(hosts.BlindSpots))
	}
	if len(hosts.Detectors)+len(hosts.Policies)+len(hosts.Controls) != 0 {
		t.Error("more was loaded than tells hosts apart")
	}
	if _, err := rules.Load(dir); err == nil {
		t.Error("Load has not read all folders")
	}
}
