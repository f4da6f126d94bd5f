package evidence_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/evidence"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
)

// exec changes the store of a record from outside.
func (r *record) exec(t *testing.T, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(r.dir, "inventory.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	done, err := db.Exec(query)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := done.RowsAffected(); n == 0 {
		t.Fatalf("%s: no row was changed", query)
	}
}

// TestSumsChanged changes sums in the store, while the sightings are there and
// when some are deleted: the export says so, and the check of the pack fails, also
// when the one who exports hides it.
func TestSumsChanged(t *testing.T) {
	const row = " WHERE service = 'openai' AND day = 20759" // 2 November 2026
	changes := map[string]struct{ query, want string }{
		"requests":  {"UPDATE usage SET n = n + 40" + row, "the sums of openai on 2026-11-02 are not what its sightings add up to: requests "},
		"bytes":     {"UPDATE usage SET up = up + 5" + row, "the sums of openai on 2026-11-02 are not what its sightings add up to: bytes_up "},
		"decisions": {"UPDATE days SET name = 'coach'" + row + " AND kind = 'action' AND name = 'block'", "the values seen of openai on 2026-11-02 are not what its sightings add up to: action=block 0 instead of"},
		"deleted":   {"DELETE FROM usage" + row, "the sums of openai on 2026-11-02 are not what its sightings add up to: "},
		"who":       {"UPDATE usage SET user = 'u-9'" + row + " AND user = 'u-1'", "openai on 2026-11-02 are not what its sightings add up to: users, clients, accounts or models are others"},
	}
	for _, pruned := range []bool{false, true} {
		r := newRecord(t)
		if pruned {
			r.now = time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)
			if done, err := r.inv.PruneNow(t.Context()); err != nil || done.Events == 0 {
				t.Fatal(done, err)
			}
		}
		if got := verify(t, r.pack(t), ""); !got.Sound() || got.Sums != 4 {
			t.Fatalf("before: %d sums, %q", got.Sums, got.Problems)
		}
		r.exec(t, "CREATE TABLE kept_usage AS SELECT * FROM usage; CREATE TABLE kept_days AS SELECT * FROM days; UPDATE usage SET n = n")
		for name, tt := range changes {
			t.Run(name+map[bool]string{true: "/pruned"}[pruned], func(t *testing.T) {
				r.exec(t, tt.query)
				defer r.exec(t, "DELETE FROM usage; DELETE FROM days; INSERT INTO days SELECT * FROM kept_days; INSERT INTO usage SELECT * FROM kept_usage")
				o := r.order()
				if !strings.Contains(strings.Join(o.Sums.Problems, "\n"), tt.want) {
					t.Errorf("the store's problems: %q, want %q", o.Sums.Problems, tt.want)
				}
				o.Sums.Problems = nil
				dir := filepath.Join(t.TempDir(), "pack")
				if _, err := evidence.Write(t.Context(), dir, false, r.inv, o); err != nil {
					t.Fatal(err)
				}
				caught(t, dir, "", tt.want)
			})
		}
	}
}

// TestSumsElsewhere changes what no file of the pack can show: that the export
// found it is in the manifest, and a failure.
func TestSumsElsewhere(t *testing.T) {
	r := newRecord(t)
	r.exec(t, "UPDATE services SET n = n + 1 WHERE id = 'openai'")
	caught(t, r.pack(t), "", "when the pack was made: the register's row of openai is not what its sightings add up to")
}

