package evidence

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Register is the register of a period, as register.json holds it.
type Register struct {
	Period Period `json:"period"`
	Rows   []Row  `json:"rows"`
}

// Row is one service.
type Row struct {
	Service    string         `json:"service"`
	ID         string         `json:"id"`
	Vendor     string         `json:"vendor"`
	Category   string         `json:"category"`
	Status     traffic.Status `json:"status"` // at the end of the period, or when the pack was made
	Owner      string         `json:"owner"`
	Reason     string         `json:"reason"`
	Conditions []string       `json:"conditions"`
	Until      string         `json:"until"`
	DecidedBy  string         `json:"decided_by"`
	DecidedAt  time.Time      `json:"decided_at,omitzero"`
	How        traffic.How    `json:"how"`
	Fields     []FilledIn     `json:"fields"` // by people and imports, at the end of the period
	Source     FiguresSource  `json:"source"`
	Seen       *Figures       `json:"seen"`

	k privacy.K // of the tables and pages: numbers of fewer people are not shown
}

// FilledIn is a field of a row, with who filled it in.
type FilledIn struct {
	Name string `json:"name"`
	inventory.Field
	By   string    `json:"by"`
	Time time.Time `json:"time"`
}

// FiguresSource says what figures were counted from.
type FiguresSource string

// The sources of figures.
const (
	FromSightings FiguresSource = "sightings" // of the pack: they can be counted again
	FromRollups   FiguresSource = "rollups"   // sums by day: retention has deleted sightings of the period
)

// RegisterInput is what the register of a period is made of.
type RegisterInput struct {
	Period   Period
	Made     time.Time
	Book     *inventory.Book
	Services []inventory.Service
	Counted  *Counted
	Rollups  map[string]*assess.Figures
	K        privacy.K // 0 and 1: all numbers of people are shown
}

// Rows returns a row for each service that was seen in the period or decided
// upon until its end, the most used first.
func (in *RegisterInput) Rows() ([]Row, error) {
	figures, source := in.Counted.Figures, FromSightings
	if !in.Counted.Whole {
		figures, source = make(map[string]*Figures, len(in.Rollups)), FromRollups
		for id, f := range in.Rollups {
			figures[id] = fromRollup(f)
		}
	}
	known := make(map[string]*inventory.Service, len(in.Services))
	for i := range in.Services {
		known[in.Services[i].ID] = &in.Services[i]
	}
	ids := make(map[string]bool, len(figures))
	for id := range figures {
		ids[id] = true
	}
	for id, history := range in.Book.Subjects(inventory.TopicDecision) {
		ids[id] = ids[id] || history[0].Time.Before(in.Period.Until)
	}
	fields := in.fields()
	rows := []Row{}
	for id, wanted := range ids {
		if !wanted {
			continue
		}
		r := Row{ID: id, Service: id, Status: traffic.StatusUnreviewed, Conditions: []string{}, Fields: append([]FilledIn{}, fields[id]...), Source: source, Seen: figures[id], k: in.K}
		if s := known[id]; s != nil {
			r.Service, r.Vendor, r.Category, r.How = s.Service, s.Vendor, s.Category, s.How
		}
		if r.Seen == nil {
			r.Seen = NewFigures()
		}
		if err := in.decide(&r); err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.Seen.Requests, a.Seen.Requests), cmp.Compare(a.ID, b.ID))
	})
	return rows, nil
}

// decide fills in what was decided last before the end of the period.
func (in *RegisterInput) decide(r *Row) error {
	history := in.Book.History(inventory.TopicDecision, r.ID)
	for i := range history {
		e := &history[i]
		if !e.Time.Before(in.Period.Until) {
			continue
		}
		d, err := inventory.Read[inventory.Decision](e)
		if err != nil {
			return err
		}
		at := in.Made
		if end := in.Period.Until.Add(-time.Nanosecond); end.Before(at) {
			at = end
		}
		r.Status, r.Owner, r.Reason, r.Until, r.DecidedBy, r.DecidedAt = d.StatusAt(at), d.Owner, d.Reason, d.Until, e.By, e.Time
		r.Conditions = append([]string{}, d.Conditions...)
	}
	return nil
}

