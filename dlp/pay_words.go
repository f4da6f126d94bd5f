package dlp

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// payKind is what a word says of an amount near it.
type payKind uint8

var payKindNames = map[string]payKind{
	"who": payWho, "get": payGet, "rate": payRate, "hour": payHour, "net": payNet, "on": payOn, "earn": payEarn, "pay": payPay, "price": payPrice, "mean": payMean,
}

// payPoints is what a word of each kind is worth in the sentence of the amount. A price
// and a statistic take away.
var payPoints = [payKinds]int{payWho: 2, payGet: 2, payRate: 3, payHour: 4, payNet: 4, payOn: 4, payEarn: 4, payPay: 6, payPrice: -10, payMean: -9}

// payWord is how a word starts that is of a kind.
type payWord struct {
	text string
	kind payKind
	open bool // the word may go on
}

// payVocabulary is pay.txt.
type payVocabulary struct {
	starts heads[payWord]
	inside heads[payWord] // those that words may end in
	first  [256]bool      // bytes that one of inside starts with
}

// wordsOfPay is read when the first amount is met.
var wordsOfPay = sync.OnceValue(func() *payVocabulary {
	v := new(payVocabulary)
	for line := range strings.Lines(payFile) {
		name, rest, _ := strings.Cut(line, " ")
		kind := payKindNames[name]
		if kind == payNone {
			continue
		}
		for _, text := range strings.Fields(rest) {
			v.add(strings.ReplaceAll(text, "_", " "), kind)
		}
	}
	return v
})

func (v *payVocabulary) add(text string, kind payKind) {
	text, open := strings.CutSuffix(text, "*")
	text, inside := strings.CutPrefix(text, "*")
	v.starts.add(headOf([]byte(text)), payWord{text, kind, open})
	if inside {
		v.inside.add(headOf([]byte(text)), payWord{text, kind, open})
		v.first[text[0]] = true
	}
}

// at returns the length and the kind of the longest word that text, in lower case,
// starts with; 0: there is none.
func (v *payVocabulary) at(text []byte, starts *heads[payWord]) (size int, kind payKind) {
	for n := min(4, len(text)); n > 0; n-- {
		for _, w := range starts.at(headOf(text[:n])) {
			k := len(w.text)
			if k < size || k > len(text) || k == size && w.kind <= kind || string(text[:k]) != w.text {
				continue
			}
			if w.open || k == len(text) || !goesOnWord(text, k) {
				size, kind = k, w.kind
			}
		}
	}
	return size, kind
}

// goesOnWord reports whether the word that text[:k] is goes on at k.
func goesOnWord(text []byte, k int) bool {
	last, _ := utf8.DecodeLastRune(text[:k])
	if isAnywhere(last) || !unicode.IsLetter(last) {
		return false
	}
	r, _ := utf8.DecodeRune(text[k:])
	return unicode.IsLetter(r) || unicode.IsMark(r)
}

// payMark is a word that was read.
type payMark struct {
	at, end int32
	kind    payKind
}

// paySurroundings are the words that tell of pay in text[from:upto].
type paySurroundings struct {
	from, upto int
	n          int
	marks      [mostPayWord]payMark
	buf        [payBefore + payAfter + payAhead]byte
}

// read notes the words around text[i:j], where they are not known yet, and returns how
// many bytes it read.
func (s *paySurroundings) read(text []byte, i, j int) (work int) {
	lo, hi := max(0, i-payBefore), min(len(text), j+payAfter)
	if s.from <= lo && hi <= s.upto {
		return 0
	}
	for lo > 0 && lo < i && !utf8.RuneStart(text[lo]) {
		lo++
	}
	s.from, s.upto, s.n = lo, min(len(text), lo+len(s.buf)-utf8.UTFMax), 0
	lowered := s.lower(text[s.from:s.upto])
	v := wordsOfPay()
	before, capital := ' ', false
	for k := 0; k < len(lowered) && s.n < len(s.marks); {
		r, n := utf8.DecodeRune(lowered[k:])
		size, kind := 0, payNone
		if starts := (!unicode.IsLetter(before) || isAnywhere(r)) && !joinsCode(before); starts {
			size, kind = v.at(lowered[k:], &v.starts)
			if capital = isUpper(text[s.from+k]); kind == payNone && capital && givenNames().has(wordOf(lowered[k:])) {
				size, kind = len(wordOf(lowered[k:])), payWho
			}
		} else if v.first[lowered[k]] {
			size, kind = v.at(lowered[k:], &v.inside)
		}
		if kind != payNone {
			s.marks[s.n] = payMark{int32(s.from + k), int32(s.from + k + size), kind}
			s.n++
			before, _ = utf8.DecodeLastRune(lowered[:k+size])
			k += size
			continue
		}
		before = r
		k += n
	}
	if s.n == len(s.marks) {
		s.upto = max(hi, int(s.marks[s.n-1].end))
	}
	return s.upto - s.from
}

// joinsCode reports whether a word behind r is a part of an expression or of a path.
func joinsCode(r rune) bool {
	return r == '.' || r == '_' || r == '$' || r == '%' || r == '@' || r == '\\'
}

// wordOf returns the letters of ASCII at the start of text.
func wordOf(text []byte) []byte {
	n := 0
	for n < len(text) && (isAlpha(text[n]) || text[n] >= utf8.RuneSelf) {
		n++
	}
	return text[:n]
}
