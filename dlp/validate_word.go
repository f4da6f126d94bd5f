package dlp

import "bytes"

// wordPassword checks what stands right behind a word for passwords with nothing
// but a blank between: what people make of a word, digits and signs. One digit at
// the end is that of a name ("step2").
func wordPassword(value []byte) bool {
	if !plainPassword(value) || isAddress(value) {
		return false
	}
	digits, signs, turns := 0, 0, 0
	for i, c := range value {
		switch {
		case isDigit(c):
			digits++
			if i > 0 && i+1 < len(value) && isAlpha(value[i-1]) && isAlpha(value[i+1]) {
				turns++ // "Gr8Falke"
			}
		case !isAlpha(c) && c < 0x80:
			signs++
		}
	}
	if signs > 0 {
		return bytes.ContainsAny(value, "!@#$&?*+%") && digits > 0
	}
	return digits >= 2 || turns > 0 && hasBoth(value)
}

// hasBoth reports whether s has small letters and capitals.
func hasBoth(s []byte) bool {
	small, big := false, false
	for _, c := range s {
		small, big = small || isLower(c), big || isUpper(c)
	}
	return small && big
}

// passphrase checks that a value is three words or more, joined by dashes,
// underscores or blanks; by blanks there are four.
func passphrase(value []byte) bool {
	words, blanks := 1, 0
	for _, c := range value {
		switch c {
		case ' ':
			blanks++
			words++
		case '-', '_', '.':
			words++
		}
	}
	return words >= 4 || words == 3 && blanks == 0
}

// codes checks a list of codes that let their owner in: a quarter or more of what
// is no separator are digits, and they are not all alike.
func codes(value []byte) bool {
	digits, letters := 0, 0
	for _, c := range value {
		switch {
		case isDigit(c):
			digits++
		case isAlpha(c):
			letters++
		}
	}
	return digits*4 >= digits+letters && entropy(value) > 2
}
