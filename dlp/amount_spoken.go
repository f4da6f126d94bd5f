package dlp

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// numerals.txt is the words that numbers are written in, in many languages.
//
//go:embed numerals.txt
var numeralFile string

// numerals are the words of numbers, and what stands between two.
type numerals struct {
	starts heads[string]
	and    map[string]bool
}

// numeralWords is read once.
var numeralWords = sync.OnceValue(func() *numerals {
	n := &numerals{and: make(map[string]bool)}
	for line := range strings.Lines(numeralFile) {
		kind, rest, _ := strings.Cut(line, " ")
		for _, w := range strings.Fields(rest) {
			switch kind {
			case "number":
				n.starts.add(headOf([]byte(w)), w)
			case "and":
				n.and[w] = true
			}
		}
	}
	return n
})

const (
	mostNumerals   = 8 // words of a number, on either side of the one that gave it away
	longestNumeral = 64
	longestEnding  = 4 // bytes of the ending of a numeral: "tysiąca"
	leastEnding    = 4 // bytes of one that has any
)

// spokenAmount returns the amount in words around the word text[i:j], which is one of
// them: "eleven pound ninety".
func spokenAmount(text []byte, i, j int) (from, to int, ok bool) {
	from, to = i, j
	numbers, currency := countNumerals(text[i:j]), isCurrency(text[i:j])
	for at, k := i, 0; k < mostNumerals; k++ {
		word := wordBack(text, at)
		if word == at {
			break
		}
		w := text[word:trimBack(text, at)]
		n := countNumerals(w)
		if n == 0 && !isAnd(w) {
			break
		}
		if at = word; n > 0 {
			from, numbers = at, numbers+n
		}
	}
	for at, k := j, 0; k < mostNumerals; k++ {
		next := at
		for next < len(text) && (text[next] == ' ' || text[next] == '-') && next-at < 2 {
			next++
		}
		end := next + len(lettersAt(text[next:]))
		w := text[next:end]
		n, money := countNumerals(w), isCurrency(w)
		if end == next || n == 0 && !money && !isAnd(w) {
			break
		}
		if at = end; n > 0 || money {
			to, numbers, currency = at, numbers+n, currency || money
		}
	}
	least := 2 // "thousand" alone is none
	if currency {
		least = 1
	}
	return from, to, numbers >= least && (currency || endsAmount(text, to))
}

// endsAmount reports whether what stands at i lets a number before it be an amount: it is
// no count of what is named there.
func endsAmount(text []byte, i int) bool {
	rest := text[i:min(len(text), i+longestNumeral)]
	if len(rest) == 0 || rest[0] != ' ' {
		return true
	}
	var buf [longestNumeral + 2*utf8.UTFMax]byte
	n := lowerInto(buf[:], rest[1:len(rest)-trailing(rest)])
	_, kind := wordsOfPay().at(buf[:n], &wordsOfPay().starts)
	return kind == payRate || kind == payNet || isAnd(lettersAt(buf[:n]))
}

// trailing returns how many bytes of a character that is cut off text ends in.
func trailing(text []byte) (n int) {
	for n < len(text) && n < utf8.UTFMax {
		if r, size := utf8.DecodeLastRune(text[:len(text)-n]); r != utf8.RuneError || size != 1 {
			return n
		}
		n++
	}
	return n
}

// wordBack returns where the word starts that ends before the blank or hyphen in front of
// i, or i.
func wordBack(text []byte, i int) int {
	end := trimBack(text, i)
	if end == i {
		return i
	}
	at := end
	for at > 0 && end-at < longestNumeral {
		r, n := utf8.DecodeLastRune(text[:at])
		if !unicode.IsLetter(r) && r != '\'' {
			break
		}
		at -= n
	}
	if at == end {
		return i
	}
	return at
}

func trimBack(text []byte, i int) int {
	if i > 0 && (text[i-1] == ' ' || text[i-1] == '-') {
		return i - 1
	}
	return i
}

// lettersAt returns the word that text starts with.
func lettersAt(text []byte) []byte {
	for n := 0; n < len(text); {
		r, size := utf8.DecodeRune(text[n:])
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' {
			return text[:n]
		}
		n += size
	}
	return text
}

// countNumerals returns of how many words of numbers word is made: 0 if of others.
func countNumerals(word []byte) (count int) {
	var buf [longestNumeral]byte
	n := lowerInto(buf[:], word)
	w := buf[:n]
	words := numeralWords()
	for len(w) > 0 {
		size := 0
		for k := min(4, len(w)); k > 0; k-- {
			for _, e := range words.starts.at(headOf(w[:k])) {
				if len(e) > size && len(e) <= len(w) && string(w[:len(e)]) == e {
					size = len(e)
				}
			}
		}
		switch {
		case size > 0 && (size == len(w) || size >= leastEnding || count > 0 || len(w) > size+longestEnding):
			count++
			w = w[size:]
		case count > 0 && len(w) > 3 && string(w[:3]) == "und":
			w = w[3:]
		case count > 0 && len(w) <= longestEnding:
			return count
		default:
			return 0
		}
	}
	return count
}

func isAnd(word []byte) bool {
	var buf [longestCurrency]byte
	n := lowerInto(buf[:], word)
	return n > 0 && numeralWords().and[string(buf[:n])]
}

func isCurrency(word []byte) bool {
	var buf [longestCurrency]byte
	n := lowerInto(buf[:], word)
	return n > 0 && currencyWords()[string(buf[:n])]&currencyAfter != 0
}
