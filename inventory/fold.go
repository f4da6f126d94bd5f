package inventory

import (
	"encoding/json"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Fold is what a batch of events adds to the register: the same for every store
// and for every order of the events. Adding folds adds their figures.
type Fold struct {
	Services map[string]*ServiceFold
	Facets   map[FacetKey]*Tally
	Usage    map[UsageKey]*UsageTally
	Blind    map[BlindKey]*Tally
	People   map[string][]byte // sealed names by pseudonym

	shapes map[shape]*sums
}

// ServiceFold is what a batch says of one service.
type ServiceFold struct {
	Name, Vendor, Category string // of the newest event
	How                    traffic.How
	Features               []string // that led to How
	Tally
}

// Tally sums up events.
type Tally struct {
	N, Up, Down int64 // requests (or findings), bytes
	First, Last time.Time
}

// Kind is what a facet of a service tells.
type Kind string

// The kinds of facets. Tally.N counts requests, but findings for KindDetector
// and KindClass.
const (
	KindUser     Kind = "user"
	KindClient   Kind = "client"
	KindAccount  Kind = "account" // JSON of an Account
	KindModel    Kind = "model"
	KindSurface  Kind = "surface"
	KindHost     Kind = "host"
	KindSensor   Kind = "sensor"
	KindDetector Kind = "detector"
	KindClass    Kind = "class"
	KindAction   Kind = "action"
	KindRule     Kind = "rule"
	KindDepth    Kind = "coverage"
	KindReason   Kind = "reason"  // of a coverage that is not "inspected"
	KindOrigin   Kind = "origin"  // a file or an interface
	KindFeature  Kind = "feature" // of flows, noted and not acted upon
)

// FacetKey names one value that was seen with a service.
type FacetKey struct {
	Service string
	Kind    Kind
	Name    string
}

// BlindKey names what hides the traffic of a client.
type BlindKey struct {
	Reason string // doh, vpn, ...
	Name   string // of the resolver, relay or VPN
	Client string // pseudonym
}

// UsageKey is who used what on a day, in UTC.
type UsageKey struct {
	Day                                   int64 // since 1970-01-01
	Service, Account, User, Client, Model string
}

// UsageTally is how they used it.
type UsageTally struct {
	Tally
	Findings, Altered, Blocked int64
}

// NewFold returns the sum of no events.
func NewFold() *Fold {
	return &Fold{
		Services: make(map[string]*ServiceFold), Facets: make(map[FacetKey]*Tally),
		Usage: make(map[UsageKey]*UsageTally), People: make(map[string][]byte), Blind: make(map[BlindKey]*Tally),
		shapes: make(map[shape]*sums),
	}
}

// Add adds an event.
func (f *Fold) Add(e *Event) {
	one := Tally{N: e.Requests, Up: e.Up, Down: e.Down, First: e.Time, Last: e.Time}
	for _, p := range e.People {
		f.People[p.ID] = p.Sealed
	}
	if e.Blind != "" {
		f.blind(BlindKey{e.Blind, e.Host, e.Client}).add(one)
		return
	}
	s := f.sums(e)
	s.service.add(e, one)
	for _, t := range s.facets {
		t.add(one)
	}
	var findings int64
	for name, n := range e.Findings {
		findings += int64(n)
		f.facet(e, KindDetector, name).add(Tally{N: int64(n), First: e.Time, Last: e.Time})
	}
	for class, n := range e.Classes {
		f.facet(e, KindClass, string(class)).add(Tally{N: int64(n), First: e.Time, Last: e.Time})
	}
	for _, name := range e.Noted {
		f.facet(e, KindFeature, name).add(one)
	}
	s.usage.add(e, one, findings)
}

// shape is what decides which sums an event adds to, save its findings.
type shape struct {
	day                                           int64
	service, user, client, model, host, rule, why string
	origin                                        string
	account                                       Account
	surface                                       traffic.Surface
	sensor                                        traffic.Sensor
	action                                        traffic.Action
	depth                                         traffic.Depth
}

// sums are those of one shape.
type sums struct {
	service *ServiceFold
	facets  []*Tally
	usage   *UsageTally
}

// sums finds the sums of e, with one look where an event like it came before.
func (f *Fold) sums(e *Event) *sums {
	key := shape{
		day: Day(e.Time), service: e.ServiceID, user: e.User, client: e.Client, model: e.Model, host: e.Host, rule: e.Rule, why: e.Why, origin: e.Origin,
		account: e.Account, surface: e.Surface, sensor: e.Sensor, action: e.Action, depth: e.Depth,
	}
	if s := f.shapes[key]; s != nil {
		return s
	}
	s := &sums{service: f.Services[e.ServiceID]}
	if s.service == nil {
		s.service = &ServiceFold{How: e.How, Features: e.Features}
		f.Services[e.ServiceID] = s.service
	}
	account := e.Account.key()
	for _, v := range [...]struct {
		kind Kind
		name string
	}{
		{KindUser, e.User}, {KindClient, e.Client}, {KindAccount, account}, {KindModel, e.Model},
		{KindSurface, string(e.Surface)}, {KindHost, e.Host}, {KindSensor, string(e.Sensor)},
		{KindAction, string(e.Action)}, {KindRule, e.Rule}, {KindDepth, string(e.Depth)}, {KindReason, e.Why},
		{KindOrigin, e.Origin},
	} {
		if v.name != "" {
			s.facets = append(s.facets, f.facet(e, v.kind, v.name))
		}
	}
	day := UsageKey{key.day, e.ServiceID, account, e.User, e.Client, e.Model}
	if s.usage = f.Usage[day]; s.usage == nil {
		s.usage = new(UsageTally)
		f.Usage[day] = s.usage
	}
	f.shapes[key] = s
	return s
}

func (f *Fold) facet(e *Event, kind Kind, name string) *Tally {
	key := FacetKey{e.ServiceID, kind, name}
	t := f.Facets[key]
	if t == nil {
		t = new(Tally)
		f.Facets[key] = t
	}
	return t
}

func (f *Fold) blind(key BlindKey) *Tally {
	t := f.Blind[key]
	if t == nil {
		t = new(Tally)
		f.Blind[key] = t
	}
	return t
}

func (s *ServiceFold) add(e *Event, one Tally) {
	if !e.Time.Before(s.Last) {
		s.Name, s.Vendor, s.Category = e.Service, e.Vendor, e.Category
	}
	if Strength(e.How) > Strength(s.How) {
		s.How, s.Features = e.How, e.Features
	}
	s.Tally.add(one)
}

func (u *UsageTally) add(e *Event, one Tally, findings int64) {
	u.Tally.add(one)
	u.Findings += findings
	switch e.Action {
	case traffic.ActionRedact, traffic.ActionPseudonymise:
		u.Altered += e.Requests
	case traffic.ActionBlock:
		u.Blocked += e.Requests
	}
}

func (t *Tally) add(o Tally) {
	if t.First.IsZero() || o.First.Before(t.First) {
		t.First = o.First
	}
	if o.Last.After(t.Last) {
		t.Last = o.Last
	}
	t.N += o.N
	t.Up += o.Up
	t.Down += o.Down
}

// Day returns the day of t in UTC, counted from 1970-01-01.
func Day(t time.Time) int64 { return t.Unix() / (24 * 60 * 60) }

// Strength orders the kinds of evidence; nothing known is 0.
func Strength(h traffic.How) int {
	switch h {
	case traffic.HowCatalogue:
		return 6
	case traffic.HowCatalogueUnverified:
		return 5
	case traffic.HowSharedHost:
		return 4
	case traffic.HowRequestShape:
		return 3
	case traffic.HowResponseShape:
		return 2
	case traffic.HowLearnedAddress:
		return 1
	}
	return 0
}

// key returns the account as a facet's name, "" when nothing is known of it.
func (a Account) key() string {
	if a == (Account{}) {
		return ""
	}
	b, _ := json.Marshal(a) // strings only
	return string(b)
}

// ParseAccount returns the account behind the name of a facet.
func ParseAccount(name string) (a Account, err error) {
	err = json.Unmarshal([]byte(name), &a)
	return a, err
}
