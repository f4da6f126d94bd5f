package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
)

func open(t testing.TB, dir string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) inventory.Store { return open(t, t.TempDir()) })
}

func TestFileMode(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.Merge(t.Context(), storetest.Events(1, 10)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"inventory.db", "inventory.db-wal"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("mode of %s = %o, want 600", name, got)
		}
	}
}
