package dlp

import (
	"os"
	"slices"
	"testing"
)

// TestSplitAgrees holds that the automata find the value where the expression does, in
// every match of every detector with a value in the examples of all and in the
// sentences of the evaluation.
func TestSplitAgrees(t *testing.T) {
	s := allDetectors()
	var texts [][]byte
	for _, name := range []string{"testdata/unseen.txt", "testdata/evaluation.txt"} {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, raw)
	}
	for i := range s.sources {
		texts = append(texts, []byte(s.sources[i].Match[0]))
	}
	quick, all := 0, 0
	for i, d := range made() {
		if d.group == nil {
			continue
		}
		own := texts
		for _, m := range s.sources[i].Match {
			own = append(slices.Clip(own), []byte(m))
		}
		for _, text := range own {
			for at := range text {
				end, _ := d.auto.match(text, at)
				if end < 0 {
					continue
				}
				all++
				match := text[at:end]
				want := d.group().FindSubmatchIndex(match)
				if p := d.split(); p != nil {
					from, to, n := p.find(match, new(int))
					if n > 1 {
						continue
					}
					quick++
					if (n == 1) != (want != nil) || n == 1 && (want[2*d.groupAt] != from || want[2*d.groupAt+1] != to) {
						t.Errorf("%s: %q is %q, want %v", d.name, match, match[from:to], want)
					}
				}
			}
		}
	}
	t.Logf("%d of %d values found by automata", quick, all)
	if quick*10 < all*9 {
		t.Errorf("%d of %d values are found by automata", quick, all)
	}
}

// TestWordSet holds that each line of a set is in it and nothing else is.
func TestWordSet(t *testing.T) {
	s := newWordSet("anna\nben\nzoë\n")
	for _, word := range []string{"anna", "ben", "zoë"} {
		if !s.has([]byte(word)) {
			t.Errorf("%q is missing", word)
		}
	}
	for _, word := range []string{"", "ann", "annab", "nna", "anna\nben", "zo"} {
		if s.has([]byte(word)) {
			t.Errorf("%q is in it", word)
		}
	}
	if newWordSet("").has([]byte("a")) {
		t.Error("an empty set has a word")
	}
}
