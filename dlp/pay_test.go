package dlp_test

import (
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
)

// TestPay holds what of a sentence makes an amount pay.
func TestPay(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, tt := range []struct{ name, text, want string }{
		{"a word for pay", "Her stipend of €1,900 arrives late", "€1,900"},
		{"a verb, a person", "Moja babcia otrzymuje 2 840,50 zł renty", "2 840,50 zł renty"},
		{"a rate, a person", "the porter is on £13.20 an hour", "£13.20 an hour"},
		{"a tax", "Ich habe 2.310 Euro netto", "2.310 Euro netto"},
		{"thousands", "I'm on 62k and she wants a raise", "62k"},
		{"a range", "The candidate expects €68-72k", "€68-72k"},
		{"groups as in India", "Retention bonus for Anjali: INR 6,00,000", "INR 6,00,000"},
		{"no currency", "Grundgehalt 2.940,00", "2.940,00"},
		{"in words", "He makes fifty-five grand a year", "fifty-five grand a year"},
		{"a price", "The oven costs £649 with delivery", ""},
		{"a price nearer than pay", "My salary is fine but the laptop cost 1.240 €", ""},
		{"a statistic", "The average wage in Leeds is £31,400 a year", ""},
		{"a law", "The minimum wage rises to €12.82 an hour", ""},
		{"a count", "We pay three thousand people", ""},
		{"a part of a word", "our employee earns amd64 and commit/84fdb1", ""},
		{"an expression", "// flags: MOVD $16,REG and ADD $32_R2", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, h := range s.ScanText([]byte(tt.text), nil) {
				if h.Class == "personal" && strings.HasPrefix(h.Detector, "pay") {
					got = tt.text[h.Start:h.End]
				}
			}
			if got != tt.want {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}

// FuzzPay holds that no text of amounts and words for pay leads out of the text.
func FuzzPay(f *testing.F) {
	for _, seed := range []string{
		"she earns $1,2 – 3.4k€/h", "月薪27万5千円", "gana 1.420 euros, dos mil", "Lön: 31 200 kr/mån", "vierhundert Euro netto", "salary 9,\xff5k", "R$ 1'150.-", "5k 5k 5k wage",
	} {
		f.Add([]byte(seed))
	}
	s := newScanner(f, dlp.Options{})
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, h := range s.ScanText(text, nil) {
			if h.Start < 0 || h.Start >= h.End || h.End > len(text) {
				t.Errorf("%s at %d to %d of %d bytes", h.Detector, h.Start, h.End, len(text))
			}
		}
	})
}
