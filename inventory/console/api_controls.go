package console

import (
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/controls"
	"github.com/gnomon-proxy/gnomon/rules"
)

// rules returns the rules in force.
func (s *Server) rules() (*rules.Set, error) {
	if s.cfg.Rules == nil {
		return nil, absent("rules to show")
	}
	return s.cfg.Rules(), nil
}

type frameworkList struct {
	Frameworks []rules.Framework `json:"frameworks"`
}

func (s *Server) frameworks(*call, none) (frameworkList, error) {
	set, err := s.rules()
	if err != nil {
		return frameworkList{}, err
	}
	return frameworkList{append([]rules.Framework{}, set.Frameworks...)}, nil
}

// query is something that the record can be asked, as evidence of a control.
type query struct {
	Name rules.EvidenceQuery `json:"name"`
	Text string              `json:"text"`
}

type queryList struct {
	Queries []query `json:"queries"`
}

func (s *Server) queries(*call, none) (out queryList, err error) {
	out.Queries = []query{}
	for _, q := range rules.EvidenceQueries() {
		out.Queries = append(out.Queries, query{q, q.Text()})
	}
	return out, nil
}

// frameworkDetail is a framework with what of it the record shows.
type frameworkDetail struct {
	Framework rules.Framework `json:"framework"`
	Controls  []rules.Control `json:"controls"`
}

func (s *Server) framework(c *call, _ none) (out frameworkDetail, err error) {
	set, err := s.rules()
	if err != nil {
		return out, err
	}
	f := set.Framework(strings.ToLower(c.path("framework")))
	if f == nil {
		return out, notFound("there is no such framework")
	}
	out = frameworkDetail{*f, []rules.Control{}}
	for _, one := range set.ControlsOf(f.ID) {
		k := *one
		k.Evidence = append([]rules.EvidenceQuery{}, k.Evidence...)
		k.Relations = append([]rules.Relation{}, k.Relations...)
		out.Controls = append(out.Controls, k)
	}
	return out, nil
}

// statement returns the draft of a statement of applicability, or the final one.
func (s *Server) statement(c *call, _ none) (*controls.SoA, error) {
	if s.cfg.Statement == nil {
		return nil, absent("statement of applicability")
	}
	set, err := s.rules()
	if err != nil {
		return nil, err
	}
	if set.Framework(c.path("framework")) == nil {
		return nil, notFound("there is no such framework")
	}
	r, rows, err := s.allRisks(c)
	if err != nil {
		return nil, err
	}
	draft, err := s.cfg.Statement(c.ctx(), r, rows, c.path("framework"))
	if err == nil && c.q.Get("final") == "yes" {
		return draft.Final()
	}
	return draft, err
}

// newStatement says whether a control applies, and why.
type newStatement struct {
	Applicable bool            `json:"applicable"`
	Reason     string          `json:"reason"`
	Owner      string          `json:"owner"`
	How        string          `json:"how"`    // how it is implemented
	Status     controls.Status `json:"status"` // "": what the record shows
}

type stated struct {
	Framework string `json:"framework"`
	Control   string `json:"control"`
}

func (s *Server) state(c *call, in newStatement) (stated, error) {
	framework, control := c.path("framework"), c.path("control")
	set, err := s.rules()
	if err != nil {
		return stated{}, err
	}
	if set.Framework(framework) == nil {
		return stated{}, notFound("there is no such framework")
	}
	if err := needReason(in.Reason); err != nil {
		return stated{}, err
	}
	st := controls.Statement{Applicable: in.Applicable, Reason: in.Reason, Owner: in.Owner, How: in.How, Status: in.Status, By: c.who.Name, Time: time.Now().UTC()}
	if _, err := controls.Draft(set, controls.Input{Framework: framework, Statements: map[string]controls.Statement{control: st}}); err != nil {
		return stated{}, &inventory.InvalidError{Problem: err.Error()}
	}
	return stated{framework, control}, s.put(c, inventory.TopicStatement, framework+"/"+control, &st)
}
