package dlp

import (
	_ "embed"
	"strings"
)

// beside returns where the value starts that stands in a field of its own beside
// the name that ends at i: behind `value` in `name: X` + line break + `value: Y`,
// `{"name":"X","value":"Y"}` and the like, or -1.
func beside(text []byte, i int) int {
	const field = "value"
	from := i
	i = skip(text, i, 1, &comma)
	if i = skip(text, i, 24, &space); i == from {
		return -1
	}
	i = skip(text, i, 2, &nameQuote)
	if i+len(field) >= len(text) || !equalFold(text[i:i+len(field)], field) {
		return -1
	}
	i = skip(text, i+len(field), 2, &nameQuote)
	if i = skip(text, i, 4, &blank); i < len(text) && (text[i] == ':' || text[i] == '=') {
		return i + 1
	}
	return -1
}

var (
	comma     = table(",")
	nameQuote = table("\"'\\")
	ofByte    = table("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_@.'/()") // also an account or a host
)

// maxOf bounds what may stand between a name and the word for "is": the words
// that say whose or what it is of.
const (
	maxOf      = 44
	maxOfWords = 5

	maxAny      = 64 // the same where the first word is any other
	maxAnyWords = 7
)

// ofWhat returns the end of what stands for "is" behind what the name before i is
// of ("for the guest network is", "от почты:", "du wifi est"), or -1. Where such
// words start with none of prepositions.txt ("that the guests get is"), a colon is
// no such end: it may be that of a list.
func ofWhat(text []byte, i int) int {
	if i == 0 || i >= len(text) || !blank[text[i-1]] {
		return -1
	}
	from, leads := i, false
	end := min(len(text), i+maxAny)
	for n := range maxAnyWords {
		j := i
		for j < end && (text[j] >= 0x80 || ofByte[text[j]]) {
			j++
		}
		if j == i || j+1 >= end {
			return -1
		}
		if n == 0 && prepositionFirst[text[i]] && prepositions[string(text[i:j])] {
			leads = true
		}
		switch {
		case leads && n > 0 && n < maxOfWords && j-from < maxOf && (text[j] == ':' && space[text[j+1]] || text[j] == '?'):
			return j + 1
		case !blank[text[j]] || text[j-1] == '.':
			return -1
		}
		i = j + 1
		if leads && text[i] == '?' { // French
			return i + 1
		}
		if k := isWordIs(text, i); (n > 0 || !leads) && k > 0 {
			return k
		}
	}
	return -1
}

//go:embed prepositions.txt
var prepositionLines string

// prepositions are the words of prepositions.txt, prepositionFirst the bytes that
// they start with.
var prepositions, prepositionFirst = func() (words map[string]bool, first [256]bool) {
	words = make(map[string]bool)
	for line := range strings.Lines(prepositionLines) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, word := range strings.Fields(line) {
			words[word] = true
			first[word[0]] = true
		}
	}
	return words, first
}()
