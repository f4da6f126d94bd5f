package controls

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
)

// Facts is what the record of a period shows.
type Facts struct {
	From, To time.Time

	// Observed has the answer to each query that was asked. One that is absent was
	// not collected, which is not the same as nothing found.
	Observed map[rules.EvidenceQuery]Fact
}

// Fact is the answer to a query: how many, and where they can be looked at.
type Fact struct {
	Count int64
	Ref   string // file of the evidence pack, or URL
}

// Statement is what a person says about a control.
type Statement struct {
	Applicable bool      `json:"applicable"`
	Reason     string    `json:"reason"` // for including it, or for leaving it out
	Owner      string    `json:"owner"`
	How        string    `json:"how"`    // it is implemented
	Status     Status    `json:"status"` // "" leaves it to what was observed
	By         string    `json:"by"`
	Time       time.Time `json:"time"`
}

// Status says how far a control is implemented.
type Status string

// The statuses. Of the first five people may state any; the last two are what
// is left to say when nobody did.
const (
	Implemented   Status = "implemented"
	Partial       Status = "partial"
	Planned       Status = "planned"
	Alternative   Status = "alternative"
	NotApplicable Status = "not_applicable"
	NoEvidence    Status = "no_evidence" // nothing of it was collected or seen in the period
	NotShown      Status = "not_shown"   // by this tool
)

// statable are the statuses that a Statement may have.
func statable() []Status { return []Status{Implemented, Partial, Planned, Alternative, NotApplicable} }

// Input is what a statement of applicability is made of.
type Input struct {
	Framework  string
	Version    string // of the statement
	At         time.Time
	Facts      Facts
	Statements map[string]Statement // by control id
	Risks      map[string][]string  // ids of the risks that a control treats, by control id
}

