package evidence_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/evidence"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// nasty is what a stranger may call a host, a service or a department.
const nasty = "<script>alert(1)</script>|`x`](http://evil.example)\n# head"

func report() *evidence.Report {
	seen := evidence.NewFigures()
	seen.Requests, seen.Users, seen.Coverage, seen.Reasons["pinned"] = 10, 3, inventory.Coverage{Inspected: 8, Blind: 2}, 2
	many := evidence.NewFigures()
	many.Requests, many.Users = 5, 17
	c := &evidence.Counted{
		Figures: map[string]*evidence.Figures{"a": seen, "b": many},
		Totals:  evidence.Totals{Services: 2, Requests: 15, Users: 4, Coverage: inventory.Coverage{Inspected: 13, Blind: 2}},
		Groups:  []evidence.Group{{Name: "sales", Requests: 9, Users: 12}, {Name: "board", Requests: 4, Users: 2}, {Name: nasty, Requests: 2, Users: 2}},
		Hidden:  []evidence.Hidden{{Reason: "doh", Name: nasty, Flows: 7, Clients: 1}},
		Days:    map[int64]int64{inventory.Day(period.From): 15}, Whole: true,
	}
	return &evidence.Report{
		Organisation: "Example & Sons", Program: "test", Made: period.Until, By: "ann", Period: period, Signer: "sha256:00", Head: "11", Counted: c,
		Rows: []evidence.Row{
			{Service: nasty, ID: "a", Status: traffic.StatusUnreviewed, Seen: seen},
			{Service: "B", ID: "b", Status: traffic.StatusApproved, Seen: many},
		},
		Decisions: []evidence.Decided{{Service: "B", By: "ann", Time: period.From.Add(time.Hour), Decision: inventory.Decision{Status: traffic.StatusApproved, Reason: nasty}}},
	}
}

func render(t *testing.T, r *evidence.Report) (summary, coverage, readme string) {
	t.Helper()
	var a, b, c bytes.Buffer
	for err := range map[error]bool{r.Summary(&a): true, r.Coverage(&b): true, r.Readme(&c): true} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return a.String(), b.String(), c.String()
}

// TestSummary shows that the page is safe, loads nothing, and says too little of
// small groups.
func TestSummary(t *testing.T) {
	summary, coverage, readme := render(t, report())
	for _, bad := range []string{"<script", "src=", "href=", "url(", "board", ">3<", ">4<"} {
		if strings.Contains(summary, bad) {
			t.Errorf("the summary has %q", bad)
		}
	}
	for _, want := range []string{"Example &amp; Sons", "fewer than 5", "@page { size: A4", ">17<", "in use, and nobody has reviewed them", "&lt;script&gt;"} {
		if !strings.Contains(summary, want) {
			t.Errorf("the summary lacks %q", want)
		}
	}
	if strings.Contains(summary, "sales") || !strings.Contains(summary, `others, most of fewer than 5 people each</td><td class="n">16</td><td class="n">15</td>`) {
		t.Error("all requests less those of a large group are those of two small ones of 4 people together")
	}
	for name, page := range map[string]string{"coverage.md": coverage, "README.md": readme} {
		if strings.ContainsAny(page, "\x00\x1b") || strings.Contains(page, "<script") || strings.Contains(page, "\n# head") {
			t.Errorf("%s has markup of a stranger:\n%s", name, page)
		}
		if strings.Contains(page, "<no value>") || strings.Contains(page, "{{") {
			t.Errorf("%s has gaps:\n%s", name, page)
		}
	}
	if !regexp.MustCompile(`\| doh \| .* \| 7 \| fewer than 5 \|`).MatchString(coverage) || !strings.Contains(coverage, "| pinned | 2 |") || !strings.Contains(coverage, "On 0 of 1 day ") {
		t.Errorf("coverage:\n%s", coverage)
	}
	if !strings.Contains(readme, "## What it does not prove") || !strings.Contains(readme, "evidence verify FOLDER --key sha256:00") {
		t.Errorf("readme:\n%s", readme)
	}
}

