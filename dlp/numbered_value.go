package dlp

import "bytes"

const (
	mostNumbered  = 40 // bytes of a number
	leastNumbered = 4  // and digits
)

// idAround returns the number with letters, dashes and groups that the group of digits
// text[from:to] is a part of.
func idAround(text []byte, from, to int) (i, j int) {
	i, j = pieceStart(text, from), pieceEnd(text, to)
	if j-i > mostNumbered {
		return i, i
	}
	for range 2 { // "HH 7740 2218", "1 EMH00 4817 2203"
		k := i - 1
		if k < 1 || text[k] != ' ' {
			break
		}
		start := k
		for start > 0 && isAlnum(text[start-1]) && k-start <= 4 {
			start--
		}
		if !isPrefix(text[start:k]) || start > 0 && (isWord[text[start-1]] || text[start-1] >= 0x80 || text[start-1] == '.' || text[start-1] == '-' || text[start-1] == '/' || isDigit(text[k-1]) && text[start-1] == ',') {
			break
		}
		i = start
	}
	for j-i < mostNumbered {
		k := j
		if k+1 < len(text) && text[k] == ' ' {
			k++
		} else if k+2 < len(text) && text[k] == 0xc2 && text[k+1] == nbsp {
			k += 2
		} else {
			break
		}
		end := k
		for end < len(text) && isAlnum(text[end]) && end-k <= 8 {
			end++
		}
		if !isSuffix(text, k, end) {
			break
		}
		for end-i <= mostNumbered && end+1 < len(text) && (text[end] == '-' || text[end] == '/') && isDigit(text[end+1]) { // "4 18273645-02 7"
			for end++; end < len(text) && end-i <= mostNumbered && isAlnum(text[end]); end++ {
			}
		}
		j = end
	}
	return i, min(j, len(text))
}

// pieceStart returns where the word of letters, digits and the marks that join them
// starts that i is in.
func pieceStart(text []byte, i int) int {
	for k := i; k > 0 && i-k <= mostNumbered; k-- {
		if x := text[k-1]; !isAlnum(x) && !(joinsPieces.has(x) && k > 1 && isAlnum(text[k-2])) {
			return k
		}
	}
	return max(0, i-mostNumbered)
}

func pieceEnd(text []byte, j int) int {
	for k := j; k < len(text) && k-j <= mostNumbered; k++ {
		if x := text[k]; !isAlnum(x) && !(joinsPieces.has(x) && k+1 < len(text) && isAlnum(text[k+1])) {
			return k
		}
	}
	return min(len(text), j+mostNumbered)
}

var joinsPieces = bytesOf(func(c byte) bool { return c == '-' || c == '/' || c == '.' || c == '_' || c == '*' })

// isPrefix reports whether a number may start with s, with a blank behind it: capitals
// or a digit, but no word for what it is.
func isPrefix(s []byte) bool {
	if len(s) == 0 || len(s) > 4 {
		return false
	}
	digit := false
	for _, x := range s {
		if !isUpper(x) && !isDigit(x) {
			return false
		}
		digit = digit || isDigit(x)
	}
	if digit {
		return true
	}
	var w numberedWord
	look(&w, s)
	return w.kind == 0 && w.langs == 0
}

// isSuffix reports whether text[k:end] goes on with the number before it: a group with
// digits, or a letter at the end.
func isSuffix(text []byte, k, end int) bool {
	n := end - k
	if n == 0 || n > 7 || end < len(text) && (text[end] >= 0x80 || text[end] == ':' || text[end] == '%' || text[end] == '_' || (text[end] == '.' || text[end] == ',') && end+1 < len(text) && isDigit(text[end+1])) {
		return false
	}
	digits := 0
	for _, x := range text[k:end] {
		if isLower(x) {
			return false
		}
		if isDigit(x) {
			digits++
		}
	}
	if digits == 0 {
		return n == 1 && text[k] != 'I' && (end == len(text) || !isWord[text[end]] && (text[end] != ' ' || end+1 == len(text) || isUpper(text[k])))
	}
	return digits > 1 || n > 1 || end == len(text) || text[end] != ' '
}

