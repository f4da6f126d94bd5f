package dlp

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// currencies.txt is what stands beside an amount of money in all languages: patterns of
// all would have too many states, and be tried at each number.
//
//go:embed currencies.txt
var currencyFile string

// The places of words beside an amount, as bits.
const (
	currencyBefore = 1 << iota
	currencyAfter
	currencyTimes
)

// currencyWords has the places of each word of the file.
var currencyWords = sync.OnceValue(func() map[string]uint8 {
	places := map[string]uint8{"before": currencyBefore, "after": currencyAfter, "times": currencyTimes}
	words := make(map[string]uint8)
	for line := range strings.Lines(currencyFile) {
		place, rest, _ := strings.Cut(line, " ")
		for _, w := range strings.Fields(rest) {
			words[w] |= places[place]
		}
	}
	return words
})

const (
	longestCurrency     = 24 // bytes of a word
	longestCurrencyWord = 13 // letters of ASCII of one
	longestAmount       = 48 // bytes of a range of two
)

// money is what a scan knows of the amounts that it has met.
type money struct {
	done  int              // amounts before this place have been dealt with
	bare  bool             // the latest has no currency,
	short bool             // or none but a word for thousands
	words *paySurroundings // what was read around it; nil: there was none
}

// amount tries the detectors of amounts of money around the group of digits
// text[from:to].
func (c *scan) amount(from, to int) {
	if from < c.money.done {
		return
	}
	end, may := besideAmount(c.text, from, to)
	if c.work += (end - from) / 4; !may {
		c.money.done = end
		return
	}
	i, j, hasCurrency, ok := amountAround(c.text, from, to)
	c.work += workTry + j - i
	c.money.done = max(c.money.done, j)
	c.money.short = ok && !hasCurrency
	if c.money.bare = !ok; !ok && !mayBeBare(c.text, i, j) || i > 1 && c.text[i-1] == ':' && isDigit(c.text[i-2]) {
		return
	}
	for _, d := range c.s.amounts {
		if !c.outdone(d, i, j) {
			c.judge(d, i, j, false)
		}
	}
	c.money.bare, c.money.short = false, false
}

// amountAround returns the amount that the group of digits text[from:to] is the first
// long one of, with the currency on either side of it; ok: there is one.
func amountAround(text []byte, from, to int) (i, j int, currency, ok bool) {
	i = wholeBefore(text, from)
	j = wholeAfter(text, to)
	times := false
	if k, is := timesAfter(text, j); is {
		j, times = k, true
	}
	if k := secondOfRange(text, j); k > 0 && j-i < longestAmount/2 {
		j = wholeAfter(text, k)
		if k, is := timesAfter(text, j); is {
			j, times = k, true
		}
	}
	if before, is := currencyBeforeAt(text, i); is {
		i, currency = before, true
	}
	if after, is := currencyAfterAt(text, j); is {
		j, currency = after, true
	}
	return i, j, currency, (currency || times) && standsAlone(text, i, j)
}

// standsAlone reports whether text[i:j] is no part of a word, a path or an expression.
func standsAlone(text []byte, i, j int) bool {
	if i > 0 && (isWord[text[i]] && isWord[text[i-1]] || text[i-1] == '/' || text[i-1] == '#' || text[i-1] == '&' || text[i-1] == '%' || text[i-1] == '\\') {
		return false
	}
	return j >= len(text) || !(isWord[text[j]] && (isWord[text[j-1]])) && text[j] != '_' && text[j] != '%'
}

// wholeBefore returns where the number starts whose group of digits starts at i: one
// digit may stand before it ("1 742", "8,50").
func wholeBefore(text []byte, i int) int {
	n := separatorBefore(text, i)
	if n == 0 || i-n < 1 || !isDigit(text[i-n-1]) {
		return i
	}
	for i -= n; i > 0 && isDigit(text[i-1]); i-- {
	}
	return i
}

// wholeAfter returns where the number ends whose group of digits ends at j: groups of
// three, or of two as in India, then a fraction.
func wholeAfter(text []byte, j int) int {
	for {
		n := separatorAfter(text, j)
		k := j + n
		for k < len(text) && isDigit(text[k]) {
			k++
		}
		digits := k - j - n
		if n == 0 || digits == 0 || digits > 3 || digits < 3 && text[j] != '.' && text[j] != ',' {
			break
		}
		if digits == 1 && k < len(text) && isWord[text[k]] && !isAlpha(text[k]) {
			break
		}
		j = k
	}
	if rest := text[j:min(len(text), j+3)]; len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') && (rest[1] == '-' || strings.HasPrefix(string(rest[1:]), "–")) {
		j += 2 // "1'150.-"
	}
	return j
}

