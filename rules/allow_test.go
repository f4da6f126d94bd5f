package rules_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
)

// TestAllow reads allow-lists of an overlay, strictly.
func TestAllow(t *testing.T) {
	const whole = "\n    reason: test data\n    until: 2099-12-31\n"
	for _, tt := range []struct{ name, text, want string }{
		{"whole", "name: tests\n    detector: [payment_card]\n    class: [payment_card]\n    service: [ChatGPT]\n    values: ['4539 1488 0343 6467']\n    patterns: ['ACME-[0-9]{4}']\n    findings: [fc27bef4b5160f4d]\n    match: [ACME-1234]\n    no_match: [ACME-12345]" + whole, ""},
		{"unknown key", "name: a\n    value: [abcd]" + whole, `unknown key "value"`},
		{"no reason", "name: a\n    values: [abcd]\n    until: 2099-12-31\n", "2:5: reason is missing"},
		{"no end", "name: a\n    values: [abcd]\n    reason: r\n", "2:5: allow-list \"a\" has no end"},
		{"nothing", "name: a" + whole, "allows nothing"},
		{"short value", "name: a\n    values: [abcd, ab]" + whole, "3:20: a value of less than 4"},
		{"too wide", "name: a\n    patterns: ['.*']" + whole, "3:16: the pattern is too wide"},
		{"any long value", "name: a\n    patterns: ['\\S{30,}']" + whole, "3:16: the pattern is too wide"},
		{"any capital", "name: a\n    patterns: ['[A-Z].*']" + whole, "3:16: the pattern is too wide"},
		{"any number abroad", "name: a\n    patterns: ['\\+[0-9 ]+']" + whole, "3:16: the pattern is too wide"},
		{"any name", "name: a\n    patterns: ['[A-Z][a-z]+ [A-Z][a-z]+']" + whole, "3:16: the pattern is too wide"},
		{"bad pattern", "name: a\n    patterns: ['(']" + whole, "3:16: pattern: "},
		{"bad finding", "name: a\n    findings: [xyz]" + whole, "3:16: finding \"xyz\""},
		{"class", "name: a\n    class: [cards]\n    values: [abcd]" + whole, "3:"},
		{"detector", "name: a\n    detector: [payment_crad]\n    values: [abcd]" + whole, `unknown detector "payment_crad"; did you mean "payment_card"?`},
		{"service", "name: a\n    service: [ChatGTP]\n    values: [abcd]" + whole, `unknown service "ChatGTP"`},
		{"example", "name: a\n    patterns: ['ACME-[0-9]{4}']\n    match: [ACME]" + whole, "4:13: no pattern"},
		{"counterexample", "name: a\n    patterns: ['ACME-[0-9]{4}']\n    no_match: [ACME-1234]" + whole, "4:16: a pattern"},
		{"twice", "name: a\n    values: [abcd]" + whole + "  - name: a\n    values: [abcd]" + whole, `duplicate allow-list "a"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			writeRule(t, dir, "allow/mine.yaml", "allow:\n  - "+tt.text)
			set, err := rules.Load(dir)
			switch {
			case tt.want == "" && (err != nil || len(set.Allow) != len(rules.Embedded().Allow)+1):
				t.Errorf("error %v", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "mine.yaml:")):
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
	dir := t.TempDir()
	writeRule(t, dir, "allow/mine.yaml", "allow:\n  - name: old\n    values: [abcd]\n    reason: r\n    until: 2020-01-01\n")
	if r := rules.Check(time.Now(), dir); len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0].Error(), `allow-list "old" expired on 2020-01-01`) {
		t.Errorf("warnings %v", r.Warnings)
	}
	writeRule(t, dir, "allow/mine.yaml", "allow:\n  - name: starred\n    values: ['*@acme.example', '****', 4539]\n    reason: r\n    until: 2099-12-31\n")
	if r := rules.Check(time.Now(), dir); len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0].Error(), `the * of the value "*@acme.example" stands for itself`) {
		t.Errorf("warnings %v", r.Warnings)
	}
}

// TestAllowReadme loads the example of the README.
func TestAllowReadme(t *testing.T) {
	readme, err := os.ReadFile("allow/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(readme), "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	dir := t.TempDir()
	writeRule(t, dir, "allow/mine.yaml", example)
	set, err := rules.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	shipped := len(rules.Embedded().Allow)
	if len(set.Allow) != shipped+1 || len(set.Allow[shipped].Values) != 1 {
		t.Errorf("%d lists, %d of them shipped", len(set.Allow), shipped)
	}
}

func TestAllowHolds(t *testing.T) {
	a := rules.Allow{Service: []string{"ChatGPT"}, Until: time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC)}
	last := time.Date(2030, 1, 2, 23, 59, 0, 0, time.UTC)
	for _, tt := range []struct {
		service, id string
		now         time.Time
		want        bool
	}{
		{"ChatGPT", "", last, true},
		{"chatgpt", "", last, true},
		{"ChatGPT", "", last.Add(time.Minute), false},
		{"Claude", "claude", last, false},
		{"", "", last, false},
	} {
		if got := a.Holds(tt.service, tt.id, tt.now); got != tt.want {
			t.Errorf("Holds(%q, %q, %v) = %t", tt.service, tt.id, tt.now, got)
		}
	}
}

// TestOwnNames: policies may name tables and documents that are there.
func TestOwnNames(t *testing.T) {
	dir := t.TempDir()
	writeRule(t, dir, "edm/a.edm", "gnomon-edm-2\ncustomers\nname\tnumber\n1 2 0 1\n")
	writeRule(t, dir, "fingerprints/a.fp", "gnomon-fingerprints-1\n2 0\nplan.docx\ncontract.pdf\n")
	writeRule(t, dir, "edm/bad.edm", "nothing")
	policy := "policies:\n  - name: own\n    when: {detector: [customers, contract.pdf, plan.docx]}\n    action: alert\n"
	writeRule(t, dir, "policies/own.yaml", policy)
	if _, err := rules.Load(dir); err != nil {
		t.Error(err)
	}
	writeRule(t, dir, "policies/own.yaml", strings.Replace(policy, "customers", "custmers", 1))
	if _, err := rules.Load(dir); err == nil || !strings.Contains(err.Error(), `unknown detector "custmers"; did you mean "customers"?`) {
		t.Errorf("error %v", err)
	}
}

func writeRule(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
