package sqlite_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
)

// TestMigrate opens files of every older form, with a row in them.
func TestMigrate(t *testing.T) {
	for form := 1; form < sqlite.Forms(); form++ {
		t.Run(fmt.Sprint(form), func(t *testing.T) {
			dir := t.TempDir()
			err := sqlite.OpenForm(t.Context(), dir, form,
				"INSERT INTO services VALUES ('openai', 'OpenAI', '', '', 'catalogue', '[]', 5, 1, 2, 0, 0)",
				"INSERT INTO facets VALUES ('openai', 'user', 'u-9', 5, 1, 2, 0, 0)")
			if err != nil {
				t.Fatal(err)
			}
			s := open(t, dir)
			list, err := s.Services(t.Context())
			if err != nil || len(list) != 1 || list[0].Users != 1 || list[0].Requests != 5 {
				t.Errorf("services = %+v, %v; want what the old file held", list, err)
			}
			if err := s.Merge(t.Context(), storetest.Events(1, 10)); err != nil {
				t.Error(err)
			}
		})
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

// TestDecisionsStay tries to change what was decided.
func TestDecisionsStay(t *testing.T) {
	for _, q := range []string{"UPDATE decisions SET owner = 'eve'", "DELETE FROM decisions"} {
		err := sqlite.OpenForm(t.Context(), t.TempDir(), sqlite.Forms(),
			"INSERT INTO decisions (time, service, status, owner, reason, conditions, until, by) VALUES (0, 'x', 'refused', '', '', '[]', '', '')", q)
		if err == nil || !strings.Contains(err.Error(), "never") {
			t.Errorf("%s: %v, want an error", q, err)
		}
	}
}
