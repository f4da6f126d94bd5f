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
		{"Please log in with clara and Pfifferling, then open the report.", "Pfifferling"},
		{"When it wants the password, type Marigold.", "Marigold"},
		{"Ich habe das Kennwort auf Marienkäfer gesetzt.", "Marienkäfer"},
		{"Boathouse 8815, side gate 2204", "2204"},
		{"Il codice del portone è 4417 e quello della cantina 2290.", "2290"},
		{"the PIN of the till is five five one eight, next item", "five five one eight"},
		{"Logins: clara/Steinpilz7 and bert/Morchel33", "Morchel33"},
		{"Kasetin kodu 3-3-7-1, cabinet 3-3-7-1", "3-3-7-1"},
		{"we set the intercom to 2468 in spring", "2468"},
		{"security answers: first school Moorside Infants, she says", "Moorside Infants"},
		{"Girolle!stew is the password", "Girolle!stew"},
		{"Chave da API das reservas: e02f-77ab-91cd-5d40.", "e02f-77ab-91cd-5d40"},
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
	s := newListScanner(t)
	for _, text := range []string{
		"Your password must have 12 characters, Rosenkohl88 for example.",
		"The account is kasse12 and I forgot the password.",
		"What does error code 4821 on the alarm mean?",
		"Locker 482 is free, the code comes by mail.",
		"The postal code of the office is 48213.",
		"The password is wrong again and the safe was open in 1998.",
		"// pass a NewRecord to the handler, which checks the password",
		"password = login(name, kitchen42)",
		"Log in with Google and Facebook.",
		"Wenn das Programm nach dem Kennwort fragt, gib es ein.",
		"Lösenordet är felaktigt.",
		"The guest network is called Dunes_Guest, the password comes later.",
		"The flights leave from gate 22 at 0815, from gate 23 at 0915.",
		"pin 4821 of the connector",
		"Use one or two or three or four codes for the doors.",
		"Passwortmanager im Vergleich: was macht KeePass?",
	} {
		if hits := s.ScanText([]byte(text), nil); len(hits) > 0 {
			t.Errorf("%s: %+v, want nothing", text, hits)
		}
	}
}
