package classifier

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// shapes judges hosts that the catalogue does not know by their wire.
type shapes struct {
	asked, answered side
	paths, agents   []signal
	names           []signal // for Resemblance only
}

type signal struct {
	name   string
	weight int
	values []string
}

func newShapes(signals []rules.Signal) (*shapes, error) {
	s := &shapes{answered: side{lines: make(map[string]int)}}
	var errs []error
	for _, r := range signals {
		if r.Disabled {
			continue
		}
		if err := s.add(r); err != nil {
			errs = append(errs, fmt.Errorf("%v: signal %q: %w", r.Source, r.Name, err))
		}
	}
	return s, errors.Join(errs...)
}

func (s *shapes) add(r rules.Signal) error {
	g := signal{r.Name, int(math.Round(r.Weight * 100)), r.Values}
	switch r.Kind {
	case rules.SignalPath, rules.SignalHostName, rules.SignalUserAgent, rules.SignalHeader, rules.SignalResponseHeader, rules.SignalBody, rules.SignalAnswer:
		if len(r.Values) == 0 || g.weight <= 0 || g.weight > 100 {
			return errors.New("want values, and a weight from 0.01 to 1")
		}
	}
	switch r.Kind {
	case rules.SignalPath:
		s.paths = append(s.paths, g)
	case rules.SignalHostName:
		s.names = append(s.names, g)
	case rules.SignalUserAgent:
		s.agents = append(s.agents, g)
	case rules.SignalHeader:
		return s.asked.headers.add(g)
	case rules.SignalResponseHeader:
		return s.answered.headers.add(g)
	case rules.SignalBody:
		return s.asked.addBody(r, g)
	case rules.SignalAnswer:
		return s.answered.addBody(r, g)
	case rules.SignalAccount, rules.SignalWorkAccount, rules.SignalAnonymous, rules.SignalOrganisation, rules.SignalAnswerOrg,
		rules.SignalKeyHeader, rules.SignalKeyQuery, rules.SignalKeyPrefix, rules.SignalSession, rules.SignalPersonalPlan, rules.SignalWorkPlan,
		rules.SignalSurfaceAPI, rules.SignalSurfaceCLI, rules.SignalSurfaceIDE, rules.SignalSurfaceAgent, rules.SignalSurfaceWeb:
	default:
		return fmt.Errorf("unknown kind %q", r.Kind)
	}
	return nil
}

// request returns the verdict on an unknown host by the request alone.
func (s *shapes) request(x *traffic.Exchange) traffic.Verdict {
	var c score
	s.scoreRequest(x, &c)
	return c.verdict(&x.Flow, traffic.HowRequestShape)
}

func (s *shapes) scoreRequest(x *traffic.Exchange, c *score) {
	for i := range s.paths {
		if s.paths[i].onPath(x.Flow.Path) {
			c.add(s.paths[i].name, s.paths[i].weight)
			break // the first is the most telling: paths are one feature, not many
		}
	}
	for i := range s.agents {
		if s.agents[i].within(x.Flow.UserAgent) {
			c.add(s.agents[i].name, s.agents[i].weight)
			break
		}
	}
	s.asked.headers.score(x.Header, c)
	if len(x.Body) > 0 {
		f := s.asked.keys.walk(x.Body, 1)
		s.asked.scoreFacts(&f, c)
	}
}

// response returns the verdict on an unknown host by its answer, to which the
// request adds. An answer without a signal of its own changes nothing.
func (s *shapes) response(x *traffic.Exchange, a *traffic.Answer) traffic.Verdict {
	var c score
	s.answered.headers.score(a.Header, &c)
	if len(a.Prefix) > 0 {
		f := s.answered.walkAnswer(a.Prefix)
		s.answered.scoreFacts(&f, &c)
	}
	if c.sum == 0 {
		return traffic.Verdict{}
	}
	s.scoreRequest(x, &c)
	return c.verdict(&x.Flow, traffic.HowResponseShape)
}

func (g *signal) onPath(path string) bool {
	for _, v := range g.values {
		if strings.HasSuffix(path, v) || strings.HasSuffix(v, "/") && strings.Contains(path, v) {
			return true
		}
	}
	return false
}

func (g *signal) within(s string) bool {
	if s == "" {
		return false
	}
	for _, v := range g.values {
		if strings.Contains(s, v) {
			return true
		}
	}
	return false
}