// separatorBefore and separatorAfter return the length of what parts groups of digits
// in amounts, or 0.
func separatorBefore(text []byte, i int) int {
	r, n := utf8.DecodeLastRune(text[:i])
	return separatorLength(r, n)
}

func separatorAfter(text []byte, i int) int {
	r, n := utf8.DecodeRune(text[i:])
	return separatorLength(r, n)
}

func separatorLength(r rune, n int) int {
	switch r {
	case '.', ',', ' ', '\'', '’', nbsp, 0x202f, 0x2009:
		return n
	}
	return 0
}

// rangeSigns join the two numbers of a range.
var rangeSigns = []string{"-", "–", "to ", "bis ", "à ", "a ", "do ", "till ", "til ", "~", "～", "〜"}

// startsRange are the bytes that one of them starts with.
var startsRange = func() (t [256]bool) {
	for _, sign := range rangeSigns {
		t[sign[0]] = true
	}
	return t
}()

// secondOfRange returns where the first group of digits ends of the number that a sign
// or a word for a range at j leads to, or 0.
func secondOfRange(text []byte, j int) int {
	rest := text[j:min(len(text), j+16)]
	n := 0
	for n < len(rest) && rest[n] == ' ' {
		n++
	}
	rest = rest[n:]
	if len(rest) == 0 || !startsRange[rest[0]] {
		return 0
	}
	for _, sign := range rangeSigns {
		if len(rest) < len(sign) || string(rest[:len(sign)]) != sign {
			continue
		}
		k := j + n + len(sign)
		for k < len(text) && text[k] == ' ' {
			k++
		}
		if before, size := utf8.DecodeRune(text[k:]); unicode.Is(unicode.Sc, before) {
			k += size
		}
		from := k
		for k < len(text) && isDigit(text[k]) {
			k++
		}
		if k > from && k-from <= 6 {
			return k
		}
	}
	return 0
}

// timesAfter returns where the word for thousands ends that follows a number at j, and
// what may follow that: "27万5千".
func timesAfter(text []byte, j int) (int, bool) {
	end, place := currencyWordAfter(text, j)
	if place&currencyTimes == 0 {
		return j, false
	}
	for runsOn(text[end-utf8Back(text, end):]) && end < len(text) && isDigit(text[end]) {
		k := end
		for k < len(text) && (isDigit(text[k]) || text[k] == ',') {
			k++
		}
		end = k
		if e, p := currencyWordAfter(text, k); p&currencyTimes != 0 {
			end = e
		}
	}
	return end, true
}

// utf8Back returns the length of the character that ends at i.
func utf8Back(text []byte, i int) int {
	_, n := utf8.DecodeLastRune(text[:i])
	return n
}

// currencyAfterAt returns where the currency ends that follows a number at j.
func currencyAfterAt(text []byte, j int) (int, bool) {
	end, place := currencyWordAfter(text, j)
	if place&currencyAfter == 0 || isSymbol(text[end-1]) && end < len(text) && isDigit(text[end]) {
		return j, false
	}
	return end, true
}

func isSymbol(c byte) bool { return c == '$' }

// currencyWordAfter returns the end and the places of the word behind a number at j.
func currencyWordAfter(text []byte, j int) (end int, place uint8) {
	k := j
	if k < len(text) && text[k] == ' ' {
		k++
	} else if r, n := utf8.DecodeRune(text[k:]); r == nbsp || r == 0x202f {
		k += n
	}
	if k >= len(text) || text[k] <= ' ' || text[k] < utf8.RuneSelf && !isAlpha(text[k]) && text[k] != '$' {
		return j, 0
	}
	if text[k] < utf8.RuneSelf && text[k] != '$' && (k+1 == len(text) || text[k+1] < utf8.RuneSelf) {
		if k+1 < len(text) && !pairsOfAmounts().after.has(text[k], text[k+1]) {
			return j, 0
		}
		end := k
		for end < len(text) && isAlpha(text[end]) {
			end++
		}
		if end-k > longestCurrencyWord || end < len(text) && isDigit(text[end]) {
			return j, 0
		}
	}
	var buf [longestCurrency]byte
	words := currencyWords()
	n, whole := 0, 0 // bytes of the word, and how many of them are a word of the file
	for at := k; at < len(text); {
		r, size := utf8.DecodeRune(text[at:])
		letter := unicode.IsLetter(r) || unicode.IsMark(r)
		if !letter && (n > 0 || !unicode.Is(unicode.Sc, r)) && !(n > 0 && (r == '"' || r == '״')) || n+utf8.UTFMax > len(buf) {
			break
		}
		n += utf8.EncodeRune(buf[n:], unicode.ToLower(r))
		at += size
		next, _ := utf8.DecodeRune(text[at:])
		if r < utf8.RuneSelf && letter && isAlpha(fold(byte(min(next, utf8.RuneSelf-1)))) { // the word goes on
			continue
		}
		if p, ok := words[string(buf[:n])]; ok && (!letter || at == len(text) || !unicode.IsLetter(next) || isAnywhere(r)) {
			whole, place = at, p
		}
		if !letter && r != '"' && r != '״' {
			break
		}
	}
	if place == 0 {
		return j, 0
	}
	return whole, place
}

