package dlp_test

import (
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
)

// TestTaggedBorders holds that what a sentence tells ends at borders of fields and strings, and
// takes names as a whole.
func TestTaggedBorders(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, text := range []string{
		`{"m":"my aunt\tbroke her wrist on the stairs"}`,
		"tenant in flat 4\tis on dialysis\tLeeds\t88 EUR",
		"mum entered hospice with liver cancer\tBerlin\t4",
		"her aunt (leukaemia)\tBerlin\t4",
		"A,dad is on dialysis,Berlin,4",
		`SELECT 1 FROM t WHERE x LIKE '%my aunt Zuzanna broke her wrist%'`,
	} {
		hits := s.ScanText([]byte(text), nil)
		if len(hits) == 0 {
			t.Errorf("%q: nothing is found", text)
		}
		for _, h := range hits {
			if value := text[h.Start:h.End]; strings.ContainsAny(value, "\t\\\"()%") || strings.Contains(value, "Berlin") || strings.Contains(value, "Leeds") || h.Start > 0 && text[h.Start-1] == '\\' {
				t.Errorf("%q: %s is %q", text, h.Detector, value)
			}
		}
	}
	for text, want := range map[string]string{
		`{"role": "user", "content": "yesterday Oyelaran phoned about the leak, call back"}`:    "Oyelaran",
		strings.Repeat("and so on it goes with the new roof ", 8) + "yesterday Oyelaran phoned": "Oyelaran",
		strings.Repeat("и так далее про новую крышу ", 6) + "вчера звонила Олеся Тимофейчук":    "Олеся Тимофейчук",
		"Dile a Gülşah Yıldız-Öz que venga.":                                                    "Gülşah Yıldız-Öz",
		"Could you tell Oyelaran O. Adebisi that the keys are here?":                            "Oyelaran O. Adebisi",
		"Please remind Alan Frieze, Paul Horn and Zsófia of the rent.":                          "Alan Frieze|Paul Horn|Zsófia",
	} {
		var found []string
		for _, h := range s.ScanText([]byte(text), nil) {
			found = append(found, text[h.Start:h.End])
		}
		if got := strings.Join(found, "|"); got != want {
			t.Errorf("%q: found %s, want %s", text, got, want)
		}
	}
}

// TestTaggedLong holds that a sentence of any length is read between words: no word of it is cut.
func TestTaggedLong(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for n := range 120 {
		text := strings.Repeat("and ", 40) + strings.Repeat("x", n) + " you get into the shed with the code blue-lantern-4471-otter and then some more of it"
		for _, h := range s.ScanText([]byte(text), nil) {
			if value := text[h.Start:h.End]; strings.Contains("blue-lantern-4471-otter", value) && value != "blue-lantern-4471-otter" {
				t.Errorf("%d: %s finds %q", n, h.Detector, value)
			}
		}
	}
}

// TestTaggedChecks: numbers that others know better, and comments of programs, are no values of
// the tagger, whatever their sentence tells.
func TestTaggedChecks(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, text := range []string{
		`Translate: "my card number is: 5561 7483 3801 4126" into French and keep the tone formal.`,
		"Summarise this record:\nmy card number is: 3463-5866-2666-203\nStatus: open\nPriority: 2",
		"Please write a letter to the customer; Kontonummer NL77KTRO7303386119, born in Leeds, about the delay.",
		"Hi team,\nattached is what we hold: patient NHS no = 4112999725\nThanks, Bo",
		"Please write a letter to the customer; CPR-nummer 750403-1340, born in Leeds, about the delay.",
		"Not a MAC: 00:1A:2B:3C:4D",
		"The postal code of the office is 48213.",
		"| 1 | the printer is now called [secret:23206e294fe2858e] | yes |",
		"// Convert mask: clear ECMODE31BIT, shift left 32 bits, add the rest",
	} {
		for _, h := range s.ScanText([]byte(text), nil) {
			if strings.HasSuffix(h.Detector, "_tagged") {
				t.Errorf("%q: %s is %q", text, h.Detector, text[h.Start:h.End])
			}
		}
	}
}
