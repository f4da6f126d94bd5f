package inventory

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Fold is what a batch of events adds to the register: the same for every store
// and for every order of the events. Adding folds adds their figures.
type Fold struct {
	Services map[string]*ServiceFold
	Facets   map[FacetKey]*Tally
	Usage    map[UsageKey]*UsageTally
	Days     map[DayKey]*Tally
	Hours    map[HourKey]*UsageTally
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

// Kind is what a facet tells.
type Kind string

// The kinds of facets. Tally.N counts requests, but findings for KindDetector
// and KindClass, and files for KindFiles.
const (
	KindTotal   Kind = "total"   // of a subject that is no service; the name is empty
	KindService Kind = "service" // of a subject that is no service
	KindGroup   Kind = "group"   // a department
	KindAgent   Kind = "agent"   // a program
	KindTool    Kind = "tool"    // declared or called
	KindServer  Kind = "server"  // a remote MCP server
	KindKey     Kind = "key"     // keyed hash of an API key: only as a subject

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
	KindEndpoint Kind = "path"    // template of a path that was asked for, of a service only
	KindFiles    Kind = "files"   // in prompts, each time that they are sent: FilesSent or FilesBlocked
)

// What became of the files in prompts.
const (
	FilesSent    = "sent"
	FilesBlocked = "blocked"
)

// maxEndpoints bounds the paths that are kept of a service: a client can ask for
// any.
const maxEndpoints = 200

// MaxValues is how many values of a kind a store keeps of one subject. A count
// that reaches it says how many there are at least.
const MaxValues = 20_000

// Room returns how many values of a kind a store keeps of one subject, at most
// as many as its own limit.
func (k Kind) Room(limit int) int {
	if k == KindEndpoint {
		return min(limit, maxEndpoints)
	}
	return limit
}

// FacetKey names one value that was seen with a subject: a service (by its id),
// or what Of returns.
type FacetKey struct {
	Subject string
	Kind    Kind
	Name    string
}

// Of returns the subject that a user, client, key, model, group, agent, tool or
// server is. No id of a service looks like one: it has no "=", or begins with
// "unknown:".
func Of(kind Kind, name string) string { return string(kind) + "=" + name }

// DayKey names one value that was seen with a service on a day, in UTC: of
// kinds class, detector, action, coverage, reason, rule, group, surface and
// model.
type DayKey struct {
	Day     int64 // since 1970-01-01
	Service string
	Kind    Kind
	Name    string
}

// HourKey is an hour of a service, in UTC.
type HourKey struct {
	Hour    int64 // since 1970-01-01T00
	Service string
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
	Sensitive                  int64 // requests with findings
	Handled                    int64 // and of them, those that were altered or blocked
}

// NewFold returns the sum of no events.
func NewFold() *Fold {
	return &Fold{
		Services: make(map[string]*ServiceFold), Facets: make(map[FacetKey]*Tally),
		Usage: make(map[UsageKey]*UsageTally), Days: make(map[DayKey]*Tally), Hours: make(map[HourKey]*UsageTally), People: make(map[string][]byte), Blind: make(map[BlindKey]*Tally),
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
		entry(f.Blind, BlindKey{e.Blind, e.Host, e.Client}).add(one)
		return
	}
	s := f.sums(e)
	s.service.add(e, one)
	for _, t := range s.facets {
		t.add(one)
	}
	for _, t := range s.days {
		t.add(one)
	}
	findings := f.findings(e)
	for _, name := range e.Noted {
		f.facet(e.ServiceID, KindFeature, name).add(one)
	}
	f.tools(e, one)
	if e.Files > 0 {
		f.facet(e.ServiceID, KindFiles, filesOf(e)).add(Tally{N: e.Files, First: e.Time, Last: e.Time})
	}
	s.usage.add(e, one, findings)
	s.hour.add(e, one, findings)
}

// findings adds what was found in e and returns how many findings that are.
func (f *Fold) findings(e *Event) (findings int64) {
	for name, n := range e.Findings {
		t := Tally{N: int64(n), First: e.Time, Last: e.Time}
		findings += t.N
		f.facet(e.ServiceID, KindDetector, name).add(t)
		f.day(e, KindDetector, name).add(t)
	}
	for class, n := range e.Classes {
		t := Tally{N: int64(n), First: e.Time, Last: e.Time}
		f.facet(e.ServiceID, KindClass, string(class)).add(t)
		f.day(e, KindClass, string(class)).add(t)
		if e.User != "" {
			f.facet(Of(KindUser, e.User), KindClass, string(class)).add(t)
		}
		for _, g := range e.Groups {
			f.facet(Of(KindGroup, g), KindClass, string(class)).add(t)
		}
	}
	return findings
}

// filesOf says what became of the files in e.
func filesOf(e *Event) string {
	if e.Action == traffic.ActionBlock {
		return FilesBlocked
	}
	return FilesSent
}

// tools adds the tools and servers that e names.
func (f *Fold) tools(e *Event, one Tally) {
	for _, list := range [...]struct {
		kind  Kind
		names []string
	}{{KindTool, e.Tools}, {KindServer, e.Servers}} {
		for _, name := range list.names {
			f.facet(e.ServiceID, list.kind, name).add(one)
			subject := Of(list.kind, name)
			f.facet(subject, KindTotal, "").add(one)
			f.facet(subject, KindService, e.ServiceID).add(one)
			for _, with := range [...]struct {
				kind Kind
				name string
			}{{KindUser, e.User}, {KindAgent, e.Agent}} {
				if with.name != "" {
					f.facet(subject, with.kind, with.name).add(one)
				}
			}
		}
	}
}

// shape is what decides which sums an event adds to, save its findings.
type shape struct {
	hour                                          int64
	service, user, client, model, host, rule, why string
	origin, agent, groups, path                   string
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
	days    []*Tally
	usage   *UsageTally
	hour    *UsageTally
}

// sums finds the sums of e, with one look where an event like it came before.
func (f *Fold) sums(e *Event) *sums {
	key := shape{
		hour: Hour(e.Time), service: e.ServiceID, user: e.User, client: e.Client, model: e.Model, host: e.Host, rule: e.Rule, why: e.Why, origin: e.Origin,
		agent: e.Agent, groups: joined(e.Groups), path: e.Path,
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
		{KindOrigin, e.Origin}, {KindAgent, e.Agent}, {KindEndpoint, e.Path},
	} {
		if v.name != "" {
			s.facets = append(s.facets, f.facet(e.ServiceID, v.kind, v.name))
		}
	}
	for _, g := range e.Groups {
		s.facets = append(s.facets, f.facet(e.ServiceID, KindGroup, g))
	}
	f.subjects(s, e, account)
	f.periods(s, e, account)
	f.shapes[key] = s
	return s
}

// subjects adds to s the sums of those that e is about beside its service.
func (f *Fold) subjects(s *sums, e *Event, account string) {
	type named struct {
		kind Kind
		name string
	}
	service, user, client, action := named{KindService, e.ServiceID}, named{KindUser, e.User}, named{KindClient, e.Client}, named{KindAction, string(e.Action)}
	about := func(kind Kind, name string, with ...named) {
		if name == "" {
			return
		}
		subject := Of(kind, name)
		s.facets = append(s.facets, f.facet(subject, KindTotal, ""))
		for _, w := range with {
			if w.name != "" {
				s.facets = append(s.facets, f.facet(subject, w.kind, w.name))
			}
		}
	}
	about(KindUser, e.User, service, client, action, named{KindModel, e.Model}, named{KindAccount, account}, named{KindAgent, e.Agent})
	for _, g := range e.Groups {
		about(KindGroup, g, service, user, action)
		if e.User != "" {
			s.facets = append(s.facets, f.facet(Of(KindUser, e.User), KindGroup, g))
		}
	}
	about(KindClient, e.Client, service, user)
	about(KindKey, e.Account.Key, service, user, client, named{KindAccount, account})
	about(KindModel, e.Model, service, user)
	about(KindAgent, e.Agent, service, user, named{KindSurface, string(e.Surface)})
}

// periods adds to s the sums of the day and the hour.
func (f *Fold) periods(s *sums, e *Event, account string) {
	for _, v := range [...]struct {
		kind Kind
		name string
	}{
		{KindAction, string(e.Action)}, {KindDepth, string(e.Depth)}, {KindReason, e.Why}, {KindRule, e.Rule},
		{KindSurface, string(e.Surface)}, {KindModel, e.Model},
	} {
		if v.name != "" {
			s.days = append(s.days, f.day(e, v.kind, v.name))
		}
	}
	for _, g := range e.Groups {
		s.days = append(s.days, f.day(e, KindGroup, g))
	}
	s.usage = entry(f.Usage, UsageKey{Day(e.Time), e.ServiceID, account, e.User, e.Client, e.Model})
	s.hour = entry(f.Hours, HourKey{Hour(e.Time), e.ServiceID})
}

func (f *Fold) facet(subject string, kind Kind, name string) *Tally {
	return entry(f.Facets, FacetKey{subject, kind, name})
}

func (f *Fold) day(e *Event, kind Kind, name string) *Tally {
	return entry(f.Days, DayKey{Day(e.Time), e.ServiceID, kind, name})
}

// entry returns the value of a key, made when there is none.
func entry[K comparable, V any](m map[K]*V, key K) *V {
	v := m[key]
	if v == nil {
		v = new(V)
		m[key] = v
	}
	return v
}

// joined returns a list as one text.
func joined(list []string) string {
	if len(list) == 1 { // no copy
		return list[0]
	}
	return strings.Join(list, "\x00")
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
	handled := true
	switch e.Action {
	case traffic.ActionRedact, traffic.ActionPseudonymise:
		u.Altered += e.Requests
	case traffic.ActionBlock:
		u.Blocked += e.Requests
	default:
		handled = false
	}
	if findings > 0 {
		u.Sensitive += e.Requests
		if handled {
			u.Handled += e.Requests
		}
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

// Hour returns the hour of t in UTC, counted from 1970-01-01T00.
func Hour(t time.Time) int64 { return t.Unix() / (60 * 60) }

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
