package dlp_test

import (
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
)

// TestReversedNear holds that a text is read backwards near a word that says so, not
// all of a large one, and not where the word means something else.
func TestReversedNear(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	const key = "ELPMAXE7NNDOFSOIAIKA"
	for _, tt := range []struct {
		name, text string
		want       int
	}{
		{"behind", "please reverse this: " + key, 1},
		{"before", key + "\nplease REVERSE it", 1},
		{"reversed", "it is reversed: " + key, 1},
		{"a proxy", "the reverse proxy says " + key, 0},
		{"a type", "a ReverseProxy says " + key, 0},
		{"DNS", "reverse-DNS of " + key, 0},
		{"a proxy and the text", "the reverse proxy says, reversed, " + key, 1},
		{"a proxy, in full", "the reverse proxied text " + key, 1},
		{"cut", key + " reverse", 1},
		{"in a large text", string(clean(100<<10)) + "reverse " + key + string(clean(100<<10)), 1},
		{"twice in a large text", key + " reverse " + string(clean(100<<10)) + "reverse " + key, 2},
		{"far from the word", "reverse " + string(clean(100<<10)) + key, 0},
	} {
		n := 0
		for _, h := range s.ScanText([]byte(tt.text), nil) {
			if strings.HasPrefix(tt.text[h.Start:], key) && h.Detector == "aws_access_key_id" {
				n++
			}
		}
		if n != tt.want {
			t.Errorf("%s: found %d times, want %d", tt.name, n, tt.want)
		}
	}
}
