package export

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/visible"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
)

// Table is anything that is written as CSV or a spreadsheet. Cells are strings,
// made harmless when they are written, integers, floats, bools and times.
type Table struct {
	Name    string // of the sheet
	Columns []string
	Rows    [][]any

	// Each, where it is set, calls f with rows that follow Rows, in their order:
	// for more than is to be held at once. A row holds until f returns.
	Each func(f func(row []any) error) error
}

// Lines calls f with all rows.
func (t *Table) Lines(f func(row []any) error) error {
	for _, row := range t.Rows {
		if err := f(row); err != nil {
			return err
		}
	}
	if t.Each == nil {
		return nil
	}
	return t.Each(f)
}

// Services returns the register as a table.
func Services(rows []inventory.Service) *Table { return Report(rows, 0) }

// Report is Services with small numbers of people as "<5".
func Report(rows []inventory.Service, k privacy.K) *Table {
	t := &Table{Name: "AI services", Columns: columns(), Rows: make([][]any, len(rows))}
	for i := range rows {
		t.Rows[i] = cells(&rows[i], k)
	}
	return t
}

// cell returns a value as it is written.
func cell(v any) any {
	switch v := v.(type) {
	case string:
		return harmless(v)
	case time.Time:
		return day(v)
	case bool:
		if v {
			return "yes"
		}
		return "no"
	}
	return v
}

// columns names the cells of a row, as the JSON form names its fields.
func columns() []string {
	return []string{
		"service", "id", "vendor", "category", "status", "owner", "users", "clients", "accounts", "models",
		"requests", "bytes_up", "bytes_down", "first_seen", "last_seen", "how", "findings", "decisions",
		"inspected", "metadata_only", "blind",
	}
}

func cells(s *inventory.Service, k privacy.K) []any {
	few := privacy.K(0)
	if k.Small(s.Users) || k.Small(s.Clients) { // then each account is nearly a person
		few = k
	}
	return []any{
		s.Service, s.ID, s.Vendor, s.Category, string(s.Status), s.Owner,
		k.Cell(privacy.Number{N: s.Users, AtLeast: s.UsersAtLeast}), k.Cell(privacy.Number{N: s.Clients, AtLeast: s.ClientsAtLeast}), bounded(few, s.Accounts), bounded(0, s.Models), s.Requests, s.Up, s.Down, s.FirstSeen, s.LastSeen, string(s.How),
		tally(s.Findings), tally(s.Decisions), s.Coverage.Inspected, s.Coverage.MetadataOnly, s.Coverage.Blind,
	}
}

// bounded is a number of values of which a store keeps no more than MaxValues.
func bounded(k privacy.K, n int64) any {
	return k.Cell(privacy.Number{N: n, AtLeast: n >= inventory.MaxValues})
}

// harmless keeps a text from being run as a formula: spreadsheets do that with
// what starts with one of these signs, also out of CSV (CWE-1236). Control
// characters and those of directions are written out: XML has no place for the
// former, a terminal obeys them, and the latter show another text than there is.
func harmless(s string) string {
	risky := s != "" && strings.ContainsRune("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20", []rune(s)[0])
	s = visible.Line(s)
	if risky {
		return "'" + s
	}
	return s
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// tally writes counts as one cell: "contact=1; secret=2".
func tally[K ~string](counts map[K]int64) string {
	parts := make([]string, 0, len(counts))
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s=%d", k, counts[k]))
	}
	return strings.Join(parts, "; ")
}
