package dlp_test

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
)

// TestGlued finds values that a low line joins to a word, as in names of variables
// and files, and none that are a part of a longer number or word.
func TestGlued(t *testing.T) {
	const token, card = "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", "4539148803436467"
	s := newScanner(t, dlp.Options{})
	for _, tt := range []struct{ text, detector, value string }{
		{"see backup_" + token, "github_token_checksum", token},
		{token + "_old is gone", "github_token_checksum", token},
		{"old_AKIAZ7Q4MNPLK3WXR2TJ_1", "aws_access_key_id", "AKIAZ7Q4MNPLK3WXR2TJ"},
		{"card_" + card, "payment_card", card},
		{"rename " + card + "_old.txt", "payment_card", card},
		{"card_" + card + "_of_anna", "payment_card", card},
		{"iban_DE44500105175407324931", "iban", "DE44500105175407324931"},
		{"DE44500105175407324931_alt", "iban", "DE44500105175407324931"},
		{"steuer_id_12345678995", "de_steuer_id", "12345678995"},
		{"my_" + token[:20], "", ""},
		{"12345678_" + card + "_7_n.jpg", "", ""},
		{card + "_12345", "", ""},
		{"x" + card + "_old", "", ""},
		{"key" + token, "", ""},
		{"&hf_servingcellpriorityparametersdescription_h_prio", "", ""},
		{"glsoat-PREfix_helloworld380_testin_pretty_long_token_long_and_longer_than_any", "", ""},
	} {
		hits := s.ScanText([]byte(tt.text), nil)
		if len(hits) == 0 && tt.detector == "" {
			continue
		}
		if len(hits) != 1 || hits[0].Detector != tt.detector || tt.text[hits[0].Start:hits[0].End] != tt.value {
			t.Errorf("ScanText(%q) = %+v, want %q by %q", tt.text, hits, tt.value, tt.detector)
		}
	}
}
