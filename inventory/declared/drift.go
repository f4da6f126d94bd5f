package declared

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Kind says how what was seen differs from what is declared.
type Kind string

// The kinds.
const (
	NotApproved      Kind = "not_approved"      // in use
	Refused          Kind = "refused"           // in use although refused or retired
	NeverUsed        Kind = "never_used"        // approved
	BeyondPurpose    Kind = "beyond_purpose"    // used through another surface
	BeyondData       Kind = "beyond_data"       // got another class of data
	BeyondDepartment Kind = "beyond_department" // used by another department
	BeyondAccount    Kind = "beyond_account"    // used with another kind of account
	BeyondModel      Kind = "beyond_model"      // used with another model
	ModelChanged     Kind = "model_changed"     // a model that came after the approval
	SupplierChanged  Kind = "supplier_changed"  // vendor or terms
	ReviewOverdue    Kind = "review_overdue"    // while in use
	ApprovalEnded    Kind = "approval_ended"    // while in use
	UnderException   Kind = "under_exception"   // in use, and exceptions hold for some people
)

// Difference is one way in which use differs from what is declared, and how it
// was seen.
type Difference struct {
	Kind       Kind           `json:"kind"`
	Service    string         `json:"service"`
	ID         string         `json:"id"`
	List       string         `json:"list"` // that declares it; "" when none does
	UseCase    string         `json:"use_case"`
	Status     traffic.Status `json:"status"`
	Declared   string         `json:"declared"`
	Observed   string         `json:"observed"`
	Requests   int64          `json:"requests"`        // findings, for beyond_data
	Users      int            `json:"users,omitempty"` // of the service in the period; absent where only part of its use differs, or they are too few to be shown
	FirstSeen  time.Time      `json:"first_seen,omitzero"`
	LastSeen   time.Time      `json:"last_seen,omitzero"`
	Confidence float64        `json:"confidence"` // 0 to 1: how much of the use was inspected, where that matters
	Owner      string         `json:"owner"`
	Suppressed bool           `json:"suppressed,omitempty"` // requests and times are withheld: they are of one department
}

// Input is what is compared.
type Input struct {
	Lists    []List
	Services []inventory.Service // of the register, with their standing
	Observed map[string]*Observed
	Terms    func(id string) string                 // version of the supplier's terms known now, "" when none is
	Until    func(id string) string                 // last day of a decision, "" without end
	Review   func(id string) string                 // day of the next review, "" when none is set
	Excepted func(id string) string                 // which exceptions hold, "" for none; nil: none at all
	Name     func(id string) string                 // of a service of the catalogue, "" when it is none
	Resolve  func(name string) (id string, ok bool) // of a service by name or id
	Now      time.Time
}

// declaredItem is an item and the list it stands in.
type declaredItem struct {
	*Item
	list string
}

// Drift returns all differences, the services with the most use first. unknown
// names the declared services that nothing is known of.
func Drift(in *Input) (list []Difference, unknown []string) {
	items := make(map[string][]declaredItem)
	today := in.Now.UTC().Format(time.DateOnly)
	for i := range in.Lists {
		l := &in.Lists[i]
		for j := range l.Items {
			it := &l.Items[j]
			id, ok := in.Resolve(it.Service)
			if !ok {
				unknown = append(unknown, it.Service)
				continue
			}
			items[id] = append(items[id], declaredItem{it, l.Name})
		}
	}
	list = []Difference{}
	for _, c := range in.compared(items, today) {
		list = append(list, c.differences()...)
	}
	slices.Sort(unknown)
	return list, slices.Compact(unknown)
}

