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
	People   map[string][]byte // sealed names by pseudonym

	accounts map[Account]string // their names
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
	KindReason   Kind = "reason" // of a coverage that is not "inspected"
)

// FacetKey names one value that was seen with a service.
type FacetKey struct {
	Service string
	Kind    Kind
	Name    string
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
		Usage: make(map[UsageKey]*UsageTally), People: make(map[string][]byte),
		accounts: make(map[Account]string),
	}
}

// Add adds an event.
func (f *Fold) Add(e *Event) {
	one := Tally{N: e.Requests, Up: e.Up, Down: e.Down, First: e.Time, Last: e.Time}
	account := f.account(e.Account)
	f.service(e, one)
	for _, v := range [...]struct {
		kind Kind
		name string
	}{
		{KindUser, e.User}, {KindClient, e.Client}, {KindAccount, account}, {KindModel, e.Model},
		{KindSurface, string(e.Surface)}, {KindHost, e.Host}, {KindSensor, string(e.Sensor)},
		{KindAction, string(e.Action)}, {KindRule, e.Rule}, {KindDepth, string(e.Depth)}, {KindReason, e.Why},
	} {
		f.facet(e, v.kind, v.name, one)
	}
	var findings int64
	for name, n := range e.Findings {
		findings += int64(n)
		f.facet(e, KindDetector, name, Tally{N: int64(n), First: e.Time, Last: e.Time})
	}
	for class, n := range e.Classes {
		f.facet(e, KindClass, string(class), Tally{N: int64(n), First: e.Time, Last: e.Time})
	}
	f.usage(e, account, one, findings)
	for _, p := range e.People {
		f.People[p.ID] = p.Sealed
	}
}

// account returns the name of an account, which is made once.
func (f *Fold) account(a Account) string {
	name, ok := f.accounts[a]
	if !ok {
		name = a.key()
		f.accounts[a] = name
	}
	return name
}

func (f *Fold) service(e *Event, one Tally) {
	s := f.Services[e.ServiceID]
	if s == nil {
		s = &ServiceFold{How: e.How, Features: e.Features}
		f.Services[e.ServiceID] = s
	}
	if !e.Time.Before(s.Last) {
		s.Name, s.Vendor, s.Category = e.Service, e.Vendor, e.Category
	}
	if Strength(e.How) > Strength(s.How) {
		s.How, s.Features = e.How, e.Features
	}
	s.Tally.add(one)
}

func (f *Fold) facet(e *Event, kind Kind, name string, t Tally) {
	if name == "" {
		return
	}
	key := FacetKey{e.ServiceID, kind, name}
	sum := f.Facets[key]
	if sum == nil {
		sum = new(Tally)
		f.Facets[key] = sum
	}
	sum.add(t)
}

func (f *Fold) usage(e *Event, account string, one Tally, findings int64) {
	key := UsageKey{Day(e.Time), e.ServiceID, account, e.User, e.Client, e.Model}
	u := f.Usage[key]
	if u == nil {
		u = new(UsageTally)
		f.Usage[key] = u
	}
	u.add(one)
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