// currencyBeforeAt returns where the currency starts that stands before a number at i.
func currencyBeforeAt(text []byte, i int) (int, bool) {
	k := i
	for range 2 {
		if r, n := utf8.DecodeLastRune(text[:k]); r == ' ' || r == nbsp || r == 0x202f {
			k -= n
		}
	}
	if k == 0 {
		return i, false
	}
	if k > 1 && text[k-2]|text[k-1] < utf8.RuneSelf && !pairsOfAmounts().before.has(text[k-2], text[k-1]) { // it is no word
		if isSymbol(text[k-1]) {
			return k - 1, true
		}
		return i, false
	}
	words := currencyWords()
	last, size := utf8.DecodeLastRune(text[:k])
	at := k
	if unicode.Is(unicode.Sc, last) {
		at -= size
	} else if last == '.' {
		at -= 1
	}
	from, letters := at, 0
	for from > 0 && letters < 6 {
		r, n := utf8.DecodeLastRune(text[:from])
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			break
		}
		from -= n
		letters++
		if isAnywhere(r) && words[string(text[from:k])]&currencyBefore != 0 {
			return from, true
		}
	}
	var buf [longestCurrency]byte
	if n := lowerInto(buf[:], text[from:k]); n > 0 && words[string(buf[:n])]&currencyBefore != 0 && (from == 0 || !isWord[text[from-1]]) && (k < i || !isLower(text[k-1])) {
		return from, true
	}
	if at < k && unicode.Is(unicode.Sc, last) {
		return at, true
	}
	return i, false
}

// lowerInto writes text in lower case and returns its length; 0: there is no room.
func lowerInto(dst, text []byte) (n int) {
	for len(text) > 0 {
		if n+utf8.UTFMax > len(dst) {
			return 0
		}
		if c := text[0]; c < utf8.RuneSelf {
			dst[n], text = fold(c), text[1:]
			n++
			continue
		}
		r, size := utf8.DecodeRune(text)
		n += utf8.EncodeRune(dst[n:], lowerRune(r))
		text = text[size:]
	}
	return n
}

// mayBeBare reports whether a number without a currency may be an amount: it has groups
// and a fraction as amounts have, or a word for an hour or a tax behind it.
func mayBeBare(text []byte, i, j int) bool {
	if i > 0 && text[i-1] == '-' || !standsAlone(text, i, j) { // a version, a part of a name
		return false
	}
	k := j
	if k < len(text) && text[k] == ' ' {
		k++
	}
	if k < len(text) && (isAlpha(text[k]) || text[k] >= utf8.RuneSelf || text[k] == '/') {
		if k+1 < len(text) && text[k]|text[k+1] < utf8.RuneSelf && !pairsOfAmounts().pay.has(text[k], text[k+1]) {
			return false
		}
		rest := text[k:min(len(text), k+longestCurrency)]
		var buf [longestCurrency + utf8.UTFMax]byte
		n := lowerInto(buf[:], rest[:len(rest)-trailing(rest)])
		v := wordsOfPay()
		_, kind := v.at(buf[:n], &v.starts)
		return kind == payHour || kind == payRate || kind == payNet
	}
	return j-i >= leastBareAmount && hasSeparator(text[i:j])
}

const leastBareAmount = 5 // bytes: "2.400"

func hasSeparator(number []byte) bool {
	for k, c := range number {
		if (c == '.' || c == ',' || c == '\'' || c == ' ') && k > 0 && (k+3 == len(number) || k+4 == len(number)) {
			return true
		}
	}
	return false
}
