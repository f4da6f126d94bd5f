package dlp

import (
	_ "embed"
	"iter"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// marks.txt is what marks of documents consist of, in all languages.
//
//go:embed marks.txt
var markFile string

// markKinds are kinds of words of marks, as bits.
type markKinds uint16

const (
	markLevel   markKinds = 1 << iota // says by itself who may read a document: "confidential"
	markWeak                          // says so in capitals or beside others: "restricted"
	markStrict                        // "strictly"
	markHandle                        // says what must not be done with it: "do not forward"
	markOnly                          // "solely"
	markWhat                          // what it is or who may read it: "document", "board"
	markUntil                         // "until"
	markEmbargo                       // "embargo"
	markLabel                         // what a level stands behind: "Classification:"
	markNotice                        // "this e-mail"
	markProse                         // what sentences have and marks have not: "explain"
	markPublic                        // a level that is none
	markJoint                         // short words between others: "of", "the"
	markAct                           // what may be done with a document: "copy"
	markBar                           // what says that it must not: "prohibited"; both together are an order
)

var markKindNames = []string{"level", "weak", "strict", "handle", "only", "what", "until", "embargo", "label", "notice", "prose", "public", "joint", "act", "bar"}

// Those that are looked for in texts; a weak one is in capitals.
const markAnchors = markLevel | markHandle | markEmbargo | markLabel | markWeak

// markEntry is how a text starts that is of a kind.
type markEntry struct {
	text string
	kind markKinds
	ends bool // with a word
}

// markVocabulary is marks.txt, the longest of each head first.
type markVocabulary struct{ heads[markEntry] }

// wordsOfMarks is read once.
var wordsOfMarks = sync.OnceValue(func() *markVocabulary {
	var entries []markEntry
	for t := range markTexts() {
		text := strings.NewReplacer("_", " ", "ς", "σ").Replace(t.text)
		entries = append(entries, markEntry{text: strings.TrimSuffix(text, " "), kind: t.kind, ends: strings.HasSuffix(text, " ")})
	}
	slices.SortStableFunc(entries, func(a, b markEntry) int { return len(b.text) - len(a.text) })
	v := new(markVocabulary)
	for _, e := range entries {
		v.add(headOf([]byte(e.text)), e)
	}
	return v
})

// markText is an entry as the file has it.
type markText struct {
	text    string
	kind    markKinds
	turkish bool // its capitals are those of Turkish: "İ"
	hyphen  bool // hyphens may stand for its blanks
}

// markTexts goes through marks.txt.
func markTexts() iter.Seq[markText] {
	return func(yield func(markText) bool) {
		for line := range strings.Lines(markFile) {
			name, rest, _ := strings.Cut(line, " ")
			if name == "#" {
				continue
			}
			name, turkish := strings.CutSuffix(name, "@tr")
			name, hyphen := strings.CutSuffix(name, "@en")
			kind := markKinds(1) << slices.Index(markKindNames, name)
			for text := range strings.FieldsSeq(rest) {
				if !yield(markText{text, kind, turkish, hyphen}) {
					return
				}
			}
		}
	}
}

// leastMarkWeak is how long a weak word is at least that is looked for.
const leastMarkWeak = 5

// markKeywords are the words that give a mark away, as texts may have them: the search
// sees the case of letters beyond ASCII.
func markKeywords() []string {
	seen := make(map[string]bool)
	add := func(w string) {
		if len(w) >= 3 {
			seen[lower(w)] = true
		}
	}
	for t := range markTexts() {
		text := strings.TrimSuffix(t.text, "_")
		spaced := strings.ReplaceAll(text, "_", " ")
		switch {
		case t.kind&markAnchors == 0:
			continue
		case t.kind != markWeak || !isCased(text):
			add(spaced)
			add(capital(spaced))
			if t.hyphen {
				add(strings.ReplaceAll(text, "_", "-"))
			}
			if t.kind == markLabel {
				add(text)
			}
		case utf8.RuneCountInString(text) < leastMarkWeak || text != spaced || strings.HasPrefix(text, "secret"):
			continue // in capitals it is rare, but the search sees it in small letters, too
		}
		if t.turkish {
			add(strings.ToUpperSpecial(unicode.TurkishCase, spaced))
		}
		add(strings.ToUpper(spaced))
	}
	out := make([]string, 0, len(seen))
	for w := range seen {
		out = append(out, w)
	}
	slices.Sort(out)
	return out
}

// isCased reports whether text is in a script that has capitals.
func isCased(text string) bool { return strings.ToUpper(text) != text }

// kindAt returns the kind of the longest entry that text, in lower case with single blanks,
// starts with, and its length to the end of the word.
func (v *markVocabulary) kindAt(text []byte) (kind markKinds, size int) {
	for n := min(4, len(text)); n > 0; n-- {
		for _, e := range v.at(headOf(text[:n])) {
			if len(text) < len(e.text) || string(text[:len(e.text)]) != e.text || n < min(4, len(e.text)) {
				continue
			}
			k := len(e.text)
			if !anywhere(text) {
				k += wordEnd(text[k:])
			}
			if e.ends && k > len(e.text) {
				continue
			}
			return e.kind, k
		}
	}
	return 0, 0
}

// anywhere reports whether text is in a script in which words of marks stand anywhere.
func anywhere(text []byte) bool {
	r, _ := utf8.DecodeRune(text)
	return r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai)
}
