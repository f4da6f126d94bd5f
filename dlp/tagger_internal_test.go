package dlp

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestTaggedWords: how sentences are taken apart.
func TestTaggedWords(t *testing.T) {
	for text, want := range map[string]string{
		`Frau Berg-Lund ruft an.`:          `Frau|Berg-Lund|ruft|an|.`,
		`O'Neill's code: 19-44-02!`:        `O'Neill's|code|:|19-44-02|!`,
		`{"pass":"rote_Grütze.77","n":1}`:  `{|"|pass|"|:|"|rote_Grütze.77|"|,|"|n|"|:|1|}`,
		`MAC 48:e2:44:32:d7:c5, user:anna`: `MAC|48:e2:44:32:d7:c5|,|user|:|anna`,
		"2a02:908::1\u00a0up":              `2a02:908::1|up`,
		`密码是Abc12。`:                        `密|码|是|Abc12|。`,
		`Zoë sömmer, İpek`:                 `Zoë|sömmer|,|İpek`,
		"":                                 ``,
	} {
		var s tagged
		s.read([]byte(text))
		var words []string
		for _, w := range s.words[:s.n] {
			words = append(words, text[w.from:w.to])
		}
		if got := strings.Join(words, "|"); got != want {
			t.Errorf("%q is read as %s, want %s", text, got, want)
		}
	}
}

// TestTaggedForms: words are alike in any letter case and with any digits, in one shape.
func TestTaggedForms(t *testing.T) {
	word := func(text string) tagWord {
		var s tagged
		s.read([]byte(text))
		return s.words[0]
	}
	if a, b := word("Ab12xy"), word("aB98XY"); a.whole != b.whole || a.stem != b.stem {
		t.Error("letter case or digits part words that are alike")
	}
	if a, b := word("ÄPFEL"), word("äpfel"); a.whole != b.whole || a.shape == b.shape {
		t.Error("letters beyond ASCII: want one hash and two shapes")
	}
	for text, form := range map[string]uint32{"anna": formSmall, "Anna": formCapital, "ANNA": formUpper, "McAnna": formInner, "4471": formDigits, "a4": formMixed, "4.4": formDigits, "安": formLone, "!": formMark} {
		if got := word(text).shape & formMask; got != form {
			t.Errorf("%q has form %d, want %d", text, got, form)
		}
	}
}

// TestWordLists: one look tells what all lists say of a word.
func TestWordLists(t *testing.T) {
	lists := func(word string) uint32 {
		var s tagged
		s.read([]byte(word))
		s.look(theTagger())
		return s.words[0].lists
	}
	for word, want := range map[string]uint32{"Annegret": listGiven, "colleague": listRole, "the": listPlain} {
		if got := lists(word); got&want == 0 {
			t.Errorf("lists of %q are %b, want %b among them", word, got, want)
		}
	}
	if got := lists("xqzzyw"); got != 0 {
		t.Errorf("lists of no word are %b", got)
	}
}

// FuzzTagger tags any text as one sentence: all words stand in it, one behind the other.
func FuzzTagger(f *testing.F) {
	for _, text := range []string{"my aunt Zuzanna broke her wrist", "密码是Abc12，谢谢。", "pw: 19-44-02!\xff", strings.Repeat("a:b.c-", 80), strings.Repeat("字", 200), "İIıi ǅ ﬁ"} {
		f.Add([]byte(text))
	}
	t := theTagger()
	f.Fuzz(func(tt *testing.T, text []byte) {
		var s tagged
		s.read(text)
		s.look(theTagger())
		t.tag(&s)
		last := int32(0)
		for i, w := range s.words[:s.n] {
			if w.from < last || w.to <= w.from || int(w.to) > min(len(text), maxSentence) {
				tt.Fatalf("word %d is [%d:%d] of %d bytes, behind %d", i, w.from, w.to, len(text), last)
			}
			if s.tags[i] >= allTags {
				tt.Fatalf("tag %d", s.tags[i])
			}
			last = w.to
		}
		if utf8.Valid(text) && len(text) <= maxSentence && s.n < mostTagged && last > 0 {
			if rest := strings.TrimSpace(string(text[last:])); rest != "" {
				tt.Fatalf("%q is left behind the last word", rest)
			}
		}
	})
}
