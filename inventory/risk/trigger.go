package risk

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Snapshot is what a service was like when it was looked at.
type Snapshot struct {
	At            time.Time
	Classes       []traffic.Class
	PromptsPerDay float64
	Models        []string
	Terms         string // version of the supplier's terms
	Supplier      map[rules.SupplierFact]string
	Review        string // day of the next review, YYYY-MM-DD
}

// TriggerKind is a reason for a new assessment.
type TriggerKind string

// The reasons.
const (
	NewService   TriggerKind = "new_service"
	NewClass     TriggerKind = "new_data_class"
	Growth       TriggerKind = "growth"
	TermsChanged TriggerKind = "terms_changed"
	NewModel     TriggerKind = "new_model"
	ReviewPassed TriggerKind = "review_passed"
)

// Trigger is a reason, with what was and what is.
type Trigger struct {
	Kind TriggerKind `json:"kind"`
	Was  string      `json:"was"`
	Is   string      `json:"is"`
}

// Triggers compares a service with what it was at its last assessment, nil for
// none, and returns why it must be assessed again, in the order of the kinds. A
// supplier fact or terms that became unknown are no change.
func Triggers(t rules.RiskTriggers, last *Snapshot, is Snapshot) []Trigger {
	if last == nil {
		return []Trigger{{NewService, "", "never assessed"}}
	}
	var out []Trigger
	for _, c := range added(last.Classes, is.Classes) {
		out = append(out, Trigger{NewClass, "", string(c)})
	}
	if is.PromptsPerDay >= t.AtLeast && is.PromptsPerDay >= t.Growth*last.PromptsPerDay && is.PromptsPerDay > 0 {
		out = append(out, Trigger{Growth, perDay(last.PromptsPerDay), perDay(is.PromptsPerDay)})
	}
	if is.Terms != "" && is.Terms != last.Terms {
		out = append(out, Trigger{TermsChanged, last.Terms, is.Terms})
	}
	for _, f := range []rules.SupplierFact{rules.FactTrains, rules.FactDPA, rules.FactRegion, rules.FactRetention} {
		if v := is.Supplier[f]; v != "" && v != last.Supplier[f] {
			out = append(out, Trigger{TermsChanged, string(f) + "=" + last.Supplier[f], string(f) + "=" + v})
		}
	}
	for _, m := range added(last.Models, is.Models) {
		out = append(out, Trigger{NewModel, strings.Join(last.Models, ", "), m})
	}
	if is.Review != "" && is.At.UTC().Format(time.DateOnly) > is.Review {
		out = append(out, Trigger{ReviewPassed, is.Review, is.At.UTC().Format(time.DateOnly)})
	}
	return out
}

// added returns what is now and was not before, in order.
func added[T ~string](was, is []T) (out []T) {
	for _, v := range is {
		if !slices.Contains(was, v) && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}

func perDay(v float64) string { return fmt.Sprintf("%.1f prompts a day", v) }
