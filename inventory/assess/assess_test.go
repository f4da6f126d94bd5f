package assess_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/controls"
	"github.com/gnomon-proxy/gnomon/inventory/risk"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

var november = assess.Period{From: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}

// seeded returns an inventory with a month of use: claude by three users, one of
// whom sends secrets that are redacted, openai-api seen on the wire only, and one
// request of the month before.
func seeded(t *testing.T) *inventory.Inventory {
	t.Helper()
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var events []inventory.Event
	add := func(day, n int, service, user string, edit func(e *inventory.Event)) {
		for i := range n {
			at := november.From.AddDate(0, 0, day).Add(time.Duration(i) * time.Minute)
			e := inventory.Event{
				ID: traffic.NewID(at), Time: at, ServiceID: service, Service: service, Vendor: service + " Inc", User: user, Client: "c-" + user, Host: service + ".test",
				Depth: traffic.Inspected, Action: traffic.ActionAllow, Requests: 1, Up: 1000, How: traffic.HowCatalogue, Model: "m-1", Agent: "cli",
			}
			if edit != nil {
				edit(&e)
			}
			events = append(events, e)
		}
	}
	personal := func(e *inventory.Event) { e.Account.Kind = traffic.AccountPersonal }
	add(0, 30, "claude", "u-1", nil)
	add(1, 10, "claude", "u-2", personal)
	add(2, 20, "claude", "u-3", func(e *inventory.Event) {
		e.Findings, e.Classes, e.Action = map[string]int{"aws-key": 1}, map[traffic.Class]int{traffic.ClassSecret: 1}, traffic.ActionRedact
	})
	add(3, 5, "openai-api", "", func(e *inventory.Event) {
		e.Depth, e.Why, e.Action, e.Model = traffic.MetadataOnly, traffic.ReasonPassive, "", ""
	})
	add(-5, 1, "gemini", "u-1", nil)
	if err := s.Merge(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	v, err := inventory.New(t.Context(), inventory.Config{Dir: dir, Store: s, Now: func() time.Time { return november.Until.Add(-time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func register(t *testing.T, v *inventory.Inventory) *assess.Register {
	t.Helper()
	figures, err := assess.Collect(t.Context(), v, november)
	if err != nil {
		t.Fatal(err)
	}
	services, err := v.Services(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	set := rules.Embedded()
	return &assess.Register{
		Set: set, Method: set.Method("exposure"), Book: v.Book(), Services: services, Figures: figures, Period: november, Now: november.Until,
	}
}

func note(t *testing.T, v *inventory.Inventory, topic inventory.Topic, subject string, data any) {
	t.Helper()
	if _, err := v.Write(t.Context(), "ann", func(*inventory.Book) ([]inventory.Note, error) {
		return []inventory.Note{{Topic: topic, Subject: subject, Data: data}}, nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestCollect(t *testing.T) {
	r := register(t, seeded(t))
	if len(r.Figures) != 2 {
		t.Fatalf("%d services in the period, want 2", len(r.Figures))
	}
	f := r.Figures["claude"]
	if f.Requests != 60 || f.People != 3 || f.Sensitive != 20 || f.Handled != 20 || f.Personal != 10 || f.Accounts != 10 || f.Up != 60_000 ||
		f.Classes[traffic.ClassSecret] != 20 || f.Actions[traffic.ActionRedact] != 20 || f.Depths[traffic.Inspected] != 60 || f.Models["m-1"] != 60 {
		t.Errorf("claude = %+v", f)
	}
	if f := r.Figures["openai-api"]; f.Total() != 5 || f.Reasons[traffic.ReasonPassive] != 5 || f.People != 1 {
		t.Errorf("openai-api = %+v; want the client to stand for its user", f)
	}
}

func find(t *testing.T, rows []assess.Row, id string) *assess.Row {
	t.Helper()
	for i := range rows {
		if rows[i].ID == id {
			return &rows[i]
		}
	}
	t.Fatalf("no row for %s", id)
	return nil
}

// TestRows follows each input of an assessment to what was seen.
func TestRows(t *testing.T) {
	v := seeded(t)
	rows, err := register(t, v).Rows()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0].Assessment.Residual < rows[1].Assessment.Residual {
		t.Fatalf("rows = %+v, want the higher residual risk first", rows)
	}
	claude, openai := find(t, rows, "claude"), find(t, rows, "openai-api")
	a := claude.Assessment
	values := make(map[string]string)
	for _, in := range a.Inputs {
		values[in.Name] = in.Value
	}
	if values["active_users"] != "3" || values["prompts_per_day"] != "2" || values["upload_bytes"] != "2000" || values["personal_share"] != "1" || !strings.HasPrefix(values["sensitive_share"], "0.333") || values["secret"] != "20 prompts" {
		t.Errorf("inputs = %v", values)
	}
	if a.Consequence != 5 || a.Residual > a.Inherent || a.Controls[0].Effectiveness != 0.9 {
		t.Errorf("assessment = %+v", a)
	}
	if len(claude.Triggers) != 1 || claude.Triggers[0].Kind != risk.NewService {
		t.Errorf("triggers of a service that nobody assessed = %+v", claude.Triggers)
	}
	for _, in := range openai.Assessment.Inputs {
		if in.Name == "sensitive_share" && in.Value != "unknown" {
			t.Errorf("share of sensitive prompts of a service that was never read = %+v", in)
		}
	}
}

// TestPeople lets people override, assess and treat, and then changes the
// service.
func TestPeople(t *testing.T) {
	v := seeded(t)
	r := register(t, v)
	rows, err := r.Rows()
	if err != nil {
		t.Fatal(err)
	}
	over := risk.Override{What: risk.OverConsequence, Value: 2, Reason: "test keys", By: "ann", Time: november.Until}
	note(t, v, inventory.TopicRisk, "claude", assess.Note{Override: &over})
	old := find(t, rows, "claude").Snapshot
	old.Classes, old.PromptsPerDay = nil, 0.5
	note(t, v, inventory.TopicRisk, "claude", assess.Note{Assessed: &assess.Assessed{Snapshot: old}, Reason: "yearly"})
	note(t, v, inventory.TopicRisk, "claude", assess.Note{Treatment: &risk.Treatment{Option: risk.Modify, Owner: "ann", Due: "2026-11-20"}})
	rows, err = register(t, v).Rows()
	if err != nil {
		t.Fatal(err)
	}
	row := find(t, rows, "claude")
	if row.Assessment.Consequence != 2 || len(row.Assessment.Overrides) != 1 || row.Assessment.Overrides[0].Was != "5" {
		t.Errorf("overridden = %d, %+v", row.Assessment.Consequence, row.Assessment.Overrides)
	}
	if fmt.Sprint(row.States) != "[overdue]" || row.AssessedBy != "ann" {
		t.Errorf("states %v, assessed by %q", row.States, row.AssessedBy)
	}
	if len(row.Triggers) != 1 || row.Triggers[0].Kind != risk.NewClass {
		t.Errorf("triggers = %+v, want a new data class (growth says nothing below 20 a day)", row.Triggers)
	}
	note(t, v, inventory.TopicRisk, "claude", assess.Note{Withdraw: risk.OverConsequence, Reason: "real keys"})
	if s, err := assess.StateOf(v.Book(), "claude"); err != nil || len(s.Overrides) != 0 || s.Treatment.Owner != "ann" {
		t.Errorf("after withdrawing: %+v, %v", s, err)
	}
}

func TestFacts(t *testing.T) {
	v := seeded(t)
	if _, err := v.Decide(t.Context(), inventory.Change{Service: "claude", Verb: inventory.Approve, Reason: "contract", By: "ann"}); err != nil {
		t.Fatal(err)
	}
	note(t, v, inventory.TopicStatement, "iso42001/A.9.2", controls.Statement{Applicable: true, Reason: "we use AI", By: "ann"})
	note(t, v, inventory.TopicStatement, "iso27001/5.9", controls.Statement{Applicable: false, Reason: "no", By: "ann"})
	if _, err := v.SealNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := register(t, v)
	rows, err := r.Rows()
	if err != nil {
		t.Fatal(err)
	}
	facts := assess.Facts(&assess.FactsInput{Set: r.Set, Book: v.Book(), Services: r.Services, Figures: r.Figures, Risks: rows, Period: november, Drift: -1})
	for q, want := range map[rules.EvidenceQuery]int64{
		rules.EvidenceRegister: 2, rules.EvidenceUsage: 65, rules.EvidenceModels: 1, rules.EvidenceRedactions: 20, rules.EvidenceEnforcement: 20,
		rules.EvidenceData: 1, rules.EvidenceDecisions: 1, rules.EvidenceOwners: 1, rules.EvidenceSuppliers: 2, rules.EvidenceEvents: 66, rules.EvidenceRisks: 2,
	} {
		if got := facts.Observed[q].Count; got != want {
			t.Errorf("%s = %d, want %d", q, got, want)
		}
	}
	if _, ok := facts.Observed[rules.EvidenceDrift]; ok {
		t.Error("drift was not looked for, and yet has a count")
	}
	in := &assess.FactsInput{Set: r.Set, Book: v.Book(), Services: r.Services, Figures: r.Figures, Risks: rows, Period: november, Drift: 3}
	r.Figures["openai-api"].Reasons[traffic.ReasonTunnelled] = 5
	facts = assess.Facts(in)
	if n, m := facts.Observed[rules.EvidenceDrift].Count, facts.Observed[rules.EvidenceBypass].Count; n != 3 || m != 1 {
		t.Errorf("drift = %d, want 3; services that passed uninspected = %d, want 1", n, m)
	}
	statements, err := assess.Statements(v.Book(), "iso42001")
	if err != nil || len(statements) != 1 || statements["A.9.2"].Reason != "we use AI" {
		t.Errorf("statements = %+v, %v", statements, err)
	}
	treated := assess.Treated(rows, "iso27001")
	if fmt.Sprint(treated["8.12"]) != "[claude]" {
		t.Errorf("risks treated by 8.12 = %v, want claude's", treated["8.12"])
	}
	soa, err := controls.Draft(r.Set, controls.Input{Framework: "iso42001", At: november.Until, Facts: facts, Statements: statements, Risks: assess.Treated(rows, "iso42001")})
	if err != nil || len(soa.Rows) != 38 {
		t.Errorf("statement of applicability: %d rows, %v", len(soa.Rows), err)
	}
}

func TestMetrics(t *testing.T) {
	v := seeded(t)
	if _, err := v.Decide(context.Background(), inventory.Change{Service: "claude", Verb: inventory.Approve, Reason: "contract", By: "ann"}); err != nil {
		t.Fatal(err)
	}
	r := register(t, v)
	list, err := assess.Metrics(r.Services, r.Figures, v.Book(), november)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for _, m := range list {
		got[m.Name] = fmt.Sprintf("%.1f", m.Value)
	}
	want := map[string]string{"approved_share": "92.3", "unreviewed_services": "50.0", "days_to_review": "30.0", "redactions_per_1000": "333.3", "sensitive_kept_in": "100.0", "inspected_share": "92.3"}
	for name, w := range want {
		if got[name] != w {
			t.Errorf("%s = %s, want %s", name, got[name], w)
		}
	}
	empty, err := assess.Metrics(nil, nil, v.Book(), november)
	if err != nil || empty[0].Known || empty[0].Value != 0 {
		t.Errorf("metrics of nothing = %+v, %v", empty, err)
	}
}

func TestParsePeriod(t *testing.T) {
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for s, want := range map[string]string{
		"2026Q4": "2026-10-01 2027-01-01", "2026q1": "2026-01-01 2026-04-01", "2026-11": "2026-11-01 2026-12-01", "2026": "2026-01-01 2027-01-01",
		"2026-11-05..2026-11-05": "2026-11-05 2026-11-06", "2026-12-01..2030-01-01": "2026-12-01 2030-01-02",
	} {
		p, err := assess.ParsePeriod(s, now)
		if got := p.From.Format(time.DateOnly) + " " + p.Until.Format(time.DateOnly); err != nil || got != want {
			t.Errorf("%s = %s, %v; want %s", s, got, err, want)
		}
	}
	for _, s := range []string{"", "2026Q5", "2026Q0", "2026-13", "Q4", "20x6", "2026-11-05..2026-11-04", "2026-11-05..", "+026Q1", "2026-11-31..2026-12-01",
		"2027", "2027Q1", "2026-12-02..2026-12-03", "0001-01-01..9999-12-31", "2026-01-01..9999-12-31", "0001", "9999", "9998"} {
		if p, err := assess.ParsePeriod(s, now); err == nil {
			t.Errorf("%q was read as %v", s, p)
		}
	}
}

// TestUnnoted puts reasons on record once, and again after an assessment.
func TestUnnoted(t *testing.T) {
	v := seeded(t)
	put := func() int {
		t.Helper()
		rows, err := register(t, v).Rows()
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		if _, err := v.Write(t.Context(), "gnomon", func(b *inventory.Book) ([]inventory.Note, error) {
			notes, err := assess.Unnoted(b, rows)
			n = len(notes)
			return notes, err
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if a, b := put(), put(); a != 2 || b != 0 {
		t.Errorf("%d reasons noted, then %d; want 2 (two new services) and 0", a, b)
	}
	rows, err := register(t, v).Rows()
	if err != nil {
		t.Fatal(err)
	}
	old := find(t, rows, "claude").Snapshot
	old.Classes = nil
	note(t, v, inventory.TopicRisk, "claude", assess.Note{Assessed: &assess.Assessed{Snapshot: old}})
	if a, b := put(), put(); a != 1 || b != 0 {
		t.Errorf("%d reasons noted after an assessment, then %d; want 1 (a new data class) and 0", a, b)
	}
	if due := assess.DueOf(rows); len(due) != 2 {
		t.Errorf("due = %+v", due)
	}
}
