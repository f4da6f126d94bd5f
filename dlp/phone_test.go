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
		"Handynummer: 0171 / 12 34 567":            "phone_national",
		"тел. 8 (495) 123-45-67":                   "phone_national",
		"Тел: 8 916 123-45-67":                     "phone_national",
		"κινητό 697 123 4567":                      "phone_national",
		"手机 13800138000":                           "phone_national",
		"मोबाइल 9876543210":                        "phone_national",
		"SĐT 0912 345 678":                         "phone_national",
		"puh. 040-1234567":                         "phone_national",
		"mobitel 091/123-4567":                     "phone_national",
		"T: 0171 1234567 | F: on request":          "phone_national",
		"手机 1700000000 次":                          "",
		"CEP 01310-100":                            "",
		"France Télécom 2000-2011":                 "",
		"TFN 070 174 06 35":                        "",
		"pid_t:t118=0701740635":                    "",
		"tél. 01 42 68 53 00":                      "phone_national",
		"Ph: 415 555 2671":                         "phone_national",
		"build 20240115.1 on mobile":               "",
		"T: 1200 rpm, 45 612 345 hours":            "",
		"pH 7.4, 20 ml of batch 4155552671":        "",
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
