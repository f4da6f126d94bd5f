package console

import (
	"errors"
	"net/http"

	"github.com/gnomon-proxy/gnomon/inventory"
)

type revealList struct {
	Reveals []inventory.Reveal `json:"reveals"`
	Next    string             `json:"next"`
}

func (s *Server) reveals(c *call, _ none) (out revealList, err error) {
	list, err := s.cfg.Inventory.Reveals()
	if err != nil {
		return out, err
	}
	out.Reveals, out.Next, err = page(c, list, func(r *inventory.Reveal) string { return r.Request })
	return out, err
}

// reviewers returns who may allow that a name is shown.
func (s *Server) reviewers() []string {
	if s.cfg.Reviewers == nil {
		return nil
	}
	return s.cfg.Reviewers()
}

// newReveal asks for the name behind a pseudonym.
type newReveal struct {
	Pseudonym string `json:"pseudonym"`
	Reason    string `json:"reason"`
}

func (s *Server) askReveal(c *call, in newReveal) (inventory.Reveal, error) {
	r, err := s.cfg.Inventory.RequestReveal(c.ctx(), in.Pseudonym, in.Reason, c.who.Name, s.reviewers())
	return r, refusedReveal(err)
}

func (s *Server) allowReveal(c *call, _ none) (inventory.Reveal, error) {
	r, err := s.cfg.Inventory.AllowReveal(c.ctx(), c.path("request"), c.who.Name, s.reviewers())
	return r, refusedReveal(err)
}

// refusal says why a name is not shown.
type refusal struct {
	Reason string `json:"reason"`
}

func (s *Server) refuseReveal(c *call, in refusal) (inventory.Reveal, error) {
	r, err := s.cfg.Inventory.RefuseReveal(c.ctx(), c.path("request"), in.Reason, c.who.Name, s.reviewers())
	return r, refusedReveal(err)
}

// shownName is the only answer that holds a name.
type shownName struct {
	Name   string           `json:"name"`
	Reveal inventory.Reveal `json:"reveal"`
}

func (s *Server) showReveal(c *call, _ none) (shownName, error) {
	name, r, err := s.cfg.Inventory.ShowReveal(c.ctx(), c.path("request"), c.who.Name)
	return shownName{name, r}, refusedReveal(err)
}

// refusedReveal gives a refusal the code of its answer.
func refusedReveal(err error) error {
	if no, ok := errors.AsType[*inventory.RevealError](err); ok {
		return &statusError{http.StatusConflict, no.Error()}
	}
	return err
}
