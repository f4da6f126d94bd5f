package inventory

import (
	"cmp"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// ExceptionState is how far a request for an exception is.
type ExceptionState string

// The states.
const (
	ExceptionPending   ExceptionState = "pending" // waits for a reviewer
	ExceptionGranted   ExceptionState = "granted" // holds until its last day
	ExceptionRefused   ExceptionState = "refused"
	ExceptionWithdrawn ExceptionState = "withdrawn" // was granted, and ended before its last day
	ExceptionLapsed    ExceptionState = "lapsed"    // its last day has passed, or nobody decided before
)

// Exception lets one person, or one department, do what the policy does not
// let them: use a service as if it were approved, or go without one rule.
type Exception struct {
	ID       string         `json:"exception"`
	State    ExceptionState `json:"state"`
	Person   string         `json:"person"`          // pseudonym of whom it is for
	Group    string         `json:"group,omitempty"` // department that it holds for beside the person
	Service  string         `json:"service"`         // id; "": wherever the rule is tried
	Rule     string         `json:"rule"`            // that is not tried; "": the status of the service is what stands in the way
	Reason   string         `json:"reason"`
	Until    string         `json:"until"` // YYYY-MM-DD, the last day
	By       string         `json:"requested_by"`
	Asked    time.Time      `json:"requested"`
	Reviewer string         `json:"reviewer"` // who decided last
	Decided  time.Time      `json:"decided,omitzero"`
	Answer   string         `json:"answer"` // why; the person reads it
}

// The steps of an exception, as they are on record.
const (
	exceptionAsked     = "requested"
	exceptionGranted   = "granted"
	exceptionRefused   = "refused"
	exceptionWithdrawn = "withdrawn"
)

// exceptionNote is what the ledger holds of one step. The subject of the entry
// is what exceptionSubject returns.
type exceptionNote struct {
	ID      string `json:"exception"`
	Step    string `json:"step"`
	Person  string `json:"person,omitempty"`
	Group   string `json:"group,omitempty"`
	Service string `json:"service,omitempty"`
	Rule    string `json:"rule,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Until   string `json:"until,omitempty"`
}

// exceptionSubject returns the subject of entries on an exception: the service,
// or the rule where it is for no service alone.
func exceptionSubject(service, rule string) string {
	if service == "" {
		return "rule:" + rule
	}
	return service
}

// Exceptions returns all exceptions, those asked for last first.
func (v *Inventory) Exceptions() ([]Exception, error) { return ExceptionsIn(v.Book(), v.cfg.Now()) }

// ExceptionsIn returns those of a state of the ledger, as they are at a time.
func ExceptionsIn(b *Book, now time.Time) ([]Exception, error) {
	list := []Exception{}
	for subject, history := range b.Subjects(TopicException) {
		at := make(map[string]int)
		for i := range history {
			note, err := Read[exceptionNote](&history[i])
			if err != nil {
				return nil, err
			}
			if note.Step == exceptionAsked && exceptionSubject(note.Service, note.Rule) == subject {
				at[note.ID] = len(list)
				list = append(list, Exception{ID: note.ID, Person: note.Person, Service: note.Service, Rule: note.Rule})
			}
			if j, ok := at[note.ID]; ok {
				list[j].step(&note, &history[i])
			}
		}
	}
	today := now.UTC().Format(time.DateOnly)
	for i := range list {
		list[i].lapse(today)
	}
	slices.SortStableFunc(list, func(a, b Exception) int { return cmp.Or(b.Asked.Compare(a.Asked), cmp.Compare(a.ID, b.ID)) })
	return list, nil
}

func (x *Exception) step(note *exceptionNote, e *ledger.Entry) {
	switch note.Step {
	case exceptionAsked:
		x.State, x.Reason, x.Until, x.By, x.Asked = ExceptionPending, note.Reason, note.Until, e.By, e.Time
		return
	case exceptionGranted:
		x.State, x.Until, x.Group = ExceptionGranted, note.Until, note.Group
	case exceptionRefused:
		x.State = ExceptionRefused
	case exceptionWithdrawn:
		x.State = ExceptionWithdrawn
	default: // of a later version
		return
	}
	x.Reviewer, x.Decided, x.Answer = e.By, e.Time, note.Reason
}

func (x *Exception) lapse(today string) {
	if (x.State == ExceptionPending || x.State == ExceptionGranted) && today > x.Until {
		x.State = ExceptionLapsed
	}
}

func exceptionIn(b *Book, id string, now time.Time) (Exception, error) {
	list, err := ExceptionsIn(b, now)
	if err != nil {
		return Exception{}, err
	}
	for _, x := range list {
		if x.ID == id {
			return x, nil
		}
	}
	return Exception{}, &InvalidError{"there is no exception " + text(id) + ` (see "gnomon inventory exceptions list")`}
}
