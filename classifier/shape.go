package classifier

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// threshold is the sum of weights, in hundredths, that makes an unknown host
// an AI service; mostSure bounds how sure a shape can be.
const (
	threshold = 50
	mostSure  = 95
)

// shapes judges hosts that the catalogue does not know by their wire.
type shapes struct {
	asked, answered side
	paths, agents   []signal
}

// side is what is looked at in a request or in an answer.
type side struct {
	keys    keyTree
	body    []bodySignal
	lines   map[string]int // facts by line of an event stream
	headers headerSignals
}

type signal struct {
	name   string
	weight int
	values []string
}

type bodySignal struct {
	name    string
	weight  int
	any     []facts // alternatives: each wants all its facts
	atLeast int
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
	case rules.SignalPath, rules.SignalUserAgent, rules.SignalHeader, rules.SignalResponseHeader, rules.SignalBody, rules.SignalAnswer:
		if len(r.Values) == 0 || g.weight <= 0 || g.weight > 100 {
			return errors.New("want values, and a weight from 0.01 to 1")
		}
	}
	switch r.Kind {
	case rules.SignalPath:
		s.paths = append(s.paths, g)
	case rules.SignalUserAgent:
		s.agents = append(s.agents, g)
	case rules.SignalHeader:
		s.asked.headers.add(g)
	case rules.SignalResponseHeader:
		s.answered.headers.add(g)
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

func (d *side) addBody(r rules.Signal, g signal) error {
	b := bodySignal{name: g.name, weight: g.weight, atLeast: max(1, r.AtLeast)}
	for _, value := range r.Values {
		var all facts
		for term := range strings.SplitSeq(value, " & ") {
			n, err := d.term(strings.TrimSpace(term))
			if err != nil {
				return err
			}
			all.set(n)
		}
		b.any = append(b.any, all)
	}
	if b.atLeast > len(b.any) {
		return fmt.Errorf("at_least %d of %d values", b.atLeast, len(b.any))
	}
	d.body = append(d.body, b)
	return nil
}

func (d *side) term(s string) (int, error) {
	n, err := d.keys.term(s)
	if err == nil && d.lines != nil && (strings.HasPrefix(s, "event: ") || strings.HasPrefix(s, "data: ")) {
		d.lines[s] = n
	}
	return n, err
}

// score is a sum of weights under way, and what it is made of. It lives on the
// stack: most sums come to nothing.
type score struct {
	sum      int
	features [maxFeatures]string
	n        int
}

// maxFeatures is enough for a reviewer.
const maxFeatures = 24

func (c *score) add(name string, weight int) {
	c.sum += weight
	if c.n < maxFeatures {
		c.features[c.n] = name
		c.n++
	}
}

func (d *side) scoreFacts(f *facts, c *score) {
	if *f == (facts{}) {
		return
	}
	for i := range d.body {
		b := &d.body[i]
		n := 0
		for _, want := range b.any {
			if f.contains(want) {
				if n++; n == b.atLeast {
					c.add(b.name, b.weight)
					break
				}
			}
		}
	}
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

// maxEvents bounds how many values of a streamed answer are looked at: the
// first ones show the shape.
const maxEvents = 16

// walkAnswer returns what an answer says: JSON, JSON values one after the other,
// or an event stream.
func (d *side) walkAnswer(p []byte) (f facts) {
	p = bytes.TrimLeft(p, " \t\r\n")
	if len(p) > 0 && (p[0] == '{' || p[0] == '[') {
		return d.keys.walk(p, maxEvents)
	}
	for range maxEvents * 4 { // an event has up to three lines and an empty one
		line, rest, more := bytes.Cut(p, []byte("\n"))
		line = bytes.TrimRight(line, "\r")
		if n, ok := d.lines[string(line)]; ok {
			f.set(n)
		}
		if data, ok := bytes.CutPrefix(line, []byte("data:")); ok {
			f.add(d.keys.walk(data, 1))
		}
		if !more {
			break
		}
		p = rest
	}
	return f
}

func (c *score) verdict(f *traffic.Flow, how traffic.How) traffic.Verdict {
	if c.sum < threshold || f.Host == "" {
		return traffic.Verdict{}
	}
	return traffic.Verdict{
		Service: f.Host, ID: "unknown:" + f.Host, Category: "unknown", Surface: traffic.SurfaceAPI,
		How: how, Confidence: float64(min(c.sum, mostSure)) / 100, Features: slices.Clone(c.features[:c.n]),
	}
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

// headerSignals finds signals by header name.
type headerSignals struct {
	n      int // signals so far
	exact  map[string][]headerSignal
	prefix []headerSignal
}

type headerSignal struct {
	number  int
	name    string // feature
	weight  int
	header  string // canonical; of prefix signals the start
	value   string // what the value starts with, "" for anything
	contain bool   // it may stand anywhere
}

func (h *headerSignals) add(g signal) {
	h.n++
	for _, v := range g.values {
		name, value, _ := strings.Cut(v, ":")
		s := headerSignal{number: h.n, name: g.name, weight: g.weight}
		s.value, s.contain = strings.CutPrefix(strings.ToLower(strings.TrimSpace(value)), "*")
		if start, ok := strings.CutSuffix(name, "*"); ok {
			s.header = textproto.CanonicalMIMEHeaderKey(start)
			h.prefix = append(h.prefix, s)
			continue
		}
		s.header = textproto.CanonicalMIMEHeaderKey(name)
		if h.exact == nil {
			h.exact = make(map[string][]headerSignal)
		}
		h.exact[s.header] = append(h.exact[s.header], s)
	}
}

// score adds the weight of each signal once, however many headers show it.
func (h *headerSignals) score(header http.Header, c *score) {
	var seen uint64
	note := func(s *headerSignal, values []string) {
		if bit := uint64(1) << (s.number & 63); seen&bit == 0 && s.matches(values) {
			seen |= bit
			c.add(s.name, s.weight)
		}
	}
	for name, values := range header {
		list := h.exact[name]
		for i := range list {
			note(&list[i], values)
		}
		for i := range h.prefix {
			if strings.HasPrefix(name, h.prefix[i].header) {
				note(&h.prefix[i], values)
			}
		}
	}
}

func (s *headerSignal) matches(values []string) bool {
	for _, v := range values {
		if s.contain {
			if len(v) <= 1024 && strings.Contains(strings.ToLower(v), s.value) {
				return true
			}
		} else if len(v) >= len(s.value) && strings.EqualFold(v[:len(s.value)], s.value) {
			return true
		}
	}
	return false
}
