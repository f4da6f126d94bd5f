package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/declared"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// smallFirm makes a state directory of 16 people: 8 in sales, 6 in support, 2 on
// the board. All use one service, the board another one, too.
func smallFirm(t *testing.T) {
	t.Helper()
	settings := defaultSettings()
	settings.StateDir = filepath.Join(t.TempDir(), "state")
	t.Setenv("GNOMON_STATE_DIR", settings.StateDir)
	inv, done, err := openInventory(t.Context(), settings, rules.Embedded().Services)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	saver := inv.Saver(t.Context())
	at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	for i := range 16 {
		group, services := "sales", []string{"openai-api"}
		switch {
		case i >= 14:
			group, services = "board", []string{"openai-api", "claude"}
		case i >= 8:
			group = "support"
		}
		for j, id := range services {
			at = at.Add(time.Minute)
			saver.Record(&traffic.Sighting{
				ID: traffic.NewID(at), Time: at, Sensor: traffic.SensorProxy, User: fmt.Sprintf("person%d@corp.test", i), Groups: []string{group},
				Client: netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), Host: id + ".test", Verdict: traffic.Verdict{Service: id, ID: id, How: traffic.HowCatalogue},
				Decision: traffic.Decision{Action: traffic.ActionAllow}, Requests: int64(100 + 10*i + j), Up: 1000, Down: 1000,
			})
		}
	}
	if err := saver.Flush(); err != nil {
		t.Fatal(err)
	}
}

// printed runs a command that must succeed.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := command(t, "", args...)
	if code != 0 {
		t.Fatalf("gnomon %s: exit %d: %s", strings.Join(args, " "), code, stderr)
	}
	return stdout
}

// subjects reads what a list prints as JSON.
func subjects(t *testing.T, text string) map[string]inventory.Subject {
	t.Helper()
	all := make(map[string]inventory.Subject)
	for dec := json.NewDecoder(strings.NewReader(text)); dec.More(); {
		var s inventory.Subject
		if err := dec.Decode(&s); err != nil {
			t.Fatal(err)
		}
		all[s.Name] = s
	}
	return all
}

// TestSmallDepartments shows that nothing tells what two people of the board
// did, nor what is left when all others are taken away.
func TestSmallDepartments(t *testing.T) {
	smallFirm(t)
	list := subjects(t, printed(t, "inventory", "departments", "--json"))
	if s := list["sales"]; s.Suppressed || s.Requests == 0 || s.Counts[inventory.KindUser] != 8 {
		t.Errorf("sales: %+v", s)
	}
	for _, name := range []string{"board", "support"} { // support has the fewest of the others
		if s := list[name]; !s.Suppressed || s.Requests != 0 || s.Up != 0 || len(s.Counts) > 0 || !s.LastSeen.IsZero() {
			t.Errorf("%s: %+v", name, s)
		}
	}
	for _, tt := range []struct {
		command   string
		want, bad []string
	}{
		{"inventory departments", []string{"sales ", "<5", "privacy.k sets the number"}, nil},
		{"inventory departments --csv", []string{"board,*,<5,*", "support,*,*,*"}, nil},
		{"inventory departments board", []string{"<5"}, []string{"claude", "requests"}},
		{"inventory departments sales", []string{"openai-api", "u-"}, []string{"openai-api ("}},
		{"inventory departments sales --json", []string{`"name":"openai-api","requests":0`, `"suppressed":true`}, nil},
		{"inventory show openai-api", []string{"others of fewer than 5 people each, sales, support"}, []string{"board", "sales ("}},
		{"inventory show claude --json", []string{`"departments_seen":[{"name":"others of fewer than 5 people each"`}, []string{"board"}},
		{"inventory register --csv", []string{"<5"}, []string{"board"}},
		{"inventory export --csv", []string{",<5,<5,", ",16,16,"}, nil},
		{"inventory export --json", []string{`"users":0,"clients":0`, `"suppressed":true`, `"users":16,"clients":16`}, nil},
		{"inventory list --json", []string{`"users":2,"clients":2`}, nil}, // who may see each pseudonym can count them
	} {
		t.Run(tt.command, func(t *testing.T) {
			got := printed(t, strings.Fields(tt.command)...)
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("it lacks %q:\n%s", want, got)
				}
			}
			for _, bad := range tt.bad {
				if strings.Contains(got, bad) {
					t.Errorf("it has %q:\n%s", bad, got)
				}
			}
		})
	}
	board := 0
	for name := range subjects(t, printed(t, "inventory", "users", "--json")) {
		one := printed(t, "inventory", "users", name, "--json")
		if strings.Contains(one, `"board"`) {
			t.Errorf("who one of the board is: %s", one)
		}
		if strings.Contains(one, "others of fewer than 5") {
			board++
		}
	}
	if board != 2 {
		t.Errorf("%d users of a small department, want 2", board)
	}
	t.Setenv("GNOMON_PRIVACY_K", "1")
	if s := subjects(t, printed(t, "inventory", "departments", "--json"))["board"]; s.Suppressed || s.Counts[inventory.KindUser] != 2 {
		t.Errorf("board, with privacy.k 1: %+v", s)
	}
	if got := printed(t, "inventory", "show", "openai-api"); !strings.Contains(got, "board (") {
		t.Errorf("with privacy.k 1:\n%s", got)
	}
}

