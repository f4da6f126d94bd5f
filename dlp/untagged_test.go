package dlp_test

import (
	"slices"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
)

// TestScanAgain: what was read before is found again, whatever sentences without a value were
// remembered between: each text thrice, in turn, with one scanner and with one of its own.
func TestScanAgain(t *testing.T) {
	texts := []string{
		"My neighbour Annegret Lindqvist called yesterday about the parcel.",
		"My neighbour called yesterday about the parcel.",
		"Our colleague has to stay at home, she was diagnosed with multiple sclerosis.",
		"Our colleague has to stay at home, she was told so by the committee.",
		"The customer says the password of the portal is Rote-Gruetze77 and wants it changed.",
		"The customer says the password of the portal is too short and wants it changed.",
	}
	again, found := newScanner(t, dlp.Options{}), 0
	for range 3 {
		for _, text := range texts {
			got := again.ScanText([]byte(text), nil)
			want := newScanner(t, dlp.Options{}).ScanText([]byte(text), nil)
			if !slices.EqualFunc(got, want, func(a, b dlp.Hit) bool { return a.Start == b.Start && a.End == b.End && a.Detector == b.Detector }) {
				t.Errorf("%q: found %v, a new scanner %v", text, got, want)
			}
			found += len(got)
		}
	}
	if found < 9 {
		t.Errorf("%d findings in all, want one in three of the texts at least", found)
	}
}
