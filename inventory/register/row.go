package register

import (
	"cmp"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
	"github.com/gnomon-proxy/gnomon/rules"
)

// Source says what a value comes from.
type Source string

// The sources.
const (
	FromSensor    Source = "sensor"
	FromFile      Source = "file"
	FromCatalogue Source = "catalogue"
	FromPerson    Source = "person"
	FromComputed  Source = "computed"
)

// Provenance says where a value comes from.
type Provenance struct {
	Source     Source    `json:"source"`
	Who        string    `json:"who"`           // sensor, file, person, page or method
	When       time.Time `json:"when,omitzero"` // it was seen, read or said
	Confidence float64   `json:"confidence"`
	Reason     string    `json:"reason,omitempty"`
}

// Stated is what one source says.
type Stated struct {
	Value string `json:"value"`
	Provenance
}

// Value is a field of a row.
type Value struct {
	Name  string `json:"name"`
	Group string `json:"group"`
	Stated
	Inherited bool     `json:"inherited,omitempty"` // of the service, where nobody filled it in for the use case
	Also      []Stated `json:"also,omitempty"`      // what other sources say that disagree
}

// Row is one line of the register. It has every field of the schema in its
// order; a Source of "" means that nothing is known.
type Row struct {
	Service string  `json:"service"`
	ID      string  `json:"id"`
	UseCase string  `json:"use_case"` // id; "" is all use of the service
	Fields  []Value `json:"fields"`
}

// Get returns what a field says, "" when nothing is known.
func (r *Row) Get(name string) string {
	for i := range r.Fields {
		if r.Fields[i].Name == name {
			return r.Fields[i].Value
		}
	}
	return ""
}

// Input is what the rows of a service are made of.
type Input struct {
	Detail    *inventory.Detail
	Catalogue *rules.Service // nil: the catalogue does not know it
	Book      *inventory.Book
	UseCases  []UseCase                           // see UseCases; others than the service's are passed over
	Groups    map[string]map[string]inventory.Use // by department: what was seen of each service; nil: that is not shown
	K         privacy.K                           // numbers of fewer people are not shown
	Computed  map[string]Stated                   // by field: risk and the like
	Entries   int                                 // of the ledger, on the service: see Counts
	Now       time.Time

	proof *proof // of Book, for all rows
}

// Rows returns the rows of a service: one for all of its use, and one for each
// use case.
func (s *Schema) Rows(in *Input) ([]Row, error) {
	facts := s.facts(in)
	whole, err := s.row(in, facts, nil)
	if err != nil {
		return nil, err
	}
	rows := []Row{whole}
	for i := range in.UseCases {
		if u := &in.UseCases[i]; u.Has(in.Detail.ID) {
			row, err := s.row(in, s.narrowed(in, facts, u), u)
			if err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// row lays what people say over facts.
func (s *Schema) row(in *Input, facts map[string][]Stated, u *UseCase) (Row, error) {
	r := Row{Service: in.Detail.Service.Service, ID: in.Detail.ID, Fields: make([]Value, 0, len(s.Fields))}
	if u != nil {
		r.UseCase = u.ID
	}
	for i := range s.Fields {
		d := &s.Fields[i]
		v := Value{Name: d.Name, Group: d.Group}
		if !d.Set {
			v.merge(nil, facts[d.Name])
			r.Fields = append(r.Fields, v)
			continue
		}
		value, err := said(in.Book, RowID(r.ID, r.UseCase), d.Name)
		if err == nil && value == nil && u != nil {
			value, err = said(in.Book, r.ID, d.Name)
			v.Inherited = value != nil
		}
		if err != nil {
			return r, err
		}
		v.merge(value, facts[d.Name])
		r.Fields = append(r.Fields, v)
	}
	return r, nil
}

// said returns what people or imports filled in last, nil when nothing.
func said(b *inventory.Book, row, field string) (*Stated, error) {
	e, ok := b.Last(inventory.TopicField, inventory.FieldSubject(row, field))
	if !ok {
		return nil, nil
	}
	f, err := inventory.Read[inventory.Field](e)
	if err != nil || f.Value == "" {
		return nil, err
	}
	s := &Stated{f.Value, Provenance{Source: FromPerson, Who: e.By, When: e.Time, Confidence: cmp.Or(f.Confidence, 1), Reason: f.Reason}}
	if f.Source != inventory.FromPerson && f.Source != "" {
		s.Source, s.Who = FromFile, f.Source+" ("+e.By+")"
	}
	return s, nil
}

// merge takes what a person said, else what is the surest; of facts that are as
// sure as each other the first. Those that disagree are listed.
func (v *Value) merge(said *Stated, facts []Stated) {
	all := slices.Clone(facts)
	slices.SortStableFunc(all, func(a, b Stated) int { return cmp.Compare(b.Confidence, a.Confidence) })
	if said != nil {
		all = slices.Insert(all, 0, *said)
	}
	if len(all) == 0 {
		return
	}
	v.Stated = all[0]
	for _, f := range all[1:] {
		if f.Value != v.Value && !slices.ContainsFunc(v.Also, func(o Stated) bool { return o.Value == f.Value }) {
			v.Also = append(v.Also, f)
		}
	}
}
