package controls_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/controls"
	"github.com/gnomon-proxy/gnomon/inventory/risk"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

var (
	update     = flag.Bool("update", false, "write the golden files anew")
	frameworks = []string{"iso42001", "iso27001", "nist-ai-rmf", "owasp-llm", "eu-ai-act"}
	header     = controls.Header{Organisation: "Example  GmbH", Version: "2026Q4", At: day(22), Tool: "v1.2.0"}
)

func day(n int) time.Time { return time.Date(2026, 11, n, 12, 0, 0, 0, time.UTC) }

func crosswalk(t *testing.T) *controls.MappingDocument {
	t.Helper()
	d, err := controls.Crosswalk(rules.Embedded(), "iso27001", header)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// everything is a fact for each query; one in three is zero.
func everything() controls.Facts {
	f := controls.Facts{From: day(1), To: day(21), Observed: map[rules.EvidenceQuery]controls.Fact{}}
	for i, q := range rules.EvidenceQueries() {
		f.Observed[q] = controls.Fact{Count: int64(i % 3), Ref: "events/" + string(q) + " 1.jsonl.zst"}
	}
	return f
}

// entries are risks in every state, with names that people and strangers chose.
func entries(t *testing.T) []risk.Entry {
	t.Helper()
	assess := func(service string) *risk.Assessment {
		a, err := risk.Assess(rules.Embedded().Method("exposure"), risk.Inputs{Service: service, Read: 1, Classes: []risk.DataClass{{Class: traffic.ClassSecret, Count: 1}}})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	return []risk.Entry{
		{ID: "r1", Assessment: assess("ChatGPT")},
		{ID: "r2", Assessment: assess(" two\nlines\x00 "), Treatment: risk.Treatment{Option: risk.Modify, Owner: "", Due: "2026-12-31"}},
		{ID: "r3", Assessment: assess(""), Treatment: risk.Treatment{Option: risk.Retain, Owner: "ann", AcceptedBy: "eva", AcceptedUntil: "2026-12-31"}},
		{ID: "r4", Assessment: assess("x"), Treatment: risk.Treatment{Option: risk.Retain, Owner: "ann", AcceptedBy: "eva", AcceptedUntil: "2026-11-01"}},
		{ID: "r5", Assessment: assess("x"), Treatment: risk.Treatment{Option: risk.Avoid, Owner: "ann", Due: "2026-11-01", Done: "2026-10-01"}},
	}
}

func results(t *testing.T) *controls.ResultsDocument {
	t.Helper()
	d, err := controls.Observed(rules.Embedded(), frameworks, everything(), entries(t), header)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func written(t *testing.T, d *controls.ResultsDocument) json.RawMessage {
	t.Helper()
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func definition(t *testing.T) *controls.ComponentDocument {
	t.Helper()
	d, err := controls.Definition(rules.Embedded(), frameworks, header)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestOSCALSchema checks the documents against NIST's schema, and that nothing
// but the content of a document changes its identifiers.
func TestOSCALSchema(t *testing.T) {
	s := loadSchema(t)
	for name, make := range map[string]func() any{
		"crosswalk": func() any { return crosswalk(t) }, "component-definition": func() any { return definition(t) }, "assessment-results": func() any { return written(t, results(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			doc := make()
			for _, wrong := range s.check(doc) {
				t.Error(wrong)
			}
			first, _ := json.MarshalIndent(doc, "", " ")
			again, _ := json.MarshalIndent(make(), "", " ")
			if string(first) != string(again) {
				t.Error("the same input makes other bytes")
			}
			unique(t, first)
			if name == "crosswalk" { // the others are long, and change with every entry of rules/controls
				golden(t, "testdata/crosswalk.oscal.json", first)
			}
		})
	}
}

// unique holds that an identifier is declared once.
func unique(t *testing.T, text []byte) {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if id, ok := v["uuid"].(string); ok {
				count[id]++
			}
			for _, x := range v {
				walk(x)
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(v)
	for id, n := range count {
		if n > 1 {
			t.Errorf("%s is declared %d times", id, n)
		}
	}
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s has changed; look at the difference, then run with -update", path)
	}
}

// TestCrosswalk: what relates together is one map, and every control is in a map
// or in the gap, never in both.
func TestCrosswalk(t *testing.T) {
	c := crosswalk(t).Collection
	if len(c.Mappings) != 1 || c.Provenance.Status != "draft" || c.Provenance.Confidence.Percentage != 0.5 {
		t.Fatalf("%+v", c.Provenance)
	}
	m := c.Mappings[0]
	var got []string
	mapped := map[string]int{}
	for _, e := range m.Maps {
		var from []string
		for _, s := range e.Sources {
			from = append(from, s.ID)
			mapped[s.ID]++
		}
		got = append(got, strings.Join(from, ",")+" "+e.Relationship+" "+e.Targets[0].ID)
	}
	want := []string{
		"A.5.9 intersects-with A.4.2", "A.5.10 intersects-with A.9.2", "A.5.12,A.5.13 intersects-with A.4.3", "A.5.14 intersects-with A.9.4",
		"A.5.19,A.5.20,A.5.21,A.5.22 superset-of A.10.3", "A.5.23 intersects-with A.10.3", "A.5.24,A.5.25,A.5.26,A.5.27,A.5.28 intersects-with A.8.4",
		"A.6.3,A.6.8 intersects-with A.3.3", "A.8.15,A.8.16,A.8.17 intersects-with A.6.2.8",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for _, id := range m.SourceGap.Unmapped[0].IDs {
		mapped[id]++
	}
	if len(mapped) != 36 {
		t.Errorf("%d of 36 controls are mapped or in the gap", len(mapped))
	}
	for id, n := range mapped {
		if n != 1 {
			t.Errorf("%s is named %d times", id, n)
		}
	}
	if n := len(m.TargetGap.Unmapped[0].IDs); n != 38-8 {
		t.Errorf("%d controls of the target are in the gap, want 30", n)
	}
	for _, id := range []string{"iso42001", "none"} {
		if _, err := controls.Crosswalk(rules.Embedded(), id, header); err == nil {
			t.Errorf("%s: no error", id)
		}
	}
}

// TestDefinition: only what is shown is claimed.
func TestDefinition(t *testing.T) {
	d := definition(t).Definition
	if n := len(d.Components[0].Implementations); n != len(frameworks) {
		t.Fatalf("%d implementations", n)
	}
	for _, r := range d.Components[0].Implementations[0].Requirements {
		if r.ControlID == "A.4.6" || strings.Contains(r.Description, "Not shown") {
			t.Errorf("%s is claimed", r.ControlID)
		}
	}
	if n := len(d.Components[0].Implementations[0].Requirements); n != 16 {
		t.Errorf("%d controls of ISO/IEC 42001, want 5 direct and 11 partial", n)
	}
	if _, err := controls.Definition(rules.Embedded(), []string{"none"}, header); err == nil {
		t.Error("an unknown framework is no error")
	}
	if _, err := controls.Definition(rules.Embedded(), nil, header); err == nil {
		t.Error("nothing at all is no error")
	}
}

func TestResults(t *testing.T) {
	d := results(t).Results
	if len(d.Results) != 5 || d.Plan.Href != "#"+d.BackMatter.Resources[0].UUID {
		t.Fatalf("%d results, plan %s", len(d.Results), d.Plan.Href)
	}
	var text struct {
		Results struct {
			UUID    string
			Results []struct{ Risks []controls.Risk }
		} `json:"assessment-results"`
	}
	if err := json.Unmarshal(written(t, results(t)), &text); err != nil {
		t.Fatal(err)
	}
	if text.Results.UUID != d.UUID || len(text.Results.Results) != 5 || len(text.Results.Results[1].Risks) > 0 {
		t.Errorf("written is\n%+v", text)
	}
	var states []string
	for _, r := range text.Results.Results[0].Risks {
		states = append(states, r.Status)
	}
	if want := []string{"open", "remediating", "deviation-approved", "open", "closed"}; !slices.Equal(states, want) {
		t.Errorf("risks are %q, want %q", states, want)
	}
	for _, o := range d.Results[0].Observations {
		if !strings.Contains(o.Relevant[0].Href, "%201.jsonl.zst") {
			t.Errorf("reference %q", o.Relevant[0].Href)
		}
	}
	one := controls.Facts{From: day(1), To: day(21), Observed: map[rules.EvidenceQuery]controls.Fact{rules.EvidenceDecisions: {Count: 12}}}
	few, err := controls.Observed(rules.Embedded(), []string{"iso42001"}, one, nil, header)
	if err != nil {
		t.Fatal(err)
	}
	if o := few.Results.Results[0].Observations; len(o) != 1 || !strings.HasPrefix(o[0].Description, "12 decisions") || o[0].Relevant != nil {
		t.Errorf("what was not collected is observed: %+v", o)
	}
	if _, err := controls.Observed(rules.Embedded(), []string{"none"}, one, nil, header); err == nil {
		t.Error("an unknown framework is no error")
	}
}

// TestHeader: identifiers of things stay from version to version and differ
// between organisations; that of the document changes with it.
func TestHeader(t *testing.T) {
	was := crosswalk(t).Collection
	newer := header
	newer.Version = "2027Q1"
	d, err := controls.Crosswalk(rules.Embedded(), "iso27001", newer)
	if err != nil {
		t.Fatal(err)
	}
	if d.Collection.UUID == was.UUID || d.Collection.Mappings[0].UUID != was.Mappings[0].UUID {
		t.Error("identifiers of a new version")
	}
	newer.Organisation = "Other"
	if d, err = controls.Crosswalk(rules.Embedded(), "iso27001", newer); err != nil || d.Collection.Mappings[0].UUID == was.Mappings[0].UUID {
		t.Errorf("identifiers of another organisation: %v", err)
	}
	s := loadSchema(t)
	empty := controls.Header{At: day(1)}
	if d, err = controls.Crosswalk(rules.Embedded(), "iso27001", empty); err != nil || len(s.check(d)) > 0 {
		t.Errorf("an empty header: %v %v", err, s.check(d))
	}
}
