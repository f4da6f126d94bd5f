package assess

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
	"github.com/gnomon-proxy/gnomon/inventory/risk"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Row is a line of the risk register.
type Row struct {
	Service    string           `json:"service"`
	ID         string           `json:"id"`
	Status     traffic.Status   `json:"status"`
	Owner      string           `json:"owner"` // of the service
	Assessment *risk.Assessment `json:"assessment"`
	Treatment  risk.Treatment   `json:"treatment"`
	States     []risk.State     `json:"states"`
	AssessedBy string           `json:"assessed_by"` // "" when nobody has looked at it
	AssessedAt time.Time        `json:"assessed_at,omitzero"`
	Triggers   []risk.Trigger   `json:"triggers"` // why it must be assessed again
	Snapshot   risk.Snapshot    `json:"-"`        // what the service is like now
}

// Register is what the risk register is made of.
type Register struct {
	Set      *rules.Set
	Method   *rules.RiskMethod
	Book     *inventory.Book
	Services []inventory.Service
	Figures  map[string]*Figures
	Period   Period
	Now      time.Time
	K        privacy.K // fewer users count as so many

	// Known returns what people recorded about a service, beside its risk; nil:
	// what KnownOf reads in Book. Then a row is kept with the figures it is of, for
	// the next Register, until something else that it rests on changes.
	Known func(id string) Known
}

// Known is what people recorded about a service.
type Known struct {
	Supplier map[rules.SupplierFact]risk.Fact
	Declared []traffic.Class // data classes that it gets
	Terms    string          // version of the supplier's terms
	Review   string          // day of the next review, YYYY-MM-DD
}

// Rows assesses every service that was seen in the period, that somebody
// decided upon, or that has a treatment; the highest residual risk first.
func (r *Register) Rows() ([]Row, error) {
	rows, err := r.rows(len(r.Services), func(string) bool { return true })
	if err != nil {
		return nil, err
	}
	order := make([]*Row, len(rows)) // rows are long: they are moved once
	for i := range rows {
		order[i] = &rows[i]
	}
	slices.SortStableFunc(order, func(a, b *Row) int {
		return cmp.Or(cmp.Compare(b.Assessment.Residual, a.Assessment.Residual), cmp.Compare(b.Assessment.Inherent, a.Assessment.Inherent))
	})
	sorted := make([]Row, len(rows))
	for i, r := range order {
		sorted[i] = *r
	}
	return sorted, nil
}

// IDs returns the services that have a row, in the order of Services. To list
// them costs little: who shows a few rows asks for these by Some.
func (r *Register) IDs() []string {
	ids := make([]string, 0, len(r.Services))
	for i := range r.Services {
		if s := &r.Services[i]; r.has(s, r.Figures[s.ID]) {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

func (r *Register) has(s *inventory.Service, f *Figures) bool {
	return f != nil || s.Status != traffic.StatusUnreviewed || len(r.Book.History(inventory.TopicRisk, s.ID)) > 0
}

// Some assesses services by id, in the order of Services. Those without a row
// are left out.
func (r *Register) Some(ids []string) ([]Row, error) {
	wanted := make(map[string]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	return r.rows(len(ids), func(id string) bool { return wanted[id] })
}

// rows makes the rows, about n, of the services that are wanted.
func (r *Register) rows(n int, wanted func(id string) bool) ([]Row, error) {
	catalogue := make(map[string]*rules.Service, len(r.Set.Services))
	for i := range r.Set.Services {
		catalogue[r.Set.Services[i].ID] = &r.Set.Services[i]
	}
	rows := make([]Row, 0, n)
	for i := range r.Services {
		s := &r.Services[i]
		if !wanted(s.ID) {
			continue
		}
		f := r.Figures[s.ID]
		if !r.has(s, f) {
			continue
		}
		if f == nil {
			f = &Figures{}
		}
		row, err := r.row(s, f, catalogue[s.ID])
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (r *Register) row(s *inventory.Service, f *Figures, c *rules.Service) (Row, error) {
	if r.Known != nil {
		return r.made(s, f, c, r.Known(s.ID))
	}
	on := grounds{c, r.Method, r.Period, inventory.Day(r.Now), r.K, stampOf(r.Book, s.ID)}
	if k := f.kept.Load(); k != nil && k.on == on {
		return k.row.at(s, r.Now), nil
	}
	row, err := r.made(s, f, c, KnownOf(r.Book, s.ID))
	if err == nil {
		f.kept.Store(&kept{on, row})
	}
	return row, err
}

// grounds are what a row rests on beside the figures.
type grounds struct {
	catalogue *rules.Service
	method    *rules.RiskMethod
	period    Period
	day       int64
	k         privacy.K
	stamp     int64 // of the record
}

type kept struct {
	on  grounds
	row Row
}

// at returns the row as it is made at another time of the same day, with the
// service as it is then.
func (r Row) at(s *inventory.Service, now time.Time) Row {
	a := *r.Assessment
	a.At, r.Snapshot.At = now, now
	r.Service, r.Status, r.Owner, r.Assessment, r.States = s.Service, s.Status, s.Owner, &a, r.Treatment.States(now)
	return r
}

func (r *Register) made(s *inventory.Service, f *Figures, c *rules.Service, known Known) (Row, error) {
	state, err := StateOf(r.Book, s.ID)
	if err != nil {
		return Row{}, err
	}
	in := Inputs(s.ID, f, r.Period, r.Now, c, known.Supplier, known.Declared, state, r.K)
	a, err := risk.Assess(r.Method, in)
	if err != nil {
		return Row{}, fmt.Errorf("assessing %q: %w", s.ID, err)
	}
	row := Row{
		Service: s.Service, ID: s.ID, Status: s.Status, Owner: s.Owner, Assessment: a, Treatment: state.Treatment,
		States: state.Treatment.States(r.Now), AssessedBy: state.AssessedBy, AssessedAt: state.AssessedAt, Triggers: []risk.Trigger{},
	}
	if known.Terms == "" && c != nil {
		known.Terms = c.Supplier.Terms
	}
	var last *risk.Snapshot
	if state.Assessed != nil {
		last = &state.Assessed.Snapshot
	}
	row.Snapshot = SnapshotOf(&in, f, known.Terms, known.Review)
	row.Triggers = append(row.Triggers, risk.Triggers(r.Method.Triggers, last, row.Snapshot)...)
	return row, nil
}
