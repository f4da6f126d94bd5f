package inventory

import (
	"cmp"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// RevealState is how far a request for a name is.
type RevealState string

// The states.
const (
	RevealPending RevealState = "pending" // waits for a second person
	RevealAllowed RevealState = "allowed" // can be shown, once
	RevealRefused RevealState = "refused"
	RevealShown   RevealState = "shown"
	RevealLapsed  RevealState = "lapsed" // nobody allowed it in time, or it was not looked at in time
)

// Reveal is a request for the name behind a pseudonym. It never holds the name.
type Reveal struct {
	Request   string      `json:"request"`
	Pseudonym string      `json:"pseudonym"`
	State     RevealState `json:"state"`
	Reason    string      `json:"reason"`
	By        string      `json:"requested_by"`
	Asked     time.Time   `json:"requested"`
	Reviewer  string      `json:"reviewer"` // who allowed or refused it
	Decided   time.Time   `json:"decided,omitzero"`
	Answer    string      `json:"answer"` // why it was refused
	Shown     time.Time   `json:"shown,omitzero"`
	Until     time.Time   `json:"until,omitzero"` // when it lapses, while it can
}

// The steps of a request, as they are on record.
const (
	revealAsked   = "requested"
	revealAllowed = "allowed"
	revealRefused = "refused"
	revealShown   = "shown"
)

// revealNote is what the ledger holds of one step. The subject of the entry is
// the pseudonym.
type revealNote struct {
	Request   string   `json:"request"`
	Step      string   `json:"step"`
	Reason    string   `json:"reason,omitempty"`
	Reviewers []string `json:"reviewers,omitempty"` // who could have decided
}

// Reveals returns all requests for names, the newest first.
func (v *Inventory) Reveals() ([]Reveal, error) { return v.reveals(v.Book()) }

func (v *Inventory) reveals(b *Book) ([]Reveal, error) {
	list, at := []Reveal{}, make(map[string]int)
	for id, history := range b.Subjects(TopicReveal) {
		for i := range history {
			note, err := Read[revealNote](&history[i])
			if err != nil {
				return nil, err
			}
			if note.Step == revealAsked {
				at[note.Request] = len(list)
				list = append(list, Reveal{Request: note.Request, Pseudonym: id})
			}
			if j, ok := at[note.Request]; ok && list[j].Pseudonym == id {
				list[j].step(&note, &history[i])
			}
		}
	}
	for i := range list {
		list[i].lapse(v.cfg.Now())
	}
	slices.SortStableFunc(list, func(a, b Reveal) int { return cmp.Or(b.Asked.Compare(a.Asked), cmp.Compare(a.Request, b.Request)) })
	return list, nil
}

func (r *Reveal) step(note *revealNote, e *ledger.Entry) {
	switch note.Step {
	case revealAsked:
		r.State, r.Reason, r.By, r.Asked, r.Until = RevealPending, note.Reason, e.By, e.Time, e.Time.Add(revealWait)
	case revealAllowed:
		r.State, r.Reviewer, r.Decided, r.Until = RevealAllowed, e.By, e.Time, e.Time.Add(revealShow)
	case revealRefused:
		r.State, r.Reviewer, r.Decided, r.Answer, r.Until = RevealRefused, e.By, e.Time, note.Reason, time.Time{}
	case revealShown:
		r.State, r.Shown, r.Until = RevealShown, e.Time, time.Time{}
	}
}

func (r *Reveal) lapse(now time.Time) {
	if (r.State == RevealPending || r.State == RevealAllowed) && !now.Before(r.Until) {
		r.State = RevealLapsed
	}
}

func (v *Inventory) revealIn(b *Book, request string) (Reveal, error) {
	list, err := v.reveals(b)
	if err != nil {
		return Reveal{}, err
	}
	for _, r := range list {
		if r.Request == request {
			return r, nil
		}
	}
	return Reveal{}, refusal("there is no request %.40q (see %q)", text(request), "gnomon privacy reveals")
}
