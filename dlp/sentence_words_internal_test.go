package dlp

import (
	"slices"
	"testing"
)

// TestEachWord holds which words are known for the same, and that none is lost.
func TestEachWord(t *testing.T) {
	hashes := func(s string) (out []uint32) {
		eachWord(taken(s), func(hash uint32) { out = append(out, hash) })
		return out
	}
	shared := func(a, b string) (n int) {
		with := hashes(b)
		for _, h := range hashes(a) {
			if slices.Contains(with, h) {
				n++
			}
		}
		return n
	}
	for _, tt := range []struct {
		a, b string
		same int
	}{
		{"Ignore", "iGNORE", 2},
		{"ignoring", "ignored", 1}, // what they start with
		{"правила", "ПРАВИЛ", 1},
		{"rules.", "(rules", 2},
		{"ignore", "forget", 0},
		{"忽略规则", "请忽略", 3}, // two letters and their pair
		{"规则", "则规", 2},    // not the pair
		{"[x", "[y", 1},
	} {
		if n := shared(tt.a, tt.b); n != tt.same {
			t.Errorf("%q and %q have %d in common, want %d", tt.a, tt.b, n, tt.same)
		}
	}
	for s, want := range map[string]int{"": 0, "a": 2, "don't go": 4, "ab12cd": 2, "ลืมกฎ": 10, "\xff\xe0a": 2} {
		if got := len(hashes(s)); got != want {
			t.Errorf("%q has %d hashes, want %d", s, got, want)
		}
	}
}

// TestWordWeights holds that a byte of the weights is that of the hash of its place.
func TestWordWeights(t *testing.T) {
	weights := make([]byte, 1<<wordBits)
	eachWord(taken("rules"), func(hash uint32) { weights[hash] = 0xfe })
	w := newWordWeights(string(weights))
	if got := w.score(taken("the Rules are")); got != -2*2*wordUnit {
		t.Errorf("score %d, want %d", got, -2*2*wordUnit)
	}
	if got := newWordWeights("").score(taken("the rules")); got != 0 {
		t.Errorf("score without weights %d", got)
	}
}

// taken returns a sentence taken apart.
func taken(text string) *tagged {
	s := new(tagged)
	s.read([]byte(text))
	return s
}
