package rules

// Signal is one feature of the wire that speaks for an AI service which the
// catalogue does not know (rules/signals/*.yaml). The classifier adds up the
// weights of those that it sees.
type Signal struct {
	Name    string   `yaml:"name"` // the feature as a reviewer reads it
	Kind    string   `yaml:"kind"` // path, header, response_header, user_agent, body, answer: see package classifier
	Values  []string `yaml:"values"`
	Weight  float64  `yaml:"weight"`
	Source  Position `yaml:"-"`
	Comment string   `yaml:"comment"`
}
