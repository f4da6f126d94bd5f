package dlp

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// toldShape says how much a word looks like a secret, in that order.
type toldShape uint8

const (
	shapeNone   toldShape = iota
	shapeWord             // letters alone
	shapeNumber           // digits alone, perhaps in groups
	shapeCode             // a short code of digits and letters or signs
	shapeJoined           // words that are joined, a word with a digit or a sign
	shapeMixed            // letters and digits
	shapeStrong           // and signs, or both cases
)

// shapeOf returns the shape of value.
func shapeOf(value []byte) toldShape {
	if len(value) < 3 || len(value) > 48 || bytes.ContainsAny(value, "=(){}[]<>;\\`^\",:/") || bytes.Contains(value, []byte("...")) || isAddress(value) {
		return shapeNone
	}
	m := makeUpOf(value)
	for _, c := range value { // "Grandma’s"
		if c == 0xe2 {
			return shapeNone
		}
	}
	if bytes.IndexByte(value, ' ') >= 0 && m.letters > 0 { // groups of four
		return shapeStrong
	}
	switch {
	case m.letters == 0:
		return numberShape(value, &m)
	case m.digits == 0 && m.joints == 0 && m.signs == 0:
		if humped(value) {
			return shapeJoined
		}
		if len(value) >= 4 {
			return shapeWord
		}
		return shapeNone
	}
	if value[0] == '0' && value[1]|0x20 == 'x' || quantity(value) {
		return shapeNone
	}
	if codeLike(value) {
		return shapeCode
	}
	return passwordShape(value, &m)
}

// numberShape returns the shape of digits with joints and signs.
func numberShape(value []byte, m *makeUp) toldShape {
	groups := bytes.Count(value, []byte("-")) + bytes.Count(value, []byte(" "))
	stars := bytes.Count(value, []byte("#")) + bytes.Count(value, []byte("*"))
	switch {
	case m.digits < 3 || m.digits > 10 || len(value) != m.digits+groups+stars:
		if m.digits > 10 && m.digits <= 32 && groups >= 2 && len(value) == m.digits+groups {
			return shapeNumber
		}
		return shapeNone
	case stars > 2:
		return shapeNone // what is left of a card behind a mask
	case stars > 0:
		return shapeCode
	case len(value) == 10 && groups == 2 && (value[4] == '-' && value[7] == '-' || value[2] == '-' && value[5] == '-'):
		return shapeNone // a date
	case groups > 0 && same(value):
		return shapeNone
	}
	return shapeNumber
}

// codeLike reports whether value is a code as doors have: "58B14", "4471B", "C-X-Y-1".
func codeLike(value []byte) bool {
	digits, capitals := 0, 0
	for i := 0; i < len(value); {
		r, n := utf8.DecodeRune(value[i:])
		i += n
		switch {
		case r < utf8.RuneSelf && isDigit(byte(r)):
			digits++
		case unicode.IsUpper(r):
			capitals++
		case r != '#' && r != '*' && r != '-':
			return false
		}
	}
	runes := utf8.RuneCount(value)
	dashes := bytes.Count(value, []byte("-"))
	if dashes >= 2 && runes == 2*dashes+1 {
		return true // one character each
	}
	return runes >= 4 && runes <= 8 && digits >= 2 && capitals <= 2 && capitals > 0 && dashes <= 1
}

// humped reports whether a capital stands behind a small letter: "popcornThief", in a
// word that has no more than two.
func humped(value []byte) bool {
	humps, last := 0, false
	for _, c := range value {
		if isUpper(c) && last {
			humps++
		}
		last = isLower(c)
	}
	return humps > 0 && humps <= 2 && len(value) >= 7
}

