package dlp

import "testing"

// TestDocumentNumber tells numbers of documents from years, days and amounts.
func TestDocumentNumber(t *testing.T) {
	for value, want := range map[string]bool{
		"MXH 417288": true, "142/1979": true, "K04WN218": true, "C-0917": true, "8813": true, "3107 4482 915": true,
		"1979": false, "12.05.2024": false, "2024-05-12": false, "1200.00": false, "AB-12": false, "117": false, "": false,
	} {
		if got := documentNumber([]byte(value)); got != want {
			t.Errorf("%q: %v", value, got)
		}
	}
}