// compared returns the services of the register, and those that are declared and
// were never seen or decided upon, those with the most use first.
func (in *Input) compared(items map[string][]declaredItem, today string) []*comparison {
	all := make([]comparison, 0, len(in.Services)+len(items))
	known := make(map[string]bool, len(items)) // of items
	add := func(s *inventory.Service) {
		all = append(all, comparison{in: in, today: today, s: s, o: in.Observed[s.ID], items: items[s.ID]})
	}
	for i := range in.Services {
		s := &in.Services[i]
		if add(s); items[s.ID] != nil {
			known[s.ID] = true
		}
	}
	for id, list := range items {
		if !known[id] {
			add(&inventory.Service{ID: id, Service: cmp.Or(in.Name(id), list[0].Service), Status: traffic.StatusUnreviewed})
		}
	}
	order := make([]*comparison, len(all))
	for i := range all {
		order[i] = &all[i]
	}
	slices.SortFunc(order, func(a, b *comparison) int {
		return cmp.Or(cmp.Compare(b.requests(), a.requests()), cmp.Compare(a.s.ID, b.s.ID))
	})
	return order
}

func (c *comparison) requests() int64 {
	if c.o == nil {
		return 0
	}
	return c.o.N
}

// comparison is that of one service.
type comparison struct {
	in    *Input
	today string
	s     *inventory.Service
	o     *Observed // nil: not seen in the period
	items []declaredItem
	out   []Difference
}

func (c *comparison) differences() []Difference {
	approved := c.s.Status == traffic.StatusApproved || c.s.Status == traffic.StatusConditional
	inForce := slices.ContainsFunc(c.items, func(it declaredItem) bool { return it.holds(c.today) })
	switch {
	case c.o == nil && (approved || inForce):
		c.add(NeverUsed, "approved", "no use in the period", nil, 1)
	case c.o == nil:
	case c.s.Status == traffic.StatusRefused || c.s.Status == traffic.StatusRetired:
		c.add(Refused, string(c.s.Status), "in use", &c.o.Seen, 1)
	case !approved && len(c.items) == 0:
		c.add(NotApproved, string(c.s.Status), "in use", &c.o.Seen, 1)
	}
	if c.o == nil {
		return c.out
	}
	c.ended(inForce)
	if c.in.Excepted != nil {
		if which := c.in.Excepted(c.s.ID); which != "" {
			c.add(UnderException, which, "in use", &c.o.Seen, 1)
		}
	}
	c.beyond()
	c.changed()
	return c.out
}

// ended looks for approvals and reviews whose day has passed.
func (c *comparison) ended(inForce bool) {
	if until := c.in.Until(c.s.ID); until != "" && c.today > until {
		c.add(ApprovalEnded, "decision until "+until, "in use", &c.o.Seen, 1)
	} else if len(c.items) > 0 && !inForce {
		c.add(ApprovalEnded, "declared until "+c.items[0].Until, "in use", &c.o.Seen, 1)
	}
	review := c.in.Review(c.s.ID)
	for _, it := range c.items {
		if it.ReviewBy != "" && (review == "" || it.ReviewBy < review) {
			review = it.ReviewBy
		}
	}
	if review != "" && c.today > review {
		c.add(ReviewOverdue, "review by "+review, "in use", &c.o.Seen, 1)
	}
}

// beyond compares what was seen with what the items in force allow together.
func (c *comparison) beyond() {
	if len(c.items) == 0 {
		return
	}
	inspected := 0.0
	if c.o.N > 0 {
		inspected = min(1, float64(c.o.Inspected)/float64(c.o.N))
	}
	for _, d := range []struct {
		kind       Kind
		seen       map[string]*Seen
		allowed    func(*Item) []string
		fits       func(allowed, seen string) bool
		confidence float64
	}{
		{BeyondPurpose, c.o.Surfaces, func(it *Item) []string { return texts(it.Surfaces) }, same, 0.8},
		{BeyondData, c.o.Data, func(it *Item) []string { return texts(it.Data) }, same, max(inspected, 0.1)},
		{BeyondDepartment, c.o.Departments, func(it *Item) []string { return it.Departments }, strings.EqualFold, 1},
		{BeyondAccount, c.o.Accounts, func(it *Item) []string { return texts(it.Accounts) }, same, 0.9},
		{BeyondModel, c.o.Models, func(it *Item) []string { return it.Models }, matches, 1},
	} {
		allowed, limited := c.allowed(d.allowed)
		if !limited {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(d.seen)) {
			if !slices.ContainsFunc(allowed, func(a string) bool { return d.fits(a, name) }) {
				c.add(d.kind, strings.Join(allowed, ", "), name, d.seen[name], d.confidence)
			}
		}
	}
}