// idShape tells what kind of number value is.
type idShape uint8

const (
	idNone idShape = iota
	idWeak         // five digits, a letter and three
	idStrong
)

// shapeOfID tells apart what may be the number of something and dates, amounts, addresses
// of the network and names of files.
func shapeOfID(text []byte, i, j int) idShape {
	value := text[i:j]
	if len(value) < leastNumbered || len(value) > mostNumbered || joinsBefore(text, i) || joinsBehind(text, j) {
		return idNone
	}
	digits, lowers, uppers, marks, dots, run, longest := 0, 0, 0, 0, 0, 0, 0
	for _, x := range value {
		if run++; !isDigit(x) {
			run = 0
		}
		longest = max(longest, run)
		switch {
		case isDigit(x):
			digits++
		case isLower(x):
			lowers++
		case isUpper(x):
			uppers++
		case x == '.':
			dots++
		default:
			marks++
		}
	}
	letters := lowers + uppers
	switch {
	case longest < 3, letters > 8, letters > digits+6, lowers > 6, lowers > 2 && digits < 4, dots > 3:
		return idNone
	case lowers > 0 && uppers > 0 && marks+dots == 0 && digits < 5: // "Area51a"
		return idNone
	case dots > 0 && (digits < 6 || lowers > 1): // a version, a file
		return idNone
	case value[0] <= '9' && bytes.IndexByte(value, '*') >= 0: // a product
		return idNone
	case isHex(value, lowers), isQuad(value) && dots == 3, isRound(value), digits > 5 && counted(value), isAmountLike(value), isDateLike(value):
		return idNone
	case digits+letters > 14 && ibanLike(value), cardLike(value, digits, letters), knownHead(value, uppers):
		return idNone
	case digits >= 7, uppers > 0 && digits >= 4, marks > 0 && digits >= 6:
		return idStrong
	case digits >= 5, uppers > 0, lowers > 0 && marks > 0:
		return idWeak
	}
	return idNone
}

// notBeforeID and notBehindID join a number to code, a path, an address or a sum.
var (
	notBeforeID = table("$&%\\<@/_+{*")
	notBehindID = table("%@_\\(")
)

// joinsBefore reports whether what stands before i makes a number there a part of
// something else.
func joinsBefore(text []byte, i int) bool {
	if i == 0 {
		return false
	}
	before := byte(0)
	if i > 1 {
		before = text[i-2]
	}
	switch last := text[i-1]; last {
	case '#':
		return before != ' '
	case '-':
		return isWord[before]
	case ',', '\'', ':':
		return isDigit(before)
	case ' ': // the end of a longer one
		return i > 2 && i < len(text) && isDigit(text[i]) && isDigit(before) && isDigit(text[i-3])
	default:
		return notBeforeID[last]
	}
}

// joinsBehind is joinsBefore for what stands at j, behind a number.
func joinsBehind(text []byte, j int) bool {
	if j == len(text) {
		return false
	}
	if notBehindID[text[j]] || isUnitSign(text[j:]) {
		return true
	}
	if j+1 == len(text) {
		return false
	}
	switch next := text[j+1]; text[j] {
	case ':':
		return !space[next]
	case ',':
		return isDigit(next)
	case '"':
		return next == ':'
	}
	return false
}

// isHex reports whether value is a number as programs write it, or a sum.
func isHex(value []byte, lowers int) bool {
	if len(value) > 2 && value[0] == '0' && value[1]|0x20 == 'x' {
		return true
	}
	if lowers < 2 || len(value) < 7 {
		return false
	}
	for _, x := range value {
		if !isDigit(x) && (x < 'a' || x > 'f') {
			return false
		}
	}
	return true
}

// ibanLike reports whether value looks like an IBAN, which others check.
func ibanLike(value []byte) bool {
	return isAlpha(value[0]) && isAlpha(value[1]) && isDigit(value[2]) && isDigit(value[3])
}

