package dlp_test

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
)

// TestPhones holds that numbers are found as they are dialled in the region whose
// word for telephone stands near them, and what looks like one is left alone.
func TestPhones(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for text, want := range map[string]string{
		"call +44 20 7946 0958 now":                "phone_international",
		"+49 (0)89 1234567":                        "phone_international",
		"+44 7700 900123 is kept for films":        "phone_international_other",
		"telefonnummer 58 620 77 41":               "phone_national",
		"mon téléphone est le 06 12 34 56 78":      "phone_national",
		"Teléfono: 612 34 56 78":                   "phone_national",
		"tel. 0044 20 7946 0958":                   "phone_national",
		"cellulare 347 1234567":                    "phone_national",
		"电话 138 0013 8000":                         "phone_national",
		"phone 1700000000 since the start":         "",
		"telefon am 15.01.2024 bestellt":           "",
		"the phone runs version 10.4.22.19871":     "",
		"fax server 192.168.100.200":               "",
		"call it at 2024-01-15 09:30:00":           "",
		"mobile app 4.15.2010, build 20240115":     "",
		"order 4155550142 of 2024":                 "",
		"range 999-555-0142 of the part numbers":   "",
		"+999 12345678":                            "",
		"1+4420794609 = x":                         "",
		"phones sold: 1,234,567 and 2,345,678":     "",
		"the telephone was invented in 1876-03-10": "",
	} {
		got := ""
		for _, h := range s.ScanText([]byte(text), nil) {
			if h.Class == "contact" {
				got = h.Detector
			}
		}
		if got != want {
			t.Errorf("%q: found by %q, want %q", text, got, want)
		}
	}
}
