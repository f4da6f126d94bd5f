package dlp

import (
	"bytes"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestNextWord holds that words are read as package unicode reads them, whatever they
// are made of.
func TestNextWord(t *testing.T) {
	for r := range rune(0x3000) {
		compareNextWord(t, utf8.AppendRune(nil, r))
		compareNextWord(t, utf8.AppendRune([]byte("É"), r))
		compareNextWord(t, append(utf8.AppendRune([]byte("a"), r), " b"...))
	}
	for a := range 256 {
		for b := range 256 {
			compareNextWord(t, []byte{byte(a), byte(b)})
			compareNextWord(t, []byte{'x', byte(a), byte(b), 'y'})
		}
	}
}

func FuzzNextWord(f *testing.F) {
	f.Add([]byte("Ñandú, Όλγα Ⱥİ 山田\xd0"))
	f.Fuzz(func(t *testing.T, s []byte) { compareNextWord(t, s) })
}

func compareNextWord(t *testing.T, s []byte) {
	t.Helper()
	var want []byte
	wantCapital, wantSize := false, 0
	for wantSize < len(s) {
		r, n := utf8.DecodeRune(s[wantSize:])
		wantSize += n
		if !unicode.IsLetter(r) {
			break
		}
		if len(want) == 0 {
			wantCapital = unicode.IsUpper(r) || unicode.Is(unicode.Lo, r)
		}
		if len(want)+utf8.UTFMax <= mostGiven {
			want = utf8.AppendRune(want, unicode.ToLower(r))
		}
	}
	var buf [mostGiven]byte
	if word, capital, size := nextWord(buf[:0], s); !bytes.Equal(word, want) || capital != wantCapital || size != wantSize {
		t.Fatalf("%q: %q, %v, %d, want %q, %v, %d", s, word, capital, size, want, wantCapital, wantSize)
	}
}
