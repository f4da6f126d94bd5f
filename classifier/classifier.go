package classifier

import (
	"errors"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Classifier is one immutable state of the catalogue and the signals. Its
// methods are safe for concurrent use. It implements traffic.Classifier.
type Classifier struct {
	hosts    *index
	shapes   *shapes
	accounts *accounts
	surfaces surfaces
	likeness *likeness
}

// New compiles services and signals. Its error joins all faults found, each
// with its place in the rule files. API keys are hashed under key.
func New(services []rules.Service, signals []rules.Signal, key traffic.Key) (*Classifier, error) {
	hosts, errHosts := newIndex(services)
	shapes, errShapes := newShapes(signals)
	accounts, errAccounts := newAccounts(signals, key)
	if err := errors.Join(errHosts, errShapes, errAccounts); err != nil {
		return nil, err
	}
	return &Classifier{hosts: hosts, shapes: shapes, accounts: accounts, surfaces: newSurfaces(signals), likeness: newLikeness(shapes)}, nil
}

// Host classifies by name alone. A canonical name (see traffic.CanonicalHost)
// is looked up without allocation.
func (c *Classifier) Host(host string) traffic.Verdict {
	if e := c.hosts.find(host); e != nil {
		return e.host
	}
	return traffic.Verdict{}
}

// Request classifies by all that x holds so far, and says whose account is
// used. x.Body may be a prefix of the body, or nil.
func (c *Classifier) Request(x *traffic.Exchange) (traffic.Verdict, traffic.Account) {
	v := c.known(&x.Flow)
	if !v.AI() {
		v = c.shapes.request(x)
	}
	if !v.AI() {
		return v, traffic.Account{}
	}
	v.Surface = c.surfaces.of(x, v.Surface)
	return v, c.accounts.request(x, v.Surface)
}

// known returns the verdict of the catalogue. On a host that it knows, a
// request outside all rules is not AI, but may still have the shape of it.
func (c *Classifier) known(f *traffic.Flow) traffic.Verdict {
	e := c.hosts.find(f.Host)
	switch {
	case e == nil:
		return traffic.Verdict{}
	case f.Path == "":
		return e.host
	}
	return e.request(f.Path)
}

// Response refines the verdict and the account of x by the answer: the shape
// of an unknown host's, and the organisation that answers name.
func (c *Classifier) Response(x *traffic.Exchange, a *traffic.Answer) (traffic.Verdict, traffic.Account) {
	v, acc := x.Verdict, x.Account
	if !v.AI() {
		if v = c.shapes.response(x, a); !v.AI() {
			return v, acc
		}
		v.Surface = c.surfaces.of(x, v.Surface)
		acc = c.accounts.request(x, v.Surface)
	}
	return v, c.accounts.response(acc, a)
}
