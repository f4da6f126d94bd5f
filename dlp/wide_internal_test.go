package dlp

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"unicode/utf16"
)

// TestWideAlphabet: UTF-16 without a mark is told by the alphabet of its letters, whichever, and
// what only looks like it is not.
func TestWideAlphabet(t *testing.T) {
	for _, text := range []string{"Моя сестра больна, 4111", "Η μητέρα μου έχει κατάθλιψη", "אמא שלי חולה בסוכרת", "والدتي مصابة بالسكري", "แม่ของฉันเป็นโรคเบาหวาน", "plain text it is"} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			var b []byte
			for _, u := range utf16.Encode([]rune(text)) {
				b = order.AppendUint16(b, u)
			}
			if got, size := wideness(b); size != 2 || got.String() != order.String() {
				t.Errorf("%q in %v is told to be %v, %d", text, order, got, size)
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	samples, lines := make([]byte, 600), make([]byte, 600)
	for i := 0; i < len(samples); i += 2 {
		binary.LittleEndian.PutUint16(samples[i:], uint16(r.IntN(0x0fff)))
		lines[i], lines[i+1] = '\n', byte('a'+r.IntN(26))
	}
	for name, b := range map[string][]byte{"samples of 12 bits": samples, "a letter a line": lines, "ASCII": []byte("an ordinary text of some words"), "UTF-8": []byte("Моя сестра больна туберкулёзом")} {
		if order, size := wideness(b); size != 0 {
			t.Errorf("%s: told to be UTF-%d, %v", name, 8*size, order)
		}
	}
}
