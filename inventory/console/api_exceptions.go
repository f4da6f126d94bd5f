package console

import (
	"fmt"
	"slices"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/rules"
)

type exceptionList struct {
	Exceptions []inventory.Exception `json:"exceptions"`
	Next       string                `json:"next"`
}

func (s *Server) exceptions(c *call, _ none) (out exceptionList, err error) {
	list, err := s.cfg.Inventory.Exceptions()
	if err != nil {
		return out, err
	}
	state := c.q.Get("state")
	list = slices.DeleteFunc(list, func(x inventory.Exception) bool { return state != "" && string(x.State) != state })
	out.Exceptions, out.Next, err = page(c, list, func(x *inventory.Exception) string { return x.ID })
	return out, err
}

// newException asks for one, for somebody who can't on the own page.
type newException struct {
	Person  string `json:"person"`  // pseudonym
	Service string `json:"service"` // name or id; "": wherever the rule is tried
	Rule    string `json:"rule"`    // "": the status of the service stands in the way
	Reason  string `json:"reason"`
	Until   string `json:"until"` // last day, YYYY-MM-DD
}

func (s *Server) askException(c *call, in newException) (inventory.Exception, error) {
	set, err := s.rules()
	if err != nil {
		return inventory.Exception{}, err
	}
	if in.Rule != "" && !slices.ContainsFunc(set.Policies, func(p rules.Policy) bool { return p.Name == in.Rule }) {
		return inventory.Exception{}, &inventory.InvalidError{Problem: fmt.Sprintf("the policy has no rule %.80q", in.Rule)}
	}
	if known, err := s.cfg.Inventory.Knows(c.ctx(), in.Person); err != nil || !known {
		if err == nil {
			err = &inventory.InvalidError{Problem: fmt.Sprintf("nobody is known as %.40q: /subjects/user and /subjects/client list those who were seen", in.Person)}
		}
		return inventory.Exception{}, err
	}
	return s.settled(c)(s.cfg.Inventory.AskException(c.ctx(), inventory.Asking(in), c.who.Name))
}

// newGrant is how an exception is granted.
type newGrant struct {
	Until      string `json:"until"`      // last day; "": as it was asked for
	Department string `json:"department"` // that it holds for beside the person
	Reason     string `json:"reason"`     // what the person is told
}

// grantedException is an exception, and what is doubtful about how it was granted.
type grantedException struct {
	inventory.Exception
	Warning string `json:"warning,omitempty"` // nobody of that department has been seen
}

func (s *Server) grantException(c *call, in newGrant) (out grantedException, err error) {
	g := inventory.Grant{Until: in.Until, Group: in.Department, Reason: in.Reason}
	if out.Exception, err = s.settled(c)(s.cfg.Inventory.GrantException(c.ctx(), c.path("id"), g, c.who.Name)); err != nil {
		return out, err
	}
	if out.Warning, err = s.cfg.Inventory.DoubtDepartment(c.ctx(), in.Department); err != nil {
		out.Warning = "it can't be told now whether anybody of the department has been seen"
	}
	return out, nil
}

func (s *Server) refuseException(c *call, in refusal) (inventory.Exception, error) {
	return s.settled(c)(s.cfg.Inventory.RefuseException(c.ctx(), c.path("id"), in.Reason, c.who.Name))
}

func (s *Server) settled(c *call) func(inventory.Exception, error) (inventory.Exception, error) {
	return func(x inventory.Exception, err error) (inventory.Exception, error) {
		c.book = s.cfg.Inventory.Book()
		return x, refusedReveal(err)
	}
}
