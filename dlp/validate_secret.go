package dlp

import (
	"bytes"
	"encoding/base64"
	"hash/crc32"
	"slices"
	"strings"
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
	return n > 0 && buf[0] == '{' && buf[n-1] == '}' && (bytes.Contains(buf[:n], []byte(`"alg"`)) || bytes.Contains(buf[:n], []byte(`"enc"`)))
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
		case spacedLetter(c):
			letters++
		case c >= 0xc0:
			return false // prose of another script, or no letter
		case c >= 0x80: // the rest of a letter
		default:
			others++
		}
		if i > 0 && c == value[i-1] {
			run++
		}
	}
	if digits == 0 && !symbols(value) || letters == 0 || run*2 > len(value) {
		return false
	}
	switch value[0] {
	case '$', '%', '{', '<', '&', '*', '/', '.', '-', '#', '(':
		return false // a reference, a path, an option, a comment
	}
	if bytes.ContainsAny(value, "([{*") && others < 3 || nameOnly(value) && dots > 0 || constant(value) || codePath(value) || datedName(value) {
		return false // a call, an index, a field, a type, the name of a setting or a model
	}
	return dots <= 1 && !bytes.ContainsAny(value, "/") || entropy(value) > 4.2
}

// symbols reports whether s has three kinds of the signs that people are told to
// put into passwords, and none of what makes them an operator, a format, a query
// or a pattern: a password without a digit.
func symbols(s []byte) bool {
	const signs = "!@#$%^&*+?~"
	var seen [len(signs)]bool
	kinds := 0
	for _, c := range s {
		if k := strings.IndexByte(signs, c); k >= 0 && !seen[k] {
			seen[k] = true
			kinds++
		}
	}
	return kinds >= 3 && !bytes.ContainsAny(s, "=/()[]{}|<>.,;:\\") && !bytes.Contains(s, []byte("&&")) && !bytes.Contains(s, []byte("%s"))
}

// assignedSecret checks what is assigned to a name that tells of a secret.
func assignedSecret(value []byte) bool {
	if len(value) < 8 {
		return false
	}
	return tangled(value) || password(value) && !bytes.Contains(value, []byte("${")) && !bytes.Contains(value, []byte("{{"))
}

// cutAssigned returns where an assigned value ends: before the first sign that
// ends one in code, unless the value is one that no code can be.
func cutAssigned(match []byte) int {
	if tangled(match) {
		return len(bytes.TrimRight(match, ",;"))
	}
	for i, c := range match {
		if endsAssigned[c] {
			return i
		}
	}
	return len(match)
}

var endsAssigned = table("<>;,\\)]}|")

// tangled reports whether s has brackets that close others than were opened,
// between other signs and letters: neither code nor a template has such.
func tangled(s []byte) bool {
	if !slices.ContainsFunc(s, func(c byte) bool { return brackets[c] > 0 }) {
		return false // most values
	}
	var stack [16]int8
	depth, kinds, letters, crossed := 0, 0, 0, false
	var seen [128]bool
	for _, c := range s {
		if isAlpha(c) {
			letters++
		} else if c < 0x80 && !isDigit(c) && !seen[c] {
			seen[c] = true
			kinds++
		}
		if k := brackets[c]; k > 0 && depth < len(stack) {
			stack[depth] = k
			depth++
		} else if k < 0 && depth > 0 {
			depth--
			crossed = crossed || stack[depth] != -k
		}
	}
	return crossed && kinds >= 5 && letters >= 4
}

// brackets are those that open something, and negative those that close it.
var brackets = [256]int8{'(': 1, '[': 2, '{': 3, ')': -1, ']': -2, '}': -3}

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

// codePath reports whether s starts with names joined by a dot of which the last is
// called, indexed or a type: "base64.encode(x", "ed25519.PrivateKey".
func codePath(s []byte) bool {
	dot, small, big := -1, false, false
	for i, c := range s {
		switch {
		case c == '.':
			if i == 0 || dot == i-1 || isDigit(s[0]) {
				return false
			}
			dot, small, big = i, false, false
		case c == '(' || c == '[':
			return dot > 0 && i > dot+2
		case !isWord[c]:
			return false
		case dot == i-1 && dot >= 0 && isDigit(c):
			return false
		}
		small, big = small || isLower(c), big || dot == i-1 && isUpper(c)
	}
	return dot > 0 && big && small && lowerName(s[:dot])
}

// lowerName reports whether s is a name of small letters, perhaps with digits.
func lowerName(s []byte) bool {
	for _, c := range s {
		if !isLower(c) && !isDigit(c) && c != '_' {
			return false
		}
	}
	return len(s) > 1 && isLower(s[0])
}

// datedName reports whether s is words joined by dashes that end in a day, as the
// names of models and releases: "gpt-4o-2024-08-06".
func datedName(s []byte) bool {
	if len(s) < 14 {
		return false
	}
	head, day := s[:len(s)-10], s[len(s)-10:]
	for i, c := range day {
		if dash := i == 4 || i == 7; dash != (c == '-') || !dash && !isDigit(c) {
			return false
		}
	}
	for _, c := range head {
		if !isLower(c) && !isDigit(c) && c != '-' && c != '.' {
			return false
		}
	}
	return head[len(head)-1] == '-'
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

// saslPlain checks that the answer of SASL's PLAIN decodes to an identity, a user
// and a password, between which zeros stand (RFC 4616).
func saslPlain(value []byte) bool {
	var buf [256]byte
	n := decodeRaw(buf[:], bytes.TrimRight(value, "="))
	at := bytes.LastIndexByte(buf[:n], 0)
	return at >= 0 && bytes.Count(buf[:n], []byte{0}) == 2 && password(buf[at+1:n])
}