func TestSummaryGroups(t *testing.T) {
	r := report()
	r.Counted.Groups = append(r.Counted.Groups, evidence.Group{Name: "law", Requests: 1, Users: 4})
	summary, _, _ := render(t, r)
	if !strings.Contains(summary, "others, most of fewer than 5 people each") || strings.Contains(summary, "law") || !strings.Contains(summary, "sales") {
		t.Error("small groups of 8 people together are not one row")
	}
}

// TestSummaryNoDepartment subtracts what is shown from the total: one person is
// in no department.
func TestSummaryNoDepartment(t *testing.T) {
	r := newRecord(t)
	events := storetest.Events(7, 40)
	for i := range events {
		events[i].Blind = ""
		if i%2 == 0 {
			events[i].Groups = []string{"sales"}
		}
	}
	store, err := sqlite.Open(t.Context(), r.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Merge(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	if _, err := r.inv.SealNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	november := evidence.Period{Name: "2026-11", From: date(11, 1), Until: date(12, 1)}
	groups := counted(t, r, november, date(12, 1)).Groups
	if !slices.ContainsFunc(groups, func(g evidence.Group) bool { return g.Name == "(no department)" && g.Users > 0 }) {
		t.Errorf("groups %+v, want one of those in no department", groups)
	}
	page := report()
	page.Counted.Groups = []evidence.Group{{Name: "sales", Requests: 50, Users: 5}, {Name: "law", Requests: 40, Users: 6}, {Name: "(no department)", Requests: 3, Users: 1}}
	summary, _, _ := render(t, page)
	if strings.Contains(summary, "no department") || strings.Contains(summary, "sales") || !strings.Contains(summary, "<td>law</td>") {
		t.Error("one person in no department follows from the others and the total")
	}
}

// TestUnderWay says of a period that is not over how far it goes.
func TestUnderWay(t *testing.T) {
	r := report()
	r.Made = r.Period.Until.Add(-time.Hour)
	for _, text := range pages(t, r) {
		if !strings.Contains(text, "so far, until "+r.Made.Format(time.DateOnly)) {
			t.Errorf("a period under way is not said to be:\n%.600s", text)
		}
	}
	r.Made = r.Period.Until
	for _, text := range pages(t, r) {
		if strings.Contains(text, "so far") {
			t.Errorf("a period that is over is said to be under way:\n%.600s", text)
		}
	}
}

func pages(t *testing.T, r *evidence.Report) []string {
	summary, coverage, readme := render(t, r)
	return []string{summary, coverage, readme}
}

// TestSummaryLong draws a period of years in a bounded number of bars.
func TestSummaryLong(t *testing.T) {
	r := report()
	r.Period.From, r.Made = r.Period.From.AddDate(-9, 0, 0), r.Period.Until
	summary, _, _ := render(t, r)
	if n := strings.Count(summary, "<rect"); n == 0 || n > 120 {
		t.Errorf("%d bars", n)
	}
	if !strings.Contains(summary, ">2017-11-02</text>") || !strings.Contains(summary, ">2026-11-02</text>") {
		t.Error("the ends of the chart are not those of the period")
	}
	r = report()
	r.Counted, r.Rows, r.Decisions = &evidence.Counted{Whole: false}, nil, nil
	if summary, coverage, _ := render(t, r); !strings.Contains(summary, "Retention has deleted") || !strings.Contains(coverage, "No sensor saw any use") {
		t.Error("an empty report hides what is missing")
	}
}

// TestPlural: one of a thing is not several.
func TestPlural(t *testing.T) {
	r := evidence.Report{Counted: &evidence.Counted{Whole: true}}
	r.Counted.Totals.Services, r.Counted.Totals.Requests = 1, 2
	var b strings.Builder
	if err := r.Summary(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<dt>service in use</dt><dd>1</dd>", "<dt>requests</dt><dd>2</dd>"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the summary lacks %s", want)
		}
	}
}
