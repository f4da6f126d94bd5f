package dlp_test

import (
	"os"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
)

// TestSubtle holds texts that differ little, of which some are findings.
func TestSubtle(t *testing.T) {
	raw, err := os.ReadFile("testdata/subtle.txt")
	if err != nil {
		t.Fatal(err)
	}
	s := newScanner(t, dlp.Options{})
	seen := make(map[string]int)
	for line := range strings.Lines(string(raw)) {
		kind, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		if kind == "#" {
			continue
		}
		seen[kind]++
		if hits := s.ScanText([]byte(text), nil); (len(hits) > 0) != (kind == "+") {
			t.Errorf("%s %s: %+v", kind, text, hits)
		}
	}
	if seen["+"] < 20 || seen["-"] < 40 {
		t.Errorf("%d texts with a finding and %d without", seen["+"], seen["-"])
	}
}
