package rules_test

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// annexA is the numbering of ISO/IEC 42001, Annex A: first and last of each
// run.
var annexA = []struct {
	prefix      string
	first, last int
}{
	{"A.2.", 2, 4}, {"A.3.", 2, 3}, {"A.4.", 2, 6}, {"A.5.", 2, 5}, {"A.6.1.", 2, 3},
	{"A.6.2.", 2, 8}, {"A.7.", 2, 6}, {"A.8.", 2, 5}, {"A.9.", 2, 4}, {"A.10.", 2, 4},
}

func ids(set *rules.Set, framework string) (ids []string) {
	for _, c := range set.ControlsOf(framework) {
		ids = append(ids, c.ID)
	}
	return ids
}

func TestAnnexA(t *testing.T) {
	var want []string
	for _, run := range annexA {
		for n := run.first; n <= run.last; n++ {
			want = append(want, run.prefix+strconv.Itoa(n))
		}
	}
	if len(want) != 38 {
		t.Fatalf("%d numbers", len(want))
	}
	if got := ids(rules.Embedded(), "iso42001"); !slices.Equal(got, want) {
		t.Errorf("Annex A:\n got %v\nwant %v", got, want)
	}
	coverage := map[rules.ControlCoverage][]string{}
	for _, c := range rules.Embedded().ControlsOf("iso42001") {
		coverage[c.Coverage] = append(coverage[c.Coverage], c.ID)
	}
	if got, want := strings.Join(coverage[rules.CoverageDirect], " "), "A.4.2 A.6.2.8 A.9.2 A.9.4 A.10.3"; got != want {
		t.Errorf("covered directly: %s, want %s", got, want)
	}
	if p, o := len(coverage[rules.CoveragePartial]), len(coverage[rules.CoverageOrganisational]); p != 11 || o != 22 {
		t.Errorf("%d partial and %d organisational, want 11 and 22", p, o)
	}
}

// TestCrosswalk names the controls of ISO/IEC 27001 and how they relate.
func TestCrosswalk(t *testing.T) {
	relates := map[string]string{}
	for _, c := range rules.Embedded().ControlsOf("iso27001") {
		for _, r := range c.Relations {
			relates[c.ID] = string(r.Kind) + " " + strings.TrimPrefix(r.To, "iso42001/")
		}
	}
	for id, want := range map[string]string{
		"5.9": "intersects-with A.4.2", "5.10": "intersects-with A.9.2", "5.12": "intersects-with A.4.3", "5.13": "intersects-with A.4.3",
		"5.14": "intersects-with A.9.4", "5.19": "superset-of A.10.3", "5.22": "superset-of A.10.3", "5.23": "intersects-with A.10.3",
		"5.24": "intersects-with A.8.4", "5.28": "intersects-with A.8.4", "6.3": "intersects-with A.3.3", "6.8": "intersects-with A.3.3",
		"8.15": "intersects-with A.6.2.8", "8.17": "intersects-with A.6.2.8", "5.7": "", "8.12": "", "8.32": "",
	} {
		if relates[id] != want {
			t.Errorf("%s: %q, want %q", id, relates[id], want)
		}
	}
	if got := len(ids(rules.Embedded(), "iso27001")); got != 36 || len(relates) != 20 {
		t.Errorf("%d controls, %d with a relation; want 36 and 20", got, len(relates))
	}
}

// TestFrameworks holds what every entry must say, whoever adds it.
func TestFrameworks(t *testing.T) {
	set := rules.Embedded()
	for framework, least := range map[string]int{"iso42001": 38, "iso27001": 36, "nist-ai-rmf": 11, "owasp-llm": 10, "eu-ai-act": 18} {
		if got := len(ids(set, framework)); got != least || set.Framework(framework) == nil {
			t.Errorf("%s has %d entries, want %d", framework, got, least)
		}
	}
	for _, c := range set.Controls {
		if c.CheckedOn.IsZero() || c.Origin == "" || c.Shows == "" || c.Source.Line == 0 {
			t.Errorf("%s: %s lacks checked_on, source or shows: %+v", c.Source, c.Key(), c)
		}
		if told := strings.Contains(c.Shows, "Not shown by this tool"); c.Counted() && told != (c.Coverage == rules.CoverageOrganisational) {
			t.Errorf("%s is %s and says %q", c.Key(), c.Coverage, c.Shows)
		}
	}
	var days []string
	for _, c := range set.ControlsOf("eu-ai-act") {
		if c.Kind == rules.KindDate {
			days = append(days, c.ID+" "+c.On.Format("2006-01-02"))
		}
	}
	if got := strings.Join(days, ", "); got != "annex-iii 2027-12-02, annex-i 2028-08-02" {
		t.Errorf("dates: %s", got)
	}
	if set.Framework("iso9001") != nil || set.Method("guess") != nil {
		t.Error("found what is not there")
	}
}

