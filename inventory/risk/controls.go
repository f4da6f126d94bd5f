package risk

import (
	"fmt"

	"github.com/gnomon-proxy/gnomon/rules"
)

// Control is what one control did for a service in the period.
type Control struct {
	ID            string            `json:"id"`
	Title         string            `json:"title"`
	Measure       rules.RiskMeasure `json:"measure"`
	Part          int64             `json:"part"`
	Whole         int64             `json:"whole"`
	Limit         float64           `json:"limit"` // share that the control could reach at all
	Cap           float64           `json:"cap"`
	Effectiveness float64           `json:"effectiveness"` // e: 0 when it does not count
	Counts        bool              `json:"counts"`
	How           string            `json:"how"` // how it was measured, or why it does not count
	Source        string            `json:"source"`
	Satisfies     []string          `json:"satisfies"`
}

// controls lists the controls and returns what they leave of the likelihood.
func (a *Assessment) controls(m *rules.RiskMethod, in *Inputs, o *overrides) float64 {
	left := 1.0
	for i := range m.Controls {
		c := measure(&m.Controls[i], in)
		o.control(a, &c)
		a.Controls = append(a.Controls, c)
		left *= 1 - c.Effectiveness
	}
	return left
}

func measure(r *rules.MeasuredControl, in *Inputs) Control {
	s, known := in.Measures[r.Measure]
	c := Control{
		ID: r.ID, Title: r.Title, Measure: r.Measure, Part: s.Part, Whole: s.Whole, Limit: 1, Cap: r.Cap,
		Source: s.Source, Satisfies: append([]string{}, r.Satisfies...),
	}
	switch {
	case !known:
		c.How = "not measured: does not count"
		return c
	case s.Whole <= 0:
		c.How = "saw no traffic in the period: does not count"
		return c
	}
	c.How = fmt.Sprintf("%s %d of %d", r.Measure, s.Part, s.Whole)
	if r.LimitedBy != "" {
		limit := in.Measures[r.LimitedBy]
		c.Limit = limit.value()
		c.How += fmt.Sprintf(", of %s %d of %d", r.LimitedBy, limit.Part, limit.Whole)
	}
	c.Counts = true
	c.Effectiveness = s.value() * c.Limit
	if c.Effectiveness > r.Cap {
		c.Effectiveness = r.Cap
		c.How += fmt.Sprintf(", capped at %s", number(r.Cap))
	}
	return c
}
