package dlp

import (
	_ "embed"
	"sync"
	"unicode"
	"unicode/utf8"
)

// givenNames are first names of all parts of the world in Latin letters, in lower
// case and order: those of Faker (https://github.com/joke2k/faker, MIT), which took
// them from public statistics.
//
//go:embed given.txt
var givenText string

var givenNames = sync.OnceValue(func() *wordSet { return newWordSet(givenText) })

// plainWords are words that are seldom a part of a name, though they may stand
// with a capital: those that ordinary texts are full of in lower case, and what
// departments, companies and salutations are made of, in lower case and order.
//
//go:embed words.txt
var plainText string

var plainWords = sync.OnceValue(func() *wordSet { return newWordSet(plainText) })

const mostName = 72 // bytes of a name

// personName checks that words with capitals are a name rather than the title of
// a thing: not all are ordinary words, and where one is, another is a first name.
func personName(value []byte) bool {
	n := judgeName(value)
	return n.is()
}

func (n *named) is() bool { return n.words > 0 && n.plain < n.words && (n.plain == 0 || n.given > 0) }

// personGiven is personName for places where titles of things stand as often:
// the first word must be a first name.
func personGiven(value []byte) bool {
	n := judgeName(value)
	return n.first && n.is()
}

// named counts the words with capitals.
type named struct {
	words, plain int
	given        int  // first names that are no ordinary words
	first        bool // the first word is one
}

func judgeName(value []byte) (n named) {
	if len(value) > mostName {
		return named{}
	}
	for i := 0; i < len(value); {
		var buf [40]byte
		word, capital, size := nextWord(buf[:0], value[i:])
		i += size
		if len(word) < 2 || !capital {
			continue // an initial, "van der"
		}
		n.words++
		if plainWords().has(word) {
			n.plain++
		} else if givenNames().has(word) {
			n.given++
			n.first = n.first || n.words == 1
		}
	}
	return n
}

// nextWord appends the first word of s, in lower case, to dst and says whether it
// starts with a capital and how many bytes it takes with what follows it.
func nextWord(dst, s []byte) (word []byte, capital bool, size int) {
	for size < len(s) {
		r, n := utf8.DecodeRune(s[size:])
		size += n
		if !unicode.IsLetter(r) {
			break
		}
		if len(dst) == 0 {
			capital = unicode.IsUpper(r) || unicode.Is(unicode.Lo, r)
		}
		if len(dst)+utf8.UTFMax <= cap(dst) {
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
	}
	return dst, capital, size
}
