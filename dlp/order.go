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

const maxOrderRead = 160 // bytes of a sentence that are looked at

// orderWord is how a word starts that is of some kinds, as bits.
type orderWord struct {
	text  string
	kinds uint8
}

// orderVocabulary is orders.txt.
type orderVocabulary struct {
	starts map[uint32][]orderWord // by as many as four bytes
	kinds  map[string]uint8
}

// wordsOfOrders is read when the first order is met.
var wordsOfOrders = sync.OnceValue(func() *orderVocabulary {
	v := &orderVocabulary{starts: make(map[uint32][]orderWord), kinds: make(map[string]uint8)}
	for line := range strings.Lines(orderFile) {
		kind, rest, _ := strings.Cut(line, " ")
		if kind == "#" {
			continue
		}
		if v.kinds[kind] == 0 {
			v.kinds[kind] = 1 << len(v.kinds)
		}
		for _, text := range strings.Fields(rest) {
			text = strings.ReplaceAll(text, "_", " ")
			head := headOf([]byte(text))
			v.starts[head] = append(v.starts[head], orderWord{text, v.kinds[kind]})
		}
	}
	return v
})

// isOrder reports whether sentence is an order to a model.
func isOrder(sentence []byte) bool {
	var buf [maxOrderRead]byte
	sentence = appendLower(buf[:0], sentence[:min(len(sentence), maxOrderRead)])
	clause, rest := sentence, sentence[len(sentence):]
	if k := bytes.IndexAny(sentence, ",،，、:"); k >= 0 { // no word has one of these
		clause, rest = sentence[:k], sentence[k:]
	}
	v := wordsOfOrders()
	inClause := v.in(clause)
	if inClause&v.kinds["not"] != 0 { // "Do not forget your orders"
		return false
	}
	inSentence := inClause | v.in(rest)
	for _, o := range orderKinds {
		var want uint8
		for _, k := range o.kinds {
			want |= v.kinds[k]
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

// in returns the kinds of the words in text, as bits.
func (v *orderVocabulary) in(text []byte) (has uint8) {
	before := ' '
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if !unicode.IsLetter(before) || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			has |= v.at(text[i:])
		}
		before = r
		i += n
	}
	return has
}

// at returns the kinds of all words that text starts with.
func (v *orderVocabulary) at(text []byte) (has uint8) {
	for n := min(4, len(text)); n > 0; n-- {
		for _, w := range v.starts[headOf(text[:n])] {
			if len(text) >= len(w.text) && string(text[:len(w.text)]) == w.text {
				has |= w.kinds
			}
		}
	}
	return has
}

// cutOrder returns how much of a match is in the string that it starts in.
func cutOrder(match []byte) int { return orderEnd(match, 0) }
