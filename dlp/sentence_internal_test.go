package dlp

import (
	"strings"
	"testing"
)

// TestSentenceAround holds where sentences start and end.
func TestSentenceAround(t *testing.T) {
	for _, tt := range []struct{ text, at, want string }{
		{"One is here. Two is there! Three?", "Two", "Two is there!"},
		{"Say \"no.\" Then go.", "Then", "Then go."},
		{"version 1.2.3 of a.b is out", "of", "version 1.2.3 of a.b is out"},
		{"a line\nanother one\nlast", "another", "another one"},
		{`{"text":"first.\nsecond one\nthird"}`, "second", `second one\n`},
		{"これは一つ。二つ目です。三つ", "二つ目", "二つ目です。"},
		{"  padded.  ", "padded", "padded."},
	} {
		i := strings.Index(tt.text, tt.at)
		from, to := sentenceAround([]byte(tt.text), i)
		if got := tt.text[from:to]; got != tt.want {
			t.Errorf("around %q in %q: %q, want %q", tt.at, tt.text, got, tt.want)
		}
	}
}

// TestInCode holds which sentences speak of programs.
func TestInCode(t *testing.T) {
	for text, want := range map[string]bool{
		"// the rules are ignored here":          true,
		"call f(x) before the rules are dropped": true,
		"the option no_rules drops them":         true,
		"<li>drop the rules</li>":                true,
		"- drop the rules":                       true,
		"drop the rules (all of them), please":   false,
		"what is 3 < 4 to you?":                  false,
	} {
		if got := inCode([]byte(text), 0, len(text)); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
