package rules

import (
	"maps"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

func checkMethod(m *RiskMethod, at locate, errs *Errors) {
	required(m.ID, "id", at, errs)
	if m.Disabled && m.Version == "" {
		return
	}
	required(m.Version, "version", at, errs)
	required(m.Title, "title", at, errs)
	checked(m.CheckedOn, m.Origin, "method "+m.ID, at, errs)
	checkLikelihood(m, at, errs)
	checkConsequence(&m.Consequence, at, errs)
	for i, c := range m.Controls {
		required(c.ID, "id", func(...any) Position { return at("controls", i) }, errs)
		enum("measure", string(c.Measure), at("controls", i, "measure"), riskMeasures, errs)
		if c.LimitedBy != "" {
			enum("measure", string(c.LimitedBy), at("controls", i, "limited_by"), riskMeasures, errs)
		}
		if c.Cap < 0 || c.Cap > 0.9 {
			errs.Add(at("controls", i, "cap"), "cap: no control is trusted beyond 0.9; write a number from 0 to 0.9")
		}
		if slices.ContainsFunc(m.Controls[:i], func(o MeasuredControl) bool { return o.ID == c.ID }) {
			errs.Add(at("controls", i), "duplicate control %q", c.ID)
		}
	}
	checkLevels(m.Levels, at, errs)
	if m.Triggers.Growth <= 1 {
		errs.Add(at("triggers"), "triggers: growth is a factor above 1")
	}
}

func checkLikelihood(m *RiskMethod, at locate, errs *Errors) {
	if len(m.Likelihood) == 0 {
		errs.Add(at(), "method %q has no likelihood", m.ID)
	}
	for i, e := range m.Likelihood {
		enum("input", string(e.Input), at("likelihood", i, "input"), exposures, errs)
		if len(e.Levels) != 4 || !slices.IsSorted(e.Levels) || e.Levels[0] <= 0 {
			errs.Add(at("likelihood", i, "levels"), "levels: write the four least figures of 2, 3, 4 and 5, ascending, above 0")
		}
		if e.Weight <= 0 {
			errs.Add(at("likelihood", i), "weight: expected a number above 0")
		}
		fromTo(e.Unknown, "unknown", at("likelihood", i), errs)
		if slices.ContainsFunc(m.Likelihood[:i], func(o ExposureScale) bool { return o.Input == e.Input }) {
			errs.Add(at("likelihood", i), "duplicate input %q", e.Input)
		}
	}
}

func checkConsequence(c *ConsequenceScale, at locate, errs *Errors) {
	here := at("consequence")
	fromTo(c.None, "none", here, errs)
	fromTo(c.Unknown, "unknown", here, errs)
	var missing []string
	for _, class := range traffic.Classes() {
		if _, ok := c.Classes[class]; !ok {
			missing = append(missing, string(class))
		}
	}
	if len(missing) > 0 {
		errs.Add(here, "classes: %s missing", strings.Join(missing, ", "))
	}
	for _, class := range slices.Sorted(maps.Keys(c.Classes)) {
		enum("class", string(class), here, words(traffic.Classes()), errs)
		fromTo(c.Classes[class], string(class), here, errs)
	}
	if c.Most < 0 || c.Most > 4 {
		errs.Add(here, "most: expected a whole number from 0 to 4")
	}
	for i, a := range c.Adjust {
		place := at("consequence", "adjust", i)
		enum("fact", string(a.Fact), place, supplierFacts, errs)
		if a.Add < 1 || a.Add > 4 {
			errs.Add(place, "add: expected a whole number from 1 to 4")
		}
		if len(a.Is)+len(a.NotIn) == 0 && a.Above == 0 {
			errs.Add(place, "say with is, not_in or above which values of %s count", a.Fact)
		}
	}
}

func checkLevels(levels []RiskLevel, at locate, errs *Errors) {
	if len(levels) == 0 || levels[0].From != 1 {
		errs.Add(at("levels"), "levels: the first one starts from 1")
	}
	for i, l := range levels {
		required(l.Name, "name", func(...any) Position { return at("levels", i) }, errs)
		enum("appetite", string(l.Appetite), at("levels", i), appetites, errs)
		if l.From > 25 || i > 0 && l.From <= levels[i-1].From {
			errs.Add(at("levels", i, "from"), "from: levels ascend, up to 25")
		}
		if l.AcceptDays < 0 {
			errs.Add(at("levels", i, "accept_days"), "accept_days: expected a whole number from 0")
		}
	}
}

func fromTo(v int, key string, at Position, errs *Errors) {
	if v < 1 || v > 5 {
		errs.Add(at, "%s: expected a whole number from 1 to 5", key)
	}
}
