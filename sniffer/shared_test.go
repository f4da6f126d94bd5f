package sniffer_test

import (
	"os"
	"path/filepath"
	"testing"
)

// captures returns the shared capture files.
func captures(t *testing.T) []string {
	t.Helper()
	dir := os.Getenv("SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "pcaps", "*.pcap*"))
	if len(files) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no captures in %s/pcaps: set SHARED", dir)
		}
		t.Skipf("NOT TESTED: no captures in %s/pcaps (set SHARED)", dir)
	}
	return files
}
