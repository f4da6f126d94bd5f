package controls

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/risk"
)

// Risk is a risk in OSCAL.
type Risk struct {
	UUID             string             `json:"uuid"`
	Title            string             `json:"title"`
	Description      string             `json:"description"`
	Statement        string             `json:"statement"`
	Props            []Property         `json:"props"`
	Status           string             `json:"status"`
	Characterization []Characterization `json:"characterizations"`
	Deadline         string             `json:"deadline,omitempty"`
	Remediations     []Remediation      `json:"remediations,omitempty"`
}

// Characterization rates a risk.
type Characterization struct {
	Origin Origin  `json:"origin"`
	Facets []Facet `json:"facets"`
}

// Facet is one figure of a rating.
type Facet struct {
	Name   string `json:"name"`
	System string `json:"system"`
	Value  string `json:"value"`
}

// Remediation is what is done about a risk.
type Remediation struct {
	UUID        string     `json:"uuid"`
	Lifecycle   string     `json:"lifecycle"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Props       []Property `json:"props"`
}

// riskOf writes an entry of the risk register as a risk of a result, where it
// stands at the header's time.
func riskOf(e *risk.Entry, result string, h *Header) Risk {
	a, t := e.Assessment, &e.Treatment
	r := Risk{
		UUID: h.id("risk", e.ID), Title: line("Use of " + a.Service),
		Description: line(fmt.Sprintf("Inherent risk %d (%s), residual %d (%s), by method %s %s.", a.Inherent, a.InherentLevel, a.Residual, a.Level, a.Method, a.Version)),
		Statement:   line("Sensitive data may reach " + a.Service + ": likelihood from observed exposure, consequence from the data classes seen or declared and facts about the supplier."),
		Props:       []Property{prop("risk-id", e.ID), prop("level", a.Level), prop("appetite", string(a.Appetite))},
	}
	states := t.States(h.At)
	for _, s := range states {
		r.Props = append(r.Props, prop("state", string(s)))
	}
	if t.AcceptedBy != "" {
		r.Props = append(r.Props, prop("accepted-by", t.AcceptedBy), prop("accepted-until", t.AcceptedUntil))
	}
	r.Status = status(states)
	r.Characterization = []Characterization{{byTool(result), facets(a)}}
	if due, err := time.Parse(time.DateOnly, t.Due); err == nil {
		r.Deadline = stamp(due.Add(24*time.Hour - time.Second))
	}
	if t.Option != "" {
		r.Remediations = []Remediation{{
			UUID: h.id("treatment", e.ID), Lifecycle: lifecycle(t), Title: line(string(t.Option)), Description: line(t.Plan),
			Props: []Property{prop("owner", t.Owner)},
		}}
	}
	return r
}

func facets(a *risk.Assessment) []Facet {
	number := func(name string, v int) Facet { return Facet{name, namespace, fmt.Sprint(v)} }
	return []Facet{
		number("likelihood", a.Likelihood), number("consequence", a.Consequence), number("inherent", a.Inherent),
		number("residual-likelihood", a.ResidualLikelihood), number("residual", a.Residual),
	}
}

// status returns OSCAL's word for where a treatment stands. An acceptance is an
// approved deviation; when it has ended, the risk is open again.
func status(states []risk.State) string {
	word := "open"
	for _, s := range states {
		switch s {
		case risk.Accepted:
			return "deviation-approved"
		case risk.Done:
			word = "closed"
		case risk.Open, risk.Overdue:
			word = "remediating"
		case risk.Expired:
			word = "open"
		}
	}
	return word
}

func lifecycle(t *risk.Treatment) string {
	if t.Done != "" {
		return "completed"
	}
	return "planned"
}

// href makes a reference to a file or URL fit for a URI.
func href(ref string) string {
	if u, err := url.Parse(strings.ToValidUTF8(ref, "?")); err == nil {
		return u.String()
	}
	return url.PathEscape(ref)
}
