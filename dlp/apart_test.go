package dlp_test

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
)

// TestBits holds that tables of bits are no numbers of persons, and that a card
// written in the same way is one.
func TestBits(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for text, want := range map[string]int{
		`"Bits":"0|0|0|1|0|0|0|1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|Rn:5|Rd:5"`: 0,
		`// SUB{S}<c> <Rd>,<Rn>,#<const> cond:4|0|0|1|0|0|1|0|S|Rn:4`:    0,
		`card 4|5|3|9|1|4|8|8|0|3|4|3|6|4|6|7 of the man`:                1,
	} {
		if hits := s.ScanText([]byte(text), nil); len(hits) != want {
			t.Errorf("%q: %+v, want %d", text, hits, want)
		}
	}
}
