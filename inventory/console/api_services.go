package console

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// serviceList is a page of services, by id.
type serviceList struct {
	Services []inventory.Service `json:"services"`
	Next     string              `json:"next"`
}

// serviceFilters are the filters of a list of services.
func serviceFilters() []param {
	words := make([]string, 0, 6)
	for _, s := range traffic.Statuses() {
		words = append(words, string(s))
	}
	return paged(
		param{name: "status", kind: kindWord, words: words, about: "only services of this status"},
		param{name: "category", kind: kindText, about: "only services of this category"},
		param{name: "vendor", kind: kindText, about: "only services of this vendor"},
		param{name: "q", kind: kindText, about: "only services whose name or id has this in it"},
		param{name: "seen_since", kind: kindDay, about: "only services that were seen from this day on"},
	)
}

func (s *Server) services(c *call, _ none) (out serviceList, err error) {
	rows, err := s.cfg.Inventory.Services(c.ctx())
	if err != nil {
		return out, err
	}
	rows = slices.DeleteFunc(rows, func(r inventory.Service) bool { return !c.wants(&r) })
	out.Services, out.Next, err = page(c, rows, func(r *inventory.Service) string { return r.ID })
	if !c.may(access.People) {
		out.Services = s.cfg.K.Services(out.Services)
	}
	return out, err
}

// wants reports whether a service passes the filters of c.
func (c *call) wants(r *inventory.Service) bool {
	is := func(name, value string) bool {
		want := c.q.Get(name)
		return want == "" || strings.EqualFold(want, value)
	}
	part := strings.ToLower(c.q.Get("q"))
	since := c.q.Get("seen_since")
	return is("status", string(r.Status)) && is("category", r.Category) && is("vendor", r.Vendor) &&
		(part == "" || strings.Contains(strings.ToLower(r.Service), part) || strings.Contains(strings.ToLower(r.ID), part)) &&
		(since == "" || r.LastSeen.UTC().Format("2006-01-02") >= since)
}

func (s *Server) service(c *call, _ none) (*inventory.Detail, error) {
	d, err := s.cfg.Inventory.Service(c.ctx(), c.path("name"))
	if err != nil {
		return nil, err
	}
	if len(d.GroupList) > 0 {
		departments, err := privacy.NewDepartments(c.ctx(), s.cfg.K, s.cfg.Inventory.Seen())
		if err != nil {
			return nil, err
		}
		departments.Service(d)
	}
	if !c.may(access.People) {
		d.UserList, d.ClientList, d.AccountList = []inventory.Use{}, []inventory.Use{}, []inventory.AccountUse{}
		d.Service = s.cfg.K.Services([]inventory.Service{d.Service})[0]
	}
	return d, nil
}

func (s *Server) decide(c *call, in inventory.Change) (*inventory.Service, error) {
	id, err := s.cfg.Inventory.Resolve(c.ctx(), c.path("name"))
	if err != nil {
		return nil, err
	}
	if err := toCome(&in); err != nil {
		return nil, err
	}
	in.Service = id
	in.By = s.author(c, in.By)
	in.If = c.unmoved(inventory.TopicDecision, id)
	row, err := s.cfg.Inventory.Decide(c.ctx(), in)
	c.book = s.cfg.Inventory.Book()
	return row, err
}

// toCome refuses a decision that has ended before it is taken.
func toCome(c *inventory.Change) error {
	for _, d := range [...]struct{ name, day string }{{"until", c.Until}, {"review", c.Review}} {
		if err := passed(d.name, d.day); err != nil {
			return err
		}
	}
	return nil
}

// passed refuses a day that has passed: it is a slip of the pen.
func passed(name, day string) error {
	if t, err := time.Parse(time.DateOnly, day); err == nil && t.AddDate(0, 0, 1).Before(time.Now()) {
		return &inventory.InvalidError{Problem: fmt.Sprintf("%s %s has passed", name, day)}
	}
	return nil
}

// newDecisions are many decisions at once.
type newDecisions struct {
	Decisions []inventory.Change `json:"decisions"`
	Preview   bool               `json:"preview"` // only say what they would do
}

type outcomeList struct {
	Outcomes []inventory.Outcome `json:"outcomes"`
}

// decideAll takes all decisions or none.
func (s *Server) decideAll(c *call, in newDecisions) (outcomeList, error) {
	for i := range in.Decisions {
		d := &in.Decisions[i]
		if err := toCome(d); err != nil {
			return outcomeList{}, err
		}
		d.By = s.author(c, d.By)
		if id, err := s.cfg.Inventory.Resolve(c.ctx(), d.Service); err == nil && c.r.Header.Get("If-Match") != "" {
			d.If = c.unmoved(inventory.TopicDecision, id)
		}
	}
	list, err := s.cfg.Inventory.DecideAll(c.ctx(), in.Decisions, in.Preview)
	if _, wrong := errors.AsType[*inventory.InvalidError](err); wrong || isUnknown(err) {
		return outcomeList{}, &inventory.InvalidError{Problem: err.Error()}
	}
	c.book = s.cfg.Inventory.Book()
	return outcomeList{append([]inventory.Outcome{}, list...)}, err
}