// fields returns what people filled in, by row.
func (in *RegisterInput) fields() map[string][]FilledIn {
	all := make(map[string][]FilledIn)
	for subject, history := range in.Book.Subjects(inventory.TopicField) {
		row, name, ok := strings.Cut(subject, "#")
		for i := len(history) - 1; ok && i >= 0; i-- {
			if e := &history[i]; e.Time.Before(in.Period.Until) {
				if f, err := inventory.Read[inventory.Field](e); err == nil {
					id, _, _ := strings.Cut(row, "/")
					if row != id {
						name = row[len(id)+1:] + ": " + name // of a use case
					}
					all[id] = append(all[id], FilledIn{name, f, e.By, e.Time})
				}
				break
			}
		}
	}
	return all
}

func fromRollup(f *assess.Figures) *Figures {
	out := NewFigures()
	out.Requests, out.Up, out.Down, out.Users, out.First, out.Last = f.Requests, f.Up, f.Down, int64(f.People), f.First, f.Last
	out.More = f.More
	maps.Copy(out.Findings, f.Classes)
	maps.Copy(out.Actions, f.Actions)
	maps.Copy(out.Reasons, f.Reasons)
	maps.Copy(out.Models, f.Models)
	out.Coverage = inventory.Coverage{Inspected: f.Depths[traffic.Inspected], MetadataOnly: f.Depths[traffic.MetadataOnly], Blind: f.Depths[traffic.Blind]}
	return out
}

// RegisterTable returns the register as a table.
func RegisterTable(rows []Row) *export.Table {
	t := &export.Table{Name: "AI services", Columns: []string{
		"service", "id", "vendor", "category", "status", "owner", "reason", "conditions", "until", "decided_by", "decided_at",
		"users", "requests", "bytes_up", "bytes_down", "files", "first_seen", "last_seen", "how", "models", "hosts", "sensors", "findings", "decisions",
		"inspected", "metadata_only", "blind", "fields", "figures_from",
	}}
	for i := range rows {
		r := &rows[i]
		s := r.Seen
		fields := make([]string, len(r.Fields))
		for j, f := range r.Fields {
			fields[j] = fmt.Sprintf("%s=%s (%s)", f.Name, f.Value, f.By)
		}
		t.Rows = append(t.Rows, []any{
			r.Service, r.ID, r.Vendor, r.Category, string(r.Status), r.Owner, r.Reason, strings.Join(r.Conditions, "; "), r.Until, r.DecidedBy, r.DecidedAt,
			r.k.Cell(s.People()), s.Requests, s.Up, s.Down, r.files(), s.First, s.Last, string(r.How), tallyText(s.Models), tallyText(s.Hosts), tallyText(s.Sensors), tallyText(s.Findings), tallyText(s.Actions),
			s.Coverage.Inspected, s.Coverage.MetadataOnly, s.Coverage.Blind, strings.Join(fields, "; "), string(r.Source),
		})
	}
	return t
}

// files returns how many files were sent; sums by day do not tell.
func (r *Row) files() any {
	if r.Source == FromRollups {
		return ""
	}
	return r.Seen.Files
}

// maxNames bounds the names in one cell; register.json has all.
const maxNames = 20

// tallyText writes counts, the largest first: "gpt-4=12; o3=1".
func tallyText[K ~string](m map[K]int64) string {
	keys := slices.SortedFunc(maps.Keys(m), func(a, b K) int { return cmp.Or(cmp.Compare(m[b], m[a]), cmp.Compare(a, b)) })
	var parts []string
	for i, k := range keys {
		if i == maxNames {
			parts = append(parts, fmt.Sprintf("and %d more", len(keys)-i))
			break
		}
		parts = append(parts, fmt.Sprintf("%s=%d", k, m[k]))
	}
	return strings.Join(parts, "; ")
}
