package dlp

import (
	"bytes"
	"encoding/base64"
	"hash/crc32"
)

// crc32Base62 checks the last six characters of a GitHub or npm token: the
// CRC-32 of the characters between the prefix and them, in base 62.
func crc32Base62(value []byte) bool {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	body := value[bytes.IndexByte(value, '_')+1:]
	if len(body) <= 6 {
		return false
	}
	sum := crc32.ChecksumIEEE(body[:len(body)-6])
	for i := range 6 {
		if body[len(body)-1-i] != digits[sum%62] {
			return false
		}
		sum /= 62
	}
	return true
}

// jwt checks that the header of a JSON Web Token (RFC 7519) decodes to an object
// that names an algorithm.
func jwt(value []byte) bool {
	head, _, _ := bytes.Cut(value, []byte("."))
	var buf [768]byte
	if base64.RawURLEncoding.DecodedLen(len(head)) > len(buf) {
		return true // too long a header to judge: its first letters say JSON
	}
	n, err := base64.RawURLEncoding.Decode(buf[:], head)
	if err != nil {
		return false
	}
	return n > 0 && buf[0] == '{' && (bytes.Contains(buf[:n], []byte(`"alg"`)) || bytes.Contains(buf[:n], []byte(`"enc"`)))
}

// mixed checks that a token is no word: it has digits and letters.
func mixed(value []byte) bool {
	var digit, letter bool
	for _, c := range value {
		digit, letter = digit || isDigit(c), letter || isAlpha(c)
	}
	return digit && letter
}

// password checks that what is assigned to a password is one: no code, no
// reference to a variable, no filler.
func password(value []byte) bool {
	if len(value) < 6 {
		return false
	}
	var digits, letters, others, dots, run int
	for i, c := range value {
		switch {
		case isDigit(c):
			digits++
		case isAlpha(c):
			letters++
		case c == '.':
			dots++
		case c >= 0x80:
			return false // prose of another script
		default:
			others++
		}
		if i > 0 && c == value[i-1] {
			run++
		}
	}
	if digits == 0 || letters == 0 || run*2 > len(value) {
		return false
	}
	switch value[0] {
	case '$', '%', '{', '<', '&', '*', '/', '.', '-', '#', '(':
		return false // a reference, a path, an option, a comment
	}
	if bytes.ContainsAny(value, "([{*") && others < 3 || nameOnly(value) && dots > 0 || constant(value) {
		return false // a call, an index, a field, the name of a setting
	}
	return dots <= 1 && !bytes.ContainsAny(value, "/") || entropy(value) > 4.2
}

// constant reports whether s is written like the name of a constant or a
// resource: capitals joined by dashes or underscores.
func constant(s []byte) bool {
	joined := false
	for _, c := range s {
		if isLower(c) || !isAlnum(c) && c != '-' && c != '_' {
			return false
		}
		joined = joined || c == '-' || c == '_'
	}
	return joined
}

// nameOnly reports whether s could be a name in a program: words, perhaps joined
// by dots, whose digits stand at their ends.
func nameOnly(s []byte) bool {
	for i, c := range s {
		if c != '.' && !isWord[c] {
			return false
		}
		if isDigit(c) && (i == 0 || i+1 < len(s) && isAlpha(s[i+1])) {
			return false
		}
	}
	return true
}

// basic checks that the credentials of basic authentication decode to a user and
// a password (RFC 7617).
func basic(value []byte) bool {
	var buf [320]byte
	value = bytes.TrimRight(value, "=")
	if base64.RawStdEncoding.DecodedLen(len(value)) > len(buf) {
		return false
	}
	n, err := base64.RawStdEncoding.Decode(buf[:], value)
	if err != nil {
		return false
	}
	for _, c := range buf[:n] {
		if c < ' ' || c >= 0x7f {
			return false
		}
	}
	return bytes.IndexByte(buf[:n], ':') >= 0
}

// urlCredential checks the password inside a URL: not a variable, not a filler.
func urlCredential(value []byte) bool {
	if len(value) < 3 {
		return false
	}
	switch value[0] {
	case '$', '{', '<', '%', '*', '[':
		return false
	}
	return !same(value)
}

// pem checks that there is a key behind the BEGIN line: a run of base64 too long
// for a word.
func pem(value []byte) bool {
	run, mark := 0, false
	for _, c := range value {
		switch {
		case isAlnum(c), c == '+', c == '/':
			run++
			mark = mark || !isLower(c)
		default:
			run, mark = 0, false
		}
		if run >= 20 && mark {
			return true
		}
	}
	return false
}