// TestSumsTampered changes the sums in a pack, and signs it again.
func TestSumsTampered(t *testing.T) {
	r := newRecord(t)
	r.now = time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)
	if _, err := r.inv.PruneNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	dir := r.pack(t)
	onLines := func(change func(l []string) []string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			l := strings.SplitAfter(string(unpack(t, read(t, dir, "days.jsonl.zst"))), "\n")
			if len(l) != 5 {
				t.Fatalf("%q", l)
			}
			write(t, dir, "days.jsonl.zst", repack(t, []byte(strings.Join(change(l[:4]), ""))))
		}
	}
	onRegister := func(change func(r *evidence.Register)) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			var g evidence.Register
			if err := json.Unmarshal(read(t, dir, "register.json"), &g); err != nil {
				t.Fatal(err)
			}
			change(&g)
			b, err := json.Marshal(g)
			if err != nil {
				t.Fatal(err)
			}
			write(t, dir, "register.json", b)
		}
	}
	for name, tt := range map[string]struct {
		change func(*testing.T, string)
		want   string
	}{
		"figure": {onLines(func(l []string) []string {
			l[0] = strings.Replace(l[0], `"figures":[`, `"figures":[1`, 1)
			return l
		}), "the sums of anthropic on 2026-11-02 are not what its sightings add up to: requests"},
		"kind": {onLines(func(l []string) []string {
			l[0] = strings.Replace(l[0], `"action=block":`, `"action=block":1`, 1)
			return l
		}), "the values seen of anthropic on 2026-11-02 are not what its sightings add up to: action=block"},
		"row removed":  {onLines(func(l []string) []string { return l[1:] }), "the sums of anthropic on 2026-11-02 are not what its sightings add up to: they are missing"},
		"rows swapped": {onLines(func(l []string) []string { l[0], l[1] = l[1], l[0]; return l }), "is out of order"},
		"row twice":    {onLines(func(l []string) []string { return slices.Insert(l, 1, l[0]) }), "is out of order, or there twice"},
		"another day": {onLines(func(l []string) []string {
			l[0] = strings.Replace(l[0], "2026-11-02", "2026-11-01", 1)
			return l
		}), "lies outside the period"},
		"unsealed made up": {onLines(func(l []string) []string {
			more := strings.Replace(l[0], `"service"`, `"unsealed":true,"service"`, 1)
			l[0] = strings.Replace(l[0], `"figures":[`, `"figures":[9`, 1)
			return append(l, more)
		}), "the sums of anthropic on 2026-11-02"},
		"register":       {onRegister(func(g *evidence.Register) { g.Rows[0].Seen.Requests-- }), "are not those of days.jsonl.zst: requests "},
		"coverage":       {onRegister(func(g *evidence.Register) { g.Rows[0].Seen.Coverage.Inspected++ }), "are not those of days.jsonl.zst: coverage=inspected "},
		"findings":       {onRegister(func(g *evidence.Register) { g.Rows[0].Seen.Findings["secret"] = 0 }), "are not those of days.jsonl.zst: class=secret 0 instead of"},
		"seen":           {onRegister(func(g *evidence.Register) { g.Rows[0].Seen.Last = period.From }), "first and last seen"},
		"a row less":     {onRegister(func(g *evidence.Register) { g.Rows = g.Rows[1:] }), "was seen and has no row"},
		"said when made": {func(*testing.T, string) {}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			to := copyOf(t, dir)
			var m evidence.Manifest
			if err := json.Unmarshal(read(t, to, "manifest.json"), &m); err != nil {
				t.Fatal(err)
			}
			tt.change(t, to)
			if tt.want == "" {
				m.Sums.Problems, tt.want = []string{"a sum differs"}, "when the pack was made: a sum differs"
			}
			sign(t, to, &m, private(t, filepath.Join(r.dir, evidence.KeyFile)))
			caught(t, to, "", tt.want)
		})
	}
	t.Run("of an older version", func(t *testing.T) {
		to := copyOf(t, dir)
		var m evidence.Manifest
		if err := json.Unmarshal(read(t, to, "manifest.json"), &m); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(to, "days.jsonl.zst")); err != nil {
			t.Fatal(err)
		}
		m.Sums = nil
		sign(t, to, &m, private(t, filepath.Join(r.dir, evidence.KeyFile)))
		if got := verify(t, to, ""); !got.Sound() || !strings.Contains(strings.Join(got.Notes, "\n"), "made by a version that put no sums by day into it") {
			t.Errorf("%q, %q", got.Problems, got.Notes)
		}
	})
}

// TestSumsUnsealed makes a pack while more comes in: that is a margin of sums,
// which is said, and no more than that.
func TestSumsUnsealed(t *testing.T) {
	r := newRecord(t)
	store, err := sqlite.Open(t.Context(), r.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Merge(t.Context(), storetest.Events(7, 60)); err != nil {
		t.Fatal(err)
	}
	got := verify(t, r.pack(t), "")
	if !got.Sound() || got.Sums == 0 || !strings.Contains(strings.Join(got.Notes, "\n"), "not sealed when the pack was made") {
		t.Errorf("%d sums, %q, %q", got.Sums, got.Problems, got.Notes)
	}
	r.exec(t, "UPDATE usage SET n = n + 1000 WHERE service = 'openai' AND day = 20759")
	caught(t, r.pack(t), "", "the sums of openai on 2026-11-02 are not what its sightings add up to: requests ")
}

// TestSumsPages shows what people read of sums that differ.
func TestSumsPages(t *testing.T) {
	p := evidence.Report{Counted: &evidence.Counted{Whole: true}, Sums: evidence.Sums{Compared: 4, Unbound: 1, Problems: []string{"the sums of <x> differ: bytes_up 5 instead of 4"}}}
	for name, want := range map[string][]string{
		"summary":  {"1 sum in the store is not what the sightings add up to"},
		"coverage": {"4 sums of a service on a day", "Of 1 day nothing is left", "- `the sums of <x> differ: bytes_up 5 instead of 4`"},
		"readme":   {"**Not** that the sums in the store are what was seen: 1 is not."},
	} {
		var b bytes.Buffer
		if err := map[string]func() error{
			"summary": func() error { return p.Summary(&b) }, "coverage": func() error { return p.Coverage(&b) }, "readme": func() error { return p.Readme(&b) },
		}[name](); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(b.String(), w) {
				t.Errorf("%s lacks %q:\n%s", name, w, b.String())
			}
		}
	}
	p.Sums.Problems = nil
	var b bytes.Buffer
	if err := p.Coverage(&b); err != nil || !strings.Contains(b.String(), "None differs.") {
		t.Errorf("%v: %s", err, b.String())
	}
}

var _ evidence.Source = (*inventory.Inventory)(nil)