func TestEvidenceQueries(t *testing.T) {
	used := map[rules.EvidenceQuery]bool{}
	for _, c := range rules.Embedded().Controls {
		for _, q := range c.Evidence {
			used[q] = true
		}
	}
	seen := map[rules.EvidenceQuery]bool{}
	for _, q := range rules.EvidenceQueries() {
		if q.Text() == "" || seen[q] {
			t.Errorf("query %q has no text, or is there twice", q)
		}
		if seen[q] = true; !used[q] {
			t.Errorf("query %q is evidence of no control", q)
		}
	}
	if rules.EvidenceQuery("x").Text() != "" {
		t.Error("a query that is none has a text")
	}
}

func TestRiskMethod(t *testing.T) {
	m := rules.Embedded().Method("exposure")
	if m == nil || m.Version == "" || len(m.Likelihood) != 5 || len(m.Consequence.Classes) != len(traffic.Classes()) {
		t.Fatalf("method %+v", m)
	}
	for risk, want := range map[int]string{1: "low", 5: "low", 6: "medium", 11: "medium", 12: "high", 19: "high", 20: "critical", 25: "critical"} {
		if got := m.Level(risk).Name; got != want {
			t.Errorf("risk %d is %s, want %s", risk, got, want)
		}
	}
}

func TestControlOverlay(t *testing.T) {
	set, err := rules.Load(overlay(t, map[string]string{"controls/ours.yaml": `frameworks:
  - {id: owasp-llm, disabled: true}
  - {id: house, title: House rules, href: "https://intranet.example/ai", checked_on: 2026-11-22, source: itself}
  - {id: iso27001, title: ISO/IEC 27001, href: "urn:x", checked_on: 2026-11-23, source: our copy}
controls:
  - {id: H-1, framework: house, title: Only approved services, coverage: direct, evidence: [decisions], relations: [{to: iso42001/A.9.2, is: subset-of}]}
  - {id: A.4.6, framework: iso42001, title: Human resources, coverage: partial, evidence: [owners], checked_on: 2026-11-22, source: our auditor}
  - {id: A.10.4, framework: iso42001, disabled: true}
`}))
	if err != nil {
		t.Fatal(err)
	}
	if set.Framework("owasp-llm") != nil || len(ids(set, "owasp-llm")) > 0 {
		t.Error("a framework is disabled, and still there")
	}
	if h := set.ControlsOf("house"); len(h) != 1 || h[0].Origin != "itself" || h[0].CheckedOn.IsZero() || h[0].Kind != rules.KindControl {
		t.Errorf("new framework: %+v", h)
	}
	a := set.ControlsOf("iso42001")
	if len(a) != 37 || a[9].ID != "A.4.6" || a[9].Coverage != rules.CoveragePartial || a[9].Origin != "our auditor" {
		t.Errorf("replaced in its place: %d, %+v", len(a), a[9])
	}
	if c := set.ControlsOf("iso27001")[0]; c.Origin != "our copy" || c.Unverified || c.CheckedOn.Day() != 23 {
		t.Errorf("of a replaced framework: %+v", c)
	}
	if c := rules.Embedded().ControlsOf("iso27001")[0]; !c.Unverified {
		t.Error("the embedded rules have changed")
	}
	if got := rules.Embedded().ControlsOf("iso42001")[9].Coverage; got != rules.CoverageOrganisational {
		t.Error("the embedded rules have changed")
	}
}

// TestControlReadme loads the entries that the README shows.
func TestControlReadme(t *testing.T) {
	text, err := os.ReadFile("controls/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	block, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("no YAML block")
	}
	set, err := rules.Load(overlay(t, map[string]string{"controls/readme.yaml": block}))
	if err != nil || set.Framework("house") == nil {
		t.Error(err)
	}
}

func TestSupplier(t *testing.T) {
	for text, want := range map[string]int{"none": 0, "30d": 30, "until_deleted": 36500, "": -1, "30": -1, "d": -1, "-1d": -1, "99999d": -1} {
		s := rules.Supplier{Retention: text}
		if days, ok := s.RetentionDays(); ok != (want >= 0) || ok && days != want {
			t.Errorf("%q: %d %v, want %d", text, days, ok, want)
		}
	}
	known := 0
	for _, s := range rules.Embedded().Services {
		if !s.Supplier.Empty() {
			known++
		}
		if !s.Supplier.Empty() && (s.Supplier.Origin == "" || s.Supplier.CheckedOn.IsZero()) {
			t.Errorf("%s: facts without source or day", s.Name)
		}
	}
	if known < 7 {
		t.Errorf("%d services with facts about their supplier", known)
	}
}

// TestServiceReadme loads the entry that the README of the services shows.
func TestServiceReadme(t *testing.T) {
	text, err := os.ReadFile("services/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	block, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("no YAML block")
	}
	set, err := rules.Load(overlay(t, map[string]string{"services/readme.yaml": "services:\n" + block}))
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(set.Services, func(s rules.Service) bool { return s.ID == "duck-ai" })
	if s := set.Services[at].Supplier; s.Plan != "free" || !s.Unverified || s.Empty() {
		t.Errorf("%+v", s)
	}
}
