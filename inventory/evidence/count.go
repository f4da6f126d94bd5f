package evidence

import (
	"errors"
	"hash/maphash"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Figures is what the sightings of a period say of one service.
type Figures struct {
	Events   int64                    `json:"events"`
	Requests int64                    `json:"requests"`
	Up       int64                    `json:"bytes_up"`
	Down     int64                    `json:"bytes_down"`
	Files    int64                    `json:"files,omitempty"`          // in prompts that were not blocked
	Users    int64                    `json:"users"`                    // pseudonyms, of the generation that has the most; clients where no user is known
	More     bool                     `json:"users_at_least,omitempty"` // there may be more users: sums by day hold no more rows than their bound
	First    time.Time                `json:"first_seen,omitzero"`
	Last     time.Time                `json:"last_seen,omitzero"`
	Findings map[traffic.Class]int64  `json:"findings"`
	Actions  map[traffic.Action]int64 `json:"decisions"`
	Coverage inventory.Coverage       `json:"coverage"`
	Reasons  map[string]int64         `json:"coverage_reasons"` // of what was not inspected
	Models   map[string]int64         `json:"models"`
	Sensors  map[string]int64         `json:"sensors"`
	Hosts    map[string]int64         `json:"hosts"`
}

// People returns how many used it.
func (f *Figures) People() privacy.Number { return privacy.Number{N: f.Users, AtLeast: f.More} }

// Totals is the same of all services.
type Totals struct {
	Services int64                    `json:"services"`
	Events   int64                    `json:"events"`
	Requests int64                    `json:"requests"`
	Up       int64                    `json:"bytes_up"`
	Down     int64                    `json:"bytes_down"`
	Users    int64                    `json:"users"`
	Findings map[traffic.Class]int64  `json:"findings"`
	Actions  map[traffic.Action]int64 `json:"decisions"`
	Coverage inventory.Coverage       `json:"coverage"`
	Hidden   int64                    `json:"hidden"` // flows of blind spots: they are no use of AI
}

// NewFigures returns figures of nothing, without nil maps.
func NewFigures() *Figures {
	return &Figures{
		Findings: make(map[traffic.Class]int64), Actions: make(map[traffic.Action]int64), Reasons: make(map[string]int64),
		Models: make(map[string]int64), Sensors: make(map[string]int64), Hosts: make(map[string]int64),
	}
}

// Hidden is a blind spot in the period.
type Hidden struct {
	Reason, Name string
	Flows        int64
	Clients      int64
}

// maxDistinct bounds the bytes that distinct names may take while they are
// counted: a pack from a stranger may hold any number.
const maxDistinct = 512 << 20

var errDistinct = errors.New("more distinct names than can be counted: choose a shorter period")

// tally counts the sightings of a period.
type tally struct {
	seed     maphash.Seed
	room     int64
	services map[string]*counted
	groups   map[string]*department
	months   Period // that departments are counted in: see privacy.Months
	hidden   map[[2]string]*counted
	people   people
	days     map[int64]int64 // requests
}

type counted struct {
	Figures
	people people
}

// people are counted by hash and by generation of their pseudonyms.
type people map[string]map[uint64]struct{}

// n returns how many people there are at least: of two generations nobody can
// tell who is who, and those of the larger one are sure.
func (p people) n() int64 {
	most := 0
	for _, one := range p {
		most = max(most, len(one))
	}
	return int64(most)
}

func newTally() *tally {
	return &tally{
		seed: maphash.MakeSeed(), room: maxDistinct, services: make(map[string]*counted), groups: make(map[string]*department),
		hidden: make(map[[2]string]*counted), people: make(people), days: make(map[int64]int64),
	}
}

// add counts one sighting.
func (t *tally) add(e *inventory.Event) error {
	person := e.User
	if person == "" {
		person = e.Client
	}
	if e.Blind != "" {
		h := find(t, t.hidden, [2]string{e.Blind, e.Host}, len(e.Blind)+len(e.Host))
		h.Requests += e.Requests
		t.person(h.people, e.Client)
		return t.full()
	}
	t.days[inventory.Day(e.Time)] += e.Requests // bounded by the period
	s := find(t, t.services, e.ServiceID, len(e.ServiceID))
	s.add(e)
	t.person(s.people, person)
	t.person(t.people, person)
	for class, n := range e.Classes {
		count(t, s.Findings, class, int64(n))
	}
	if e.Action != "" {
		count(t, s.Actions, e.Action, e.Requests)
	}
	for _, c := range []struct {
		m    map[string]int64
		name string
	}{{s.Models, e.Model}, {s.Reasons, e.Why}, {s.Sensors, string(e.Sensor)}, {s.Hosts, e.Host}} {
		if c.name != "" {
			count(t, c.m, c.name, e.Requests)
		}
	}
	t.departments(e, person)
	return t.full()
}

func (f *Figures) add(e *inventory.Event) {
	f.Events++
	f.Requests += e.Requests
	f.Up += e.Up
	f.Down += e.Down
	if e.Action != traffic.ActionBlock {
		f.Files += e.Files
	}
	if f.First.IsZero() || e.Time.Before(f.First) {
		f.First = e.Time
	}
	if e.Time.After(f.Last) {
		f.Last = e.Time
	}
	switch e.Depth {
	case traffic.Inspected:
		f.Coverage.Inspected += e.Requests
	case traffic.MetadataOnly:
		f.Coverage.MetadataOnly += e.Requests
	case traffic.Blind:
		f.Coverage.Blind += e.Requests
	}
}

func (t *tally) full() error {
	if t.room < 0 {
		return errDistinct
	}
	return nil
}

// find returns the counter of a key of some bytes, made when there is none.
func find[K comparable](t *tally, m map[K]*counted, key K, size int) *counted {
	c := m[key]
	if c == nil {
		c = &counted{Figures: *NewFigures(), people: make(people)}
		m[key] = c
		t.room -= int64(size) + 1000
	}
	return c
}

func count[K ~string](t *tally, m map[K]int64, key K, n int64) {
	before := len(m)
	m[key] += n
	if len(m) > before {
		t.room -= int64(len(key)) + 50
	}
}

// person notes who it was by a hash of a secret seed: names may be long, and
// nobody can choose two that are counted as one.
func (t *tally) person(p people, name string) {
	if name == "" {
		return
	}
	generation := inventory.GenerationOf(name)
	one := p[generation]
	if one == nil {
		one = make(map[uint64]struct{})
		p[strings.Clone(generation)] = one
		t.room -= 200
	}
	before := len(one)
	one[maphash.String(t.seed, name)] = struct{}{}
	if len(one) > before {
		t.room -= 40
	}
}

// figures returns what was counted of each service.
func (t *tally) figures() map[string]*Figures {
	out := make(map[string]*Figures, len(t.services))
	for id, c := range t.services {
		c.Users = c.people.n()
		out[id] = &c.Figures
	}
	return out
}

// totals returns the sums over all services.
func (t *tally) totals() Totals {
	all := Totals{Users: t.people.n(), Findings: make(map[traffic.Class]int64), Actions: make(map[traffic.Action]int64)}
	for _, c := range t.services {
		all.Services++
		all.Events += c.Events
		all.Requests += c.Requests
		all.Up += c.Up
		all.Down += c.Down
		all.Coverage.Inspected += c.Coverage.Inspected
		all.Coverage.MetadataOnly += c.Coverage.MetadataOnly
		all.Coverage.Blind += c.Coverage.Blind
		for class, n := range c.Findings {
			all.Findings[class] += n
		}
		for action, n := range c.Actions {
			all.Actions[action] += n
		}
	}
	for _, c := range t.hidden {
		all.Hidden += c.Requests
	}
	return all
}
