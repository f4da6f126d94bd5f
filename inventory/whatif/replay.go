package whatif

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Change is a kind of decision that would have been another one.
type Change struct {
	From     traffic.Action `json:"from"`
	To       traffic.Action `json:"to"`
	Was      string         `json:"was"`  // rule that decided; "" when none did
	Rule     string         `json:"rule"` // rule that would have
	Requests int64          `json:"requests"`
	Users    int            `json:"users"`
	Services []string       `json:"services"`
	First    time.Time      `json:"first"`
	Last     time.Time      `json:"last"`

	users    map[string]bool
	services map[string]bool
}

// Report is what a replay found.
type Report struct {
	Requests  int64    `json:"requests"`  // replayed
	Different int64    `json:"different"` // of them, decided otherwise
	Users     int      `json:"users"`     // of the different ones
	Changes   []Change `json:"changes"`   // the most frequent first
	Few       int      `json:"few"`       // changes that are left out, also from the sums, as fewer people are behind each than may be told apart

	// What can't be told.
	Undecided int64    `json:"undecided"` // requests that no policy decided upon: a sniffer or a log saw them
	Unlike    int64    `json:"unlike"`    // requests that the policy in force would not decide today as was recorded: the status of the service or the rules have changed since
	Blind     int64    `json:"blind"`     // requests whose prompt was not read: what is in it, no rule knows
	Limits    []string `json:"limits"`    // rules and detectors that can't be replayed, and why
}

// maxServices bounds the services that a change lists.
const maxServices = 20

// Replay collects decisions.
type Replay struct {
	old, new *rules.Engine
	class    map[string]traffic.Class // of each detector
	sure     map[string]float64       // confidence of each detector
	status   func(id string) traffic.Status
	report   Report
	changes  map[string]*Change
}

// New returns a replay of the candidate's policy beside the one in force. hide
// returns the pseudonym of a user that a rule names; nil: rules that name users match
// nobody, as who asks may not learn what a name has done. status is that of a service
// now.
func New(inForce, candidate *rules.Set, hide func(user string) string, status func(id string) traffic.Status, now func() time.Time) (*Replay, error) {
	r := &Replay{
		class: make(map[string]traffic.Class), sure: make(map[string]float64), status: status,
		changes: make(map[string]*Change),
	}
	var err error
	if r.old, err = rules.NewEngine(hidden(inForce.Policies, hide), now); err != nil {
		return nil, fmt.Errorf("the policy in force: %w", err)
	}
	if r.new, err = rules.NewEngine(hidden(candidate.Policies, hide), now); err != nil {
		return nil, fmt.Errorf("the candidate: %w", err)
	}
	for _, set := range []*rules.Set{candidate, inForce} {
		for i := range set.Detectors {
			d := &set.Detectors[i]
			r.class[d.Name], r.sure[d.Name] = d.Class, max(d.Confidence, d.InContext)
		}
	}
	r.report.Limits = limits(inForce, candidate)
	if hide == nil {
		r.report.Limits = append(r.report.Limits, named(inForce, candidate)...)
	}
	return r, nil
}

// nobody is no user, and no pseudonym.
const nobody = "\x00"

// hidden returns policies that name users by their pseudonyms.
func hidden(policies []rules.Policy, hide func(string) string) []rules.Policy {
	out := slices.Clone(policies)
	for i := range out {
		users := slices.Clone(out[i].When.User)
		for j, u := range users {
			if users[j] = nobody; hide != nil {
				users[j] = hide(u)
			}
		}
		out[i].When.User = users
	}
	return out
}

// Add replays a sighting.
func (r *Replay) Add(e *inventory.Event) {
	if e.Blind != "" {
		return
	}
	n := max(1, e.Requests)
	if e.Action == "" {
		r.report.Undecided += n
		return
	}
	if e.Depth != traffic.Inspected {
		r.report.Blind += n
	}
	x := r.exchange(e)
	was := r.old.Decide(x)
	is := r.new.Decide(x)
	r.report.Requests += n
	if settled(was, e) != e.Action {
		r.report.Unlike += n
	}
	from, to := settled(was, e), settled(is, e)
	if from == to {
		return
	}
	r.report.Different += n
	key := fmt.Sprint(from, "\x00", to, "\x00", was.Rule, "\x00", is.Rule)
	c := r.changes[key]
	if c == nil {
		c = &Change{From: from, To: to, Was: was.Rule, Rule: is.Rule, users: make(map[string]bool), services: make(map[string]bool)}
		r.changes[key] = c
	}
	c.add(e, n)
}

// settled is what becomes of a decision where the prompt could not be read: a
// rule that fails closed refuses.
func settled(d traffic.Decision, e *inventory.Event) traffic.Action {
	if e.Depth == traffic.Blind && d.OnFailure == traffic.FailClosed {
		return traffic.ActionBlock
	}
	return d.Action
}

func (c *Change) add(e *inventory.Event, n int64) {
	c.Requests += n
	if who := cmp.Or(e.User, e.Client); who != "" {
		c.users[who] = true
	}
	c.services[e.ServiceID] = true
	if c.First.IsZero() || e.Time.Before(c.First) {
		c.First = e.Time
	}
	if e.Time.After(c.Last) {
		c.Last = e.Time
	}
}

// exchange rebuilds of a request what was recorded of it.
func (r *Replay) exchange(e *inventory.Event) *traffic.Exchange {
	x := &traffic.Exchange{
		Flow: traffic.Flow{
			Time: e.Time, Sensor: e.Sensor, User: e.User, Groups: e.Groups, Host: e.Host, Method: e.Method, Path: e.Path, UserAgent: e.UserAgent,
		},
		Verdict: traffic.Verdict{
			Service: e.Service, ID: e.ServiceID, Vendor: e.Vendor, Category: e.Category, Surface: e.Surface, How: e.How, Confidence: e.Confidence,
		},
		Status: r.status(e.ServiceID), Account: traffic.Account{Kind: e.Account.Kind, Organisation: e.Account.Organisation, Plan: e.Account.Plan},
		Coverage: traffic.Coverage{Depth: e.Depth, Reason: e.Why},
		Prompt:   &traffic.Prompt{Model: e.Model, Format: e.Format},
	}
	for _, name := range slices.Sorted(maps.Keys(e.Findings)) {
		for range e.Findings[name] {
			x.Findings = append(x.Findings, traffic.Finding{Detector: name, Class: r.class[name], Confidence: r.sure[name]})
		}
	}
	if len(x.Findings) == len(e.Prints) && len(e.Findings) == 1 { // else nothing tells whose they are
		for i := range x.Findings {
			x.Findings[i].Print = e.Prints[i]
		}
	}
	return x
}

// Report returns what the replay has found so far.
func (r *Replay) Report() *Report { return r.Discreet(0) }

// Discreet is Report without what fewer than k people did.
func (r *Replay) Discreet(k int) *Report {
	out := r.report
	out.Changes = []Change{}
	users := make(map[string]bool)
	for _, c := range r.changes {
		if len(c.users) < k {
			out.Few++
			out.Different -= c.Requests
			continue
		}
		maps.Copy(users, c.users)
		done := *c
		done.Users = len(c.users)
		done.Services = slices.Sorted(maps.Keys(c.services))
		done.Services = done.Services[:min(len(done.Services), maxServices)]
		out.Changes = append(out.Changes, done)
	}
	out.Users = len(users)
	slices.SortFunc(out.Changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Was, b.Was), cmp.Compare(a.To, b.To))
	})
	return &out
}
