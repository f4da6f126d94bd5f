package dlp

import "testing"

// TestMarkWords holds that each word of marks.txt is met where it stands, as what the
// file says that it is.
func TestMarkWords(t *testing.T) {
	words := 0
	for e := range markTexts() {
		words++
		p := markPiece{text: []byte("x " + markSpelling(e.text) + " x")}
		p.hi = len(p.text)
		p.read()
		met := false
		for _, w := range p.words[:p.n] {
			met = met || w.kind == e.kind
		}
		if !met {
			t.Errorf("%q is no word of kind %d", e.text, e.kind)
		}
	}
	if words < 2500 {
		t.Errorf("%d words of marks read, want those of 25 languages", words)
	}
}

// markSpelling is an entry as a text has it.
func markSpelling(entry string) string {
	out := []byte(entry)
	for i, c := range out {
		if c == '_' {
			out[i] = ' '
		}
	}
	return string(out)
}

// TestMarkAt holds where marks start and end that stand in a line with other text.
func TestMarkAt(t *testing.T) {
	for _, tt := range []struct{ before, mark, after string }{
		{"61 people took part. ", "Intern gebruik – niet delen met leveranciers", ". Maak er een brief van."},
		{"about three million. ", "Nicht öffentlich – nur für Mitglieder des Stadtrats bestimmt", " Die Sitzung ist am Montag."},
		{"top right in grey ", "Streng vertraulich – Vorstandsvorlage", ", on the next slide the shares"},
		{"Subject: ", "[C3 - CONFIDENTIEL", "] the trial of Monday"},
		{"Stamped on page one: ", "CONFIDENTIAL – SUBJECT TO PROTECTIVE ORDER, CASE 4:25-CV-0088", ", the deponent then explains"},
		{"以下を要約して。", "社内限り・転送禁止", "】質問は山口まで。"},
		{"x;Lease;", "Sensitivity: Company-Confidential", "\nGood morning"},
		{"Please read. ", "This e-mail is confidential and meant for Foo only. If you are not the intended recipient, delete it", ".\nHello"},
	} {
		text := []byte(tt.before + tt.mark + tt.after)
		found := false
		for i := range text {
			var work int
			from, to, ok := markAt(text, i, &work)
			if ok && from <= len(tt.before)+1 && from >= len(tt.before) && to == len(tt.before)+len(tt.mark) {
				found = true
			}
		}
		if !found {
			t.Errorf("%q is not found in %q", tt.mark, text)
		}
	}
}

// FuzzMarkAt holds that no text is read beyond its ends.
func FuzzMarkAt(f *testing.F) {
	f.Add("CONFIDENTIAL (board", 0)
	f.Add("\\nSperrfrist: 6. Juli", 2)
	f.Add("sensitivity: \"", 0)
	f.Fuzz(func(t *testing.T, text string, i int) {
		if i < 0 || i >= len(text) {
			return
		}
		var work int
		from, to, ok := markAt([]byte(text), i, &work)
		if ok && (from < 0 || from >= to || to > len(text)) {
			t.Errorf("%d to %d of %d bytes", from, to, len(text))
		}
	})
}
