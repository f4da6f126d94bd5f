package rules

import (
	"cmp"
	"net/netip"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Example is a request as the examples of a policy describe it. What it does
// not say is unknown to the rule, as it is in traffic that shows it not.
type Example struct {
	Service  string           `yaml:"service"` // name or id
	Category string           `yaml:"category"`
	Status   traffic.Status   `yaml:"status"`
	Host     string           `yaml:"host"`
	Path     string           `yaml:"path"`
	Method   string           `yaml:"method"`
	User     string           `yaml:"user"`
	Group    []string         `yaml:"group"`
	Client   netip.Addr       `yaml:"client"`
	Surface  traffic.Surface  `yaml:"surface"`
	Account  string           `yaml:"account"`
	Model    string           `yaml:"model"`
	Findings []ExampleFinding `yaml:"findings"`
	Source   Position         `yaml:"-"`
}

// ExampleFinding stands for Count findings, one when Count is 0.
type ExampleFinding struct {
	Class    traffic.Class `yaml:"class"`
	Detector string        `yaml:"detector"`
	Count    int           `yaml:"count"`

	Confidence float64 `yaml:"confidence"` // 1 when it is not given
	Finding    string  `yaml:"finding"`    // its fingerprint
}

// maxExampleCount bounds what an example may ask us to build.
const maxExampleCount = 10_000

// Exchange returns the request that e describes.
func (e *Example) Exchange() *traffic.Exchange {
	x := &traffic.Exchange{
		Flow: traffic.Flow{
			Sensor: traffic.SensorProxy, Client: e.Client, User: e.User, Groups: e.Group,
			Host: e.Host, Path: e.Path, Method: e.Method,
		},
		Verdict: traffic.Verdict{
			Service: e.Service, ID: e.Service, Category: e.Category, Surface: e.Surface,
			How: traffic.HowCatalogue, Confidence: 1,
		},
		Status:  e.Status,
		Account: traffic.Account{Kind: traffic.AccountKind(e.Account)},
		Prompt:  &traffic.Prompt{Model: e.Model},
	}
	for _, f := range e.Findings {
		for range min(max(f.Count, 1), maxExampleCount) {
			x.Findings = append(x.Findings, traffic.Finding{Detector: f.Detector, Class: f.Class, Confidence: cmp.Or(f.Confidence, 1), Print: f.Finding})
		}
	}
	return x
}
