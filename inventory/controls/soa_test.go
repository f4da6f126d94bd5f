package controls_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/controls"
	"github.com/gnomon-proxy/gnomon/rules"
)

func draft(t *testing.T, in controls.Input) *controls.SoA {
	t.Helper()
	if in.Framework == "" {
		in.Framework = "iso42001"
	}
	s, err := controls.Draft(rules.Embedded(), in)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func rowOf(t *testing.T, s *controls.SoA, id string) controls.Row {
	t.Helper()
	at := slices.IndexFunc(s.Rows, func(r controls.Row) bool { return r.Control == id })
	if at < 0 {
		t.Fatalf("no row %s", id)
	}
	return s.Rows[at]
}

// TestDraftBlank: with no facts and nobody's word every control has a row, none
// is implemented, none has a reason.
func TestDraftBlank(t *testing.T) {
	s := draft(t, controls.Input{})
	if len(s.Rows) != 38 || !s.Complete || s.State != "draft" {
		t.Fatalf("%d rows, %+v", len(s.Rows), s)
	}
	for _, r := range s.Rows {
		want := controls.NoEvidence
		if r.Coverage == rules.CoverageOrganisational {
			want = controls.NotShown
		}
		if r.Status != want || r.Reason != "" || !r.Applicable || r.CheckedOn.IsZero() {
			t.Errorf("%+v", r)
		}
	}
}

func TestStatus(t *testing.T) {
	facts := func(counts map[rules.EvidenceQuery]int64) controls.Facts {
		f := controls.Facts{From: day(1), To: day(21), Observed: map[rules.EvidenceQuery]controls.Fact{}}
		for q, n := range counts {
			f.Observed[q] = controls.Fact{Count: n, Ref: string(q) + ".json"}
		}
		return f
	}
	stated := controls.Statement{Applicable: true, Reason: "we use AI", By: "ann", Time: day(20)}
	with := func(change func(*controls.Statement)) *controls.Statement { s := stated; change(&s); return &s }
	for _, tt := range []struct {
		name    string
		control string
		counts  map[rules.EvidenceQuery]int64
		said    *controls.Statement
		want    controls.Status
	}{
		{"direct, all seen", "A.4.2", map[rules.EvidenceQuery]int64{rules.EvidenceRegister: 60, rules.EvidenceModels: 3}, nil, controls.Implemented},
		{"direct, some seen", "A.4.2", map[rules.EvidenceQuery]int64{rules.EvidenceRegister: 60, rules.EvidenceModels: 0}, nil, controls.Partial},
		{"direct, collected and none seen", "A.4.2", map[rules.EvidenceQuery]int64{rules.EvidenceRegister: 0, rules.EvidenceModels: 0}, nil, controls.NoEvidence},
		{"partial is never more", "A.2.4", map[rules.EvidenceQuery]int64{rules.EvidencePolicies: 4}, nil, controls.Partial},
		{"what it is about is not collected", "A.8.4", map[rules.EvidenceQuery]int64{rules.EvidenceEvents: 13}, nil, controls.NoEvidence},
		{"and what it is about is seen", "A.8.4", map[rules.EvidenceQuery]int64{rules.EvidenceEvents: 13, rules.EvidenceIncidents: 1}, nil, controls.Partial},
		{"use is no objective", "A.9.3", map[rules.EvidenceQuery]int64{rules.EvidenceUsage: 13}, nil, controls.NoEvidence},
		{"hints are no evidence", "A.5.2", map[rules.EvidenceQuery]int64{rules.EvidenceTriggers: 4}, nil, controls.NotShown},
		{"a person says so", "A.5.2", nil, with(func(s *controls.Statement) { s.Status = controls.Planned }), controls.Planned},
		{"a person leaves it to the record", "A.2.4", map[rules.EvidenceQuery]int64{rules.EvidencePolicies: 4}, &stated, controls.Partial},
		{"excluded", "A.4.2", map[rules.EvidenceQuery]int64{rules.EvidenceRegister: 60}, with(func(s *controls.Statement) { s.Applicable = false }), controls.NotApplicable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := controls.Input{Facts: facts(tt.counts), Statements: map[string]controls.Statement{}}
			if tt.said != nil {
				in.Statements[tt.control] = *tt.said
			}
			r := rowOf(t, draft(t, in), tt.control)
			if r.Status != tt.want {
				t.Errorf("status %s, want %s", r.Status, tt.want)
			}
			if tt.said != nil && (r.Reason != "we use AI" || r.StatedBy != "ann" || r.Applicable != tt.said.Applicable) {
				t.Errorf("%+v", r)
			}
		})
	}
}

