package dlp_test

import (
	"os"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
)

// mostOrdinary is how many lines of testdata/heldback9.txt may have a finding of what was learned
// from sentences: all that it has is ordinary.
var mostOrdinary = map[string]int{"person_tagged": 17, "health_tagged": 17, "secret_tagged": 0, "device_tagged": 0, "injection_order": 8}

// leastOrdinary is how many lines without a value there are at least.
const leastOrdinary = 1200

// TestOrdinary counts what is found in ordinary text of 25 languages: minutes, manuals, questions,
// answers, news, recipes.
func TestOrdinary(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	text, err := os.ReadFile("testdata/heldback9.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines, flagged, all := 0, make(map[string]int), 0
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "# ") || strings.Contains(line, "«") {
			continue
		}
		lines++
		line = strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(strings.TrimSpace(line))
		seen := make(map[string]bool)
		for _, h := range s.ScanText([]byte(line), nil) {
			if !seen[h.Detector] {
				flagged[h.Detector]++
				seen[h.Detector] = true
			}
		}
		if len(seen) > 0 {
			all++
		}
	}
	if lines < leastOrdinary {
		t.Fatalf("%d lines, want %d", lines, leastOrdinary)
	}
	t.Logf("%d of %d lines have a finding: %v", all, lines, flagged)
	for detector, most := range mostOrdinary {
		if n := flagged[detector]; n > most {
			t.Errorf("%s: %d of %d lines have one, want at most %d", detector, n, lines, most)
		}
	}
}
