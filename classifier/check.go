package classifier

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Check runs the examples of all services against the catalogue that they
// form, and returns a fault with its place for each that fails. Services that
// don't compile give the error of New.
func Check(services []rules.Service) []error {
	c, err := New(services, nil, traffic.Key{})
	if err != nil {
		return []error{err}
	}
	var errs []error
	for i := range services {
		s := &services[i]
		if s.Disabled {
			continue
		}
		for _, e := range s.Match {
			if v := c.example(e); v.ID != s.ID {
				errs = append(errs, fmt.Errorf("%v: service %q: match %q belongs to %s", s.Source, s.Name, e, nameOf(v)))
			}
		}
		for _, e := range s.NoMatch {
			if v := c.example(e); v.ID == s.ID {
				errs = append(errs, fmt.Errorf("%v: service %q: no_match %q belongs to it", s.Source, s.Name, e))
			}
		}
	}
	return errs
}

// example classifies a host, or a URL with its path.
func (c *Classifier) example(e string) traffic.Verdict {
	if !strings.Contains(e, "://") {
		return c.Host(traffic.CanonicalHost(e))
	}
	u, err := url.Parse(e)
	if err != nil {
		return traffic.Verdict{}
	}
	return c.known(&traffic.Flow{Host: traffic.CanonicalHost(u.Host), Path: u.EscapedPath()})
}

func nameOf(v traffic.Verdict) string {
	if !v.AI() {
		return "no service"
	}
	return fmt.Sprintf("%q", v.ID)
}
