package dlp

import "testing"

// TestNumberedSeen holds that words that are remembered say what they say when they are
// looked up, wherever a number cuts them.
func TestNumberedSeen(t *testing.T) {
	text := []byte("Policy number 88213 and policyNumber 4471, Versicherungsnummer: 12 34 56; PolicyNr 5, номер телефона 8 916, 会員番号 99120 is my a/c no 4412 " +
		"and the customernumber of invoice 7781 is №12, membernr7 phone 020 7946 0958.")
	var seen numberedSeen
	for i := range text {
		for j := i; j < min(len(text), i+3); j++ {
			var fresh, known numberedAround
			fresh.read(text, i, j, nil)
			known.read(text, i, j, &seen)
			if known != fresh {
				t.Fatalf("around %q at %d: %v, want %v", text[i:j], i, known, fresh)
			}
		}
	}
}
