package dlp_test

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
)

// TestNumbered holds what of a sentence makes a number that of a policy, an account or a
// telephone, and what makes it none.
func TestNumbered(t *testing.T) {
	s := newListScanner(t)
	for _, c := range []struct{ text, value, class string }{
		{"Policy HX-7720193-44 doesn't cover the pipe", "HX-7720193-44", "personal"},
		{"Their account with them, which is VSL-0926, is closed", "VSL-0926", "bank_account"},
		{"N° allocataire 4 417 209 K, rien reçu", "4 417 209 K", "personal"},
		{"Stromzähler 1 EMH00 4817 2203, Stand 20 114", "1 EMH00 4817 2203", "personal"},
		{"Договор на интернет № 7720-4418, прошу расторгнуть", "7720-4418", "personal"},
		{"8841-207-55 is my member number", "8841-207-55", "personal"},
		{"ID pelanggan listrik 5371 0082 4417, token tidak masuk", "5371 0082 4417", "personal"},
		{"用户号A8820417没有到账", "A8820417", "personal"},
		{"Yarın kapıcıyı arasınlar: 0532 417 68 90", "0532 417 68 90", "contact"},
		{"Du kan nå sekretæren på 86 42 17 93 mellem 8 og 10", "86 42 17 93", "contact"},
		{"он на связи с 9 до 18: 8 (916) 482-37-15.", "8 (916) 482-37-15", "contact"},
		{"Lucy – 0412 863 907 – Thursdays", "0412 863 907", "contact"},
		{"Rendelés időpontkérés: (1) 418-2763, hétfőn", "(1) 418-2763", "contact"},

		{"Rechnungsnummer 5 884 172 fehlt", "", ""},
		{"the number of policyholders rose to 5,104,882", "", ""},
		{"G/L account 113100 is not open", "", ""},
		{"policy 2012-10-17 applies", "", ""},
		{"client 203.0.113.195 was slow", "", ""},
		{"the member at 0x80000000 is set", "", ""},
		{"credit for finding CVE-2023-22490 goes to her", "", ""},
		{"Los números del sorteo fueron 04 12 27 33 41 48", "", ""},
		{"Artikelnummer 0800.417.22 ist vergriffen", "", ""},
		{"call it in 2024-05-18 at 10:12", "", ""},
	} {
		found := ""
		for _, h := range s.ScanText([]byte(c.text), nil) {
			switch h.Detector {
			case "ip_address", "ip_address_example":
				continue
			}
			if found = c.text[h.Start:h.End]; string(h.Class) != c.class {
				t.Errorf("%q: %s found by %s, want class %q", c.text, found, h.Detector, c.class)
			}
		}
		if found != c.value {
			t.Errorf("%q: found %q, want %q", c.text, found, c.value)
		}
	}
}

// FuzzNumbered holds that no text of numbers and the words around them leads out of it.
func FuzzNumbered(f *testing.F) {
	for _, seed := range []string{"№ 12 34-5/K a/c 8 (916) 482-37-15 (1) 418-2763", "会员号M8820417是", "A/C 1 EMH00 4817 2203 K", "\u00a07720\u00a04418 nr. é١٢"} {
		f.Add(seed)
	}
	s := newScanner(f, dlp.Options{})
	f.Fuzz(func(t *testing.T, text string) {
		for _, h := range s.ScanText([]byte(text), nil) {
			if h.Start < 0 || h.End > len(text) || h.Start >= h.End {
				t.Fatalf("%s at %d to %d of %d", h.Detector, h.Start, h.End, len(text))
			}
		}
	})
}
