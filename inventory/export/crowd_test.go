package export_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/export"
)

// TestAtLeast: a number of people that is a bound is no exact one, in any form.
func TestAtLeast(t *testing.T) {
	var row inventory.Service
	row.SetCount(inventory.KindUser, inventory.MaxValues)
	row.SetCount(inventory.KindClient, inventory.MaxValues-1)
	var out bytes.Buffer
	if err := export.Report([]inventory.Service{row}, 5).CSV(&out); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(lines) != 2 {
		t.Fatal(lines, err)
	}
	for name, want := range map[string]string{"users": ">= 20000", "clients": "19999"} {
		if at := slices.Index(lines[0], name); at < 0 || lines[1][at] != want {
			t.Errorf("%s: not %q in %q", name, want, lines)
		}
	}
	out.Reset()
	if err := export.JSONLines(&out, []inventory.Service{row}); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got["users"] != 20000.0 || got["users_at_least"] != true || got["clients_at_least"] != nil {
		t.Errorf("JSON says %v", got)
	}
}