// SoA is a statement of applicability.
type SoA struct {
	Framework string    `json:"framework"`
	Title     string    `json:"title"`
	Edition   string    `json:"edition"`
	Complete  bool      `json:"complete"` // every control of the framework has a row
	State     string    `json:"state"`    // draft, final
	Version   string    `json:"version"`
	At        time.Time `json:"at"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Rows      []Row     `json:"rows"`
}

// Row is one control.
type Row struct {
	Control    string                `json:"control"`
	Title      string                `json:"title"`
	Applicable bool                  `json:"applicable"` // until somebody states otherwise
	Reason     string                `json:"reason"`     // only people give one
	Risks      []string              `json:"risks"`
	Status     Status                `json:"status"`
	Observed   Status                `json:"observed"` // what the record alone would say
	How        string                `json:"how"`
	Owner      string                `json:"owner"`
	Coverage   rules.ControlCoverage `json:"coverage"`
	Evidence   []Evidence            `json:"evidence"`
	StatedBy   string                `json:"stated_by"`
	StatedAt   time.Time             `json:"stated_at,omitzero"`
	CheckedOn  time.Time             `json:"checked_on"` // when the control's entry was compared with its source
}

// Evidence is a reference to what the record shows.
type Evidence struct {
	Query     rules.EvidenceQuery `json:"query"`
	Text      string              `json:"text"`
	Collected bool                `json:"collected"`
	Count     int64               `json:"count"`
	Ref       string              `json:"ref"`
}

// Draft makes a statement of all controls and duties of a framework. Statements
// and risks of controls that are not there are an error, which names them.
func Draft(set *rules.Set, in Input) (*SoA, error) {
	f := set.Framework(in.Framework)
	if f == nil {
		return nil, fmt.Errorf("unknown framework %q", in.Framework)
	}
	s := &SoA{
		Framework: f.ID, Title: f.Title, Edition: f.Edition, Complete: f.Complete, State: "draft", Version: in.Version,
		At: in.At, From: in.Facts.From, To: in.Facts.To, Rows: []Row{},
	}
	for _, c := range set.ControlsOf(f.ID) {
		if c.Counted() {
			s.Rows = append(s.Rows, row(c, &in))
		}
	}
	return s, s.check(&in)
}

// check notes what was said about no row of s, and statuses that nobody may
// state.
func (s *SoA) check(in *Input) error {
	var errs []error
	known := func(what, id string) {
		if !slices.ContainsFunc(s.Rows, func(r Row) bool { return r.Control == id }) {
			errs = append(errs, fmt.Errorf("%s: %s has no control %q", what, s.Framework, id))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(in.Statements)) {
		known("statement", id)
		if v := in.Statements[id].Status; v != "" && !slices.Contains(statable(), v) {
			errs = append(errs, fmt.Errorf("statement on %s: the status %q can't be stated; use one of %v", id, v, statable()))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(in.Risks)) {
		known("risk", id)
	}
	return errors.Join(errs...)
}

func row(c *rules.Control, in *Input) Row {
	r := Row{
		Control: c.ID, Title: c.Title, Applicable: true, How: c.Shows, Coverage: c.Coverage,
		Evidence: []Evidence{}, Risks: append([]string{}, in.Risks[c.ID]...), CheckedOn: c.CheckedOn,
	}
	slices.Sort(r.Risks)
	for _, q := range c.Evidence {
		fact, ok := in.Facts.Observed[q]
		r.Evidence = append(r.Evidence, Evidence{Query: q, Text: q.Text(), Collected: ok, Count: fact.Count, Ref: fact.Ref})
	}
	r.Observed = observed(c.Coverage, r.Evidence)
	r.Status = r.Observed
	v, ok := in.Statements[c.ID]
	if !ok {
		return r
	}
	r.Applicable, r.Reason, r.Owner, r.StatedBy, r.StatedAt = v.Applicable, strings.TrimSpace(v.Reason), v.Owner, v.By, v.Time
	if v.How != "" {
		r.How = v.How
	}
	switch {
	case !v.Applicable:
		r.Status = NotApplicable
	case v.Status != "":
		r.Status = v.Status
	}
	return r
}

// observed returns what the record says about a control. Only one that is
// covered directly, with evidence of every kind, is implemented: the rest of the
// others is not on the network. The first kind is what the control is about: that
// there was traffic shows nothing of it while nobody collects the first.
func observed(c rules.ControlCoverage, evidence []Evidence) Status {
	if c == rules.CoverageOrganisational {
		return NotShown
	}
	if len(evidence) > 0 && !evidence[0].Collected {
		return NoEvidence
	}
	seen := 0
	for _, e := range evidence {
		if e.Count > 0 {
			seen++
		}
	}
	switch {
	case seen == 0:
		return NoEvidence
	case c == rules.CoverageDirect && seen == len(evidence):
		return Implemented
	}
	return Partial
}

// Missing is what keeps a row from being final.
type Missing struct {
	Control string   `json:"control"`
	Lacks   []string `json:"lacks"`
}

// NotFinalError lists the rows that are not ready.
type NotFinalError struct {
	Framework string
	Missing   []Missing
}

func (e *NotFinalError) Error() string {
	parts := make([]string, len(e.Missing))
	for i, m := range e.Missing {
		parts[i] = m.Control + " (" + strings.Join(m.Lacks, ", ") + ")"
	}
	return fmt.Sprintf("the statement of applicability of %s can't be final: %d controls lack something: %s",
		e.Framework, len(parts), strings.Join(parts, "; "))
}

// Final returns s as final. While the inclusion or exclusion of a control has no
// reason, or nobody's name, it returns a NotFinalError that lists all of them.
func (s *SoA) Final() (*SoA, error) {
	var missing []Missing
	for i := range s.Rows {
		if lacks := s.Rows[i].lacks(); len(lacks) > 0 {
			missing = append(missing, Missing{s.Rows[i].Control, lacks})
		}
	}
	if len(missing) > 0 {
		return nil, &NotFinalError{s.Framework, missing}
	}
	final := *s
	final.State = "final"
	return &final, nil
}

func (r *Row) lacks() (lacks []string) {
	if strings.TrimSpace(r.Reason) == "" {
		if r.Applicable {
			lacks = append(lacks, "reason")
		} else {
			lacks = append(lacks, "reason for the exclusion")
		}
	}
	if strings.TrimSpace(r.StatedBy) == "" {
		lacks = append(lacks, "who states it")
	}
	return lacks
}
