package rules

import (
	"strconv"
	"strings"
	"time"
)

// Supplier is what the catalogue says about who runs a service. All of it
// changes with the supplier's terms: CheckedOn and Origin say when and where it
// was read. Empty fields mean that nobody has looked.
type Supplier struct {
	Entity         string    `yaml:"entity" json:"entity"`                     // legal entity
	Plan           string    `yaml:"plan" json:"plan"`                         // that the facts are of
	Region         []string  `yaml:"region" json:"region"`                     // where data is held: countries (ISO 3166-1), or EU
	DPA            string    `yaml:"dpa" json:"dpa"`                           // yes, on_request, no
	Trains         string    `yaml:"trains_on_inputs" json:"trains_on_inputs"` // no, opt_in, opt_out (yes, unless told not to), yes
	Retention      string    `yaml:"retention" json:"retention"`               // none, days such as 30d, until_deleted
	Certifications []string  `yaml:"certifications" json:"certifications"`
	Terms          string    `yaml:"terms" json:"terms"` // version or date of the terms read
	CheckedOn      time.Time `yaml:"checked_on" json:"checked_on,omitzero"`
	Origin         string    `yaml:"source" json:"source"`
	Unverified     bool      `yaml:"unverified" json:"unverified"` // not read in the supplier's own words
}

// Empty reports whether nothing is known.
func (s *Supplier) Empty() bool {
	return s.Entity == "" && s.Plan == "" && len(s.Region) == 0 && s.DPA == "" && s.Trains == "" && s.Retention == "" &&
		len(s.Certifications) == 0 && s.Terms == ""
}

// untilDeleted stands for a retention without end in comparisons.
const untilDeleted = 36500

// RetentionDays returns the retention as a number; ok is false when it is not
// known.
func (s *Supplier) RetentionDays() (days int, ok bool) {
	switch s.Retention {
	case "":
		return 0, false
	case "none":
		return 0, true
	case "until_deleted":
		return untilDeleted, true
	}
	n, err := strconv.ParseUint(strings.TrimSuffix(s.Retention, "d"), 10, 16)
	if err != nil || !strings.HasSuffix(s.Retention, "d") {
		return 0, false
	}
	return int(n), true
}

func checkSupplier(s *Supplier, at locate, errs *Errors) {
	if s.Empty() {
		return
	}
	below := func(path ...any) Position { return at(append([]any{"supplier"}, path...)...) }
	optional("dpa", s.DPA, below, []string{"yes", "on_request", "no"}, errs)
	optional("trains_on_inputs", s.Trains, below, []string{"no", "opt_in", "opt_out", "yes"}, errs)
	if _, ok := s.RetentionDays(); !ok && s.Retention != "" {
		errs.Add(below("retention"), "retention %q: write none, until_deleted, or days such as 30d", s.Retention)
	}
	checked(s.CheckedOn, s.Origin, "the supplier's facts", below, errs)
}

// checked asks for the day and the source of what changes in the world.
func checked(on time.Time, origin, what string, at locate, errs *Errors) {
	if on.IsZero() {
		errs.Add(at(), "%s: say with checked_on when that was looked up", what)
	}
	if origin == "" {
		errs.Add(at(), "%s: say with source where that was looked up", what)
	}
}
