package dlp

import (
	"bytes"
	"unicode/utf8"
)

const (
	mostPhoneGroups = 8
	weakPhone       = 8 // digits that one has at least
)

// phoneGroups is what may be a telephone number, with all places where it may end, the
// longest first.
type phoneGroups struct {
	from   int
	to     [mostPhoneGroups]int
	digits [maxDialled + 1]byte
	size   [mostPhoneGroups]int // digits up to each end
	groups [mostPhoneGroups]int // how many groups up to it
	n      int
	listed bool // numbers stand beside it
	area   bool // it starts with a code in brackets
}

// phoneAround returns the groups of digits of which text[from:to] is the first long one.
func phoneAround(text []byte, from, to int) (p phoneGroups) {
	p.from = from
	if from > 0 {
		switch text[from-1] {
		case '(':
			p.from, p.area = from-1, to-from <= 5 && to < len(text) && text[to] == ')'
			if from > 2 && text[from-2] == ' ' && isDigit(text[from-3]) && (from == 3 || !isWord[text[from-4]] && text[from-4] != '.') { // "8 (916)"
				p.from -= 2
			}
		case ' ', '-':
			if from > 3 && text[from-2] == ')' && isDigit(text[from-3]) && text[from-4] == '(' { // "(1) 418-2763"
				p.from, p.area = from-4, true
			} else if from > 2 && isDigit(text[from-2]) && !isWord[text[from-3]] && text[from-3] != '.' && text[from-3] != ',' && text[from-3] < 0x80 {
				p.from = from - 2 // "1 418 ..."
			}
		}
	}
	if joinsPhone(text, p.from) {
		return p
	}
	var ends, sizes [mostPhoneGroups + 2]int
	groups, digits, k := 0, 0, p.from
	for groups < len(ends) {
		for k < len(text) && k-p.from < 40 && !isDigit(text[k]) && (text[k] == '(' || text[k] == ')') {
			k++
		}
		start := k
		for k < len(text) && isDigit(text[k]) && digits < len(p.digits) {
			p.digits[digits] = text[k]
			digits, k = digits+1, k+1
		}
		if k == start || digits == len(p.digits) || k < len(text) && (isWord[text[k]] || text[k] == '%') {
			break
		}
		ends[groups], sizes[groups] = k, digits
		groups++
		next := phoneGap(text, k)
		if next == k {
			break
		}
		k = next
	}
	p.listed = p.from > 1 && isDigit(text[p.from-2]) && space[text[p.from-1]] || groups > 0 && ends[groups-1]+1 < len(text) && isDigit(text[ends[groups-1]+1]) && space[text[ends[groups-1]]]
	zero := p.digits[0] == '0'
	if p.listed && !zero || behindDigits(text, p.from) {
		return p
	}
	for g := groups - 1; g >= 0 && sizes[g] >= weakPhone && p.n < mostPhoneGroups; g-- {
		if g < groups-1 && !zero {
			break // only the zero in front tells that what follows is another number
		}
		if e := ends[g]; !phoneGoesOn(text, e) && !notDialled(text[p.from:e], p.digits[:sizes[g]]) {
			p.to[p.n], p.size[p.n], p.groups[p.n] = e, sizes[g], g+1
			p.n++
		}
	}
	return p
}

// phoneGoesOn reports whether a mark joins more to the number that ends at j.
func phoneGoesOn(text []byte, j int) bool {
	if j+1 >= len(text) || !isAlnum(text[j+1]) {
		return false
	}
	switch text[j] {
	case '.', ',', ':', '-', '/':
		return true
	}
	return false
}

// notBeforePhone are marks that make a number behind them none that is called; one with
// its country is found by its plus sign.
var notBeforePhone = table("+#$&_%")

// joinsPhone reports whether what stands before i goes on with the number there.
func joinsPhone(text []byte, i int) bool {
	if i == 0 {
		return false
	}
	switch last := text[i-1]; last {
	case '-', '.', '/', ',':
		return i > 1 && isWord[text[i-2]]
	case ':':
		return i > 1 && isDigit(text[i-2])
	default:
		return isWord[last] || notBeforePhone[last]
	}
}

// phoneGap returns where the next group of digits starts behind what parts groups, or k.
func phoneGap(text []byte, k int) int {
	from := k
	for range 4 {
		if k == len(text) {
			return from
		}
		switch r, n := utf8.DecodeRune(text[k:]); {
		case isDigit(text[k]):
			return k
		case r == ' ' || r == '-' || r == '.' || r == '/' || r == ')' || r == '(' || r == nbsp || r == '–' || r == 0x2011:
			k += n
		default:
			return from
		}
	}
	if k < len(text) && isDigit(text[k]) {
		return k
	}
	return from
}

