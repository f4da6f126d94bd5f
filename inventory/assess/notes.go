package assess

import (
	"fmt"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/risk"
)

// Note is what the ledger holds of a person's dealing with a risk
// (inventory.TopicRisk; the subject is the id of the service). One field is set,
// beside Reason.
type Note struct {
	Override  *risk.Override  `json:"override,omitempty"`
	Withdraw  string          `json:"withdraw,omitempty"` // what the override was of that no longer holds
	Treatment *risk.Treatment `json:"treatment,omitempty"`
	Assessed  *Assessed       `json:"assessed,omitempty"`
	Reason    string          `json:"reason,omitempty"`
}

// Assessed is an assessment that a person made: what the service was like, and
// what came out.
type Assessed struct {
	Snapshot risk.Snapshot `json:"snapshot"`
	Method   string        `json:"method"`
	Version  string        `json:"method_version"`
	Inherent int           `json:"inherent"`
	Residual int           `json:"residual"`
	Level    string        `json:"level"`
}

// State is what people have put on record about a risk.
type State struct {
	Overrides  []risk.Override // that hold
	Treatment  risk.Treatment  // the newest one
	Assessed   *Assessed       // the newest one, nil: never
	AssessedBy string
	AssessedAt time.Time
}

// StateOf reads the ledger on a service.
func StateOf(b *inventory.Book, service string) (State, error) {
	var s State
	history := b.History(inventory.TopicRisk, service)
	for i := range history {
		n, err := inventory.Read[Note](&history[i])
		if err != nil {
			return s, fmt.Errorf("risk of %q: %w", service, err)
		}
		switch {
		case n.Override != nil:
			s.withdraw(n.Override.What)
			s.Overrides = append(s.Overrides, *n.Override)
		case n.Withdraw != "":
			s.withdraw(n.Withdraw)
		case n.Treatment != nil:
			s.Treatment = *n.Treatment
		case n.Assessed != nil:
			s.Assessed, s.AssessedBy, s.AssessedAt = n.Assessed, history[i].By, history[i].Time
		}
	}
	return s, nil
}

// withdraw drops the override of something.
func (s *State) withdraw(what string) {
	var left []risk.Override
	for _, o := range s.Overrides {
		if o.What != what {
			left = append(left, o)
		}
	}
	s.Overrides = left
}
