package rules

import "github.com/gnomon-proxy/gnomon/traffic"

// Service is an AI service of the catalogue (rules/services/*.yaml).
type Service struct {
	Name     string        `yaml:"name"`
	ID       string        `yaml:"id"` // unique slug
	Vendor   string        `yaml:"vendor"`
	Category string        `yaml:"category"`
	Country  string        `yaml:"country"` // ISO 3166-1 alpha-2
	Data     []string      `yaml:"data"`    // what it takes: prompts, uploads, audio, ...
	Surface  string        `yaml:"surface"` // default surface
	Scope    traffic.Scope `yaml:"scope"`   // default scope of its hosts
	Hosts    []HostRule    `yaml:"hosts"`
	Evidence []string      `yaml:"evidence"` // public lists that name it
	Note     string        `yaml:"note"`
	Match    []string      `yaml:"match"`    // example hosts or URLs that belong to it
	NoMatch  []string      `yaml:"no_match"` // and that don't
	Source   Position      `yaml:"-"`
}

// HostRule is a host of a service. It covers its subdomains too; the longest
// rule wins.
type HostRule struct {
	Host       string        `yaml:"host"`       // "example.com", or a pattern with "*" inside a label: "bedrock*-runtime.*.amazonaws.com"
	Paths      []string      `yaml:"paths"`      // path patterns ("/accounts/*/ai/"): only these are AI
	Exact      bool          `yaml:"exact"`      // subdomains don't belong to it
	Scope      traffic.Scope `yaml:"scope"`      // overrides the service's
	Unverified bool          `yaml:"unverified"` // no public list confirms it
}