// notDialled reports whether value, of these digits, is a date, an amount, an address or a
// list of numbers.
func notDialled(value, d []byte) bool {
	return same(d[1:]) || isDateLike(value) || isAmountLike(value) || oddGroups(value) || bytes.Count(value, []byte{'.'}) == 3 && isQuad(value) || counted(value) ||
		bytes.Contains(value, []byte("  ")) || value[0] != '0' && bytes.Contains(value, []byte(" - "))
}

// isCalled returns the end of the telephone number that the words around p say it is, or 0.
func (c *scan) isCalled(p *phoneGroups, a *numberedAround) int {
	langs, called, named, lines := toldKind(0), false, false, 0
	for k := range min(a.n, 5) {
		named = named || a.before[k].kind&isNumber != 0
	}
	for k := range a.n {
		w := &a.before[k]
		if w.gap&gapLine != 0 {
			lines++
		}
		if lines > 1 {
			break
		}
		switch {
		case called:
		case w.kind&(isThing|isOther|isBank) != 0 && w.kind&isPhone == 0 && k < 6, w.kind&isOfficial != 0 && k < 4 && named:
			return 0
		}
		called = called || w.langs != 0 && w.kind&isNumber == 0
		langs |= w.langs
	}
	for k := range a.m {
		w := &a.after[k]
		if w.gap&(gapLine|gapStop) != 0 {
			break
		}
		if !called && k < 3 && w.kind&(isOther|isOfficial) != 0 && w.kind&isPhone == 0 && w.gap&gapComma == 0 {
			return 0
		}
		if w.kind&isNumber == 0 {
			langs |= w.langs
		}
	}
	if !called && acronymBefore(c.text, p.from) || a.countsUnits() {
		return 0
	}
	for g := range p.n {
		d := p.digits[:p.size[g]]
		value := c.text[p.from:p.to[g]]
		if langs != 0 && c.ofLanguages(langs, d, p.groups[g] > 1, p.area, called) && (p.groups[g] > 1 || c.standsInText(p.from, p.to[g])) || !p.listed && looksDialled(p, g, value) && !ascending(value) && c.ofAny(d) {
			return p.to[g]
		}
	}
	return 0
}

// ofLanguages reports whether digits are a number of a region where one of langs is spoken.
func (c *scan) ofLanguages(langs toldKind, digits []byte, grouped, area, called bool) bool {
	if len(digits) <= leastPhone {
		return false
	}
	if digits[0] == '0' && len(digits) > 2 && digits[1] == '0' {
		return dialledDigits(digits[2:])
	}
	if langs&1 != 0 && len(digits) == 11 && digits[0] == '0' && digits[1] == '3' && grouped { // British numbers of no area
		return true
	}
	for k, list := range callWords().regions {
		if langs>>k&1 == 0 {
			continue
		}
		if k == 0 && !grouped { // in English of anywhere
			if digits[0] == '0' && c.ofRegions(list, digits, false) || len(digits) == 10 && dialledInNorthAmerica(digits) {
				return true
			}
			continue
		}
		if !called { // but its number is spoken of
			if digits[0] == '0' && c.ofRegions(list, digits, false) || k == 0 && len(digits) == 10 && dialledInNorthAmerica(digits) {
				return true
			}
			for _, p := range list {
				if c.work += len(digits) + workTry; k > 0 && len(p.trunk) == 0 && (grouped || len(digits) > 8) && p.given(digits) {
					return true
				}
			}
			continue
		}
		if c.ofRegions(list, digits, grouped) {
			return true
		}
		if !grouped {
			continue
		}
		for _, p := range list {
			if c.work += len(digits) + workTry; p.given(digits) {
				return true
			}
		}
		if area && len(digits) >= 8 {
			return true
		}
	}
	return false
}

// looksDialled reports whether the gth end of p makes a number that nothing but telephone
// numbers looks like: a zero, groups as they are dialled, all parted alike.
func looksDialled(p *phoneGroups, g int, value []byte) bool {
	n := p.size[g]
	if p.digits[0] == '8' && p.area && n == 11 && value[0] == '8' {
		return true
	}
	if p.digits[0] != '0' || p.digits[1] == '0' || n < 9 || n > 11 || n == 9 && bytes.IndexByte(value, '-') >= 0 || p.groups[g] < 2 || p.groups[g] > 5 {
		return false
	}
	first, size, group := 0, 0, 0
	for k := 0; k <= len(value); k++ {
		if k < len(value) && isDigit(value[k]) {
			size++
			continue
		}
		if size == 0 {
			continue
		}
		if group++; group == 1 {
			first = size
		} else if size < 2 || size > 4 && p.groups[g] > 2 || size > 8 {
			return false
		}
		size = 0
	}
	return first >= 2 && first <= 5
}

