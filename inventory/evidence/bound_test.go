package evidence_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/evidence"
)

// TestBound: a number of people that sums by day know only a bound of is said to be
// that in every form.
func TestBound(t *testing.T) {
	in := evidence.RegisterInput{
		Period: evidence.Period{Name: "2026Q4"}, Book: new(inventory.Book), Counted: &evidence.Counted{}, K: 5,
		Rollups: map[string]*assess.Figures{"openai": {Requests: 70, People: 12, More: true}},
	}
	rows, err := in.Rows()
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	var table, bom, page bytes.Buffer
	if err := evidence.RegisterTable(rows).CSV(&table); err != nil {
		t.Fatal(err)
	}
	if err := evidence.WriteBOM(&bom, rows, in.Period, time.Now(), "test"); err != nil {
		t.Fatal(err)
	}
	report := evidence.Report{Made: time.Now(), Counted: in.Counted, Rows: rows, K: 5}
	if err := report.Summary(&page); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ got, want string }{
		"table": {table.String(), ">= 12"}, "bill of materials": {bom.String(), `"\u003e= 12"`}, "page": {page.String(), "&gt;= 12"}, "JSON": {string(text), `"users":12,"users_at_least":true`},
	} {
		if !strings.Contains(tt.got, tt.want) {
			t.Errorf("%s: no %q in %s", name, tt.want, tt.got)
		}
	}
}
