package console

import (
	"errors"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// rotationList lists the generations of pseudonyms, the first one first.
type rotationList struct {
	Rotations []inventory.Generation `json:"rotations"`
}

func (s *Server) rotations(c *call, _ none) (out rotationList, err error) {
	out.Rotations, err = c.book.Generations()
	return out, err
}

// newRotation gives all people new pseudonyms.
type newRotation struct {
	Reason string `json:"reason"` // it stays on record
}

func (s *Server) rotate(c *call, in newRotation) (inventory.Generation, error) {
	g, err := s.cfg.Inventory.Rotate(c.ctx(), in.Reason, c.who.Name)
	c.book = s.cfg.Inventory.Book()
	return g, err
}

// ledgerHead is the end of the ledger, to be kept elsewhere.
type ledgerHead struct {
	Head    string `json:"head"` // SEQ:HASH; a later verification takes it
	Seq     int64  `json:"seq"`
	Problem string `json:"problem"` // why the ledger in the store can't be relied upon now; ""
}

func (s *Server) head(c *call, _ none) (ledgerHead, error) {
	end := c.book.Chain()
	out := ledgerHead{Head: end.String(), Seq: end.Seq}
	if err := s.cfg.Inventory.Lapse(); err != nil {
		out.Problem = err.Error()
	}
	return out, nil
}

// noted reads the end of a ledger that somebody noted.
func noted(text string) (ledger.Chain, error) {
	head, err := ledger.ParseChain(text)
	if err == nil && head.Seq == 0 {
		err = errors.New("that of an empty ledger proves nothing of a later one")
	}
	if err != nil {
		return head, &inventory.InvalidError{Problem: "heads: " + err.Error()}
	}
	return head, nil
}
