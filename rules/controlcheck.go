package rules

import (
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
)

func frameworkEntry(f *Framework) entry {
	return entry{f.ID, f.Disabled, f.Title == "", f.Source}
}

func controlEntry(c *Control) entry {
	return entry{c.Key(), c.Disabled, c.Title == "", c.Source}
}

func methodEntry(m *RiskMethod) entry {
	return entry{m.ID, m.Disabled, m.Version == "", m.Source}
}

// readControls decodes a file of rules/controls, which may have all three keys.
func (l *layer) readControls(name string, data []byte) {
	var f struct {
		Frameworks []Framework  `yaml:"frameworks"`
		Controls   []Control    `yaml:"controls"`
		Methods    []RiskMethod `yaml:"methods"`
	}
	doc, err := strictyaml.Decode(name, data, &f)
	if err != nil {
		l.errs.Join(name, err)
		return
	}
	l.frameworks = each(doc, "frameworks", f.Frameworks, checkFramework, &l.errs)
	l.controls = each(doc, "controls", f.Controls, checkControl, &l.errs)
	l.methods = each(doc, "methods", f.Methods, checkMethod, &l.errs)
}

func checkFramework(f *Framework, at locate, errs *Errors) {
	required(f.ID, "id", at, errs)
	if !isSlug(f.ID) {
		errs.Add(at("id"), "id %q: only lower-case letters, digits, '-' and '.' are allowed", f.ID)
	}
	if f.Disabled && f.Title == "" {
		return
	}
	required(f.Title, "title", at, errs)
	required(f.Href, "href", at, errs)
	checked(f.CheckedOn, f.Origin, "framework "+f.ID, at, errs)
	x := &f.Crosswalk
	if *x == (Crosswalk{}) {
		return
	}
	below := func(path ...any) Position { return at(append([]any{"crosswalk"}, path...)...) }
	enum("method", x.Method, below("method"), []string{"human", "automation", "hybrid"}, errs)
	enum("rationale", x.Rationale, below("rationale"), []string{"syntactic", "semantic", "functional"}, errs)
	enum("status", x.Status, below("status"), []string{"complete", "not-complete", "draft", "deprecated", "superseded"}, errs)
	required(x.Description, "description", below, errs)
	if x.Confidence < 0 || x.Confidence > 1 {
		errs.Add(below("confidence"), "confidence: expected a number from 0 to 1")
	}
}

func checkControl(c *Control, at locate, errs *Errors) {
	required(c.ID, "id", at, errs)
	required(c.Framework, "framework", at, errs)
	if strings.Contains(c.ID, "/") || strings.TrimSpace(c.ID) != c.ID {
		errs.Add(at("id"), "id %q: write it without slashes and outer spaces", c.ID)
	}
	if c.Disabled && c.Title == "" {
		return
	}
	required(c.Title, "title", at, errs)
	if c.Kind == "" {
		c.Kind = KindControl
	}
	enum("kind", string(c.Kind), at("kind"), controlKinds, errs)
	switch {
	case c.Counted():
		enum("coverage", string(c.Coverage), at("coverage"), controlCoverages, errs)
		if (c.Coverage == CoverageDirect || c.Coverage == CoveragePartial) && len(c.Evidence) == 0 {
			errs.Add(at(), "control %q is covered without evidence: name some, or say organisational", c.ID)
		}
	case c.Coverage != "" || len(c.Evidence) > 0:
		errs.Add(at(), "%s %q is nothing to show evidence of: remove coverage and evidence", c.Kind, c.ID)
	}
	if (c.Kind == KindDate) == c.On.IsZero() {
		errs.Add(at("on"), "%s %q: \"on\" belongs to dates, and to each", c.Kind, c.ID)
	}
	for i, q := range c.Evidence {
		enum("evidence", string(q), at("evidence", i), words(EvidenceQueries()), errs)
	}
	for i, r := range c.Relations {
		enum("relation", string(r.Kind), at("relations", i, "is"), relationKinds, errs)
	}
}

// settleControls gives controls what they take over from their framework, drops
// those whose framework an overlay removed, and notes references to nothing.
func (s *Set) settleControls(removed map[string]bool, errs *Errors) {
	s.Controls = slices.DeleteFunc(s.Controls, func(c Control) bool { return removed[c.Framework] })
	known, frameworks := make([]string, len(s.Controls)), make([]string, len(s.Frameworks))
	for i := range s.Frameworks {
		frameworks[i] = s.Frameworks[i].ID
	}
	for i := range s.Controls {
		c := &s.Controls[i]
		known[i] = c.Key()
		f := s.Framework(c.Framework)
		if f == nil {
			errs.Add(c.Source, "control %q: unknown framework %q%s", c.ID, c.Framework, strictyaml.DidYouMean(c.Framework, frameworks))
			continue
		}
		c.inherit(f)
	}
	missing := func(at Position, key string) {
		framework, _, _ := strings.Cut(key, "/")
		if !removed[framework] && !oneOf(known, key) {
			errs.Add(at, "unknown control %q%s", key, strictyaml.DidYouMean(key, known))
		}
	}
	for i := range s.Controls {
		for _, r := range s.Controls[i].Relations {
			missing(s.Controls[i].Source, r.To)
		}
	}
	for i := range s.Methods {
		for _, c := range s.Methods[i].Controls {
			for _, key := range c.Satisfies {
				missing(s.Methods[i].Source, key)
			}
		}
	}
}
