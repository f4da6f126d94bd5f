package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEvidenceSums changes a sum in the store by hand: the export makes the pack,
// says so wherever somebody may look, and the check of the pack fails.
func TestEvidenceSums(t *testing.T) {
	dir := t.TempDir()
	state := filepath.Join(dir, "state")
	t.Setenv("GNOMON_STATE_DIR", state)
	log := filepath.Join(dir, "access.log")
	if err := os.WriteFile(log, []byte("1793620800.123    100 10.0.0.1 TCP_TUNNEL/200 5000 CONNECT api.openai.com:443 - HIER_DIRECT/1.2.3.4 -\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	printed(t, "discover", log, "--save")
	pack := filepath.Join(dir, "pack")
	printed(t, "evidence", "export", "--period", "2026-11", "--out", pack)
	if got := printed(t, "evidence", "verify", pack); !strings.Contains(got, "1 service's day compared with the seals") {
		t.Errorf("verified: %s", got)
	}

	db, err := sql.Open("sqlite", filepath.Join(state, "inventory.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("UPDATE usage SET n = n + 6"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	const want = "the sums of openai-api on 2026-11-02 are not what its sightings add up to: requests 7 instead of 1"
	pack = filepath.Join(dir, "another")
	code, stdout, stderr := command(t, "", "evidence", "export", "--period", "2026-11", "--out", pack)
	if code != exitFailure || !strings.Contains(stderr, "PROBLEM: "+want) || !strings.Contains(stdout, "signed by") {
		t.Errorf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	for file, want := range map[string]string{
		"summary.html": "1 sum in the store is not what the sightings add up to", "coverage.md": want, "manifest.json": want,
		"README.md": "**Not** that the sums in the store are what was seen",
	} {
		if got, err := os.ReadFile(filepath.Join(pack, file)); err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%s lacks %q: %v", file, want, err)
		}
	}
	code, stdout, _ = command(t, "", "evidence", "verify", pack)
	if code != exitFailure || strings.Count(stdout, "WRONG   "+want) != 1 {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}
