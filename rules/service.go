package rules

import "github.com/gnomon-proxy/gnomon/traffic"

// Service is an AI service of the catalogue (rules/services/*.yaml).
type Service struct {
	Name     string        `yaml:"name"`
	ID       string        `yaml:"id"` // unique slug
	Vendor   string        `yaml:"vendor"`
	Category string        `yaml:"category"`
	Country  string        `yaml:"country"` // ISO 3166-1 alpha-2, "-" where there is none
	Data     []string      `yaml:"data"`    // what it takes: prompts, uploads, audio, ...; none when empty
	Surface  string        `yaml:"surface"` // default surface
	Scope    traffic.Scope `yaml:"scope"`   // default scope of its hosts
	Hosts    []HostRule    `yaml:"hosts"`
	Evidence []string      `yaml:"evidence"` // public lists that name it
	Supplier Supplier      `yaml:"supplier"`
	Note     string        `yaml:"note"`
	Match    []string      `yaml:"match"`    // example hosts or URLs that belong to it
	NoMatch  []string      `yaml:"no_match"` // and that don't
	Disabled bool          `yaml:"disabled"` // in an overlay: removes the service
	Source   Position      `yaml:"-"`
}

// HostRule is a host of a service. It covers its subdomains too; the longest
// rule wins. With Paths only requests under one of them belong to the service;
// others fall to the next shorter rule, or are not AI.
type HostRule struct {
	// Host is "example.com"; a pattern with "*" inside labels
	// ("bedrock*-runtime.*.amazonaws.com", one "*" never crosses a dot); or a
	// first label before any domain ("mcp.**"), which every other rule beats.
	Host string `yaml:"host"`

	// Paths are prefixes; "*" stands for what is inside one segment:
	// "/accounts/*/ai/". One without a final slash ends where a segment or
	// its verb (":complete") does.
	Paths []string `yaml:"paths"`

	Exact      bool          `yaml:"exact"`      // subdomains don't belong to it
	Quiet      bool          `yaml:"quiet"`      // too broad for the host alone to say anything: only its paths count
	Scope      traffic.Scope `yaml:"scope"`      // overrides the service's
	Unverified bool          `yaml:"unverified"` // no public list confirms it
}
