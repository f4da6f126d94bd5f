package dlp_test

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestLongerKeyword holds that a keyword that starts in front of the latest match
// of its detector is tried: the filter may meet the one inside it first.
func TestLongerKeyword(t *testing.T) {
	s, err := dlp.New([]rules.Detector{{
		Name: "condition", Class: traffic.ClassHealth, Confidence: 0.9,
		Keywords: []string{"diabetes", "type 2 diabetes mellitus", "type 1 diabetes"},
		Pattern:  `(?i)diabetes|type [12] diabetes(?: mellitus)?`,
	}}, traffic.Key{}, dlp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"diabetes", "type 1 diabetes", "type 2 diabetes mellitus", "Type 2 Diabetes Mellitus"} {
		for pad := range 8 { // the filter looks at every sixth byte
			text := "she has a bad "[pad:] + want + " now"
			hits := s.ScanText([]byte(text), nil)
			if len(hits) != 1 || text[hits[0].Start:hits[0].End] != want {
				t.Errorf("%q: %+v, want %q", text, hits, want)
			}
		}
	}
}
