package risk_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/risk"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func TestTreatmentCheck(t *testing.T) {
	medium := &risk.Assessment{Level: "medium", AcceptDays: 180}
	critical := &risk.Assessment{Level: "critical"}
	retain := risk.Treatment{Option: risk.Retain, Owner: "ann", AcceptedBy: "eva", AcceptedOn: "2026-11-01", AcceptedUntil: "2027-04-30"}
	with := func(change func(*risk.Treatment)) risk.Treatment { t := retain; change(&t); return t }
	for _, tt := range []struct {
		name string
		t    risk.Treatment
		a    *risk.Assessment
		want string // "" when it is right
	}{
		{"accepted", retain, medium, ""},
		{"modify", risk.Treatment{Option: risk.Modify, Owner: "ann", Due: "2026-12-31"}, critical, ""},
		{"none", risk.Treatment{Owner: "ann"}, medium, "expected avoid, modify, share or retain"},
		{"no owner", risk.Treatment{Option: risk.Avoid, Due: "2026-12-31"}, medium, "owner"},
		{"no due date", risk.Treatment{Option: risk.Share, Owner: "ann"}, medium, "due date"},
		{"bad day", risk.Treatment{Option: risk.Share, Owner: "ann", Due: "31.12.2026"}, medium, "YYYY-MM-DD"},
		{"nobody accepts", with(func(t *risk.Treatment) { t.AcceptedBy = " " }), medium, "named person"},
		{"without end", with(func(t *risk.Treatment) { t.AcceptedUntil = "" }), medium, "until a day"},
		{"without its day", with(func(t *risk.Treatment) { t.AcceptedOn = "" }), medium, "the day of it"},
		{"ends before it starts", with(func(t *risk.Treatment) { t.AcceptedUntil = "2026-10-31" }), medium, "before"},
		{"too long", with(func(t *risk.Treatment) { t.AcceptedUntil = "2027-05-01" }), medium, "until 2027-04-30 at most"},
		{"beyond appetite", retain, critical, "may not be accepted"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.t.Check(tt.a)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

func TestTreatmentStates(t *testing.T) {
	for _, tt := range []struct {
		t    risk.Treatment
		want []risk.State
	}{
		{risk.Treatment{}, []risk.State{risk.Untreated}},
		{risk.Treatment{Option: risk.Modify, Due: "2026-11-30"}, []risk.State{risk.Open}},
		{risk.Treatment{Option: risk.Modify, Due: "2026-11-29"}, []risk.State{risk.Overdue}},
		{risk.Treatment{Option: risk.Modify, Due: "2026-11-29", Done: "2026-11-28"}, []risk.State{risk.Done}},
		{risk.Treatment{Option: risk.Modify, Due: "2026-11-29", Done: "2026-12-28"}, []risk.State{risk.Overdue}},
		{risk.Treatment{Option: risk.Retain, AcceptedUntil: "2026-11-30"}, []risk.State{risk.Accepted}},
		{risk.Treatment{Option: risk.Retain, AcceptedUntil: "2026-11-29"}, []risk.State{risk.Expired}},
		{risk.Treatment{Option: risk.Modify, Due: "2026-11-29", AcceptedUntil: "2026-12-31"}, []risk.State{risk.Overdue, risk.Accepted}},
	} {
		if got := tt.t.States(day(30)); !slices.Equal(got, tt.want) {
			t.Errorf("%+v: %v, want %v", tt.t, got, tt.want)
		}
	}
}

func TestTriggers(t *testing.T) {
	limits := method().Triggers
	was := risk.Snapshot{
		At: day(1), Classes: []traffic.Class{traffic.ClassContact}, PromptsPerDay: 10, Models: []string{"m-1"}, Terms: "2026-01",
		Supplier: map[rules.SupplierFact]string{rules.FactTrains: "no", rules.FactRegion: "EU"}, Review: "2026-11-30",
	}
	if got := risk.Triggers(limits, nil, was); len(got) != 1 || got[0].Kind != risk.NewService {
		t.Errorf("new: %v", got)
	}
	same := was
	same.At, same.PromptsPerDay = day(30), 29.9 // on the day of the review, not yet three times
	same.Terms, same.Supplier = "", nil         // nobody looked
	if got := risk.Triggers(limits, &was, same); len(got) != 0 {
		t.Errorf("nothing changed: %v", got)
	}
	is := was
	is.At, is.PromptsPerDay, is.Terms, is.Models = day(30).AddDate(0, 0, 1), 30, "2026-06", []string{"m-2", "m-1"}
	is.Classes = []traffic.Class{traffic.ClassContact, traffic.ClassSecret, traffic.ClassHealth}
	is.Supplier = map[rules.SupplierFact]string{rules.FactTrains: "opt_out", rules.FactRegion: "EU"}
	var got []string
	for _, tr := range risk.Triggers(limits, &was, is) {
		got = append(got, string(tr.Kind)+" "+tr.Was+">"+tr.Is)
	}
	want := []string{
		"new_data_class >health", "new_data_class >secret", "growth 10.0 prompts a day>30.0 prompts a day", "terms_changed 2026-01>2026-06",
		"terms_changed trains_on_inputs=no>trains_on_inputs=opt_out", "new_model m-1>m-2", "review_passed 2026-11-30>2026-12-01",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	was.PromptsPerDay, is.PromptsPerDay = 1, 15
	for _, tr := range risk.Triggers(limits, &was, is) {
		if tr.Kind == risk.Growth {
			t.Error("fifteen prompts a day are no growth to speak of")
		}
	}
}
