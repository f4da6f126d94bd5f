package dlp

import "bytes"

// A record is found however its cells are written: a number with other groups or none,
// a name with the last word in front.

const (
	numberCell      = 7  // words that a cell has which is a number, whatever its groups: none of letters has as many
	maxGroups       = 10 // groups of a number: those of an IBAN, of a telephone number in pairs
	leastCellDigits = 6  // digits of such a cell
	mostCellLetters = 6
	longestGroup    = 4 // letters of a group
)

// isNumberCell reports whether plain is a number, with a few letters at most.
func isNumberCell(plain []byte) bool {
	digits, letters := 0, 0
	for _, x := range plain {
		if isDigit(x) {
			digits++
		} else {
			letters++
		}
	}
	return digits >= leastCellDigits && letters <= mostCellLetters
}

// mayGroup reports whether word may be a group of a number.
func mayGroup(word []byte) bool {
	letters := 0
	for _, x := range word {
		if !isDigit(x) {
			letters++
		}
	}
	return letters <= longestGroup
}

func hasDigit(word []byte) bool { return bytes.ContainsAny(word, "0123456789") }

// letterHead returns the letters that a number begins with.
func letterHead(plain []byte) []byte {
	n := 0
	for n < len(plain) && !isDigit(plain[n]) {
		n++
	}
	return plain[:n]
}

// turned returns a name with its parts in the other order, nil if it is none: "Pagamo,
// Eva" for "Eva Pagamo", and the other way round.
func turned(text []byte, words int) []byte {
	if words < 2 || words >= maxCellWords || hasDigit(text) {
		return nil
	}
	cut := bytes.IndexByte(text, ',')
	if cut < 0 {
		cut = bytes.LastIndexByte(bytes.TrimRight(text, " "), ' ')
	}
	if cut < 0 {
		return nil
	}
	out := append([]byte(nil), text[cut+1:]...)
	return append(append(out, ' '), text[:cut]...)
}