// TestFinal refuses until each control has a reason and a name, exclusions too.
func TestFinal(t *testing.T) {
	in := controls.Input{Statements: map[string]controls.Statement{}, Version: "1", At: day(22)}
	for _, r := range draft(t, in).Rows {
		in.Statements[r.Control] = controls.Statement{Applicable: true, Reason: "we use AI", By: "ann"}
	}
	final, err := draft(t, in).Final()
	if err != nil || final.State != "final" || len(final.Rows) != 38 {
		t.Fatalf("%v", err)
	}
	delete(in.Statements, "A.2.2")
	in.Statements["A.4.6"] = controls.Statement{By: "ann"}
	in.Statements["A.9.2"] = controls.Statement{Applicable: true, Reason: " \n", By: "ann"}
	in.Statements["A.10.4"] = controls.Statement{Reason: "no customers", By: " "}
	s := draft(t, in)
	final, err = s.Final()
	wrong, ok := errors.AsType[*controls.NotFinalError](err)
	if !ok || final != nil || s.State != "draft" {
		t.Fatalf("%v %v", final, err)
	}
	var got []string
	for _, m := range wrong.Missing {
		got = append(got, m.Control+" "+strings.Join(m.Lacks, "+"))
	}
	want := []string{"A.2.2 reason+who states it", "A.4.6 reason for the exclusion", "A.9.2 reason", "A.10.4 who states it"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if !strings.Contains(err.Error(), "4 controls lack something: A.2.2 (reason, who states it); A.4.6 (reason for the exclusion)") {
		t.Errorf("%v", err)
	}
}

func TestDraftRefuses(t *testing.T) {
	for _, tt := range []struct {
		in   controls.Input
		want string
	}{
		{controls.Input{Framework: "iso9001"}, `unknown framework "iso9001"`},
		{controls.Input{Framework: "iso42001", Statements: map[string]controls.Statement{"A.99": {}}}, `no control "A.99"`},
		{controls.Input{Framework: "iso42001", Risks: map[string][]string{"A.98": {"r1"}}}, `no control "A.98"`},
		{controls.Input{Framework: "iso42001", Statements: map[string]controls.Statement{"A.2.2": {Status: "done"}}}, `"done" can't be stated`},
		{controls.Input{Framework: "eu-ai-act", Statements: map[string]controls.Statement{"provider": {}}}, `no control "provider"`},
	} {
		if _, err := controls.Draft(rules.Embedded(), tt.in); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
}

func TestRecords(t *testing.T) {
	s := draft(t, controls.Input{
		Version: "2026Q4", At: day(22), Risks: map[string][]string{"A.9.2": {"r2", "r1"}},
		Facts: controls.Facts{Observed: map[rules.EvidenceQuery]controls.Fact{rules.EvidenceDecisions: {Count: 12, Ref: "decisions.json"}}},
		Statements: map[string]controls.Statement{
			"A.9.2": {Applicable: true, Reason: "we use AI", Owner: "ann", How: "weekly board", By: "eva", Time: day(20)},
		},
	})
	records := s.Records()
	if len(records) != 38 {
		t.Fatalf("%d records", len(records))
	}
	for _, r := range records {
		if len(r) != len(controls.Columns()) {
			t.Fatalf("%d cells, %d columns", len(r), len(controls.Columns()))
		}
	}
	at := slices.IndexFunc(records, func(r []string) bool { return r[0] == "A.9.2" })
	want := []string{
		"A.9.2", "Processes for responsible use of AI systems", "yes", "we use AI", "r1; r2", "partial", "weekly board", "ann",
		"decisions: 12 (decisions.json); enforcement: not collected", "direct", "partial", "eva", "2026-11-20", "2026-11-22", "2026Q4", "draft",
	}
	if !slices.Equal(records[at], want) {
		t.Errorf("got  %q\nwant %q", records[at], want)
	}
	text, err := json.Marshal(draft(t, controls.Input{}))
	if err != nil || strings.Contains(string(text), "null") {
		t.Errorf("null in %s, %v", text, err)
	}
}
