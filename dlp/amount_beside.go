package dlp

import (
	"sync"
	"unicode/utf8"
)

// besideAmount reports whether the bytes beside a number may belong to an amount, and
// where the number ends: nearly no other is looked at twice, and no group of one again.
func besideAmount(text []byte, from, to int) (end int, may bool) {
	if to-from > 8 || from > 0 && isWord[text[from-1]] && !isAlpha(text[from-1]) {
		return to, false
	}
	digits, bare := to-from, false
	k := to
	for k+1 < len(text) && k-to < longestAmount && (isDigit(text[k]) || amountParts[text[k]] && isDigit(text[k+1])) {
		if isDigit(text[k]) {
			digits++
		}
		bare = bare || text[k] != ' ' && !isDigit(text[k])
		k++
	}
	if k < len(text) && isDigit(text[k]) {
		digits++
		k++
	}
	if end = k; digits > mostAmountDigits {
		return end, false
	}
	p := pairsOfAmounts()
	if endsOrdinal(text[k:]) || from > 1 && isAlpha(text[from-1]) && text[from-2] < utf8.RuneSelf && !p.before.has(text[from-2], text[from-1]) { // "14th", "rot13"
		return end, false
	}
	if k < len(text) && text[k] == ' ' {
		k++
	}
	if k < len(text) && (text[k] >= utf8.RuneSelf || text[k] == '$' || k+1 < len(text) && p.goesOn(text[k], text[k+1])) {
		return end, true
	}
	word := k < len(text) && isAlpha(text[k]) // that is none of pay
	i := from
	for i > 1 && from-i < longestAmount && (isDigit(text[i-1]) || amountParts[text[i-1]] && isDigit(text[i-2])) {
		if isDigit(text[i-1]) {
			digits++
		}
		bare = bare || text[i-1] != ' ' && !isDigit(text[i-1])
		i--
	}
	if digits > mostAmountDigits {
		return end, false
	}
	for blanks := 0; i > 0 && text[i-1] == ' ' && blanks < 2; blanks++ {
		i--
	}
	return end, bare && !word || i > 0 && (text[i-1] >= utf8.RuneSelf || text[i-1] == '$' || text[i-1] == '.') || i > 1 && p.before.has(text[i-2], text[i-1])
}

// mostAmountDigits is how many digits an amount has.
const mostAmountDigits = 10

// endsOrdinal reports whether rest, behind a number, is the end of "14th".
func endsOrdinal(rest []byte) bool {
	if len(rest) < 2 || len(rest) > 2 && isWord[rest[2]] {
		return false
	}
	switch string([]byte{fold(rest[0]), fold(rest[1])}) {
	case "th", "st", "nd", "rd":
		return true
	}
	return false
}

// amountParts are what groups of digits of an amount are parted by.
var amountParts = table(" .,'")

// bytePairs is a set of two bytes in small letters.
type bytePairs [1 << 16 / 64]uint64

func (p *bytePairs) add(a, b byte) {
	k := uint16(fold(a))<<8 | uint16(fold(b))
	p[k>>6] |= 1 << (k & 63)
}

func (p *bytePairs) has(a, b byte) bool {
	k := uint16(fold(a))<<8 | uint16(fold(b))
	return p[k>>6]>>(k&63)&1 != 0
}

// amountPairs are the first two bytes of the words that may follow an amount, those of
// them that are no currency apart, and the last two of those before one.
type amountPairs struct{ before, after, pay bytePairs }

var pairsOfAmounts = sync.OnceValue(func() *amountPairs {
	p := new(amountPairs)
	for w, places := range currencyWords() {
		if places&(currencyAfter|currencyTimes) != 0 {
			p.after.start(w)
		}
		if places&currencyBefore != 0 {
			n := len(w)
			if n == 1 { // "q 500"
				for c := range 256 {
					p.before.add(byte(c), w[0])
				}
				continue
			}
			p.before.add(w[n-2], w[n-1])
		}
	}
	for w := range wordsOfPay().starts.all() {
		if w.kind == payHour || w.kind == payRate || w.kind == payNet {
			p.after.start(w.text)
			p.pay.start(w.text)
		}
	}
	return p
})

// goesOn reports whether a, with b behind it, may follow an amount: it starts a word, or
// leads to the second number of a range.
func (p *amountPairs) goesOn(a, b byte) bool {
	switch a {
	case '-', '~':
		return b == ' ' || b == '$' || isDigit(b) || b >= utf8.RuneSelf
	case '/':
		return b >= utf8.RuneSelf || p.after.has(a, b)
	}
	return p.after.has(a, b)
}

// start enters the first two bytes of a word; of one letter, whatever follows it.
func (p *bytePairs) start(w string) {
	if len(w) > 1 {
		p.add(w[0], w[1])
		return
	}
	for c := range 256 {
		p.add(w[0], byte(c))
	}
}