// TestSmallDepartmentsDrift has the board use what sales alone may.
func TestSmallDepartmentsDrift(t *testing.T) {
	smallFirm(t)
	list := filepath.Join(t.TempDir(), "list.yaml")
	if err := os.WriteFile(list, []byte("name: list\nservices:\n  - {service: openai-api, departments: [sales]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	printed(t, "inventory", "declare", list)
	got := printed(t, "inventory", "drift", "--json", "--since", "2026-11-01")
	for _, want := range []string{`"observed":"support","requests":0,`, `"observed":"others of fewer than 5 people each","requests":0,`, `"suppressed":true`} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "board") {
		t.Errorf("it names a small department:\n%s", got)
	}
}

// TestSmallDepartmentsAreOne: how many small departments use a service is not told.
func TestSmallDepartmentsAreOne(t *testing.T) {
	smallFirm(t)
	settings := defaultSettings()
	settings.StateDir = os.Getenv("GNOMON_STATE_DIR")
	inv, done, err := openInventory(t.Context(), settings, rules.Embedded().Services)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	var list []declared.Difference
	for i, department := range []string{"board", "law", "sales"} {
		list = append(list, declared.Difference{Kind: declared.BeyondDepartment, ID: "openai-api", Observed: department, Requests: int64(i)})
	}
	got, err := hideDepartments(t.Context(), 5, inv.Seen(), list)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Observed != "others of fewer than 5 people each" || got[1].Observed != "sales" {
		t.Errorf("differences of two small departments and a large one: %+v", got)
	}
}

// TestSmallNumbersInReports hands a page and a pack on.
func TestSmallNumbersInReports(t *testing.T) {
	smallFirm(t)
	dir := t.TempDir()
	log := filepath.Join(dir, "access.log")
	if err := os.WriteFile(log, []byte("1772442904.250 312 192.0.2.10 TCP_MISS/200 20480 POST https://chatgpt.com/backend-api/conversation alice HIER_DIRECT/203.0.113.20 application/json\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(dir, "report.html")
	read := func(path string) string {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if got := printed(t, "discover", log, "--html", page, "--json"); !strings.Contains(got, `"users":1,"clients":1`) {
		t.Errorf("who has the log is not told what is in it: %s", got)
	}
	if got := read(page); strings.Count(got, `<td class="n">&lt;5</td>`) != 2 || !strings.Contains(got, "are shown as &lt;5") {
		t.Error("the page shows one user of one client as they are")
	}
	t.Setenv("GNOMON_PRIVACY_K", "1")
	printed(t, "discover", log, "--html", page)
	if got := read(page); strings.Contains(got, "&lt;5") || strings.Count(got, `<td class="n">1</td>`) < 2 {
		t.Error("with privacy.k 1 the page hides something")
	}
	t.Setenv("GNOMON_PRIVACY_K", "5")
	pack := filepath.Join(dir, "pack")
	printed(t, "evidence", "export", "--period", "2026-11", "--out", pack)
	for file, want := range map[string]string{
		"register.csv": ",<5,", "use-cases.csv": "<5", "ai-bom.cdx.json": `\u003c5"`, "summary.html": "fewer than 5", "README.md": "`<5` in its place",
	} {
		if got := read(filepath.Join(pack, file)); !strings.Contains(got, want) || strings.Contains(got, "board") {
			t.Errorf("%s lacks %q, or names the board", file, want)
		}
	}
	printed(t, "evidence", "verify", pack)
}
