package dlp_test

import (
	"strings"
	"testing"
)

// TestHealthContext asserts when a condition is somebody's.
func TestHealthContext(t *testing.T) {
	s := newListScanner(t)
	for _, tt := range []struct{ name, in, want string }{
		{"a person", "My neighbour has severe psoriasis.", "severe psoriasis"},
		{"a person behind it", "Epilepsy: please tell the night shift about our resident.", "Epilepsy"},
		{"a first name", "psoriasis, Marek, back on Monday", "psoriasis"},
		{"no person", "Psoriasis has many causes.", ""},
		{"an animal", "My dog has epilepsy.", ""},
		{"an ordinary word that somebody has", "Our tenant is dizzy.", "dizzy"},
		{"the same of nobody", "My tenant likes that dizzy tune.", ""},
		{"a sentence that says it", "My brother was diagnosed with wandering spleen last week.", "diagnosed with wandering spleen last week"},
		{"a result", "Mr Lund came in with TSH 9.8", "TSH 9.8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, h := range s.ScanText([]byte(tt.in), nil) {
				if h.Class == "health" {
					got = tt.in[h.Start:h.End]
				}
			}
			if !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
				t.Errorf("in %q: %q is somebody's health, want %q", tt.in, got, tt.want)
			}
		})
	}
}
