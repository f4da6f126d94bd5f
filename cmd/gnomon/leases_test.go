package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
)

// TestLeases: who is known by address only is a user to policies and to the
// inventory, and the next reload sees who has the address now.
func TestLeases(t *testing.T) {
	overlay, file := t.TempDir(), filepath.Join(t.TempDir(), "leases.csv")
	if err := os.MkdirAll(filepath.Join(overlay, "policies"), 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(overlay, "policies", "mine.yaml"), "policies:\n  - name: not-mallory\n    when: {user: [mallory]}\n    action: block\n    message: Not you.\n")
	write(file, "ip,user\n127.0.0.1,ann\n")
	o := startOffice(t, func(s *Settings) { s.RulesDir, s.Users.Leases = overlay, []string{file} })
	if code, _ := o.chat(t, "hello"); code != 200 {
		t.Errorf("ann: %d, want 200", code)
	}
	write(file, "neither\n")
	if err := o.reload(); err == nil {
		t.Error("a broken file of leases was reloaded")
	}
	if code, _ := o.chat(t, "hello"); code != 200 {
		t.Errorf("ann, after a reload that failed: %d, want 200", code)
	}
	write(file, "ip,user,device\n127.0.0.1,mallory,\n")
	if err := o.reload(); err != nil {
		t.Fatal(err)
	}
	if code, _ := o.chat(t, "hello"); code != 403 {
		t.Errorf("mallory: %d, want 403", code)
	}
	write(file, "ip,device\n127.0.0.1,mallory\n") // a client chooses the name of its device
	if err := o.reload(); err != nil {
		t.Fatal(err)
	}
	if code, _ := o.chat(t, "hello"); code != 200 {
		t.Errorf("a device that calls itself mallory: %d, want 200", code)
	}
	if err := o.stop(); err != nil {
		t.Fatal(err)
	}
	rows, err := o.inventory.Services(t.Context())
	if err != nil || len(rows) != 1 || rows[0].Users != 3 || rows[0].Clients != 1 {
		t.Errorf("rows = %+v, %v; want 3 users of 1 client", rows, err)
	}
}

func TestLeasesAreChecked(t *testing.T) {
	s := defaultSettings()
	s.StateDir = filepath.Join(t.TempDir(), "state")
	s.Users.Leases = []string{filepath.Join(t.TempDir(), "missing")}
	g, err := newGateway(t.Context(), s, slog.New(slog.DiscardHandler))
	if g != nil {
		defer g.Close()
	}
	if _, ok := errors.AsType[*configError](err); !ok {
		t.Errorf("a missing file of leases: %v, want an error in the settings", err)
	}
}
