package assess

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/privacy"
	"github.com/gnomon-proxy/gnomon/inventory/risk"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Inputs returns what an assessment of a service rests on. service may be nil:
// the catalogue does not know it; declared are the data classes that people say
// it gets; supplier is what they recorded, laid over the catalogue; k is the least
// number of people that may be told.
func Inputs(id string, f *Figures, p Period, now time.Time, service *rules.Service, supplier map[rules.SupplierFact]risk.Fact, declared []traffic.Class, s State, k privacy.K) risk.Inputs {
	in := risk.Inputs{
		Service: id, From: p.From, To: p.Until, At: now, Read: f.Depths[traffic.Inspected],
		Exposure: exposure(f, p, k), Classes: classes(f, declared), Supplier: make(map[rules.SupplierFact]risk.Fact),
		Measures: measures(f), Overrides: s.Overrides,
	}
	if service != nil {
		maps.Copy(in.Supplier, risk.SupplierFacts(&service.Supplier))
	}
	maps.Copy(in.Supplier, supplier)
	return in
}

// exposure returns the figures that are known: a share of nothing is not.
func exposure(f *Figures, p Period, k privacy.K) map[rules.Exposure]risk.Figure {
	figures := make(map[rules.Exposure]risk.Figure)
	if f.Requests == 0 {
		return figures
	}
	days := max(1, p.Days())
	figures[rules.ActiveUsers] = users(privacy.Number{N: int64(f.People), AtLeast: f.More}, k)
	figures[rules.PromptsPerDay] = risk.Figure{Value: float64(f.Requests) / days, Source: fmt.Sprintf("usage by day: %d requests in %.0f days", f.Requests, days)}
	figures[rules.UploadBytes] = risk.Figure{Value: float64(f.Up) / days, Source: fmt.Sprintf("usage by day: %d bytes up in %.0f days", f.Up, days)}
	if read := f.Depths[traffic.Inspected]; read > 0 {
		figures[rules.SensitiveShare] = risk.Figure{
			Value: float64(f.Sensitive) / float64(read), Source: fmt.Sprintf("%d requests with findings of %d inspected", f.Sensitive, read),
		}
	}
	if f.Accounts > 0 {
		figures[rules.PersonalShare] = risk.Figure{
			Value: float64(f.Personal) / float64(f.Accounts), Source: fmt.Sprintf("%d requests with personal accounts of %d with a known kind", f.Personal, f.Accounts),
		}
	}
	return figures
}

// users returns how many people used a service. Fewer than k count as k, for
// whoever looks: each figure that is computed of their number would tell it.
func users(n privacy.Number, k privacy.K) risk.Figure {
	f := risk.Figure{Value: float64(n.N), Source: "usage by day: users, clients where no user is known"}
	if n.AtLeast {
		f.Shown = k.Text(n)
	}
	if k.Small(n.N) {
		f.Value, f.Shown = float64(k), k.Text(n)
		f.Source += fmt.Sprintf("; fewer than %d count as %[1]d, which tells nobody how many they are", int64(k))
	}
	return f
}

func classes(f *Figures, declared []traffic.Class) []risk.DataClass {
	var list []risk.DataClass
	for _, c := range slices.Sorted(maps.Keys(f.Classes)) {
		list = append(list, risk.DataClass{Class: c, Count: f.Classes[c], Declared: slices.Contains(declared, c), Source: "findings of the period"})
	}
	for _, c := range declared {
		if f.Classes[c] == 0 {
			list = append(list, risk.DataClass{Class: c, Declared: true, Source: "register"})
		}
	}
	return list
}

func measures(f *Figures) map[rules.RiskMeasure]risk.Ratio {
	return map[rules.RiskMeasure]risk.Ratio{
		rules.MeasureInspected: {Part: f.Depths[traffic.Inspected], Whole: f.Total(), Source: "requests by coverage"},
		rules.MeasureHandled:   {Part: f.Handled, Whole: f.Sensitive, Source: "requests with findings that were altered or blocked"},
		rules.MeasureCoached:   {Whole: f.Sensitive, Source: "requests whose user was told: the gateway shows no such notice yet"},
	}
}

// SnapshotOf returns what a service is like, to compare with later.
func SnapshotOf(in *risk.Inputs, f *Figures, terms, review string) risk.Snapshot {
	s := risk.Snapshot{
		At: in.At, Models: slices.Sorted(maps.Keys(f.Models)), PromptsPerDay: in.Exposure[rules.PromptsPerDay].Value,
		Terms: terms, Review: review, Supplier: make(map[rules.SupplierFact]string),
	}
	for _, c := range in.Classes {
		s.Classes = append(s.Classes, c.Class)
	}
	for name, fact := range in.Supplier {
		s.Supplier[name] = fact.Value
	}
	return s
}
