package dlp

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestWordless asks for stretches of a text in their order.
func TestWordless(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		text := bytes.Repeat([]byte("12 "), 40)
		for range r.IntN(4) {
			text[r.IntN(len(text))] = "aZ\xc3"[r.IntN(3)]
		}
		var b wordless
		for lo := -5; lo < len(text); lo += r.IntN(9) {
			hi := lo + r.IntN(40)
			want := !bytes.ContainsAny(text[max(0, lo):max(0, min(hi, len(text)))], "aZ") && !bytes.Contains(text[max(0, lo):max(0, min(hi, len(text)))], []byte{0xc3})
			if got := b.covers(text, lo, hi); got && !want {
				t.Fatalf("%q: covers(%d, %d)", text, lo, hi)
			}
		}
		var again wordless
		if got, want := again.covers(text, 0, len(text)), bytes.IndexFunc(text, func(r rune) bool { return r >= 'A' }) < 0; got != want {
			t.Fatalf("%q: covers all: %v, want %v", text, got, want)
		}
	}
}
