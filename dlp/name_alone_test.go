package dlp_test

import (
	"slices"
	"strings"
	"testing"
)

// TestNameBesideSign finds names of one word, and of two that no list has, by the words
// beside them.
func TestNameBesideSign(t *testing.T) {
	s := newListScanner(t)
	for text, want := range map[string]string{
		"ask Annegret about the torque wrench":                   "Annegret",
		"Kirsten fra bogholderiet mangler bilag":                 "Kirsten",
		"Meine Kollegin Annegret hat den Schlüssel":              "Annegret",
		"I got an email from Joost about the boiler":             "Joost",
		"Напомни Тамаре про ключи":                               "Тамаре",
		"Styremøte: Ragnhild orienterte om dugnaden":             "Ragnhild",
		"09:12 Niamh: anyone seen my badge?":                     "Niamh",
		"Attendees -> Hadiza B., Lorcan M.":                      "Hadiza B.|Lorcan M.",
		"Caro Zangrillo, segue em anexo o orçamento":             "Zangrillo",
		"yesterday Oluwatomi Adeyinkola missed the handover":     "Oluwatomi Adeyinkola",
		"please tell Serverless that the port is free":           "",
		"the novel in which Annegret forgot the keys":            "",
		"Does Geneva or Lyon want more trams?":                   "",
		"our neighbor Solicitation and redirect packets":         "",
		"Vincent van Gogh painted it":                            "",
		"I said \"Annegret\" is a fine word, and so is Jenkins.": "",
	} {
		var found []string
		for _, h := range s.ScanText([]byte(text), nil) {
			if strings.HasPrefix(h.Detector, "person") {
				found = append(found, text[h.Start:h.End])
			}
		}
		if got := strings.Join(slices.Compact(found), "|"); got != want {
			t.Errorf("%q: found %q, want %q", text, got, want)
		}
	}
}
