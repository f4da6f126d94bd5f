package sqlite_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
)

// ledgerForm is the first form with a ledger; decisions had a table before.
const ledgerForm = 5

// TestMigrate opens files of every older form, with a row in them.
func TestMigrate(t *testing.T) {
	for form := 1; form < sqlite.Forms(); form++ {
		t.Run(fmt.Sprint(form), func(t *testing.T) {
			dir := t.TempDir()
			statements := []string{
				"INSERT INTO services (id, name, vendor, category, how, features, n, up, down, first, last) VALUES ('openai', 'OpenAI', '', '', 'catalogue', '[]', 5, 1, 2, 0, 0)",
				"INSERT INTO facets VALUES ('openai', 'user', 'u-9', 5, 1, 2, 0, 0)",
				"INSERT INTO usage (day, service, account, user, client, model, n, up, down, first, last, findings, altered, blocked) VALUES (20000, 'openai', '', 'u-9', '', '', 5, 1, 2, 0, 0, 0, 0, 0)",
			}
			if form >= ledgerForm {
				statements = append(statements, "INSERT INTO days (day, service, kind, name, n, up, down, first, last) VALUES (20001, 'openai', 'action', 'allow', 5, 1, 2, 0, 0)")
			}
			if form >= 8 { // a summary, as a program of that form wrote it
				statements = append(statements, "UPDATE services SET summary = 'user 1 '")
			}
			if form < ledgerForm {
				statements = append(statements,
					"INSERT INTO decisions (time, service, status, owner, reason, conditions, until, by) VALUES (1700000000123, 'openai', 'refused', 'ann', 'no contract', '[\"x\"]', '', 'bob')",
					"INSERT INTO decisions (time, service, status, owner, reason, conditions, until, by) VALUES (1700000001123, 'openai', 'approved', 'ann', '', '[]', '2027-01-31', 'bob')")
			}
			err := sqlite.OpenForm(t.Context(), dir, form, statements...)
			if err != nil {
				t.Fatal(err)
			}
			s := open(t, dir)
			list, err := s.Services(t.Context())
			if err != nil || len(list) != 1 || list[0].Users != 1 || list[0].Requests != 5 {
				t.Errorf("services = %+v, %v; want what the old file held", list, err)
			}
			marks, err := s.Marks(t.Context(), 0, 1<<40)
			if err != nil || marks.Days[20000] == 0 || len(marks.Days) > 1 != (form >= ledgerForm) {
				t.Errorf("marks = %+v, %v; want one of each day with figures", marks, err)
			}
			if err := s.Merge(t.Context(), storetest.Events(1, 10)); err != nil {
				t.Error(err)
			}
			if form < ledgerForm {
				checkMoved(t, s)
			}
			checkCopy(t, dir, form)
		})
	}
}

// checkCopy looks for the file of the older form, the only copy that is there.
func checkCopy(t *testing.T, dir string, form int) {
	t.Helper()
	copies, err := filepath.Glob(filepath.Join(dir, sqlite.FileName+".form-*"))
	if err != nil || len(copies) != 1 || !strings.HasSuffix(copies[0], fmt.Sprintf(".form-%d", form)) {
		t.Fatalf("copies = %q, %v; want one of form %d", copies, err, form)
	}
	info, err := os.Stat(copies[0])
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, %v; want 600", info.Mode(), err)
	}
	back := t.TempDir()
	if err := os.Rename(copies[0], filepath.Join(back, sqlite.FileName)); err != nil {
		t.Fatal(err)
	}
	got, err := sqlite.FormOf(t.Context(), back)
	if err != nil || got != form {
		t.Errorf("form of the copy = %d, %v; want %d", got, err, form)
	}
}

// migrateDir names the folder of a process that is killed while it migrates.
const migrateDir = "GNOMON_TEST_MIGRATE_DIR"