// author returns under whose name something is put on record. Who asks is who
// they are; only where the kernel does not say who opened the socket, the
// commands on this machine do.
func (s *Server) author(c *call, said string) string {
	if nameless, _ := c.ctx().Value(namelessKey{}).(bool); nameless && said != "" {
		return said
	}
	return c.who.Name
}

// blindList lists what hid traffic.
type blindList struct {
	Blind []inventory.BlindSpot `json:"blind"`
	Next  string                `json:"next"`
}

func (s *Server) blind(c *call, _ none) (out blindList, err error) {
	spots, err := s.cfg.Inventory.BlindSpots(c.ctx())
	if err != nil {
		return out, err
	}
	if !c.may(access.People) {
		spots = slices.Clone(spots)
		for i := range spots {
			spots[i].ClientList = []inventory.Use{}
			if s.cfg.K.Small(spots[i].Clients) {
				spots[i].Clients, spots[i].Suppressed = 0, true
			}
		}
	}
	out.Blind, out.Next, err = page(c, spots, func(b *inventory.BlindSpot) string { return b.Reason + "\x00" + b.Name })
	return out, err
}

// subject is one with what is on record on it.
type subject struct {
	inventory.Subject
	InPrompt time.Time `json:"seen_in_prompt,omitzero"` // of keys: when one stood in a prompt
}

// subjectList is a page of subjects of a kind, by name.
type subjectList struct {
	Subjects []subject `json:"subjects"`
	Next     string    `json:"next"`
}

// subjectKinds are the kinds of subjects, and the right that one needs to list
// them.
var subjectKinds = map[inventory.Kind]access.Right{
	inventory.KindUser: access.People, inventory.KindClient: access.People, inventory.KindKey: access.People, inventory.KindGroup: access.People,
	inventory.KindModel: access.Read, inventory.KindAgent: access.Read, inventory.KindTool: access.Read, inventory.KindServer: access.Read,
}

// kindOf returns the kind that a path names.
func (c *call) kindOf() (inventory.Kind, error) {
	k := inventory.Kind(c.path("kind"))
	right, ok := subjectKinds[k]
	if !ok {
		return "", notFound("there are no such subjects: user, client, key, group, model, agent, tool, server")
	}
	if !c.may(right) {
		return "", &statusError{403, "the role " + string(c.who.Role) + " may not see lists of people"}
	}
	return k, nil
}

func (s *Server) subjects(c *call, _ none) (out subjectList, err error) {
	k, err := c.kindOf()
	if err != nil {
		return out, err
	}
	seen, top := s.cfg.Inventory.Seen(), c.number("top", 0)
	var list []inventory.Subject
	if top > 0 { // the most used first
		list, err = seen.Subjects(c.ctx(), k, top)
	} else {
		var after string
		var limit int
		if after, limit, err = c.place(); err != nil {
			return out, err
		}
		if list, err = seen.SubjectsAfter(c.ctx(), k, after, limit+1); len(list) > limit {
			list = list[:limit]
			out.Next = cursor(list[limit-1].Name)
		}
	}
	if err != nil {
		return out, err
	}
	if k == inventory.KindGroup {
		departments, err := privacy.NewDepartments(c.ctx(), s.cfg.K, s.cfg.Inventory.Seen())
		if err != nil {
			return out, err
		}
		list = departments.List(list)
	}
	rows := make([]subject, len(list))
	for i := range list {
		if rows[i].Subject = list[i]; list[i].Counts == nil {
			rows[i].Counts = map[inventory.Kind]int64{}
		}
		if !c.may(access.People) {
			rows[i].Counts = s.cfg.K.Counts(rows[i].Counts)
		}
		if rows[i].InPrompt, err = inPrompt(c.book, k, list[i].Name); err != nil {
			return out, err
		}
	}
	out.Subjects = rows
	return out, nil
}

// inPrompt returns when a key stood in a prompt, the zero time when it did not.
func inPrompt(b *inventory.Book, kind inventory.Kind, name string) (time.Time, error) {
	if kind != inventory.KindKey {
		return time.Time{}, nil
	}
	a, ok, err := inventory.Newest[inventory.Alert](b, inventory.TopicAlert, inventory.AlertSubject(inventory.KeyInPrompt, name))
	if err != nil || !ok {
		return time.Time{}, err
	}
	return a.Seen, nil
}

func (s *Server) subject(c *call, _ none) (*inventory.SubjectDetail, error) {
	k, err := c.kindOf()
	if err != nil {
		return nil, err
	}
	d, err := s.cfg.Inventory.Seen().Subject(c.ctx(), k, c.path("name"))
	if isUnknown(err) {
		return nil, notFound("nothing of that name was seen")
	}
	if err != nil {
		return nil, err
	}
	departments, err := privacy.NewDepartments(c.ctx(), s.cfg.K, s.cfg.Inventory.Seen())
	if err != nil {
		return nil, err
	}
	departments.Subject(d)
	if d.Counts == nil {
		d.Counts = map[inventory.Kind]int64{}
	}
	if !c.may(access.People) {
		d.Counts = s.cfg.K.Counts(d.Counts)
	}
	facets := make(map[inventory.Kind][]inventory.Use)
	for kind, uses := range d.Facets {
		if c.may(access.People) || kind != inventory.KindAccount && subjectKinds[kind] != access.People {
			facets[kind] = append([]inventory.Use{}, uses...)
		}
	}
	d.Facets = facets
	return d, nil
}
