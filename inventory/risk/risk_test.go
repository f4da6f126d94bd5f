package risk_test

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/risk"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func method() *rules.RiskMethod { return rules.Embedded().Method("exposure") }

// typical is a service with something of everything.
func typical() risk.Inputs {
	return risk.Inputs{
		Service: "chatgpt", From: day(1), To: day(30), At: day(30), Read: 900,
		Exposure: map[rules.Exposure]risk.Figure{
			rules.ActiveUsers:    {Value: 60, Source: "register"},      // 4, weight 2
			rules.PromptsPerDay:  {Value: 500, Source: "register"},     // 4, weight 2
			rules.SensitiveShare: {Value: 0.03, Source: "register"},    // 4, weight 3
			rules.UploadBytes:    {Value: 99_999, Source: "register"},  // 1, weight 1
			rules.PersonalShare:  {Value: 0.1, Source: "the accounts"}, // 3, weight 2
		},
		Classes: []risk.DataClass{{Class: traffic.ClassContact, Count: 20, Source: "findings"}, {Class: traffic.ClassPersonal, Declared: true, Source: "ann"}},
		Supplier: map[rules.SupplierFact]risk.Fact{
			rules.FactTrains: {Value: "no", Source: "terms"}, rules.FactDPA: {Value: "yes", Source: "contract"},
			rules.FactRegion: {Value: "US", Source: "catalogue", Unverified: true}, rules.FactRetention: {Value: "30", Source: "terms"},
		},
		Measures: map[rules.RiskMeasure]risk.Ratio{
			rules.MeasureInspected: {Part: 900, Whole: 1000, Source: "coverage"},
			rules.MeasureHandled:   {Part: 20, Whole: 40, Source: "decisions"},
		},
	}
}

func day(n int) time.Time { return time.Date(2026, 11, n, 12, 0, 0, 0, time.UTC) }

func assess(t *testing.T, in risk.Inputs) *risk.Assessment {
	t.Helper()
	a, err := risk.Assess(method(), in)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestAssess follows the arithmetic by hand: L = ceil((4*2+4*2+4*3+1+3*2)/10) = 4,
// C = 3 (personal) + 1 (US) = 4; redaction 0.5*0.9 = 0.45, inspection 0.9 capped
// at 0.2: ceil(4*0.55*0.8) = ceil(1.76) = 2.
func TestAssess(t *testing.T) {
	a := assess(t, typical())
	if a.Likelihood != 4 || a.Consequence != 4 || a.Inherent != 16 || a.ResidualLikelihood != 2 || a.Residual != 8 {
		t.Errorf("%d x %d = %d, residual %d: %d", a.Likelihood, a.Consequence, a.Inherent, a.ResidualLikelihood, a.Residual)
	}
	if a.InherentLevel != "high" || a.Level != "medium" || a.Appetite != rules.AppetiteTolerable || a.AcceptDays != 180 {
		t.Errorf("levels %s, %s, %s, %d days", a.InherentLevel, a.Level, a.Appetite, a.AcceptDays)
	}
	if a.Method != "exposure" || a.Version != method().Version {
		t.Errorf("method %s %s", a.Method, a.Version)
	}
	golden(t, "testdata/typical.json", a)
}

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, path string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got)+"\n" != string(want) {
		t.Errorf("%s: got\n%s", path, got)
	}
}

// TestEveryInputShown: what goes in comes out, with its source.
func TestEveryInputShown(t *testing.T) {
	in := typical()
	a := assess(t, in)
	for name, f := range in.Exposure {
		at := slices.IndexFunc(a.Inputs, func(i risk.Input) bool { return i.Name == string(name) })
		if at < 0 || a.Inputs[at].Source != f.Source || a.Inputs[at].Threshold == "" {
			t.Errorf("%s is not shown: %+v", name, a.Inputs)
		}
	}
	if n := len(method().Likelihood) + len(in.Classes) + len(method().Consequence.Adjust); len(a.Inputs) != n {
		t.Errorf("%d inputs, want %d", len(a.Inputs), n)
	}
	if len(a.Controls) != len(method().Controls) {
		t.Errorf("%d controls", len(a.Controls))
	}
	for _, c := range a.Controls {
		if c.How == "" {
			t.Errorf("%s does not say how", c.ID)
		}
	}
}

// TestUnknown: of a service that nobody looked at nothing good is believed.
func TestUnknown(t *testing.T) {
	a := assess(t, risk.Inputs{Service: "x"})
	if a.Likelihood != 4 || a.Consequence != 5 || a.Residual != a.Inherent {
		t.Errorf("nothing known: %d x %d, residual %d", a.Likelihood, a.Consequence, a.Residual)
	}
	for _, i := range a.Inputs {
		if i.Kind == risk.KindAssumption != (i.Value == "unknown") {
			t.Errorf("%+v", i)
		}
	}
	for _, c := range a.Controls {
		if c.Counts || c.Effectiveness != 0 {
			t.Errorf("a control counts that saw nothing: %+v", c)
		}
	}
}

