package rules

import "github.com/gnomon-proxy/gnomon/traffic"

// Detector finds one kind of sensitive data (rules/detectors/*.yaml).
type Detector struct {
	Name        string        `yaml:"name"`
	Class       traffic.Class `yaml:"class"`
	Description string        `yaml:"description"`
	Keywords    []string      `yaml:"keywords"` // one of them must occur near the pattern; lower case, matched without case
	Pattern     string        `yaml:"pattern"`  // RE2; the group "value", else group 1, else all of it is the finding
	Validator   string        `yaml:"validator"`
	Entropy     float64       `yaml:"entropy"`        // least Shannon entropy of the value, bits a character
	Context     []string      `yaml:"context"`        // words that raise the confidence
	Within      int           `yaml:"context_within"` // how near, in bytes; default 60
	Confidence  float64       `yaml:"confidence"`
	InContext   float64       `yaml:"context_confidence"` // confidence with a context word; 0: as without
	Allow       []string      `yaml:"allow"`              // values that are known as examples (RE2, whole value)
	Match       []string      `yaml:"match"`              // example texts in which it finds something
	NoMatch     []string      `yaml:"no_match"`           // and in which it must not
	Sources     []string      `yaml:"sources"`
	Source      Position      `yaml:"-"`
}
