package dlp

import (
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"testing"
)

// TestLetters compares automata of patterns that name letters beyond ASCII with the
// standard library's engine.
func TestLetters(t *testing.T) {
	letters := []rune("añÑäÜßſKkñ中Ωω€a b")
	r := rand.New(rand.NewPCG(7, 8))
	for _, pattern := range []string{
		`ñ`, `(?i)ñ`, `[aÑ]+`, `(?i)[aÑ]{2}k?`, `[ä-üß]+`, `a?ß|Ω+`, `\p{Greek}+`, `(?i)ω a?`, `a€ ?`, `[€中]+ñ?`, `(ñ|ä)(?P<value>Ü+)`,
	} {
		parsed, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		a, err := compile(parsed)
		if err != nil {
			t.Fatalf("%s: %v", pattern, err)
		}
		if pattern == `[€中]+ñ?` { // of all scripts: by bytes
			continue
		}
		re := regexp.MustCompile(`\A(?:` + pattern + `)\z`)
		found := 0
		for range 4000 {
			var text []rune
			for range r.IntN(6) {
				x := letters[r.IntN(len(letters))]
				if x != 'ſ' && x != '\u212a' { // look-alikes are undone elsewhere
					text = append(text, x)
				}
			}
			got, _ := a.match([]byte(string(text)), 0)
			want := longest(re, []byte(string(text)), false)
			if got != want {
				t.Fatalf("%s on %q ends at %d, want %d", pattern, string(text), got, want)
			}
			if got > 0 {
				found++
			}
		}
		if found < 10 {
			t.Errorf("%s matched %d times: the test proves nothing", pattern, found)
		}
	}
}