// TestIdleControl: a control that saw no traffic in the period does not count,
// nor one whose reach is not known.
func TestIdleControl(t *testing.T) {
	in := typical()
	in.Measures[rules.MeasureHandled] = risk.Ratio{Part: 0, Whole: 0}
	if c := assess(t, in).Controls[0]; c.Counts || c.Effectiveness != 0 || !strings.Contains(c.How, "no traffic") {
		t.Errorf("%+v", c)
	}
	in.Measures = map[rules.RiskMeasure]risk.Ratio{rules.MeasureHandled: {Part: 40, Whole: 40}}
	if c := assess(t, in).Controls[0]; c.Effectiveness != 0 {
		t.Errorf("all handled, and none known to be inspected: %+v", c)
	}
}

func TestSupplierConditions(t *testing.T) {
	base := assess(t, typical()).Consequence
	for _, tt := range []struct {
		fact  rules.SupplierFact
		value string
		want  int // more than with what typical has
	}{
		{rules.FactTrains, "opt_out", 1}, {rules.FactTrains, "opt_in", 0}, {rules.FactTrains, "", 1}, {rules.FactTrains, "unknown", 1},
		{rules.FactDPA, "on_request", 0}, {rules.FactDPA, "no", 1}, {rules.FactRegion, "DE", -1}, {rules.FactRegion, "DE, US", 0},
		{rules.FactRegion, "EU,CH", -1}, {rules.FactRetention, "31", 1}, {rules.FactRetention, "long", 1}, {rules.FactRetention, "0", 0},
	} {
		in := typical()
		in.Supplier[tt.fact] = risk.Fact{Value: tt.value}
		if got := assess(t, in).Consequence; got != base+tt.want {
			t.Errorf("%s=%q: consequence %d, want %d", tt.fact, tt.value, got, base+tt.want)
		}
	}
	in := typical()
	in.Supplier = nil
	if got := assess(t, in).Consequence; got != 5 {
		t.Errorf("all unknown: %d, want 3 and the most that facts may add, 2", got)
	}
}

func TestSupplierFacts(t *testing.T) {
	s := rules.Supplier{Region: []string{"EU", "US"}, Trains: "no", Retention: "none", CheckedOn: day(3), Origin: "terms", Unverified: true}
	got := risk.SupplierFacts(&s)
	if len(got) != 3 || got[rules.FactRegion].Value != "EU,US" || got[rules.FactRetention].Value != "0" ||
		got[rules.FactTrains] != (risk.Fact{Value: "no", Source: "terms, checked on 2026-11-03", Unverified: true}) {
		t.Errorf("%+v", got)
	}
}

func TestOverrides(t *testing.T) {
	in := typical()
	reason := func(what string, v float64) risk.Override {
		return risk.Override{What: what, Value: v, Reason: "pilot", By: "ann", Time: day(20)}
	}
	in.Overrides = []risk.Override{reason("likelihood", 5), reason("likelihood", 2), reason("consequence", 5), reason("control/redaction", 0), reason("input/active_users", 1)}
	a := assess(t, in)
	if a.Likelihood != 2 || a.Consequence != 5 || a.Controls[0].Effectiveness != 0 || a.Residual != 10 {
		t.Errorf("%d x %d, residual %d, %+v", a.Likelihood, a.Consequence, a.Residual, a.Controls[0])
	}
	var shown []string
	for _, o := range a.Overrides {
		shown = append(shown, o.What+" was "+o.Was+": "+o.Reason+" "+o.By)
	}
	want := []string{"input/active_users was 60: pilot ann", "likelihood was 3: pilot ann", "consequence was 4: pilot ann", "control/redaction was 0.45: pilot ann"}
	if !slices.Equal(shown, want) {
		t.Errorf("shown %q", shown)
	}
	for _, tt := range []struct {
		o    risk.Override
		want string
	}{
		{risk.Override{What: "likelihood", Value: 2, By: "ann"}, "give a reason"},
		{risk.Override{What: "likelihood", Value: 2, By: "ann", Reason: " \t"}, "give a reason"},
		{risk.Override{What: "likelihood", Value: 2, Reason: "x"}, "say who"},
		{reason("likelihood", 2.5), "whole number"}, {reason("consequence", 6), "from 1 to 5"}, {reason("likelihood", 0), "from 1 to 5"},
		{reason("residual", 1), "expected likelihood"}, {reason("control/none", 0.1), "expected likelihood"}, {reason("control/redaction", 0.95), "from 0 to 0.9"},
		{reason("input/none", 1), "no such input"}, {reason("input/active_users", -1), "from 0"},
	} {
		in := typical()
		in.Overrides = []risk.Override{tt.o}
		if a, err := risk.Assess(method(), in); a != nil || err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v, want %q", tt.o, err, tt.want)
		}
	}
}

