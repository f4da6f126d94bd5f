package dlp

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestMoreBits holds that what is passed over in a row of bits would be bits again,
// wherever one begins to read.
func TestMoreBits(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	var w workspace
	passed := 0
	for range 2000 {
		x := " -,\n"[r.IntN(4)]
		var text []byte
		for others := 1 + r.IntN(40); len(text) < 3000; {
			c := "01"[r.IntN(2)]
			if r.IntN(others) == 0 {
				c = "2a0-"[r.IntN(4)]
			}
			text = append(text, c, x)
			if r.IntN(20) == 0 {
				text = append(text, "     \n.-"[r.IntN(8)])
			}
		}
		if r.IntN(4) == 0 {
			text = bytes.Repeat([]byte{'0', x, '1', x, '1', x}, 800)
		}
		text = text[:len(text)-r.IntN(2500)]
		for i := 0; i+2*minApart-1 <= len(text); i += 1 + r.IntN(40) {
			w.words(text, i, x)
			if len(w.in) < minApart || !binary01(w.in) {
				continue
			}
			for end := i + w.moreBits(text, i, x); i < end; {
				i++
				passed++
				if y := text[i+1]; text[i] <= ' ' {
					continue
				} else if setApart[y] && y != x {
					t.Fatalf("%q: the byte at %d parts others", text, i)
				} else if y != x || text[i+2] == x {
					continue
				}
				if w.words(text, i, x); !binary01(w.in) {
					t.Fatalf("%q: from %d on are no bits: %q", text, i, w.in)
				}
			}
		}
	}
	if passed < 10000 {
		t.Errorf("only %d bytes were passed over: the test proves little", passed)
	}
}
