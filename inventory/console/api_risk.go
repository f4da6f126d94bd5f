package console

import (
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
	"github.com/gnomon-proxy/gnomon/inventory/declared"
	"github.com/gnomon-proxy/gnomon/inventory/risk"
)

// riskParams choose what was observed when, and the method.
var riskParams = []param{
	{name: "period", kind: kindText, about: "2026Q4, 2026-11, 2026 or FROM..TO (whole months for a viewer); without it the last 90 days"},
	{name: "method", kind: kindText, about: "id of the risk method"},
}

// risks returns the risk register that a request asks for.
func (s *Server) risks(c *call) (*assess.Register, error) {
	if s.cfg.Risks == nil {
		return nil, absent("risk register")
	}
	if err := s.wholeMonths(c); err != nil {
		return nil, err
	}
	return s.cfg.Risks(c.ctx(), c.q.Get("period"), c.q.Get("method"))
}

// allRisks returns all of its rows, too.
func (s *Server) allRisks(c *call) (*assess.Register, []assess.Row, error) {
	r, err := s.risks(c)
	if err != nil {
		return nil, nil, err
	}
	rows, err := r.Rows()
	return r, rows, err
}

// risk returns the row of the service that the path names.
func (s *Server) risk(c *call) (*assess.Register, *assess.Row, error) {
	id, err := s.cfg.Inventory.Resolve(c.ctx(), c.path("name"))
	if err != nil {
		return nil, nil, err
	}
	r, err := s.risks(c)
	if err != nil {
		return nil, nil, err
	}
	rows, err := r.Some([]string{id})
	if err != nil {
		return nil, nil, err
	}
	if len(rows) == 0 {
		return nil, nil, notFound("there is no risk to assess: the service was not seen in the period, and nobody decided upon it")
	}
	return r, &rows[0], nil
}

type riskList struct {
	Risks []assess.Row `json:"risks"`
	Next  string       `json:"next"`
}

