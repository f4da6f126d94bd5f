package dlp

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// In scripts without capitals a name is known by what stands beside it: a role in
// front ("患者", "고객", "السائق"), a title behind ("様", "씨"). A reader says which of the
// letters there are the name.

// personReader returns where the name beside the word text[i:j] stands; from == to:
// there is none.
type personReader func(text []byte, i, j int) (from, to int)

// personReaders are known by the validator of a detector with the anchor person.
var personReaders = map[string]personReader{
	"person_chinese":    chinesePerson,
	"person_japanese":   japanesePerson,
	"person_korean":     koreanPerson,
	"person_arabic":     arabicPerson,
	"person_devanagari": devanagariPerson,
	"person_thai":       thaiPerson,
}

// personWork is what reading the name beside a word costs.
const personWork = 64

// person tries the names beside the word text[i:j].
func (c *scan) person(d *detector, i, j int) {
	c.work += personWork
	from, to := d.reader(c.text, i, j)
	for n := 0; n < mostListed && from < to && d.auto.whole(c.text[from:to]) && c.judge(d, from, to, false); n++ {
		c.work += personWork
		from, to = listedPerson(c.text, to) // people are listed with their like
	}
}

// mostListed bounds the names of a list that a keyword stands beside.
const mostListed = 12

// listedPerson returns where the name stands that a comma parts from the one that ends at
// j, in Chinese, Japanese and Korean.
func listedPerson(text []byte, j int) (from, to int) {
	after := readAfter(text, j)
	k := after.skipAny(0, 2, ",、，・ ")
	if k == 0 || k == 1 && after.r[0] == ' ' {
		return 0, 0
	}
	r := after.runes(k)
	n := max(koreanName(r, false), chineseName(r, false))
	if hasKana(after.runes(0)) {
		n = japaneseAfter(r)
	}
	return after.at[k], after.at[k+n]
}

// personFile has the words and characters that names are made of, and those that are
// none: a kind and its entries on a line.
//
//go:embed persons.txt
var personFile string

// entries is a set of short texts.
type entries map[string]struct{}

func (e entries) has(s string) bool { _, ok := e[s]; return ok }

func (e entries) hasRune(r rune) bool { return e.has(string(r)) }

// personEntries are the lines of the file by kind. Those of one word hold a character
// each.
var personEntries = sync.OnceValue(func() map[string]entries {
	all := make(map[string]entries)
	for line := range strings.Lines(personFile) {
		kind, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if kind == "" || kind == "#" {
			continue
		}
		set := all[kind]
		if set == nil {
			set = make(entries)
			all[kind] = set
		}
		words := strings.Fields(rest)
		if len(words) == 1 {
			words = strings.Split(rest, "")
		}
		for _, w := range words {
			set[w] = struct{}{}
		}
	}
	return all
})

// mostBeside is how many characters are read on either side of a word.
const mostBeside = 14

// letters holds the characters on one side of a word, in the order of the text.
type letters struct {
	r  [mostBeside]rune
	at [mostBeside + 1]int // where each starts; behind the last: where it ends
	n  int
}

// runes returns the characters from k on.
func (b *letters) runes(k int) []rune { return b.r[min(k, b.n):b.n] }

func readAfter(text []byte, j int) (b letters) {
	for b.n < mostBeside && j < len(text) {
		r, n := utf8.DecodeRune(text[j:])
		b.r[b.n], b.at[b.n] = r, j
		j += n
		b.n++
	}
	b.at[b.n] = j
	return b
}

func readBefore(text []byte, i int) (b letters) {
	from := i
	for n := 0; n < mostBeside && from > 0; n++ {
		_, size := utf8.DecodeLastRune(text[:from])
		from -= size
	}
	b = readAfter(text[:i], from)
	return b
}

// skipAny returns the first place from k on, at most most further, where none of marks
// stands.
func (b *letters) skipAny(k, most int, marks string) int {
	for n := 0; n < most && k < b.n && strings.ContainsRune(marks, b.r[k]); n++ {
		k++
	}
	return k
}

// betweenNames are marks that may stand between a label and a name.
const betweenNames = " 　:：\"“”「『（(—–-|=•"

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }
