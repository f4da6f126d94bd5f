package inventory

import (
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Verb is what a person does with a service.
type Verb string

// The verbs.
const (
	Approve Verb = "approve"
	Refuse  Verb = "refuse"
	Review  Verb = "review"
	Retire  Verb = "retire"
)

// Verbs lists all verbs.
func Verbs() []Verb { return []Verb{Approve, Refuse, Review, Retire} }

// Change is a decision as it is asked for.
type Change struct {
	Service    string   `json:"service"` // name or id
	Verb       Verb     `json:"verb"`
	Owner      string   `json:"owner"` // "" keeps the owner, and names By the first time
	Reason     string   `json:"reason"`
	Conditions []string `json:"conditions"`
	Until      string   `json:"until"` // YYYY-MM-DD, the last day of an approval; "" means without end
	By         string   `json:"by"`    // who decides

	// These become fields of the register; "" leaves them.
	Review string `json:"review,omitempty"` // day of the next review, YYYY-MM-DD
	Deputy string `json:"deputy,omitempty"` // of the owner

	// If says whether the decision still fits the state of the ledger that it is
	// added to: an error keeps it out. nil: it does.
	If func(*Book) error `json:"-"`
}

// Decision is an entry of a service's history. It is kept for ever.
type Decision struct {
	Time       time.Time      `json:"time"`
	ServiceID  string         `json:"id"`
	Status     traffic.Status `json:"status"`
	Owner      string         `json:"owner"`
	Reason     string         `json:"reason"`
	Conditions []string       `json:"conditions"`
	Until      string         `json:"until"`
	By         string         `json:"by"`
}

// StatusAt returns the status that d gives at a time: an approval whose last
// day (UTC) has passed falls back to a review. A refusal never lapses by
// itself, whatever its date.
func (d *Decision) StatusAt(now time.Time) traffic.Status {
	approved := d.Status == traffic.StatusApproved || d.Status == traffic.StatusConditional
	if approved && d.Until != "" && now.UTC().Format(time.DateOnly) > d.Until {
		return traffic.StatusInReview
	}
	return d.Status
}