// allowed returns what the items in force allow together; limited is false when
// there is none, or when one of them allows everything.
func (c *comparison) allowed(of func(*Item) []string) (list []string, limited bool) {
	for _, it := range c.items {
		if !it.holds(c.today) {
			continue
		}
		some := of(it.Item)
		if len(some) == 0 {
			return nil, false
		}
		limited = true
		for _, v := range some {
			if !slices.Contains(list, v) {
				list = append(list, v)
			}
		}
	}
	return list, limited
}

// changed compares vendor, terms and models with those of the approval.
func (c *comparison) changed() {
	for _, it := range c.items {
		if it.Vendor != "" && c.s.Vendor != "" && !strings.EqualFold(it.Vendor, c.s.Vendor) {
			c.addItem(it, SupplierChanged, "vendor "+it.Vendor, "vendor "+c.s.Vendor, &c.o.Seen, 0.9)
		}
		if terms := c.in.Terms(c.s.ID); it.Terms != "" && terms != "" && it.Terms != terms {
			c.addItem(it, SupplierChanged, "terms "+it.Terms, "terms "+terms, &c.o.Seen, 1)
		}
		day, err := time.Parse(time.DateOnly, it.ApprovedOn)
		if err != nil || len(it.Models) > 0 {
			continue
		}
		for _, m := range slices.Sorted(maps.Keys(c.o.Models)) {
			if c.o.Models[m].First.After(day.AddDate(0, 0, 1)) && c.olderModel(day) {
				c.addItem(it, ModelChanged, "approved on "+it.ApprovedOn, m, c.o.Models[m], 0.9)
			}
		}
	}
}

// olderModel reports whether some model was seen before a day: else nothing
// tells which were there.
func (c *comparison) olderModel(day time.Time) bool {
	for _, s := range c.o.Models {
		if !s.First.After(day.AddDate(0, 0, 1)) {
			return true
		}
	}
	return false
}

func (c *comparison) add(k Kind, declared, observed string, s *Seen, confidence float64) {
	it := declaredItem{Item: &Item{}}
	if len(c.items) > 0 {
		it = c.items[0]
	}
	c.addItem(it, k, declared, observed, s, confidence)
}

func (c *comparison) addItem(it declaredItem, k Kind, declared, observed string, s *Seen, confidence float64) {
	d := Difference{
		Kind: k, Service: c.s.Service, ID: c.s.ID, List: it.list, UseCase: it.UseCase, Status: c.s.Status,
		Declared: declared, Observed: observed, Confidence: confidence, Owner: cmp.Or(c.s.Owner, it.Owner),
	}
	if s != nil {
		d.Requests, d.FirstSeen, d.LastSeen = s.N, s.First, s.Last
	}
	if c.o != nil && (s == nil || s == &c.o.Seen) { // of a part of the use nobody has counted who it was
		d.Users = c.o.People
	}
	c.out = append(c.out, d)
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

func same(allowed, seen string) bool { return allowed == seen }

// matches reports whether a model is the allowed one, which may end with *.
func matches(allowed, seen string) bool {
	if prefix, ok := strings.CutSuffix(allowed, "*"); ok {
		return strings.HasPrefix(strings.ToLower(seen), strings.ToLower(prefix))
	}
	return strings.EqualFold(allowed, seen)
}

// Few returns differences without the numbers of people that are small.
func Few(list []Difference, small func(int64) bool) []Difference {
	list = slices.Clone(list)
	for i := range list {
		if small(int64(list[i].Users)) {
			list[i].Users = 0
		}
	}
	return list
}

// String says a difference in one line.
func (d *Difference) String() string {
	return fmt.Sprintf("%s: %s: declared %s, observed %s", d.ID, d.Kind, d.Declared, d.Observed)
}
