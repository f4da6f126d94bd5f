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
		"the patient in room 3 asked for the password of the wifi",
		"since the fall grandpa cannot lift his arm above the shoulder",
		"the door opens with marmalade then tulip",
		"since the fall of prices grandpa cannot sell his boat",
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
	if found != 6 {
		t.Errorf("%d findings in all, want those of two texts, three times", found)
	}
}