func TestNoMethod(t *testing.T) {
	for _, m := range []*rules.RiskMethod{nil, {}} {
		if a, err := risk.Assess(m, typical()); a != nil || err == nil {
			t.Errorf("%+v: %v", m, err)
		}
	}
}

// random makes inputs of which some are unknown.
func random(r *rand.Rand) risk.Inputs {
	in := risk.Inputs{Service: "x", Read: r.Int64N(3) * 100, Exposure: map[rules.Exposure]risk.Figure{}, Supplier: map[rules.SupplierFact]risk.Fact{}, Measures: map[rules.RiskMeasure]risk.Ratio{}}
	for _, s := range method().Likelihood {
		if r.IntN(4) > 0 {
			in.Exposure[s.Input] = risk.Figure{Value: r.Float64() * s.Levels[r.IntN(4)] * 1.5}
		}
	}
	for _, c := range traffic.Classes() {
		if r.IntN(6) == 0 {
			in.Classes = append(in.Classes, risk.DataClass{Class: c, Count: r.Int64N(3), Declared: r.IntN(2) == 0})
		}
	}
	for f, values := range map[rules.SupplierFact][]string{
		rules.FactTrains: {"no", "opt_in", "opt_out", "yes"}, rules.FactDPA: {"yes", "no"}, rules.FactRegion: {"DE", "US"}, rules.FactRetention: {"0", "30", "90"},
	} {
		if r.IntN(3) > 0 {
			in.Supplier[f] = risk.Fact{Value: values[r.IntN(len(values))]}
		}
	}
	for _, m := range []rules.RiskMeasure{rules.MeasureInspected, rules.MeasureHandled, rules.MeasureCoached} {
		if r.IntN(4) > 0 {
			whole := r.Int64N(50)
			in.Measures[m] = risk.Ratio{Part: r.Int64N(whole + 1), Whole: whole}
		}
	}
	return in
}

// worse returns in with one thing made worse, and what.
func worse(r *rand.Rand, in risk.Inputs) string {
	switch r.IntN(4) {
	case 0:
		for name, f := range in.Exposure {
			f.Value *= 1 + r.Float64()*20
			in.Exposure[name] = f
			return string(name)
		}
	case 1:
		for m, s := range in.Measures {
			if s.Whole > 0 {
				s.Part = r.Int64N(s.Part + 1)
				in.Measures[m] = s
				return string(m)
			}
		}
	case 2:
		for f, v := range map[rules.SupplierFact]string{rules.FactTrains: "yes", rules.FactDPA: "no", rules.FactRegion: "CN", rules.FactRetention: "400"} {
			in.Supplier[f] = risk.Fact{Value: v}
			return string(f)
		}
	}
	for m := range in.Measures {
		delete(in.Measures, m)
		return "without " + string(m)
	}
	return "nothing"
}

// TestProperties: for any inputs the figures stay in their ranges, and making one
// input worse never makes the risk smaller.
func TestProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	residuals := map[int]int{}
	for range 5_000 {
		in := random(r)
		a := assess(t, in)
		residuals[a.Residual]++
		if a.Likelihood < 1 || a.Likelihood > 5 || a.Consequence < 1 || a.Consequence > 5 || a.Inherent != a.Likelihood*a.Consequence {
			t.Fatalf("out of range: %+v", a)
		}
		if a.Residual < 1 || a.Residual > a.Inherent || a.ResidualLikelihood < 1 {
			t.Fatalf("residual %d of %d", a.Residual, a.Inherent)
		}
		what := worse(r, in)
		if b := assess(t, in); b.Inherent < a.Inherent || b.Residual < a.Residual {
			t.Fatalf("worse %s: inherent %d to %d, residual %d to %d", what, a.Inherent, b.Inherent, a.Residual, b.Residual)
		}
		in.Classes = append(in.Classes, risk.DataClass{Class: traffic.ClassSecret, Count: 1})
		if b := assess(t, in); b.Consequence < a.Consequence || b.Consequence != 5 {
			t.Fatalf("with a secret: consequence %d to %d", a.Consequence, b.Consequence)
		}
	}
	if len(residuals) < 8 {
		t.Errorf("the inputs reach only the residuals %v", residuals)
	}
}

// TestDeterministic: the same inputs make the same bytes.
func TestDeterministic(t *testing.T) {
	first, _ := json.Marshal(assess(t, typical()))
	for range 20 {
		if again, _ := json.Marshal(assess(t, typical())); string(again) != string(first) {
			t.Fatalf("%s\n%s", first, again)
		}
	}
}
