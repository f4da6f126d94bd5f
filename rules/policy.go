package rules

import (
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Policy is one rule of the policy (rules/policies/*.yaml). The README.md there
// says how rules are tried.
type Policy struct {
	Name      string           `yaml:"name"`
	When      When             `yaml:"when"`
	Expr      string           `yaml:"expr"` // expr-lang, further condition
	Action    traffic.Action   `yaml:"action"`
	Style     traffic.Style    `yaml:"style"`   // how findings are replaced
	Message   string           `yaml:"message"` // for the person whose request it is
	OnFailure traffic.FailMode `yaml:"on_failure"`
	Until     time.Time        `yaml:"until"`    // last day on which it holds, in UTC
	Match     []Example        `yaml:"match"`    // requests that the rule matches
	NoMatch   []Example        `yaml:"no_match"` // and that it must not
	Disabled  bool             `yaml:"disabled"`
	Source    Position         `yaml:"-"`

	at locate // finds the place of a value; nil when the policy comes from no file
}

// place returns the place of a value of p, as exactly as it is known.
func (p *Policy) place(path ...any) Position {
	if p.at == nil {
		return p.Source
	}
	return p.at(path...)
}

// When lists conditions: values of one key are alternatives, all keys must
// hold, an empty key always holds.
type When struct {
	Service  []string `yaml:"service"` // name or id
	Category []string `yaml:"category"`
	Status   []string `yaml:"status"`
	Class    []string `yaml:"class"`
	Detector []string `yaml:"detector"`
	User     []string `yaml:"user"`
	Group    []string `yaml:"group"`
	Network  []string `yaml:"network"` // CIDR or address of the client
	Surface  []string `yaml:"surface"`
	Account  []string `yaml:"account"`   // account kind
	MinCount int      `yaml:"min_count"` // least number of findings of Class and Detector in the request

	MinConfidence float64  `yaml:"min_confidence"` // of a finding
	Finding       []string `yaml:"finding"`        // fingerprints of values
}
