package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
)

// TestRestoreDamaged changes a backup in many places: none is taken, and the
// state directory stays empty.
func TestRestoreDamaged(t *testing.T) {
	settings := defaultSettings()
	settings.StateDir = filepath.Join(t.TempDir(), "state")
	inv, done, err := openInventory(t.Context(), settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "copy.tgz")
	_, err = backup(t.Context(), settings, inv, "ann", path, true)
	done()
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of a backup with keys = %v, %v", info.Mode(), err)
	}
	if m, _, err := restore(t.Context(), filepath.Join(t.TempDir(), "state"), path, false); err != nil || m.Ledger.Seq != 1 {
		t.Fatalf("restoring what was not changed: %+v, %v", m, err)
	}
	for i := 0; i < len(whole); i += max(1, len(whole)/60) {
		if i >= 4 && i < 10 { // gzip's time, flags of speed and system: no part of what is in it
			continue
		}
		flipped := bytes.Clone(whole)
		flipped[i] ^= 0x41
		for name, data := range map[string][]byte{"flipped": flipped, "cut": whole[:i]} {
			bad := filepath.Join(t.TempDir(), "bad.tgz")
			if err := os.WriteFile(bad, data, 0o600); err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(t.TempDir(), "state")
			if _, _, err := restore(t.Context(), dir, bad, false); err == nil {
				t.Errorf("%s at byte %d of %d: restored", name, i, len(whole))
			}
			if _, err := os.Stat(filepath.Join(dir, sqlite.FileName)); err == nil {
				t.Errorf("%s at byte %d: a store is there", name, i)
			}
		}
	}
}

// TestRestoreRunning refuses while a gateway uses the state directory.
func TestRestoreRunning(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	unlock, err := lockState(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if _, _, err := restore(t.Context(), dir, "copy.tgz", true); err == nil {
		t.Error("restored under a running gateway")
	}
}
