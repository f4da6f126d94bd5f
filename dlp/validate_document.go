package dlp

import "bytes"

const (
	leastReference = 3 // digits of the number of a document with letters in it,
	leastFigures   = 4 // and of one without
)

// documentNumber checks the number of a document, a file or a badge that stands beside its
// name: enough digits, and neither a year nor a day.
func documentNumber(value []byte) bool {
	var part, length [3]int
	groups, digits, letters := 0, 0, false
	for i, c := range value {
		switch {
		case isDigit(c):
			digits++
			if groups < len(part) {
				part[groups] = part[groups]*10%1_000_000 + int(c-'0')
				length[groups]++
			}
			if i+1 == len(value) || !isDigit(value[i+1]) {
				groups++
			}
		case isLetter(c):
			letters = true
		}
	}
	if letters {
		return digits >= leastReference
	}
	switch groups {
	case 1:
		return digits > leastFigures || digits == leastFigures && (part[0] < 1900 || part[0] > 2099)
	case 2: // a point parts an amount, a version or a month
		return digits > leastFigures && bytes.IndexByte(value, '.') < 0
	case 3:
		return digits > leastFigures && !isDay(part, length)
	}
	return digits >= leastFigures
}

// isDay reports whether three groups of digits are a date in any order.
func isDay(part, length [3]int) bool {
	if length[0] == 4 {
		return length[1] <= 2 && length[2] <= 2 && date(part[1], part[2])
	}
	return length[0] <= 2 && length[1] <= 2 && (length[2] == 4 || length[2] == 2) && (date(part[1], part[0]) || date(part[0], part[1]))
}

// hostNamed checks the name of a host as people who run many give it: a dash or a digit in
// it, which those of examples and of properties in code don't have.
func hostNamed(value []byte) bool {
	return bytes.ContainsAny(value, "-0123456789") || bytes.Contains(value, []byte(".intern."))
}
