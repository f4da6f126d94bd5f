package dlp

import "bytes"

// toldPassword checks what a sentence says a password is ("the password for the
// till is teak5"): letters and digits, perhaps with a joint between words, that
// are no measure, standard, version or name of a file.
func toldPassword(value []byte) bool {
	if len(value) < 5 || len(value) > 40 || same(value) || isAddress(value) || bytes.ContainsAny(value, "=/:(){}[]|<>,;\\`~^") {
		return false
	}
	m := makeUpOf(value)
	dot := bytes.IndexByte(value, '.')
	switch {
	case m.digits == 0 || m.letters < 3 || measure(value):
		return false
	case dot >= 0 && (bytes.Count(value, []byte(".")) > 1 || !numbered(value, dot)):
		return false // a host, a number of a version, "config2.yaml"
	case m.signs > 0:
		return true
	}
	return m.small && !datedName(value)
}

// measure reports whether s is a number and what is counted: "8chars", "64-bit".
func measure(s []byte) bool {
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	if i == 0 {
		return false
	}
	if i < len(s) && s[i] == '-' {
		i++
	}
	for _, c := range s[i:] {
		if !isLower(c) && c < 0x80 {
			return false
		}
	}
	return true
}

// numbered reports whether s is a word and a number of two digits or more, joined
// by the dot at i: "Girasole.303".
func numbered(s []byte, i int) bool {
	head, tail := s[:i], s[i+1:]
	if len(head) < 4 || len(tail) < 2 || bytes.ContainsAny(head, "0123456789") {
		return false
	}
	return isDigit(tail[0]) && isDigit(tail[1])
}

// numberedPassphrase checks that two words or more are joined by dashes,
// underscores or dots, with a number between them: at the end, names have one.
func numberedPassphrase(value []byte) bool {
	parts := bytes.FieldsFunc(value, func(r rune) bool { return r == '-' || r == '_' || r == '.' })
	words, numbers := 0, 0
	for i, p := range parts {
		switch {
		case measure(p) && isDigit(p[len(p)-1]):
			if i+1 < len(parts) {
				numbers++
			}
		case len(p) < 3 || bytes.ContainsAny(p, "0123456789"):
			return false
		default:
			words++
		}
	}
	return numbers == 1 && words >= 2
}

// escapedPassword checks a literal in which quotation marks are escaped.
func escapedPassword(value []byte) bool {
	return len(value) >= 8 && mixed(value) && entropy(value) >= 2.8 && bytes.IndexByte(value, ':') < 0
}

// wordTold checks what something was changed to, of which only a word near it
// tells that it is a password: it has a sign that people are told to put in, too.
func wordTold(value []byte) bool {
	return toldPassword(value) && bytes.ContainsAny(value, "!@#$&?*+%") && (strongPassword(value) || wordPassword(value))
}

// changedPassword checks an old and a new password with what is between them.
func changedPassword(value []byte) bool {
	words := bytes.Fields(value)
	if len(words) < 3 {
		return false
	}
	for _, w := range [][]byte{words[0], words[len(words)-1]} {
		if w = bytes.Trim(w, ".,:;\"'“”„«»"); !toldPassword(w) || measure(w) {
			return false
		}
	}
	return true
}

// toldPassphrase checks that words differ, as those of a passphrase do.
func toldPassphrase(value []byte) bool {
	words := bytes.Fields(value)
	for i, w := range words {
		for _, x := range words[:i] {
			if bytes.Equal(w, x) {
				return false
			}
		}
	}
	return len(words) >= 3
}
