package dlp

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestTagPlace holds that no tag shortly before a place is overlooked.
func TestTagPlace(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		text := bytes.Repeat([]byte("cell "), 400)
		for range r.IntN(5) {
			text[r.IntN(len(text))] = '<'
		}
		var p tagPlace
		said := false
		for i := 0; i < len(text); i += r.IntN(300) {
			near := bytes.IndexByte(text[max(0, i-maxLook):i], '<') >= 0
			got := p.before(text, i)
			if near && !got {
				t.Fatalf("no tag before %d of %q", i, text)
			}
			said = said || got
		}
		if said && bytes.IndexByte(text, '<') < 0 {
			t.Fatal("a tag in a text without one")
		}
	}
}