// cardLike reports whether value looks like the number of a payment card.
func cardLike(value []byte, digits, letters int) bool {
	return letters == 0 && (digits == 15 || digits == 16) && value[0] >= '3' && value[0] <= '6' && bytes.IndexByte(value, '/') < 0
}

// isRound reports whether value is a power of two, or next to one.
func isRound(value []byte) bool {
	if len(value) > 19 || !allDigits(value) {
		return false
	}
	n := uint64(0)
	for _, x := range value {
		n = n*10 + uint64(x-'0')
	}
	return n&(n-1) == 0 || n&(n+1) == 0
}

// knownHead reports whether value starts with letters that say what it is: "CVE-", "RFC".
func knownHead(value []byte, uppers int) bool {
	n := 0
	for n < len(value) && isUpper(value[n]) {
		n++
	}
	if n < 2 || uppers == 0 {
		return false
	}
	var w numberedWord
	look(&w, value[:n])
	return w.kind&isOther != 0
}

// isUnitSign reports whether rest starts with a sign of a currency.
func isUnitSign(rest []byte) bool {
	return len(rest) > 2 && rest[0] == 0xe2 && rest[1] == 0x82
}

// isAmountLike reports whether value is groups of three digits behind one to three, with
// a mark that thousands are parted by, all the same.
func isAmountLike(value []byte) bool {
	if len(value) > 4 && value[len(value)-3] == '.' && allDigits(value[len(value)-2:]) && allDigits(value[:len(value)-3]) {
		return true // "4417.72"
	}
	if dot := bytes.IndexByte(value, '.'); dot > 0 && (dot == 1 || dot > 3) && allDigits(value[:dot]) && allDigits(value[dot+1:]) {
		return true // "3.14159"
	}
	first, mark := 0, byte(0)
	for first < len(value) && isDigit(value[first]) {
		first++
	}
	if first == 0 || first > 3 || first == len(value) || value[0] == '0' {
		return false
	}
	if mark = value[first]; mark != '.' && mark != ' ' {
		return false
	}
	for k := first; k < len(value); k += 4 {
		if k+4 > len(value) || value[k] != mark || !allDigits(value[k+1:k+4]) {
			return false
		}
	}
	return mark == '.' || len(value) < first+8 // "7 108 336" may be one, "417 209 118 003" is none
}

// isDateLike reports whether value is a date, a time, or both.
func isDateLike(value []byte) bool {
	var n [4]int
	var size [4]int
	k := 0
	for i, x := range value {
		switch {
		case isDigit(x):
			if k >= len(n) {
				return false
			}
			n[k] = n[k]*10 + int(x-'0')
			if size[k]++; size[k] > 8 {
				return false
			}
		case x != '.' && x != '-' && x != '/' && x != ' ' && x != '(' && x != ')' && !(x == 'T' && k >= 2):
			return false
		case i > 0 && isDigit(value[i-1]):
			k++
		}
	}
	if k > 0 && size[min(k, 3)] == 0 {
		k--
	}
	switch k {
	case 0:
		y, rest := n[0]/10000, n[0]%10000
		return size[0] == 4 && n[0] >= 1800 && n[0] < 2100 || size[0] == 8 && y >= 1900 && y < 2100 && rest/100 >= 1 && rest/100 <= 12 && rest%100 >= 1 && rest%100 <= 31
	case 1:
		return size[0] == 4 && n[0] >= 1900 && n[0] < 2100 && (size[1] == 2 || size[1] == 4 && n[1] >= 1900 && n[1] < 2100)
	case 2, 3:
		return size[0] == 4 && n[0] > 1800 && n[0] < 2100 && n[1] >= 1 && n[1] <= 12 && n[2] >= 1 && n[2] <= 31 ||
			size[0] <= 2 && size[1] <= 2 && (size[2] == 2 || size[2] == 4 && n[2] > 1800 && n[2] < 2100) && n[0] <= 31 && n[1] <= 31 && n[0] > 0 && n[1] > 0 && (n[0] <= 12 || n[1] <= 12)
	}
	return false
}
