package rules

import "time"

// Framework is a document that controls come from (rules/controls/*.yaml; its
// README.md explains the keys).
type Framework struct {
	ID         string    `yaml:"id" json:"id"` // unique slug
	Title      string    `yaml:"title" json:"title"`
	Edition    string    `yaml:"edition" json:"edition"`
	Href       string    `yaml:"href" json:"href"`         // URL or URN of the document
	Complete   bool      `yaml:"complete" json:"complete"` // every control of the document is listed
	Crosswalk  Crosswalk `yaml:"crosswalk" json:"crosswalk,omitzero"`
	CheckedOn  time.Time `yaml:"checked_on" json:"checked_on"`
	Origin     string    `yaml:"source" json:"source"` // who says so
	Unverified bool      `yaml:"unverified" json:"unverified"`
	Note       string    `yaml:"note" json:"note"`
	Disabled   bool      `yaml:"disabled" json:"-"` // in an overlay: removes the framework and its controls
	Source     Position  `yaml:"-" json:"-"`
}

// Crosswalk says how the relations of a framework's controls were made, in the
// words of OSCAL's mapping model.
type Crosswalk struct {
	Method      string  `yaml:"method" json:"method"`       // human, automation, hybrid
	Rationale   string  `yaml:"rationale" json:"rationale"` // syntactic, semantic, functional
	Status      string  `yaml:"status" json:"status"`       // complete, not-complete, draft, deprecated, superseded
	Confidence  float64 `yaml:"confidence" json:"confidence"`
	Description string  `yaml:"description" json:"description"`
}

// Control is one entry of a framework: a control, or what else the law or the
// framework has a name for.
type Control struct {
	ID         string          `yaml:"id" json:"id"` // as the document numbers it
	Framework  string          `yaml:"framework" json:"framework"`
	Title      string          `yaml:"title" json:"title"`
	Kind       ControlKind     `yaml:"kind" json:"kind"`                   // control when absent
	Coverage   ControlCoverage `yaml:"coverage" json:"coverage,omitempty"` // of controls and duties
	Shows      string          `yaml:"shows" json:"shows"`                 // what of it Gnomon shows, or what the entry means
	Evidence   []EvidenceQuery `yaml:"evidence" json:"evidence"`
	Relations  []Relation      `yaml:"relations" json:"relations"`
	On         time.Time       `yaml:"on" json:"on,omitzero"`        // of dates: when it applies
	CheckedOn  time.Time       `yaml:"checked_on" json:"checked_on"` // absent: as the framework
	Origin     string          `yaml:"source" json:"source"`         // absent: as the framework
	Unverified bool            `yaml:"unverified" json:"unverified"`
	Disabled   bool            `yaml:"disabled" json:"-"`
	Source     Position        `yaml:"-" json:"-"`

	own *standing // before the framework's was taken over: an overlay may replace the framework
}

// standing is what an entry says about itself.
type standing struct {
	on         time.Time
	origin     string
	unverified bool
}

// inherit takes over from f what c does not say itself.
func (c *Control) inherit(f *Framework) {
	if c.own == nil {
		c.own = &standing{c.CheckedOn, c.Origin, c.Unverified}
	}
	c.CheckedOn, c.Origin, c.Unverified = c.own.on, c.own.origin, c.own.unverified
	if c.Origin == "" {
		c.Origin, c.Unverified = f.Origin, c.Unverified || f.Unverified
	}
	if c.CheckedOn.IsZero() {
		c.CheckedOn = f.CheckedOn
	}
}

// Key names a control across frameworks: "iso42001/A.9.2".
func (c *Control) Key() string { return c.Framework + "/" + c.ID }

// Counted reports whether c is something to comply with, which has a coverage.
func (c *Control) Counted() bool { return c.Kind == KindControl || c.Kind == KindDuty }

// Relation says how a control relates to one of another framework.
type Relation struct {
	To   string       `yaml:"to" json:"to"` // key of the other control
	Kind RelationKind `yaml:"is" json:"is"`
}

// ControlKind is what an entry of a framework is.
type ControlKind string

// The kinds.
const (
	KindControl ControlKind = "control"
	KindDuty    ControlKind = "duty"  // of the law
	KindRole    ControlKind = "role"  // that the law knows
	KindClass   ControlKind = "class" // of systems
	KindDate    ControlKind = "date"  // from which something applies
)

// ControlCoverage says how much of a control the record of a gateway can show.
type ControlCoverage string

// The coverages.
const (
	CoverageDirect         ControlCoverage = "direct"
	CoveragePartial        ControlCoverage = "partial"
	CoverageOrganisational ControlCoverage = "organisational" // not shown by this tool
)

// RelationKind is a relation of OSCAL's mapping model, read from the control
// that has it to the other one.
type RelationKind string

// The relations.
const (
	EqualTo        RelationKind = "equal-to"
	EquivalentTo   RelationKind = "equivalent-to"
	SubsetOf       RelationKind = "subset-of"
	SupersetOf     RelationKind = "superset-of"
	IntersectsWith RelationKind = "intersects-with"
	NoRelationship RelationKind = "no-relationship"
)

var (
	controlKinds     = words([]ControlKind{KindControl, KindDuty, KindRole, KindClass, KindDate})
	controlCoverages = words([]ControlCoverage{CoverageDirect, CoveragePartial, CoverageOrganisational})
	relationKinds    = words([]RelationKind{EqualTo, EquivalentTo, SubsetOf, SupersetOf, IntersectsWith, NoRelationship})
)

// Framework returns the framework of that id, nil when there is none.
func (s *Set) Framework(id string) *Framework {
	for i := range s.Frameworks {
		if s.Frameworks[i].ID == id {
			return &s.Frameworks[i]
		}
	}
	return nil
}

// ControlsOf returns the entries of a framework in its order. Callers must not
// change them.
func (s *Set) ControlsOf(framework string) (of []*Control) {
	for i := range s.Controls {
		if s.Controls[i].Framework == framework {
			of = append(of, &s.Controls[i])
		}
	}
	return of
}

// Method returns the risk method of that id, nil when there is none.
func (s *Set) Method(id string) *RiskMethod {
	for i := range s.Methods {
		if s.Methods[i].ID == id {
			return &s.Methods[i]
		}
	}
	return nil
}
