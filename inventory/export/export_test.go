package export_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func rows() []inventory.Service {
	seen := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	return []inventory.Service{
		{
			Service: "OpenAI API", ID: "openai-api", Vendor: "OpenAI, Inc.", Status: traffic.StatusApproved, Owner: "ann", Users: 3, Requests: 12,
			FirstSeen: seen, LastSeen: seen, How: traffic.HowCatalogue,
			Findings: map[traffic.Class]int64{traffic.ClassSecret: 2, traffic.ClassContact: 1}, Decisions: map[traffic.Action]int64{traffic.ActionRedact: 2},
			Coverage: inventory.Coverage{Inspected: 12},
		},
		{Service: "=HYPERLINK(\"http://evil.test\")", ID: "+1", Vendor: "-1", Category: "@SUM(A1)", Owner: "\t=1", How: "\r=1"},
		{Service: "\uff1d1+1", ID: "a\x00b", Vendor: "line\nbreak", Category: "quote \" and , comma \u202e"},
	}
}

// wantCells are the first cells of each line, as a reader sees them.
var wantCells = [][]string{
	{"service", "id", "vendor", "category", "status", "owner"},
	{"OpenAI API", "openai-api", "OpenAI, Inc.", "", "approved", "ann"},
	{"'=HYPERLINK(\"http://evil.test\")", "'+1", "'-1", "'@SUM(A1)", "", "' =1"},
	{"'\uff1d1+1", `a\u0000b`, "line break", `quote " and , comma \u202e`, "", ""},
}

func check(t *testing.T, got [][]string) {
	t.Helper()
	if len(got) != len(wantCells) {
		t.Fatalf("%d lines, want %d", len(got), len(wantCells))
	}
	for i, want := range wantCells {
		for j := range want {
			if got[i][j] != want[j] {
				t.Errorf("line %d, cell %d = %q, want %q", i+1, j+1, got[i][j], want[j])
			}
		}
	}
	for i, want := range map[int]string{6: "3", 10: "12", 13: "2026-11-21T10:00:00Z", 16: "contact=1; secret=2", 17: "redact=2", 18: "12"} {
		if got[1][i] != want {
			t.Errorf("cell %d (%s) = %q, want %q", i+1, got[0][i], got[1][i], want)
		}
	}
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	if err := export.CSV(&b, rows()); err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	check(t, got)
}

func TestXLSX(t *testing.T) {
	var b bytes.Buffer
	if err := export.Services(rows()).XLSX(&b); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := f.GetRows("AI services")
	if err != nil {
		t.Fatal(err)
	}
	for i := range got { // trailing empty cells are left out
		for len(got[i]) < len(wantCells[0]) {
			got[i] = append(got[i], "")
		}
	}
	check(t, got)
	for _, cell := range []string{"A3", "B3", "C3", "D3"} {
		if formula, err := f.GetCellFormula("AI services", cell); err != nil || formula != "" {
			t.Errorf("%s holds the formula %q, %v", cell, formula, err)
		}
	}
	if kind, err := f.GetCellType("AI services", "K2"); err != nil || kind == excelize.CellTypeSharedString || kind == excelize.CellTypeInlineString {
		t.Errorf("requests are of type %v, %v; want a number", kind, err)
	}
}

func TestJSONLines(t *testing.T) {
	var b strings.Builder
	if err := export.JSONLines(&b, rows()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines, want 3", len(lines))
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &got); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"service", "id", "vendor", "category", "status", "owner", "users", "clients", "accounts", "models", "requests",
		"bytes_up", "bytes_down", "first_seen", "last_seen", "how", "findings", "decisions", "coverage",
	} {
		if _, ok := got[key]; !ok {
			t.Errorf("no %q in %s", key, lines[0])
		}
	}
}
