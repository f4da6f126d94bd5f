package privacy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// maxDepartments bounds the departments that are looked at; more are hidden.
const maxDepartments = 10_000

// Subjects is the part of inventory.Reader that is asked for departments.
type Subjects interface {
	Subjects(ctx context.Context, kind inventory.Kind, limit int) ([]inventory.Subject, error)
	Subject(ctx context.Context, kind inventory.Kind, name string) (*inventory.SubjectDetail, error)
	CountSubjects(ctx context.Context, kind inventory.Kind) (int64, error)
	Services(ctx context.Context) ([]inventory.Service, error)
}

// Departments knows what of departments may be shown. They are the groups of
// people that figures are broken down by: those of a service or a model are of a
// thing, and those of a pseudonym are of nobody who is known.
type Departments struct {
	k    K
	open map[string]bool // departments whose figures are shown
	big  map[string]bool // those whose name may stand beside what they used
}

// NewDepartments looks at all departments that were seen.
func NewDepartments(ctx context.Context, k K, r Subjects) (*Departments, error) {
	d := &Departments{k: k, open: make(map[string]bool), big: make(map[string]bool)}
	if k < 2 {
		return d, nil
	}
	list, err := r.Subjects(ctx, inventory.KindGroup, maxDepartments)
	if err != nil {
		return nil, fmt.Errorf("reading departments: %w", err)
	}
	people := make([]int64, len(list))
	for i := range list {
		people[i] = list[i].Counts[inventory.KindUser]
	}
	nobodys, some, err := without(ctx, r, list)
	if err != nil {
		return nil, fmt.Errorf("reading departments: %w", err)
	}
	if some {
		people = append(people, nobodys)
	}
	together := &union{ctx: ctx, k: k, r: r, list: list, people: people}
	hidden := Hide(k, people, together.of)
	if together.err != nil {
		return nil, fmt.Errorf("reading departments: %w", together.err)
	}
	for i := range list {
		d.open[list[i].Name], d.big[list[i].Name] = !hidden[i], people[i] >= int64(k)
	}
	return d, nil
}

// without returns of how many people at least it is known that they have no
// department, and whether something was used without one: what is left of a total
// once the departments are taken away is theirs.
func without(ctx context.Context, r Subjects, departments []inventory.Subject) (people int64, some bool, err error) {
	if len(departments) == 0 {
		return 0, false, nil
	}
	services, err := r.Services(ctx)
	if err != nil {
		return 0, false, err
	}
	var left int64 // requests
	for i := range services {
		left += services[i].Requests
	}
	if people, err = r.CountSubjects(ctx, inventory.KindUser); err != nil {
		return 0, false, err
	}
	for i := range departments {
		left -= departments[i].Requests
		people -= departments[i].Counts[inventory.KindUser] // who is in two of them counts twice
	}
	return max(people, 0), left != 0, nil
}

// union counts the people of departments that may share some.
type union struct {
	ctx    context.Context
	k      K
	r      Subjects
	list   []inventory.Subject
	people []int64
	err    error
}

// of returns a number of people that the hidden ones have at least, exact below
// k save for who has no department.
func (u *union) of(hidden []bool) int64 {
	for i, n := range u.people {
		if hidden[i] && n >= int64(u.k) {
			return n
		}
	}
	seen := make(map[string]struct{})
	apart := int64(0) // who has no department
	if n := len(u.list); len(u.people) > n && hidden[n] {
		apart = u.people[n]
	}
	for i := range u.list {
		if !hidden[i] || u.err != nil || apart+int64(len(seen)) >= int64(u.k) {
			continue
		}
		d, err := u.r.Subject(u.ctx, inventory.KindGroup, u.list[i].Name)
		if err != nil {
			u.err = err
			break
		}
		for _, use := range d.Facets[inventory.KindUser] {
			seen[use.Name] = struct{}{}
		}
	}
	return apart + int64(len(seen))
}

// Shown reports whether the figures of a department are shown.
func (d *Departments) Shown(name string) bool { return d.k < 2 || d.open[name] }

// Named reports whether the name of a department may stand beside what its
// people used: it has k people at least.
func (d *Departments) Named(name string) bool { return d.k < 2 || d.big[name] }

// Others stands for departments that are too small to be named.
func (d *Departments) Others() string {
	return fmt.Sprintf("others of fewer than %d people each", int64(d.k))
}

// Why says why figures are missing.
func (d *Departments) Why() string {
	return fmt.Sprintf("Figures of fewer than %d people tell too much of each: they are not shown (<%[1]d), nor is what would give them away (%s). privacy.k sets the number; 1 shows all.", int64(d.k), Withheld)
}

// People returns the number of a department's people as a table shows it.
func (d *Departments) People(s *inventory.Subject) string {
	switch {
	case d.Shown(s.Name):
		return fmt.Sprint(s.Counts[inventory.KindUser])
	case d.big[s.Name]:
		return Withheld
	}
	return fmt.Sprintf("<%d", int64(d.k))
}

// List returns departments without the figures that may not be shown.
func (d *Departments) List(list []inventory.Subject) []inventory.Subject {
	list = slices.Clone(list)
	for i := range list {
		if s := &list[i]; s.Kind == inventory.KindGroup && !d.Shown(s.Name) {
			*s = inventory.Subject{Kind: s.Kind, Name: s.Name, Counts: map[inventory.Kind]int64{}, Suppressed: true}
		}
	}
	return list
}

// Subject takes from s what may not be shown: of a department that is too small
// all, of another the figures by service, class or decision (two such tables and
// their totals give a small cell away), of anybody the names of small ones.
func (d *Departments) Subject(s *inventory.SubjectDetail) {
	if d.k < 2 {
		return
	}
	if s.Kind == inventory.KindGroup {
		shown := d.Shown(s.Name)
		s.Subject = d.List([]inventory.Subject{s.Subject})[0]
		facets := make(map[inventory.Kind][]inventory.Use)
		for kind, uses := range s.Facets {
			if kind == inventory.KindUser && shown {
				facets[kind] = uses
			} else if shown {
				facets[kind] = bare(uses)
			}
		}
		s.Facets = facets
		return
	}
	if uses := s.Facets[inventory.KindGroup]; len(uses) > 0 {
		s.Facets[inventory.KindGroup] = d.named(uses)
	}
}

// Service takes from a service's detail the figures of departments, and the
// names of small ones.
func (d *Departments) Service(s *inventory.Detail) {
	if d.k >= 2 && len(s.GroupList) > 0 {
		s.GroupList = bare(d.named(s.GroupList))
	}
}

// named returns uses with those of small departments as one without figures.
func (d *Departments) named(uses []inventory.Use) []inventory.Use {
	out := make([]inventory.Use, 0, len(uses))
	few := false
	for _, u := range uses {
		if d.Named(u.Name) {
			out = append(out, u)
		} else {
			few = true
		}
	}
	if few {
		out = append(out, inventory.Use{Name: d.Others(), Suppressed: true})
	}
	return out
}

// bare returns names without figures, by name: an order by use would tell, too.
func bare(uses []inventory.Use) []inventory.Use {
	out := make([]inventory.Use, len(uses))
	for i, u := range uses {
		out[i] = inventory.Use{Name: u.Name, Suppressed: true}
	}
	slices.SortFunc(out, func(a, b inventory.Use) int { return strings.Compare(a.Name, b.Name) })
	return out
}
