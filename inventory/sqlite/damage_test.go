package sqlite_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
)

// TestDamaged opens files that were cut or changed, and uses what opens: nothing
// panics or hangs, and what does not open says what to do.
func TestDamaged(t *testing.T) {
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Merge(t.Context(), storetest.Events(1, 400)); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(dir, sqlite.FileName))
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for i := 0; i < len(whole); i += len(whole)/30 + 7 {
		flipped := bytes.Clone(whole)
		for j := i; j < min(i+16, len(flipped)); j++ {
			flipped[j] ^= 0xa5
		}
		for name, data := range map[string][]byte{"changed": flipped, "cut": whole[:i]} {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, sqlite.FileName), data, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := sqlite.Open(t.Context(), dir)
			if err != nil {
				refused++
				if !strings.Contains(err.Error(), "restore") && !strings.Contains(err.Error(), "newer version") {
					t.Errorf("%s at byte %d: %v, which does not say what to do", name, i, err)
				}
				continue
			}
			_ = s.Merge(t.Context(), storetest.Events(2, 50)) // may work or not
			_, _ = s.Services(t.Context())
			_ = s.Close()
		}
	}
	if refused == 0 {
		t.Error("every damaged file was opened")
	}
}
