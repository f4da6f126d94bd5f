package dlp_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/rules"
)

// alphabets are letters of scripts, capitals first, of which words are made.
var alphabets = map[string][2]string{
	"Latin":      {"ABCDEFGHIJKLMNOPRSTUVWZ", "aaabcdeeefghiiijklmnooooprstuuvwyz"},
	"diacritics": {"ÄÖÜÉÈÇŁŚŻČŠŽØÅÑĞİ", "aeiouäöüéèçłśżčšžøåñğıß"},
	"Greek":      {"ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ", "αβγδεζηθικλμνξοπρστυφχψως"},
	"Cyrillic":   {"АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЭЮЯ", "абвгдежзийклмнопрстуфхцчшщъыьэюя"},
	"Han":        {"山田太郎王李张刘陈杨赵黄周吴", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明"},
	"Arabic":     {"محمدأعليوسف", "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"},
	"Devanagari": {"रशमआपकगनल", "ािीुूेैोौ्कखगघचछजझटठडढतथदधनपफबभमयरलवशसह"},
	"Hebrew":     {"אבגדהוזחטיכלמנסעפצקרשת", "אבגדהוזחטיכלמנסעפצקרשת"},
	"Hangul":     {"김이박최정강조윤장임", "민서준지현수영호진우"},
	"full width": {"ＡＢＣＤＥＦＧ", "ａｂｃｄｅｆｇ４５６"},
	"mixed":      {"AАΑEЕΕOОΟPРPKКΚ", "aаeеoоpрcсyуxхiі"},
	"Deseret":    {"𐐀𐐁𐐂𐐃𐐄", "𐐨𐐩𐐪𐐫𐐬"},
}

// writer writes text that never says the same twice.
type writer struct {
	*rand.Rand
	out []byte
}

func (w *writer) put(s string) { w.out = append(w.out, s...) }

func (w *writer) pick(of []string) string { return of[w.IntN(len(of))] }

// word writes a word with a capital.
func (w *writer) word(alphabet [2]string) {
	big, small := []rune(alphabet[0]), []rune(alphabet[1])
	w.out = append(w.out, string(big[w.IntN(len(big))])...)
	w.letters(small, 2+w.IntN(8))
}

func (w *writer) letters(of []rune, n int) {
	for range n {
		w.out = append(w.out, string(of[w.IntN(len(of))])...)
	}
}

var words = sync.OnceValue(func() (w struct{ keys, context, match, numbers []string }) {
	for _, d := range detectors() {
		if d.Anchor == rules.AnchorNumber {
			w.numbers = append(w.numbers, d.Context...)
		}
		w.keys = append(w.keys, d.Keywords...)
		w.context = append(w.context, d.Context...)
		w.match = append(w.match, d.Match...)
	}
	return w
})

// keysOf returns the keywords of the detectors whose names begin so.
func keysOf(prefix string) (keys []string) {
	for _, d := range detectors() {
		if strings.HasPrefix(d.Name, prefix) {
			keys = append(keys, d.Keywords...)
		}
	}
	return keys
}

// lettersAnew are hostile texts of letters: what writes a piece of each.
var lettersAnew = sync.OnceValue(func() map[string]func(*writer) {
	m := make(map[string]func(*writer))
	digits := []rune("0123456789")
	ascii := []rune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
	for script, letters := range alphabets {
		m["words, "+script] = func(w *writer) { w.word(letters); w.put(" ") }
		for _, detector := range []string{"person_title", "person_salutation", "person_signoff", "person_label", "person_field", "person_element", "person_role", "person_self", "person_act", "salary", "health", "postal"} {
			keys := keysOf(detector)
			m[detector+", "+script] = func(w *writer) {
				w.put(w.pick(keys))
				w.put(w.pick([]string{" ", ": ", `": "`, ",\n", ", ", ""}))
				w.word(letters)
				for range w.IntN(4) {
					w.put(w.pick([]string{" ", "-", " ", " van ", "’"}))
					w.word(letters)
				}
				w.put(w.pick([]string{" ", ", ", "\n", `", "`}))
			}
		}
		m["context words, "+script] = func(w *writer) { w.put(w.pick(words().context)); w.put(" "); w.word(letters); w.put(" ") }
	}
	for _, sep := range []string{" ", "=", `: "`, "\n", "", ", "} {
		m["keywords and "+sep] = func(w *writer) { w.put(w.pick(words().keys)); w.put(sep) }
		m["keywords, values and "+sep] = func(w *writer) { w.put(w.pick(words().keys)); w.letters(ascii, w.IntN(20)); w.put(sep) }
		m["examples and "+sep] = func(w *writer) { w.put(w.pick(words().match)); w.put(sep) }
		m["context words and "+sep] = func(w *writer) { w.put(w.pick(words().context)); w.put(sep) }
	}
	m["heads of examples"] = func(w *writer) { s := w.pick(words().match); w.put(s[:w.IntN(len(s)+1)]) }
	m["examples without letters"] = func(w *writer) {
		w.put(strings.Map(func(c rune) rune {
			if w.IntN(12) == 0 {
				return -1
			}
			return c
		}, w.pick(words().match)+" "))
	}
	pieces := map[string][]string{
		"keys": {"key=", "key: ", "api_key=", "secret=", "token: \"", "password=", "pwd='", "PASS="}, "quotes": {`"`, `'`, "`", `\"`, `"'`, `\\\"`, `""`, ` + `, ", ", "a"},
		"entities": {"&#", "&#x", "4;", "1", "&amp;", "&amp;#", "a", ";", "&#52;", "&nbsp;", "&"}, "percents": {"%", "%25", "%34", "%3", "a", "%C3%A9", "%u0034"}, "backslashes": {`\`, `\\`, `\n`, `\u0`, `\u0034`, `\x34`, `\064`, "a", `"`},
		"hidden": {"\u200b", "\u00ad", "\u2060", "\ufeff", "a", "k", "e", "y", "4", "="}, "marks": {"\u0301", "\u0308", "a", "e", "o", "4", " "}, "no text": {"\xff", "\xc3", "\xe4\xb8", "\x80", "é", "a", " "},
		"tags": {"<b>", "</b>", "<i", ">", "a", "4", "<!--", "-->", "**", "__"}, "joints": {`" + "`, `' . '`, "\"\n  \"", `" "`, "abc", "4111", `"`}, "spoken": {"one ", "two ", "sieben ", "cinq ", "tres ", "oh ", "double ", "and "},
		"code":   {"func a(b) {\n", "\treturn x\n", "}\n", "import \"x\"\n", "def f(a):\n    ", "class A:\n    ", "const x = () => {\n", "x := 1\n", "// and\n", "the end of it all\n", "public class A {\n", "\"a\",\n"},
		"base64": {"TWFuIGlz", "IGRpc3Rp", "bmd1aXNo", "ZWQsIG5v", "=", "\n", " ", "dCBvbmx5"}, "reversed": {"-tna-ks ", "revers ", "backwards ", "ohp_", "AKIA", "xoxb"}, "addresses": {"street ", "Straße ", "rue ", "calle ", "12 ", "Main ", "Haupt", "10115 ", "Berlin ", ", ", "via ", "PO Box "},
		"mail": {"@", "a.b", ".com", "example", "://", "mailto:", "user", ":"}, "confidential": {"CONFIDENTIAL", "Confidential", " internal use only", "\n", "restricted ", "strictly ", "STRICTLY ", "- ", "geheim"}, "rot13": {"rot13 ", "fx-nag ", "cnffjbeq=", "xrl ", "rot-13 "},
		"injections": {"ignore ", "all ", "previous ", "instructions", "disregard ", "the above ", "you are now ", "DAN ", "system prompt ", "\n"}, "Morse": {"....- ", ".---- ", "-.. ", "/ ", ".- "}, "wide": {"a\x00", "4\x00", "\x00a", "\x00\x00", "k\x00"},
	}
	for name, of := range pieces {
		m["pieces: "+name] = func(w *writer) { w.put(w.pick(of)) }
	}
	m["key= anew"] = func(w *writer) { w.put("key="); w.letters(ascii, 1+w.IntN(30)); w.put("&") }
	m["password: anew"] = func(w *writer) { w.put(`password: "`); w.letters(ascii, 1+w.IntN(30)); w.put("\" ") }
	for _, sep := range []string{" ", "-", ".", ""} {
		m["words for numbers, and numbers by "+sep] = func(w *writer) {
			w.put(w.pick(words().numbers))
			for n := 1 + w.IntN(4); n > 0; n-- {
				w.put(w.pick([]string{" ", sep}))
				w.letters(digits, 1+w.IntN(9))
			}
			w.put(w.pick([]string{" ", ", ", "\n"}))
		}
	}
	m["words for numbers, and nine digits"] = func(w *writer) {
		w.put(w.pick(words().numbers) + " ")
		w.letters(digits, 9)
		w.put(" ")
	}
	m["letters"] = func(w *writer) { w.letters(ascii, 1+w.IntN(30)); w.put(" ") }
	m["long words"] = func(w *writer) { w.letters(ascii, 20+w.IntN(100)); w.put(" ") }
	m["bytes"] = func(w *writer) { w.out = append(w.out, byte(w.Uint32())) }
	m["signs"] = func(w *writer) { w.out = append(w.out, byte(' '+w.IntN(16)), byte('0'+w.IntN(78))) }
	m["hidden in keywords"] = func(w *writer) {
		for _, x := range w.pick(words().keys) + " " {
			w.out = append(w.out, string(x)+"\u200b"...)
		}
	}
	m["look-alikes in keywords"] = func(w *writer) {
		w.put(strings.NewReplacer("a", "а", "e", "е", "o", "о", "c", "с").Replace(w.pick(words().keys)) + "=abc ")
	}
	m["full-width keywords"] = func(w *writer) {
		w.put(strings.Map(func(c rune) rune {
			if '!' <= c && c <= '~' {
				return c + 0xfee0
			}
			return c
		}, w.pick(words().keys)+" "))
	}
	m["entities of keywords"] = func(w *writer) {
		for _, x := range []byte(w.pick(words().keys) + " ") {
			w.out = append(w.out, "&#"...)
			w.out = append(w.out, '0'+x/100%10, '0'+x/10%10, '0'+x%10, ';')
		}
	}
	return m
})

// anew returns n bytes of a hostile text.
func anew(write func(*writer), n int) []byte {
	w := writer{Rand: rand.New(rand.NewPCG(uint64(n), 3))}
	for len(w.out) < n {
		write(&w)
	}
	return w.out[:n]
}

// hostileTexts are what writes each of the hostile texts: one unit over and over, and
// what the slowest of those that never say the same twice are made of.
func hostileTexts() map[string]func(n int) []byte {
	m := make(map[string]func(int) []byte)
	for name, unit := range hostile {
		m[name] = func(n int) []byte { return repeat(unit, n) }
	}
	for name, kind := range map[string]string{
		"any keyword by blanks": "keywords and  ", "any keyword by lines": "keywords and \n", "any keyword assigned": "keywords and =", "any keyword, a value": "keywords, values and  ",
		"any example": "examples and  ", "any password": "password: anew", "labelled names, Greek": "person_label, Greek", "labelled names, Cyrillic": "person_label, Cyrillic",
		"any word for a number": "words for numbers, and nine digits", "any word for a number, groups": "words for numbers, and numbers by  ", "escapes in escapes": "pieces: backslashes",
	} {
		m[name] = func(n int) []byte { return anew(lettersAnew()[kind], n) }
	}
	for name, kind := range map[string]string{
		"any card": "cards", "any card by dots": "cards by dots", "any telephone": "telephones", "any VAT number": "vat numbers of all countries", "any eight pairs": "pairs of eight",
	} {
		m[name] = func(n int) []byte { return spell(everNew[kind], n) }
	}
	return m
}

// BenchmarkLettersAnew reads hostile texts of letters that never say the same twice,
// by turns with clean chat ("clean": how many times as long they take).
func BenchmarkLettersAnew(b *testing.B) {
	s, all := newScanner(b, dlp.Options{}), lettersAnew()
	chat := clean(64 << 10)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		b.Run(name, func(b *testing.B) {
			text := anew(all[name], 64<<10)
			b.SetBytes(int64(len(text)))
			best, least := time.Hour, time.Hour
			for b.Loop() {
				best, least = min(best, took(s, text)), min(least, took(s, chat))
			}
			b.ReportMetric(float64(best)/float64(least), "clean")
		})
	}
}

// TestLettersAnew holds that such a text takes no more steps than any other, and of
// some that four times as much of it takes not much more than four times as many.
func TestLettersAnew(t *testing.T) {
	s, all := newScanner(t, dlp.Options{}), lettersAnew()
	for i, name := range slices.Sorted(maps.Keys(all)) {
		if raceEnabled && i%3 > 0 {
			continue // it takes ten times as long there
		}
		text := anew(all[name], 8<<10)
		small, most := dlp.StepsOf(s, text), dlp.MostSteps(len(text))
		if small > most {
			t.Errorf("%s: %d steps for %d bytes, want %d at most", name, small, len(text), most)
		}
		if i%12 > 0 {
			continue
		}
		if large := dlp.StepsOf(s, anew(all[name], 32<<10)); large > 5*small+dlp.MostSteps(0) {
			t.Errorf("%s: %d steps for 8 KB, %d for 32 KB", name, small, large)
		}
	}
}
