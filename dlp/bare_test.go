package dlp_test

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
)

// TestBareValue holds that a number with a strict check is found where it is all of
// its text, and needs a word near it where it is not.
func TestBareValue(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, value := range []string{"44051401359", "8001015009087", "10000000146", "871220-2384", "12345678z", "30569309025904"} {
		for text, want := range map[string]int{
			value:                       1,
			"\"" + value + "\".\n":      1,
			value + " " + value:         0,
			"we sold " + value + " pcs": 0,
		} {
			if got := s.ScanText([]byte(text), nil); len(got) != want {
				t.Errorf("%q: %v, want %d", text, got, want)
			}
		}
	}
	for _, text := range []string{"1700000000", "1700000000000", "123456782", "20240131", "4539 1488"} {
		if got := s.ScanText([]byte(text), nil); len(got) > 0 {
			t.Errorf("%q: %v, want none", text, got)
		}
	}
}
