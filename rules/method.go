package rules

import (
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// RiskMethod is a way to estimate risks from what was observed
// (rules/controls/*.yaml, key methods). Its arithmetic is in package
// inventory/risk, its numbers are here: an assessment names ID and Version.
type RiskMethod struct {
	ID          string            `yaml:"id" json:"id"`
	Version     string            `yaml:"version" json:"version"`
	Title       string            `yaml:"title" json:"title"`
	Likelihood  []ExposureScale   `yaml:"likelihood" json:"likelihood"`
	Consequence ConsequenceScale  `yaml:"consequence" json:"consequence"`
	Controls    []MeasuredControl `yaml:"controls" json:"controls"`
	Levels      []RiskLevel       `yaml:"levels" json:"levels"` // ascending, the first from 1
	Triggers    RiskTriggers      `yaml:"triggers" json:"triggers"`
	CheckedOn   time.Time         `yaml:"checked_on" json:"checked_on"`
	Origin      string            `yaml:"source" json:"source"`
	Disabled    bool              `yaml:"disabled" json:"-"`
	Source      Position          `yaml:"-" json:"-"`
}

// ExposureScale turns one observed figure into a likelihood from 1 to 5. The
// likelihood of a service is the mean of all by weight, rounded up.
type ExposureScale struct {
	Input   Exposure  `yaml:"input" json:"input"`
	Unit    string    `yaml:"unit" json:"unit"`
	Weight  float64   `yaml:"weight" json:"weight"`
	Levels  []float64 `yaml:"levels" json:"levels"`   // the least figures of 2, 3, 4 and 5, ascending
	Unknown int       `yaml:"unknown" json:"unknown"` // when nothing tells
}

// ConsequenceScale gives a consequence from 1 to 5: that of the worst data
// class, and what the supplier's facts add.
type ConsequenceScale struct {
	Classes map[traffic.Class]int `yaml:"classes" json:"classes"` // all of them
	None    int                   `yaml:"none" json:"none"`       // the least, once prompts were read
	Unknown int                   `yaml:"unknown" json:"unknown"` // no prompt was read
	Adjust  []Adjustment          `yaml:"adjust" json:"adjust"`
	Most    int                   `yaml:"most" json:"most"` // that all adjustments add together
}

// Adjustment adds to the consequence when a supplier fact has one of the values
// in Is ("unknown" when nobody recorded it), or a value that is not in NotIn, or
// is a number above Above.
type Adjustment struct {
	Fact  SupplierFact `yaml:"fact" json:"fact"`
	Is    []string     `yaml:"is" json:"is"`
	NotIn []string     `yaml:"not_in" json:"not_in"` // any known value but these
	Above float64      `yaml:"above" json:"above"`
	Add   int          `yaml:"add" json:"add"`
	Why   string       `yaml:"why" json:"why"`
}

// MeasuredControl lowers the likelihood by its measured share, times that of
// LimitedBy, at most by Cap.
type MeasuredControl struct {
	ID        string      `yaml:"id" json:"id"`
	Title     string      `yaml:"title" json:"title"`
	Measure   RiskMeasure `yaml:"measure" json:"measure"`
	LimitedBy RiskMeasure `yaml:"limited_by" json:"limited_by"`
	Cap       float64     `yaml:"cap" json:"cap"`             // 0 to 0.9
	Satisfies []string    `yaml:"satisfies" json:"satisfies"` // keys of controls
}

// RiskLevel names the risks from From up to the next level.
type RiskLevel struct {
	Name       string   `yaml:"name" json:"name"`
	From       int      `yaml:"from" json:"from"`
	Appetite   Appetite `yaml:"appetite" json:"appetite"`
	AcceptDays int      `yaml:"accept_days" json:"accept_days"` // longest acceptance; 0: may not be retained
}

// RiskTriggers says what calls for a new assessment.
type RiskTriggers struct {
	Growth  float64 `yaml:"growth" json:"growth"`     // use has grown by this factor
	AtLeast float64 `yaml:"at_least" json:"at_least"` // prompts a day below which growth says nothing
}

// Exposure is a figure that the likelihood is read from.
type Exposure string

// The figures.
const (
	ActiveUsers    Exposure = "active_users"    // in the period
	PromptsPerDay  Exposure = "prompts_per_day" // mean
	SensitiveShare Exposure = "sensitive_share" // of the prompts read
	UploadBytes    Exposure = "upload_bytes"    // a day
	PersonalShare  Exposure = "personal_share"  // of the requests whose account is known
)

// SupplierFact is a fact about a supplier that changes the consequence.
type SupplierFact string

// The facts.
const (
	FactTrains    SupplierFact = "trains_on_inputs" // no, opt_in, opt_out, yes
	FactDPA       SupplierFact = "dpa"              // yes, on_request, no
	FactRegion    SupplierFact = "region"           // where data is held: country, or EU
	FactRetention SupplierFact = "retention_days"   // a number
)

// RiskMeasure is a share that shows whether a control works.
type RiskMeasure string

// The measures.
const (
	MeasureInspected RiskMeasure = "inspected"         // requests read, of all
	MeasureHandled   RiskMeasure = "sensitive_handled" // sensitive prompts redacted, pseudonymised or blocked, of those found
	MeasureCoached   RiskMeasure = "coached"           // sensitive prompts whose user was told, of those found
)

// Appetite says what an organisation does with a level of risk.
type Appetite string

// The appetites.
const (
	AppetiteWithin    Appetite = "within"
	AppetiteTolerable Appetite = "tolerable" // treat, or accept for a time
	AppetiteBeyond    Appetite = "beyond"    // treat
)

var (
	exposures     = words([]Exposure{ActiveUsers, PromptsPerDay, SensitiveShare, UploadBytes, PersonalShare})
	supplierFacts = words([]SupplierFact{FactTrains, FactDPA, FactRegion, FactRetention})
	riskMeasures  = words([]RiskMeasure{MeasureInspected, MeasureHandled, MeasureCoached})
	appetites     = words([]Appetite{AppetiteWithin, AppetiteTolerable, AppetiteBeyond})
)

// Level returns the level of a risk from 1 to 25.
func (m *RiskMethod) Level(risk int) RiskLevel {
	level := m.Levels[0]
	for _, l := range m.Levels[1:] {
		if risk >= l.From {
			level = l
		}
	}
	return level
}
