package risk

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
)

// Assessment is the risk of one service and all that led to it.
type Assessment struct {
	Service string    `json:"service"`
	Method  string    `json:"method"`
	Version string    `json:"method_version"`
	At      time.Time `json:"at"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`

	Inputs    []Input   `json:"inputs"`
	Controls  []Control `json:"controls"`
	Overrides []Applied `json:"overrides"`

	Likelihood  int `json:"likelihood"`  // 1 to 5
	Consequence int `json:"consequence"` // 1 to 5
	Inherent    int `json:"inherent"`    // 1 to 25

	ResidualLikelihood int            `json:"residual_likelihood"`
	Residual           int            `json:"residual"`
	InherentLevel      string         `json:"inherent_level"`
	Level              string         `json:"level"` // of the residual risk
	Appetite           rules.Appetite `json:"appetite"`
	AcceptDays         int            `json:"accept_days"` // longest acceptance of the residual risk
}

// InputKind says what an input is for.
type InputKind string

// The kinds.
const (
	KindExposure   InputKind = "exposure"   // Result is a likelihood
	KindDataClass  InputKind = "data_class" // Result is a consequence
	KindAdjustment InputKind = "supplier"   // Result is what is added to the consequence
	KindAssumption InputKind = "assumption" // the same, where nothing is known
)

// Input is one figure or fact that the assessment rests on.
type Input struct {
	Kind      InputKind `json:"kind"`
	Name      string    `json:"name"`
	Value     string    `json:"value"` // "unknown" when nothing tells
	Source    string    `json:"source"`
	Threshold string    `json:"threshold"` // the one that it met
	Result    int       `json:"result"`
	Weight    float64   `json:"weight,omitzero"`
}

// unknown stands for a value that nobody recorded.
const unknown = "unknown"

// Assess estimates a risk. It refuses overrides without a reason or a name, of
// things that are not there, or out of range; the error lists all of them.
func Assess(m *rules.RiskMethod, in Inputs) (*Assessment, error) {
	if m == nil || len(m.Levels) == 0 || len(m.Likelihood) == 0 {
		return nil, errors.New("there is no method to estimate risks by: see rules/controls/README.md")
	}
	o, err := newOverrides(m, in.Overrides)
	if err != nil {
		return nil, err
	}
	a := &Assessment{
		Service: in.Service, Method: m.ID, Version: m.Version, At: in.At, From: in.From, To: in.To,
		Inputs: []Input{}, Controls: []Control{}, Overrides: []Applied{},
	}
	a.Likelihood = o.rating(a, OverLikelihood, a.likelihood(m, &in, o))
	a.Consequence = o.rating(a, OverConsequence, a.consequence(&m.Consequence, &in))
	a.Inherent = a.Likelihood * a.Consequence
	a.ResidualLikelihood = lowered(a.Likelihood, a.controls(m, &in, o))
	a.Residual = a.ResidualLikelihood * a.Consequence
	level := m.Level(a.Residual)
	a.Level, a.Appetite, a.AcceptDays = level.Name, level.Appetite, level.AcceptDays
	a.InherentLevel = m.Level(a.Inherent).Name
	return a, nil
}

// tiny keeps rounding errors of the arithmetic (3 x (1-0.7) is a little more than
// 0.9) from lifting a risk by a whole step.
const tiny = 1e-9

func lowered(likelihood int, left float64) int {
	return max(1, min(likelihood, int(math.Ceil(float64(likelihood)*left-tiny))))
}

// likelihood lists the figures and returns their mean by weight, rounded up.
func (a *Assessment) likelihood(m *rules.RiskMethod, in *Inputs, o *overrides) int {
	var sum, weights float64
	for i := range m.Likelihood {
		s := &m.Likelihood[i]
		f, known := in.Exposure[s.Input]
		known = known && f.Value >= 0 // neither less than nothing nor NaN is an observation
		if v, ok := o.input(a, s.Input, f, known); ok {
			f, known = v, true
		}
		line := Input{Kind: KindExposure, Name: string(s.Input), Value: unknown, Source: "not observed", Weight: s.Weight}
		line.Result, line.Threshold = s.Unknown, "unknown counts as "+strconv.Itoa(s.Unknown)
		if known {
			line.Value, line.Source = f.text(), f.Source
			line.Result, line.Threshold = step(s, f.Value)
		} else {
			line.Kind = KindAssumption
		}
		a.Inputs = append(a.Inputs, line)
		sum += s.Weight * float64(line.Result)
		weights += s.Weight
	}
	return min(5, max(1, int(math.Ceil(sum/weights-tiny))))
}

// step returns the likelihood of a figure and the threshold that it met.
func step(s *rules.ExposureScale, v float64) (level int, threshold string) {
	level = 1
	for _, least := range s.Levels {
		if v >= least {
			level++
		}
	}
	if level == 1 {
		return 1, fmt.Sprintf("below %s %s", number(s.Levels[0]), s.Unit)
	}
	return level, fmt.Sprintf("%s %s or more", number(s.Levels[level-2]), s.Unit)
}

// number writes a figure with at most four decimals, more than any weight has.
func number(v float64) string {
	return strconv.FormatFloat(math.Round(v*1e4)/1e4, 'f', -1, 64)
}
