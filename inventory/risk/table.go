package risk

import (
	"fmt"
	"strings"
	"time"
)

// Entry is a line of the risk register.
type Entry struct {
	ID         string      `json:"id"`
	Assessment *Assessment `json:"assessment"`
	Treatment  Treatment   `json:"treatment"`
}

// Columns names the cells of Record.
func Columns() []string {
	return []string{
		"id", "service", "inherent_likelihood", "consequence", "inherent", "inherent_level", "controls", "residual_likelihood", "residual", "level",
		"appetite", "assumptions", "overrides", "treatment", "plan", "owner", "due", "done", "accepted_by", "accepted_on", "accepted_until", "state",
		"assessed_on", "method", "method_version",
	}
}

// Record returns the line as text, for CSV or a spreadsheet, with the states of
// now. People chose some of it: a writer has to keep cells from being run as
// formulas.
func (e *Entry) Record(now time.Time) []string {
	a, t := e.Assessment, &e.Treatment
	var states []string
	for _, s := range t.States(now) {
		states = append(states, string(s))
	}
	return []string{
		e.ID, a.Service, fmt.Sprint(a.Likelihood), fmt.Sprint(a.Consequence), fmt.Sprint(a.Inherent), a.InherentLevel, a.effects(),
		fmt.Sprint(a.ResidualLikelihood), fmt.Sprint(a.Residual), a.Level, string(a.Appetite), a.assumptions(), a.overridden(),
		string(t.Option), t.Plan, t.Owner, t.Due, t.Done, t.AcceptedBy, t.AcceptedOn, t.AcceptedUntil, strings.Join(states, "; "),
		a.At.UTC().Format(time.DateOnly), a.Method, a.Version,
	}
}

// effects writes the controls that count as one cell: "redaction=0.45".
func (a *Assessment) effects() string {
	var parts []string
	for _, c := range a.Controls {
		if c.Counts {
			parts = append(parts, fmt.Sprintf("%s=%.2f", c.ID, c.Effectiveness))
		}
	}
	return strings.Join(parts, "; ")
}

// assumptions names the inputs that nobody knows.
func (a *Assessment) assumptions() string {
	var names []string
	for _, i := range a.Inputs {
		if i.Kind == KindAssumption {
			names = append(names, i.Name)
		}
	}
	return strings.Join(names, "; ")
}

func (a *Assessment) overridden() string {
	var parts []string
	for _, o := range a.Overrides {
		parts = append(parts, fmt.Sprintf("%s: %s to %s by %s (%s)", o.What, o.Was, number(o.Value), o.By, o.Reason))
	}
	return strings.Join(parts, "; ")
}
