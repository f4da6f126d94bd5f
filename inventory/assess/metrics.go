package assess

import (
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Metric is a figure that a management system is measured by (ISO/IEC 42001,
// clauses 6.2 and 9.1).
type Metric struct {
	Name    string  `json:"name"`
	Title   string  `json:"title"`
	Formula string  `json:"formula"`
	Part    float64 `json:"part"`
	Whole   float64 `json:"whole"`
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	Known   bool    `json:"known"` // false: there was nothing to measure
}

func ratio(name, title, formula, unit string, scale, part, whole float64) Metric {
	m := Metric{Name: name, Title: title, Formula: formula, Part: part, Whole: whole, Unit: unit, Known: whole > 0}
	if m.Known {
		m.Value = scale * part / whole
	}
	return m
}

// Metrics computes all metrics of a period.
func Metrics(services []inventory.Service, figures map[string]*Figures, book *inventory.Book, p Period) ([]Metric, error) {
	status := make(map[string]traffic.Status, len(services))
	for i := range services {
		status[services[i].ID] = services[i].Status
	}
	var total, approved, unreviewed, sensitive, handled, altered, inspected, seen float64
	for id, f := range figures {
		total += float64(f.Requests)
		switch status[id] {
		case traffic.StatusApproved, traffic.StatusConditional:
			approved += float64(f.Requests)
		case traffic.StatusUnreviewed, "":
			unreviewed++
		}
		sensitive += float64(f.Sensitive)
		handled += float64(f.Handled)
		altered += float64(f.Actions[traffic.ActionRedact] + f.Actions[traffic.ActionPseudonymise])
		inspected += float64(f.Depths[traffic.Inspected])
		seen += float64(f.Total())
	}
	days, decided, err := reviewDays(services, book, p)
	if err != nil {
		return nil, err
	}
	return []Metric{
		ratio("approved_share", "Use on approved services", "requests to services approved now / all requests of the period", "%", 100, approved, total),
		ratio("unreviewed_services", "Services in use that nobody has reviewed", "services seen in the period without a decision / services seen", "%", 100, unreviewed, float64(len(figures))),
		ratio("days_to_review", "Mean days from the first sighting to the first decision", "sum of days / services first decided upon in the period", "days", 1, days, decided),
		ratio("redactions_per_1000", "Redactions per 1,000 prompts", "1,000 x requests redacted or pseudonymised / requests inspected", "per 1,000", 1000, altered, inspected),
		ratio("sensitive_kept_in", "Sensitive prompts kept in", "requests with findings that were altered or blocked / requests with findings", "%", 100, handled, sensitive),
		ratio("inspected_share", "Use that was inspected", "requests inspected / requests by coverage", "%", 100, inspected, seen),
	}, nil
}

// reviewDays sums up how long services that were first decided upon in the
// period had waited. One that was approved before it was seen has not waited.
func reviewDays(services []inventory.Service, book *inventory.Book, p Period) (days, decided float64, err error) {
	for i := range services {
		history := book.History(inventory.TopicDecision, services[i].ID)
		if len(history) == 0 || !p.Contains(history[0].Time) {
			continue
		}
		decided++
		if first := services[i].FirstSeen; !first.IsZero() && history[0].Time.After(first) {
			days += history[0].Time.Sub(first).Hours() / 24
		}
	}
	return days, decided, nil
}
