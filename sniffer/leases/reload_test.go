package leases_test

import (
	"bufio"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/leases"
)

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// manyLeases writes n leases of 10.0.0.0 and up.
func manyLeases(t testing.TB, n int) string {
	path := filepath.Join(t.TempDir(), "many.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "ip,user")
	for i := range n {
		fmt.Fprintf(w, "%s,u%d\n", netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), i)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestReload changes a file, breaks it and mends it: broken, the old leases hold.
func TestReload(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.csv"), filepath.Join(dir, "b.csv")
	write(t, a, "ip,user\n192.0.2.1,ann\n")
	write(t, b, "ip,user\n192.0.2.2,bob\n")
	synctest.Test(t, func(t *testing.T) {
		m, err := leases.Open([]string{a, b}, leases.Options{})
		if err != nil {
			t.Fatal(err)
		}
		go m.Run(t.Context())
		for _, step := range []struct {
			name, a, b    string
			wantA, wantB  string
			reloadRefuses bool
		}{
			{"changed", "ip,user\n192.0.2.1,anna\n", "ip,user\n192.0.2.2,bob\n", "anna/", "bob/", false},
			{"one broken", "ip,user\n192.0.2.1,eve\n", "now something else\n", "anna/", "bob/", true},
			{"all lines broken", "ip,user\n192.0.2.1,eve\n", "ip,user\nnobody,bob\n", "anna/", "bob/", true},
			{"mended", "ip,user\n192.0.2.1,carol\n", "ip,user\n192.0.2.2,robert\n", "carol/", "robert/", false},
			{"empty", "", "ip,user\n192.0.2.2,robert\n", "-", "robert/", false},
		} {
			write(t, a, step.a)
			write(t, b, step.b)
			time.Sleep(31 * time.Second) // of the fake clock
			if a, b := who(m, "192.0.2.1", "2026-01-01 00:00:00"), who(m, "192.0.2.2", "2026-01-01 00:00:00"); a != step.wantA || b != step.wantB {
				t.Errorf("%s: %q and %q, want %q and %q", step.name, a, b, step.wantA, step.wantB)
			}
			if err := m.Reload(); (err != nil) != step.reloadRefuses {
				t.Errorf("%s: Reload: %v", step.name, err)
			}
		}
		os.Remove(a)
		if err := m.Reload(); err == nil || !strings.Contains(err.Error(), "a.csv") {
			t.Errorf("Reload without a file: %v", err)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"words":             "these are words\nand more\n",
		"no address column": "user,device\nalice,laptop\n",
		"nobody":            "ip,mac\n192.0.2.1,00:00:5e:00:53:01\n",
		"packets":           "\xd4\xc3\xb2\xa1\x02\x00\x04\x00",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "f")
			write(t, path, text)
			_, err := leases.Open([]string{path}, leases.Options{})
			if err == nil || !strings.Contains(err.Error(), "not recognised") {
				t.Errorf("Open: %v", err)
			}
		})
	}
}

// TestBounds reads more leases than are kept, and a line that is too long.
func TestBounds(t *testing.T) {
	m, err := leases.Open([]string{manyLeases(t, 1<<20+5)}, leases.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r := m.Reports()[0]; r.Leases != 1<<20 || r.Skipped[leases.ReasonTooMany] != 5 {
		t.Errorf("kept %d, skipped %v", r.Leases, r.Skipped)
	}
	path := filepath.Join(t.TempDir(), "long.csv")
	write(t, path, "ip,user\n192.0.2.1,"+strings.Repeat("x", 200_000)+"\n192.0.2.2,bob\n192.0.2.3,"+strings.Repeat("é", 300)+"\n")
	if m, err = leases.Open([]string{path}, leases.Options{}); err != nil {
		t.Fatal(err)
	}
	if r := m.Reports()[0]; r.Leases != 2 || r.Skipped[leases.ReasonTooLong] != 1 || r.First[0].Line != 2 || r.Lines != 4 {
		t.Errorf("report = %+v", r)
	}
	if got := who(m, "192.0.2.3", "2026-01-01 00:00:00"); len(got) != 257 {
		t.Errorf("a long name has %d bytes", len(got))
	}
}