// passwordShape returns the shape of letters with digits, joints or signs.
func passwordShape(value []byte, m *makeUp) toldShape {
	if len(value) < 5 || m.letters < 2 || measure(value) || datedName(value) || !isAlnum(value[0]) && value[0] < 0x80 && bytes.IndexByte([]byte("!@#$&"), value[0]) < 0 {
		return shapeNone
	}
	signs := 0 // that people are told to put in
	for i, c := range value {
		if bytes.IndexByte([]byte("!@#$&?*+%"), c) >= 0 {
			if i > 0 && i+1 < len(value) || c != '?' {
				signs++
			}
		} else if c < 0x80 && !isAlnum(c) && bytes.IndexByte([]byte(".-_~'"), c) < 0 {
			return shapeNone
		}
	}
	dot := bytes.IndexByte(value, '.')
	if dot >= 0 && signs == 0 && capitalWords(value) {
		if m.digits > 0 {
			return shapeMixed
		}
		return shapeJoined
	}
	if dot >= 0 && m.digits > 0 && signs == 0 && !numbered(value, dot) && !wordly3(value) {
		return shapeNone
	}
	if dot >= 0 && m.digits == 0 && signs == 0 && bytes.Count(value, []byte(".")) < 2 {
		return shapeNone // a host, a name of a file
	}
	if bytes.IndexByte(value, '\'') >= 0 && m.digits == 0 && signs == 0 {
		return shapeNone
	}
	if identifier(value) {
		return shapeNone
	}
	both := hasBoth(value)
	switch {
	case m.digits == 0 && signs == 0:
		if m.joints >= 1 && bytes.IndexByte(value, '_') < 0 || m.joints == 1 {
			return shapeJoined
		}
		return shapeNone
	case signs > 0 && m.digits > 0, signs > 0 && both && m.digits == 0 && !signEnds(value):
		return shapeStrong
	case m.digits == 0:
		return shapeJoined
	case m.digits >= 2 && m.letters >= 4 && m.letters > m.digits/2 || m.joints > 0 && m.digits >= 1 && m.letters >= 5 || inside(value):
		if m.joints > 0 && both && m.digits > 0 {
			return shapeStrong
		}
		return shapeMixed
	}
	return shapeJoined
}

// capitalWords reports whether value is two words with capitals, one of them unusual, that
// a dot joins, perhaps with a digit at the end: "Persiana.Rota5".
func capitalWords(value []byte) bool {
	head, tail, _ := bytes.Cut(value, []byte("."))
	tail = bytes.TrimRight(tail, "0123456789")
	strange := false
	for _, word := range [][]byte{head, tail} {
		if len(word) < 4 || !isUpper(word[0]) {
			return false
		}
		for _, c := range word[1:] {
			if !isLower(c) && c < 0x80 {
				return false
			}
		}
		low := bytes.ToLower(word)
		strange = strange || !plainWords().has(low) && !fillers().words[string(low)]
	}
	return strange
}

// wordly3 reports whether value is three words or more that dots join, with a digit
// or a capital in the last: "Juf.Annelies.5a".
func wordly3(value []byte) bool {
	return bytes.Count(value, []byte(".")) == 2 && hasBoth(value)
}

// signEnds reports whether the only sign of value is its last byte.
func signEnds(value []byte) bool {
	for _, c := range value[:len(value)-1] {
		if c < 0x80 && !isAlnum(c) {
			return false
		}
	}
	return true
}

// inside reports whether a digit of value stands between letters: "Gr4nit", "flat4two".
func inside(value []byte) bool {
	for i := 1; i+1 < len(value); i++ {
		if isDigit(value[i]) && isAlpha(value[i-1]) && isAlpha(value[i+1]) {
			return len(value) >= 7
		}
	}
	return false
}

// quantity reports whether value is a number and its unit: "32KB", "1080p".
func quantity(value []byte) bool {
	n := 0
	for n < len(value) && (isDigit(value[n]) || value[n] == '.') {
		n++
	}
	return n > 0 && n < len(value) && len(value)-n > 1 && toldWords().whole[string(bytes.ToLower(value[n:]))]&tellUnit != 0
}

// identifier reports whether value is a name of code: in capitals with underscores, or
// with three words or more that capitals start.
func identifier(value []byte) bool {
	humps, digits, small, under := 0, 0, false, false
	for i, c := range value {
		switch {
		case c == '_':
			under = true
		case c < 0x80 && !isAlnum(c):
			return false
		case isDigit(c):
			digits++
		case isLower(c):
			small = true
		case isUpper(c) && i > 0 && (isLower(value[i-1]) || isDigit(value[i-1])):
			humps++
		}
	}
	return humps >= 2 && digits < 3 && (digits == 0 || len(value) > 8) || under && !small
}
