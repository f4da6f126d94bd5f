package risk

import (
	"strconv"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Inputs is what is known of one service in a period. What is absent is
// unknown, which the method has a number for; it never counts as good.
type Inputs struct {
	Service  string    // id, or id and use case
	From, To time.Time // the period observed
	At       time.Time // of the assessment

	Exposure map[rules.Exposure]Figure
	Read     int64                       // prompts read; with none, data classes are unknown
	Classes  []DataClass                 // seen or declared
	Supplier map[rules.SupplierFact]Fact // SupplierFacts makes it of the catalogue
	Measures map[rules.RiskMeasure]Ratio

	Overrides []Override // in the order in which they were made: of two for the same thing, the later counts
}

// Figure is an observed number and where it comes from.
type Figure struct {
	Value  float64
	Shown  string // instead of Value, where that is a bound of what may not be told
	Source string
}

func (f Figure) text() string {
	if f.Shown != "" {
		return f.Shown
	}
	return number(f.Value)
}

// DataClass is a class of data that a service gets.
type DataClass struct {
	Class    traffic.Class
	Count    int64 // prompts with it; 0 when it is only declared
	Declared bool
	Source   string
}

// Fact is what is recorded about a supplier.
type Fact struct {
	Value      string // regions: several with commas
	Source     string
	Unverified bool
}

// Ratio is how often something was so, of how many times it could have been.
type Ratio struct {
	Part, Whole int64
	Source      string
}

// value returns the share from 0 to 1.
func (s Ratio) value() float64 {
	if s.Whole <= 0 || s.Part <= 0 {
		return 0
	}
	return min(1, float64(s.Part)/float64(s.Whole))
}

// SupplierFacts returns the facts of the catalogue's entry s. Callers lay over
// it what people recorded.
func SupplierFacts(s *rules.Supplier) map[rules.SupplierFact]Fact {
	facts := make(map[rules.SupplierFact]Fact)
	source := s.Origin
	if !s.CheckedOn.IsZero() {
		source += ", checked on " + s.CheckedOn.Format(time.DateOnly)
	}
	put := func(name rules.SupplierFact, value string) {
		if value != "" {
			facts[name] = Fact{value, source, s.Unverified}
		}
	}
	put(rules.FactTrains, s.Trains)
	put(rules.FactDPA, s.DPA)
	put(rules.FactRegion, strings.Join(s.Region, ","))
	if days, ok := s.RetentionDays(); ok {
		put(rules.FactRetention, strconv.Itoa(days))
	}
	return facts
}
