package main

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// The bounds of a tally: names in logs come from strangers.
const (
	maxUnknown = 5_000  // look-alikes
	maxHidden  = 2_000  // blind spots
	maxHours   = 20_000 // of the chart, more than two years
	maxNamed   = 2_000  // users that a service lists by name, when asked to
)

// tally adds up what inputs show. One goroutine uses it.
type tally struct {
	named    bool // keep the names of users
	services map[string]*serviceTally
	unknown  map[string]*unknownTally // by host
	blind    map[blindKey]*use
	hours    map[int64]int64 // requests to AI services, by hour since 1970
	sites    *sites
	crowded  int64 // look-alikes and blind spots beyond the bounds
}

// use is who used something, how much, and when.
type use struct {
	requests, up, down int64
	first, last        time.Time
	users, clients     distinct
	byUser             map[string]int64 // requests; nil unless names are kept
}

type serviceTally struct {
	use
	verdict traffic.Verdict
	host    string // one of those that it was reached by
	blocked int64
	noted   map[string]int64
}

// unknownTally is a host that the catalogue does not know and that looks like
// AI.
type unknownTally struct {
	use
	confidence float64
	features   []string
}

type blindKey struct{ reason, name string }

// seen is one observation.
type seen struct {
	time     time.Time
	client   netip.Addr
	user     string
	requests int64
	up, down int64
}

func newTally(named bool) *tally {
	return &tally{
		named: named, services: make(map[string]*serviceTally), unknown: make(map[string]*unknownTally),
		blind: make(map[blindKey]*use), hours: make(map[int64]int64), sites: newSites(),
	}
}

// service counts a use of an AI service.
func (t *tally) service(v *traffic.Verdict, host string, s *seen) *serviceTally {
	st := t.services[v.ID]
	if st == nil {
		own := *v
		own.ID, own.Service = strings.Clone(v.ID), strings.Clone(v.Service) // of an unknown one, a host out of a log
		st = &serviceTally{verdict: own, host: strings.Clone(host)}
		t.services[own.ID] = st
	}
	if inventory.Strength(v.How) > inventory.Strength(st.verdict.How) {
		st.verdict.How = v.How
	}
	st.add(s, t.named)
	if hour := s.time.Unix() / 3600; !s.time.IsZero() && (len(t.hours) < maxHours || t.hours[hour] > 0) {
		t.hours[hour] += s.requests
	}
	return st
}

// resembles counts a flow to a host that looks like AI.
func (t *tally) resembles(host string, confidence float64, features []string, s *seen) {
	u := t.unknown[host]
	if u == nil {
		if len(t.unknown) >= maxUnknown {
			t.crowded++
			return
		}
		u = new(unknownTally)
		t.unknown[strings.Clone(host)] = u
	}
	if confidence > u.confidence {
		u.confidence, u.features = confidence, features
	}
	u.add(s, t.named)
}

// hides counts a flow that hides what it is.
func (t *tally) hides(reason, name string, s *seen) {
	k := blindKey{reason, name}
	u := t.blind[k]
	if u == nil {
		if len(t.blind) >= maxHidden {
			t.crowded++
			return
		}
		u = new(use)
		t.blind[k] = u
	}
	u.add(s, false)
}

func (u *use) add(s *seen, named bool) {
	u.requests += s.requests
	u.up += max(0, s.up)
	u.down += max(0, s.down)
	u.span(s.time, s.time)
	if s.client.IsValid() {
		u.clients.address(s.client)
	}
	if s.user == "" {
		return
	}
	u.users.text(s.user)
	if named {
		u.name(s.user, s.requests)
	}
}

func (u *use) name(user string, n int64) {
	if u.byUser == nil {
		u.byUser = make(map[string]int64)
	}
	if _, ok := u.byUser[user]; !ok {
		if len(u.byUser) >= maxNamed {
			return
		}
		user = strings.Clone(user)
	}
	u.byUser[user] += n
}

// span widens the time of use.
func (u *use) span(first, last time.Time) {
	u.first, u.last = widen(u.first, u.last, first, last)
}

// widen returns the span that covers two. Lines without a time say nothing of it.
func widen(first, last, f, l time.Time) (time.Time, time.Time) {
	if !f.IsZero() && (first.IsZero() || f.Before(first)) {
		first = f
	}
	if l.After(last) {
		last = l
	}
	return first, last
}

func (u *use) merge(o *use) {
	u.requests += o.requests
	u.up += o.up
	u.down += o.down
	u.span(o.first, o.last)
	u.users.merge(&o.users)
	u.clients.merge(&o.clients)
	for _, name := range slices.Sorted(maps.Keys(o.byUser)) { // in order, for who is one too many
		u.name(name, o.byUser[name])
	}
}

// merge adds o, which is not used any more.
func (t *tally) merge(o *tally) {
	for id, s := range o.services {
		mine := t.services[id]
		if mine == nil {
			t.services[id] = s
			continue
		}
		mine.merge(&s.use)
		mine.blocked += s.blocked
		for name, n := range s.noted {
			mine.note(name, n)
		}
		if inventory.Strength(s.verdict.How) > inventory.Strength(mine.verdict.How) {
			mine.verdict.How = s.verdict.How
		}
	}
	for host, u := range o.unknown {
		mine := t.unknown[host]
		switch {
		case mine != nil:
			mine.merge(&u.use)
			if u.confidence > mine.confidence {
				mine.confidence, mine.features = u.confidence, u.features
			}
		case len(t.unknown) < maxUnknown:
			t.unknown[host] = u
		default:
			t.crowded++
		}
	}
	for k, u := range o.blind {
		if mine := t.blind[k]; mine != nil {
			mine.merge(u)
		} else {
			t.blind[k] = u
		}
	}
	for hour, n := range o.hours {
		t.hours[hour] += n
	}
	t.crowded += o.crowded
	t.sites.merge(o.sites)
}

func (s *serviceTally) note(feature string, n int64) {
	if s.noted == nil {
		s.noted = make(map[string]int64)
	}
	s.noted[feature] += n
}

// noteAll notes the features of a flow.
func (s *serviceTally) noteAll(features []string) {
	for _, f := range slices.Compact(features) {
		s.note(f, 1)
	}
}
