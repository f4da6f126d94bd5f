package evidence

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// Group is a department in the whole months of the period.
type Group struct {
	Name     string
	Requests int64
	Users    int64

	months map[time.Time]people // nil: those of no other department, and as many in each month
}

// department counts what one did.
type department struct {
	requests int64
	months   map[time.Time]people
}

// noGroup stands for who is in no department: with the totals they would follow
// from the departments that are shown.
var noGroup = [...]string{""}

// departments counts a sighting for each department of a person.
func (t *tally) departments(e *inventory.Event, person string) {
	if !t.months.Contains(e.Time) {
		return
	}
	at := e.Time.UTC()
	month := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
	groups := e.Groups
	if len(groups) == 0 {
		groups = noGroup[:]
	}
	for _, name := range groups {
		d := t.groups[name]
		if d == nil {
			d = &department{months: make(map[time.Time]people)}
			t.groups[name] = d
			t.room -= int64(len(name)) + 1000
		}
		if d.months[month] == nil {
			d.months[month] = make(people)
			t.room -= 200
		}
		d.requests += e.Requests
		t.person(d.months[month], person)
	}
}

// departmentsOf returns the departments, the most active first.
func (t *tally) departmentsOf() (list []Group) {
	if _, ok := t.groups[noGroup[0]]; ok && len(t.groups) == 1 {
		return nil
	}
	for name, d := range t.groups {
		g := Group{Name: name, Requests: d.requests, months: d.months}
		if name == noGroup[0] {
			g.Name = "(no department)"
		}
		g.Users = together([]Group{g}, []bool{true})
		list = append(list, g)
	}
	slices.SortFunc(list, func(a, b Group) int { return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Name, b.Name)) })
	return list
}

// together counts the people of some departments, each once.
func together(groups []Group, some []bool) int64 {
	months, sum := byMonth(groups, some)
	all := make(people)
	for _, p := range months {
		all.add(p)
	}
	return sum + all.n()
}

// least returns how many people some departments have together in the month in
// which they are fewest, of those with any: pages of other months are about, and
// who subtracts is left with this one.
func least(groups []Group, some []bool) int64 {
	months, sum := byMonth(groups, some)
	if len(months) == 0 {
		return sum
	}
	fewest := int64(-1)
	for _, p := range months {
		if n := p.n(); fewest < 0 || n < fewest {
			fewest = n
		}
	}
	return sum + fewest
}

// byMonth puts the people of some departments together. Those of departments of
// which only a number is known are a sum.
func byMonth(groups []Group, some []bool) (months map[time.Time]people, sum int64) {
	months = make(map[time.Time]people)
	for i := range groups {
		if !some[i] {
			continue
		}
		if groups[i].months == nil {
			sum += groups[i].Users
		}
		for month, p := range groups[i].months {
			if months[month] == nil {
				months[month] = make(people)
			}
			months[month].add(p)
		}
	}
	return months, sum
}

// add adds other people.
func (p people) add(o people) {
	for generation, one := range o {
		if p[generation] == nil {
			p[generation] = make(map[uint64]struct{})
		}
		maps.Copy(p[generation], one)
	}
}
