package risk

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
)

// What an override may replace, beside "input/NAME" (an exposure figure) and
// "control/ID" (the effectiveness of a control).
const (
	OverLikelihood  = "likelihood"
	OverConsequence = "consequence"
	overInput       = "input/"
	overControl     = "control/"
)

// Override is a person's value in place of a computed one. It is shown in the
// assessment beside what it replaced.
type Override struct {
	What   string    `json:"what"`
	Value  float64   `json:"value"`
	Reason string    `json:"reason"`
	By     string    `json:"by"`
	Time   time.Time `json:"time"`
}

// Applied is an override and what stood there before.
type Applied struct {
	Override
	Was string `json:"was"`
}

// Check returns why m can't take the override, nil when it can.
func (o *Override) Check(m *rules.RiskMethod) error {
	refuse := func(format string, args ...any) error {
		return fmt.Errorf("override of %q: %s", o.What, fmt.Sprintf(format, args...))
	}
	switch {
	case strings.TrimSpace(o.Reason) == "":
		return refuse("give a reason")
	case strings.TrimSpace(o.By) == "":
		return refuse("say who overrides")
	case o.Value != o.Value || o.Value < 0:
		return refuse("%v is no value: expected a number from 0", o.Value)
	}
	if o.What == OverLikelihood || o.What == OverConsequence {
		if o.Value != float64(int(o.Value)) || o.Value < 1 || o.Value > 5 {
			return refuse("%v is out of range: expected a whole number from 1 to 5", o.Value)
		}
		return nil
	}
	if name, ok := strings.CutPrefix(o.What, overInput); ok {
		if !slices.ContainsFunc(m.Likelihood, func(s rules.ExposureScale) bool { return string(s.Input) == name }) {
			return refuse("the method %s has no such input", m.ID)
		}
		return nil
	}
	id, _ := strings.CutPrefix(o.What, overControl)
	at := slices.IndexFunc(m.Controls, func(c rules.MeasuredControl) bool { return overControl+c.ID == o.What })
	if at < 0 {
		return refuse("expected likelihood, consequence, input/NAME or control/ID of the method %s, not %q", m.ID, id)
	}
	if highest := m.Controls[at].Cap; o.Value > highest {
		return refuse("%v is out of range: expected a number from 0 to %v", o.Value, highest)
	}
	return nil
}

// overrides are the last ones for each thing.
type overrides struct {
	of map[string]Override
}

func newOverrides(m *rules.RiskMethod, list []Override) (*overrides, error) {
	o := &overrides{of: make(map[string]Override, len(list))}
	var errs []error
	for _, v := range list {
		if err := v.Check(m); err != nil {
			errs = append(errs, err)
		}
		o.of[v.What] = v
	}
	return o, errors.Join(errs...)
}

// rating returns the likelihood or consequence that counts.
func (o *overrides) rating(a *Assessment, what string, computed int) int {
	v, ok := o.of[what]
	if !ok {
		return computed
	}
	a.Overrides = append(a.Overrides, Applied{v, fmt.Sprint(computed)})
	return int(v.Value)
}

// input returns the figure in place of an observed one.
func (o *overrides) input(a *Assessment, name rules.Exposure, was Figure, known bool) (Figure, bool) {
	v, ok := o.of[overInput+string(name)]
	if !ok {
		return Figure{}, false
	}
	text := unknown
	if known {
		text = was.text()
	}
	a.Overrides = append(a.Overrides, Applied{v, text})
	return Figure{Value: v.Value, Source: "override by " + v.By + ": " + v.Reason}, true
}

func (o *overrides) control(a *Assessment, c *Control) {
	v, ok := o.of[overControl+c.ID]
	if !ok {
		return
	}
	a.Overrides = append(a.Overrides, Applied{v, number(c.Effectiveness)})
	c.Effectiveness, c.Counts = v.Value, true
	c.How, c.Source = "override by "+v.By+": "+v.Reason, "override"
}
