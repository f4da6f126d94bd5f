package dlp

import (
	"bytes"
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// orders.txt is what orders to a model consist of, in all languages: patterns of each
// order of words of each language would have too many states.
//
//go:embed orders.txt
var orderFile string

// checkOrder asks of a sentence that it orders a model to drop its rules, to show
// them or to be without any.
const checkOrder = "order"

// orderKinds are what makes an order: words of each kind of one of these.
var orderKinds = []struct {
	kinds  []string
	clause bool // no comma parts them
}{
	{[]string{"drop", "rule", "given"}, true},
	{[]string{"reveal", "hidden"}, false},
	{[]string{"role", "free"}, false},
}

const (
	maxOrderRead = 160 // bytes of a sentence that are looked at
	maxOrderWord = 48  // bytes of the longest words
)

// wordsOfOrders maps words to their kinds, as bits. It is read when the first order
// is met.
var wordsOfOrders = sync.OnceValues(func() (words map[string]uint8, kinds map[string]uint8) {
	words, kinds = make(map[string]uint8), make(map[string]uint8)
	for line := range strings.Lines(orderFile) {
		kind, rest, _ := strings.Cut(line, " ")
		if kind == "#" {
			continue
		}
		if kinds[kind] == 0 {
			kinds[kind] = 1 << len(kinds)
		}
		for _, w := range strings.Fields(rest) {
			words[strings.ReplaceAll(w, "_", " ")] |= kinds[kind]
		}
	}
	return words, kinds
})

// isOrder reports whether sentence is an order to a model.
func isOrder(sentence []byte) bool {
	var buf [maxOrderRead]byte
	sentence = appendLower(buf[:0], sentence[:min(len(sentence), maxOrderRead)])
	clause := sentence
	if k := bytes.IndexAny(sentence, ",،，、:"); k >= 0 {
		clause = sentence[:k]
	}
	_, kinds := wordsOfOrders()
	inSentence, inClause := orderWords(sentence), orderWords(clause)
	if inClause&kinds["not"] != 0 { // "Do not forget your orders"
		return false
	}
	for _, o := range orderKinds {
		var want uint8
		for _, k := range o.kinds {
			want |= kinds[k]
		}
		has := inSentence
		if o.clause {
			has = inClause
		}
		if has&want == want {
			return true
		}
	}
	return false
}

// orderWords returns the kinds of the words in text, as bits.
func orderWords(text []byte) (has uint8) {
	words, _ := wordsOfOrders()
	before := ' '
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if !unicode.IsLetter(before) || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			for k := n; k <= min(maxOrderWord, len(text)-i); k++ {
				has |= words[string(text[i:i+k])]
			}
		}
		before = r
		i += n
	}
	return has
}

// cutOrder returns how much of a match is in the string that it starts in.
func cutOrder(match []byte) int { return orderEnd(match, 0) }
