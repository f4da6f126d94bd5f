package dlp

import (
	"bytes"
	"math/rand/v2"
	"regexp/syntax"
	"testing"
)

// TestBehind holds that a keyword in any letter case leads to the state that reading
// it leads to.
func TestBehind(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	known, dead := 0, 0
	for _, w := range allDetectors().filter.words {
		for k := range w.tries {
			try := &w.tries[k]
			for n := range 6 {
				text := []byte(w.text)
				for i := range text {
					switch {
					case n == 5 && r.IntN(8) == 0:
						text[i] ^= 0x20 // which the filter takes for the same byte
					case n == 1 || n > 1 && r.IntN(3) == 0:
						text[i] = upper(text[i])
					}
				}
				got, ok := try.behind(text, w.text)
				if !ok {
					continue
				}
				a := try.d.auto
				want := a.start()
				for _, x := range text {
					want = a.next[want+uint16(a.class[x])]
				}
				if got != want {
					t.Fatalf("%s: behind %q is state %d, want %d", try.d.name, text, got, want)
				}
				known++
				if got == 0 {
					dead++
				}
			}
		}
	}
	if known < 5000 || dead < 500 {
		t.Errorf("only %d keywords were known, %d of which nothing matches", known, dead)
	}
}

// TestRun holds that a match that passes many bytes at once ends where it does when
// it takes them one by one.
func TestRun(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, pattern := range []string{
		`a[^\n]*b\n`, `(?:a[^;\n]*=|ab)[^\n]*c`, `a[^b]*b[^c]*c`, `a[^\n"]*"[^\n]*\n[^\x00]*`, `a(?:[^b]*bb)+c`,
	} {
		re, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		a, err := compile(re)
		if err != nil {
			t.Fatal(err)
		}
		if a.runs == a.ends {
			t.Errorf("%s: no state runs on", pattern)
		}
		for range 500 {
			text := append([]byte("a"), bytes.Repeat([]byte("x"), r.IntN(200))...)
			for range r.IntN(30) {
				text = append(append(text, "abc\n;=|-p\" \x00"[r.IntN(12)]), bytes.Repeat([]byte("x"), r.IntN(1+r.IntN(90)))...)
			}
			want, state := -1, a.start()
			for i := 0; i < len(text) && state != 0; i++ {
				state = a.next[int(state)+int(a.class[text[i]])]
				if state != 0 && a.accepts(state) && (i+1 == len(text) || !isWord[text[i]] || !isWord[text[i+1]]) {
					want = i + 1
				}
			}
			if got, work := a.match(text, 0); got != want || work > len(text)+1 {
				t.Fatalf("%s on %q ends at %d after %d steps, want %d", pattern, text, got, work, want)
			}
		}
	}
}