// TestMigrateKilled kills processes in the middle of a migration: the file has
// its old form, or the new one with all that it held.
func TestMigrateKilled(t *testing.T) {
	if dir := os.Getenv(migrateDir); dir != "" {
		s := open(t, dir)
		fmt.Println(s.Services(t.Context()))
		return
	}
	dir := t.TempDir()
	err := sqlite.OpenForm(t.Context(), dir, 1,
		"INSERT INTO services WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < 1999) SELECT 's-' || i, 'S', '', '', 'catalogue', '[]', 5, 1, 2, 0, 0 FROM c",
		"INSERT INTO facets WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < 19999) SELECT 's-' || (i % 2000), 'user', 'u-' || i, 5, 1, 2, 0, 0 FROM c")
	if err != nil {
		t.Fatal(err)
	}
	killed := 0
	for try := range 12 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestMigrateKilled$")
		cmd.Env = append(os.Environ(), migrateDir+"="+dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Duration(20+try*15)*time.Millisecond, func() { cmd.Process.Kill() })
		if cmd.Wait() != nil {
			killed++
		}
		form, err := sqlite.FormOf(t.Context(), dir)
		if err != nil || form != 1 && form != sqlite.Forms() {
			t.Fatalf("form = %d, %v; want the old one or the new one", form, err)
		}
		if form != 1 {
			break
		}
	}
	if killed == 0 {
		t.Error("no process was killed: the test shows nothing")
	}
	list, err := open(t, dir).Services(t.Context())
	if err != nil || len(list) != 2000 {
		t.Fatalf("%d services, %v; want 2000", len(list), err)
	}
	for _, r := range list {
		if r.Users != 10 || r.Requests != 5 {
			t.Fatalf("%s has %d users, %d requests; want 10 and 5", r.ID, r.Users, r.Requests)
		}
	}
	checkCopy(t, dir, 1)
}

// checkMoved looks for the two decisions of an older form in the ledger.
func checkMoved(t *testing.T, s *sqlite.Store) {
	var chain ledger.Chain
	var list []inventory.Decision
	err := s.Entries(t.Context(), 0, func(e *ledger.Entry) error {
		d, err := inventory.Read[inventory.Decision](e)
		list = append(list, d)
		return errors.Join(err, chain.Follow(e))
	})
	if err != nil || len(list) != 2 || list[0].Reason != "no contract" || list[0].Conditions[0] != "x" || list[1].Until != "2027-01-31" || list[0].Time.UnixMilli() != 1700000000123 {
		t.Errorf("decisions of the old file = %+v, %v", list, err)
	}
}

func TestNewerForm(t *testing.T) {
	dir := t.TempDir()
	if err := sqlite.OpenForm(t.Context(), dir, sqlite.Forms(), "PRAGMA user_version = 9999"); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("Open of a file from the future: %v, want an error that says so", err)
	}
}

// TestLedgerStays tries to change what is on record.
func TestLedgerStays(t *testing.T) {
	for _, q := range []string{"UPDATE ledger SET by = 'eve'", "DELETE FROM ledger"} {
		err := sqlite.OpenForm(t.Context(), t.TempDir(), sqlite.Forms(),
			"INSERT INTO ledger (seq, time, kind, subject, by, data, prev, hash) VALUES (1, 0, 'decision', 'x', 'ann', '{}', x'', x'')", q)
		if err == nil || !strings.Contains(err.Error(), "ledger") {
			t.Errorf("%s: %v, want an error", q, err)
		}
	}
}

// TestBrokenBatch changes a stored row behind the back of the program.
func TestBrokenBatch(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for seed := range uint64(3) {
		if err := s.Merge(t.Context(), storetest.Events(seed, 5)[:1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Exec(t.Context(), "UPDATE sightings SET merged = merged + 1 WHERE seq = 2"); err != nil {
		t.Fatal(err)
	}
	var got []bool
	if err := s.Batches(t.Context(), 0, func(b *inventory.Batch) error { got = append(got, b.Intact); return nil }); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got) != "[true false true]" {
		t.Errorf("intact = %v, want only the second one broken", got)
	}
}