// listRisks pages before anything is assessed.
func (s *Server) listRisks(c *call, _ none) (out riskList, err error) {
	r, err := s.risks(c)
	if err != nil {
		return out, err
	}
	ids, next, err := page(c, r.IDs(), func(id *string) string { return *id })
	if err != nil {
		return out, err
	}
	out.Next = next
	if out.Risks, err = r.Some(ids); err != nil {
		return out, err
	}
	slices.SortFunc(out.Risks, func(a, b assess.Row) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

func (s *Server) showRisk(c *call, _ none) (*assess.Row, error) {
	_, row, err := s.risk(c)
	return row, err
}

// noteRisk puts on record what note makes of a risk, and returns how it stands
// then.
func (s *Server) noteRisk(c *call, note func(*assess.Register, *assess.Row) (*assess.Note, error)) (*assess.Row, error) {
	r, row, err := s.risk(c)
	if err != nil {
		return nil, err
	}
	n, err := note(r, row)
	if err != nil {
		return nil, &inventory.InvalidError{Problem: err.Error()}
	}
	if err := s.put(c, inventory.TopicRisk, row.ID, n); err != nil {
		return nil, err
	}
	r.Book = c.book
	rows, err := r.Some([]string{row.ID})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// newOverride puts a value in place of a computed one, or withdraws it.
type newOverride struct {
	What     string  `json:"what"` // likelihood, consequence, input/NAME or control/ID
	Value    float64 `json:"value"`
	Withdraw bool    `json:"withdraw"` // go back to the computed value
	Reason   string  `json:"reason"`
}

func (s *Server) overrideRisk(c *call, in newOverride) (*assess.Row, error) {
	return s.noteRisk(c, func(r *assess.Register, _ *assess.Row) (*assess.Note, error) {
		if err := needReason(in.Reason); err != nil {
			return nil, err
		}
		o := &risk.Override{What: in.What, Value: in.Value, Reason: in.Reason, By: c.who.Name, Time: r.Now.UTC()}
		if in.Withdraw {
			o.Value = 1
		}
		if err := o.Check(r.Method); err != nil && !in.Withdraw {
			return nil, err
		}
		if in.Withdraw {
			return &assess.Note{Withdraw: in.What, Reason: in.Reason}, nil
		}
		return &assess.Note{Override: o}, nil
	})
}

func needReason(reason string) error {
	if strings.TrimSpace(reason) == "" {
		return &inventory.InvalidError{Problem: "give a reason"}
	}
	return nil
}

// newTreatment says what is done about a risk.
type newTreatment struct {
	Option risk.Option `json:"option"` // avoid, modify or share
	Plan   string      `json:"plan"`
	Owner  string      `json:"owner"`
	Due    string      `json:"due"`  // YYYY-MM-DD
	Done   string      `json:"done"` // YYYY-MM-DD, "" while it is open
}

func (s *Server) treatRisk(c *call, in newTreatment) (*assess.Row, error) {
	return s.noteRisk(c, func(_ *assess.Register, row *assess.Row) (*assess.Note, error) {
		if in.Option == risk.Retain {
			return nil, &inventory.InvalidError{Problem: "a risk is retained by an acceptance"}
		}
		if in.Done == "" { // what is done may have been due before
			if err := passed("due", in.Due); err != nil {
				return nil, err
			}
		}
		next := row.Treatment // an acceptance until the measure works stays
		next.Option, next.Plan, next.Owner, next.Due, next.Done = in.Option, in.Plan, in.Owner, in.Due, in.Done
		return &assess.Note{Treatment: &next}, next.Check(row.Assessment)
	})
}

// newAcceptance says who lives with a residual risk until when.
type newAcceptance struct {
	By     string `json:"by"`    // the named person who accepts it
	Until  string `json:"until"` // last day, YYYY-MM-DD
	Reason string `json:"reason"`
}

func (s *Server) acceptRisk(c *call, in newAcceptance) (*assess.Row, error) {
	return s.noteRisk(c, func(r *assess.Register, row *assess.Row) (*assess.Note, error) {
		if err := needReason(in.Reason); err != nil {
			return nil, err
		}
		next := row.Treatment
		if next.Option == "" {
			next.Option, next.Owner, next.Plan = risk.Retain, in.By, in.Reason
		}
		next.AcceptedBy, next.AcceptedUntil, next.AcceptedOn = in.By, in.Until, r.Now.UTC().Format(time.DateOnly)
		return &assess.Note{Treatment: &next, Reason: in.Reason}, next.Check(row.Assessment)
	})
}

type newAssessment struct {
	Reason string `json:"reason"` // what the assessment found
}

func (s *Server) assessRisk(c *call, in newAssessment) (*assess.Row, error) {
	return s.noteRisk(c, func(_ *assess.Register, row *assess.Row) (*assess.Note, error) {
		if err := needReason(in.Reason); err != nil {
			return nil, err
		}
		a := row.Assessment
		return &assess.Note{Reason: in.Reason, Assessed: &assess.Assessed{
			Snapshot: row.Snapshot, Method: a.Method, Version: a.Version, Inherent: a.Inherent, Residual: a.Residual, Level: a.Level,
		}}, nil
	})
}

type triggerList struct {
	Triggers []assess.Due `json:"triggers"`
	Next     string       `json:"next"`
}

func (s *Server) triggers(c *call, _ none) (out triggerList, err error) {
	_, rows, err := s.allRisks(c)
	if err != nil {
		return out, err
	}
	out.Triggers, out.Next, err = page(c, assess.DueOf(rows), func(d *assess.Due) string {
		return d.ID + "\x00" + string(d.Kind) + "\x00" + d.Was + "\x00" + d.Is
	})
	return out, err
}

type figureList struct {
	Figures []assess.Metric `json:"figures"`
}

func (s *Server) figures(c *call, _ none) (figureList, error) {
	r, err := s.risks(c)
	if err != nil {
		return figureList{}, err
	}
	list, err := assess.Metrics(r.Services, r.Figures, c.book, r.Period)
	return figureList{append([]assess.Metric{}, list...)}, err
}

// Drift is how use differs from what is declared.
type Drift struct {
	Differences []declared.Difference `json:"differences"`
	Unknown     []string              `json:"unknown"` // declared services that nothing is known of
	Next        string                `json:"next"`
}

// since returns the day from which on something is looked at.
func (c *call) since() time.Time {
	if day, err := time.Parse(time.DateOnly, c.q.Get("since")); err == nil {
		return day
	}
	return time.Now().UTC().AddDate(0, 0, -90)
}

func (s *Server) drift(c *call, _ none) (out Drift, err error) {
	if s.cfg.Drift == nil {
		return out, absent("comparison with what is declared")
	}
	if err := s.wholeMonths(c); err != nil {
		return out, err
	}
	list, unknown, err := s.cfg.Drift(c.ctx(), c.since())
	if err != nil {
		return out, err
	}
	out.Unknown = append([]string{}, unknown...)
	if !c.may(access.People) {
		list = declared.Few(list, s.cfg.K.Small)
	}
	out.Differences, out.Next, err = page(c, list, func(d *declared.Difference) string {
		return strings.Join([]string{d.ID, string(d.Kind), d.List, d.UseCase, d.Declared, d.Observed}, "\x00")
	})
	return out, err
}
