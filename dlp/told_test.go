package dlp_test

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestToldSecrets holds that a secret is found wherever it stands in its sentence.
func TestToldSecrets(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, tt := range []struct{ text, want string }{
		{"They left ruby_Garden7 as the password on the till", "ruby_Garden7"},
		{"Das Kennwort hat meine Tante gestern auf Rosenkohl88 umgestellt.", "Rosenkohl88"},
		{"The barn padlock opens with 4096 since Sunday", "4096"},
		{"Le code du portail a changé hier, c'est maintenant 73B15.", "73B15"},
		{"El candado de la bici se abre con 31-22-08, creo", "31-22-08"},
		{"Hasło to lodowisko, małymi literami", "lodowisko"},
		{"倉庫の暗証番号は3391です", "3391"},
		{"wifi for guests: Bakery / croissant4all", "croissant4all"},
		{"security question first pet, I answered Schnurrli, and it was refused", "Schnurrli"},
		{"Turn the safe in the attic left to 14, right to 62", "14"},
	} {
		hits := s.ScanText([]byte(tt.text), nil)
		found := false
		for _, h := range hits {
			found = found || h.Class == traffic.ClassSecret && tt.text[h.Start:h.End] == tt.want
		}
		if !found {
			t.Errorf("%s: %+v, want %s", tt.text, hits, tt.want)
		}
	}
}

// TestNothingTold holds that sentences about secrets are no secrets.
func TestNothingTold(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, text := range []string{
		"Your password must have 12 characters, Rosenkohl88 for example.",
		"The account is kasse12 and I forgot the password.",
		"What does error code 4821 on the alarm mean?",
		"Locker 482 is free, the code comes by mail.",
		"The postal code of the office is 48213.",
		"The password is wrong again and the safe was open in 1998.",
		"// pass a NewRecord to the handler, which checks the password",
		"password = login(name, kitchen42)",
		"Passwortmanager im Vergleich: was macht KeePass?",
	} {
		if hits := s.ScanText([]byte(text), nil); len(hits) > 0 {
			t.Errorf("%s: %+v, want nothing", text, hits)
		}
	}
}
