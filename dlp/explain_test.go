package dlp_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
)

func TestExplain(t *testing.T) {
	s, all := newScanner(t, dlp.Options{}), newScanner(t, dlp.Options{MinConfidence: -1})
	for _, tt := range []struct {
		text, detector string
		found          bool
		why, via       string
	}{
		{"card 4111111111111111", "payment_card", true, "raises the confidence", ""},
		{"4111111111111111", "payment_card", true, `the check "card" holds`, ""},
		{"4111111111111112", "payment_card", false, `the check "card" fails`, ""},
		{"AKIA is how it begins", "aws_access_key_id", false, "not what the pattern asks for", ""},
		{"AKIA%5A7Q4MNPLK3WXR2TJ", "aws_access_key_id", true, "the pattern matches", "percent"},
		{"api_key=AKIAZ7Q4MNPLK3WXR2TJ", "assigned_secret", false, "", ""},
		{"mysql://shop:shop@db7/x", "url_password", false, "is no value", ""}, // the password that the program comes with
	} {
		got := all.Explain([]byte(tt.text), dlp.DefaultMinConfidence)
		if !slices.ContainsFunc(got, func(c dlp.Candidate) bool {
			return c.Detector == tt.detector && c.Found == tt.found && strings.Contains(c.Why, tt.why) && (tt.via == "" || slices.Contains(c.Via, tt.via))
		}) {
			t.Errorf("Explain(%q) = %+v, want %s found %v because %q", tt.text, got, tt.detector, tt.found, tt.why)
		}
		hits := s.ScanText([]byte(tt.text), nil)
		for _, c := range got {
			if is := slices.ContainsFunc(hits, func(h dlp.Hit) bool { return h.Detector == c.Detector && h.Start == c.Start && h.End == c.End }); is != c.Found {
				t.Errorf("Explain(%q) says %+v, ScanText %+v", tt.text, c, hits)
			}
		}
	}
	if got := all.Explain([]byte("4111111111111111"), 0.93); len(got) == 0 || !strings.Contains(got[0].Why, "is below 0.93") {
		t.Errorf("Explain = %+v, want a card that is not certain enough", got)
	}
}
