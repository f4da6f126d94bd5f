package console

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/published"
	"github.com/gnomon-proxy/gnomon/rules/overlay"
)

// newRules are rules for all gateways of the inventory.
type newRules struct {
	Files  map[string]string `json:"files"` // by path: "policies/own.yaml"; they take the place of all that were published before
	Reason string            `json:"reason"`
}

// withdrawal ends the use of published rules.
type withdrawal struct {
	Reason string `json:"reason"`
}

func (s *Server) published(*call, none) (*published.State, error) {
	if s.cfg.Published == nil { // where there is one gateway nothing ever is
		return &published.State{Version: published.Version{Files: []published.File{}}, Gateways: []published.Use{}}, nil
	}
	return s.cfg.Published()
}

func (s *Server) publish(c *call, in newRules) (*published.Version, error) {
	files := make(map[string][]byte, len(in.Files))
	for name, text := range in.Files {
		if strings.HasSuffix(name, ".edm") || strings.HasSuffix(name, ".fp") {
			return nil, &inventory.InvalidError{Problem: fmt.Sprintf("%.80q is no text: publish tables and fingerprints with the command (gnomon rules publish)", name)}
		}
		files[name] = []byte(text)
	}
	p, err := overlay.New(files)
	if err != nil {
		return nil, &inventory.InvalidError{Problem: err.Error()}
	}
	return s.order(c, published.Order{Pack: p, Reason: in.Reason})
}

func (s *Server) withdraw(c *call, in withdrawal) (*published.Version, error) {
	return s.order(c, published.Order{Withdraw: true, Reason: in.Reason})
}

// order publishes rules, or withdraws them, unless somebody else was first (If-Match).
func (s *Server) order(c *call, o published.Order) (*published.Version, error) {
	if s.cfg.Publish == nil {
		return nil, &statusError{http.StatusConflict, "the store of this inventory is that of one gateway, to which nothing is published: put the files into its rules_dir and ask for a reload"}
	}
	done, err := s.alone() // all rules are built
	if err != nil {
		return nil, err
	}
	defer done()
	o.By, o.After, o.If = c.who.Name, -1, c.unmoved(inventory.TopicRules, "")
	v, err := s.cfg.Publish(c.ctx(), o)
	if err == nil {
		c.book = s.cfg.Inventory.Book()
	}
	return v, err
}