// callRegions are those whose numbers are told by their shape: with a zero in front, of
// a fixed length.
var callRegions = []string{"FR", "GB", "DE", "TR", "SE", "IT", "NL", "BE", "AU", "NZ", "JP", "KR", "IL", "RO", "UA", "CH", "AT", "IN", "ZA", "KE", "VN", "TW", "MY", "IE", "FI", "ID"}

// ofAny reports whether digits are a number of any of callRegions.
func (c *scan) ofAny(digits []byte) bool {
	if digits[0] == '8' {
		p := plans().byRegion["RU"]
		return p != nil && p.withTrunk(digits)
	}
	for _, r := range callRegions {
		c.work += len(digits) + workTry
		if p := plans().byRegion[r]; p != nil && p.has(digits, true) {
			return true
		}
	}
	return false
}

// notBeforeRun and notBehindRun show that digits are a part of a sum, a list or code.
var (
	notBeforeRun = table("+-*<>{[#|&=`\\")
	notBehindRun = table("}]`\\(")
)

// standsInText reports whether the number text[i:j], which is not in groups, stands as in
// a sentence or a field, not as in a sum or a list of numbers.
func (c *scan) standsInText(i, j int) bool {
	k := i
	for k > 0 && c.text[k-1] == ' ' {
		k--
	}
	if k > 0 && notBeforeRun[c.text[k-1]] || j < len(c.text) && notBehindRun[c.text[j]] {
		return false
	}
	switch string(c.text[i:j]) {
	case "2147483647", "2147483648", "4294967295", "4294967296", "123456789", "0123456789", "1234567890":
		return false
	}
	return true
}

// counted reports whether value is "0', '1', '2'": digits in their order.
func counted(value []byte) bool {
	last, steps, n := byte(0), 0, 0
	for _, x := range value {
		if !isDigit(x) {
			continue
		}
		if n++; n > 1 && x == last+1 {
			steps++
		}
		last = x
	}
	return steps >= n-2
}

// ascending reports whether value is groups of the same size, each a little more than the
// one before: a draw of a lottery, a count.
func ascending(value []byte) bool {
	last, number, size, all := -1, 0, 0, 0
	for k := 0; k <= len(value); k++ {
		if k < len(value) && isDigit(value[k]) {
			number, size = number*10+int(value[k]-'0'), size+1
			continue
		}
		if size == 0 {
			continue
		}
		if all != 0 && (size != all || number <= last || number > last+60) {
			return false
		}
		last, all, number, size = number, size, 0, 0
	}
	return true
}

// oddGroups reports whether the groups of value are none of a telephone number: several of
// one digit, several in brackets, or parted in all ways.
func oddGroups(value []byte) bool {
	single := 0
	for k, x := range value {
		if isDigit(x) && (k == 0 || !isDigit(value[k-1])) && (k+1 == len(value) || !isDigit(value[k+1])) {
			single++
		}
	}
	return single > 2 || bytes.Count(value, []byte{'('}) > 1 || bytes.IndexByte(value, '.') >= 0 && bytes.IndexByte(value, '-') >= 0
}

// mostAcronym is how many bytes an acronym has that says what a number is.
const mostAcronym = 5

// acronymBefore reports whether capitals stand before i, which say what the number is.
func acronymBefore(text []byte, i int) bool {
	for i > 0 && (text[i-1] == ' ' || text[i-1] == ':') {
		i--
	}
	k, letters := i, 0
	for k > 0 && i-k < mostAcronym && isWord[text[k-1]] && !isLower(text[k-1]) {
		if k--; isUpper(text[k]) {
			letters++
		}
	}
	return letters > 1 && (k == 0 || !isWord[text[k-1]])
}

// behindDigits reports whether a group of three digits or more stands before i.
func behindDigits(text []byte, i int) bool {
	return i > 4 && space[text[i-1]] && text[i-1] != '\n' && text[i-1] != '\t' && isDigit(text[i-2]) && isDigit(text[i-3]) && isDigit(text[i-4])
}
