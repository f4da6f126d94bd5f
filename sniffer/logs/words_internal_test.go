package logs

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestWords: words cuts as word does, wherever the spaces are.
func TestWords(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		b := make([]byte, random.IntN(40))
		for i := range b {
			if b[i] = ' '; random.IntN(4) > 0 {
				b[i] = 'a' + byte(random.IntN(26))
			}
		}
		var want []string
		for w, rest := word(string(b)); w != "" && len(want) < 9; w, rest = word(rest) {
			want = append(want, w)
		}
		var got [9]string
		if n := words(string(b), got[:]); !slices.Equal(got[:n], want) {
			t.Fatalf("%q: %q, want %q", b, got[:n], want)
		}
	}
}
