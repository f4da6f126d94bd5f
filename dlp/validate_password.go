package dlp

import (
	"bytes"
	"strings"
)

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

// inURL checks what the rest of a URL says of its password match[from:to]: that
// of a user of the same name is the one that a program comes with, and on example
// hosts and the reader's own machine only what looks made for one counts.
func inURL(match []byte, from, to int) bool {
	value := match[from:to]
	at := bytes.Index(match, []byte("://"))
	if at >= 0 && at+3 < from && bytes.EqualFold(match[at+3:from-1], value) {
		return false
	}
	return strong(value) || to >= len(match) || !sampleHost(match[to+1:])
}

// strong reports whether a password looks made to protect something.
func strong(value []byte) bool { return len(value) >= 10 && mixed(value) && entropy(value) >= 3 }

// sampleHost reports whether a host, perhaps with a port, is one of RFC 2606 and
// RFC 6761, or the machine itself.
func sampleHost(host []byte) bool {
	name := host
	if n := bytes.LastIndexByte(host, ':'); n > 0 && host[0] != '[' {
		name = host[:n]
	}
	h := strings.ToLower(strings.TrimRight(string(name), "."))
	if h == "localhost" || strings.HasPrefix(h, "127.") || strings.HasPrefix(h, "[::1]") {
		return true
	}
	labels := strings.Split(h, ".")
	switch last := labels[len(labels)-1]; last {
	case "example", "test", "invalid", "localhost":
		return true
	case "com", "org", "net":
		return len(labels) > 1 && labels[len(labels)-2] == "example"
	}
	return false
}

// strongPassword checks what stands near a word for passwords without a sign
// between them: letters, digits and one of the signs that people are told to put
// in, or letters of both cases and digits that take turns as in no name.
func strongPassword(value []byte) bool {
	if len(value) < 8 {
		return false
	}
	var digit, small, big, sign, turns int
	last := otherByte
	for _, c := range value {
		kind := kinds[c]
		switch {
		case isDigit(c):
			kind = digitByte
			digit++
		case kind == lowerByte:
			small++
		case kind == upperByte:
			big++
		case strings.IndexByte("!@#$&?", c) >= 0:
			sign++
		}
		if kind != otherByte && last != otherByte && kind != last {
			turns++
		}
		last = kind
	}
	if digit == 0 || !plainPassword(value) || isAddress(value) {
		return false
	}
	return sign > 0 && (big > 0 && small > 0 || turns >= 3) || big > 0 && small > 0 && turns*3 >= len(value) && !wordly(value)
}

// cutPassword returns where a password ends in a sentence: before what ends one in
// code, and before a mark that ends the sentence or starts words of a script that
// may have no blanks.
func cutPassword(match []byte) int {
	n := cutAssigned(match)
	for i, c := range match[:n] {
		if c >= 0x80 && c < 0xc0 && i > 0 { // the rest of a letter
			continue
		}
		if c >= 0x80 && !spacedLetter(c) {
			n = i
			break
		}
	}
	for n > 0 && strings.IndexByte(".,:;", match[n-1]) >= 0 {
		n--
	}
	return n
}

// spacedLetter reports whether c starts a letter beyond ASCII of Latin, Greek or
// Cyrillic, which people type into passwords and part words by blanks in.
func spacedLetter(c byte) bool { return c >= 0xc3 && c < 0xd4 }

// isAddress reports whether value has the shape of an e-mail address or of a user
// at a host.
func isAddress(value []byte) bool {
	_, host, ok := bytes.Cut(value, []byte("@"))
	return ok && bytes.IndexByte(host, '.') > 0
}

// plainPassword checks that what is assigned to a password is what a person would
// type: a short word with digits or signs, and no name, path, type or expression.
func plainPassword(value []byte) bool {
	if len(value) < 6 || len(value) > 40 || !isAlnum(value[0]) && value[0] < 0x80 || !password(value) || bytes.ContainsAny(value, "=/:(){}[]|<>,;`~^'") {
		return false
	}
	m := makeUpOf(value)
	if m.signs > 0 {
		return true
	}
	return m.joints == 0 && m.letters >= 3 && m.digits <= 8 && m.small // "db-1.password2" is a name
}

// makeUp counts what a value is made of: letters, of which some may be small, digits,
// what joins words (".-_") and other signs.
type makeUp struct {
	letters, digits, joints, signs int
	small                          bool
}

func makeUpOf(value []byte) (m makeUp) {
	for _, c := range value {
		switch {
		case isDigit(c):
			m.digits++
		case isAlpha(c) || c >= 0x80:
			m.letters++
			m.small = m.small || isLower(c) || c >= 0x80
		case c == '.' || c == '-' || c == '_':
			m.joints++
		default:
			m.signs++
		}
	}
	return m
}

// simplePassword checks what stands where passwords are listed: digits alone, one
// word or several that dashes join, or a mixture with signs. It is no path, address
// or expression.
func simplePassword(value []byte) bool {
	if same(value) || isAddress(value) || bytes.ContainsAny(value, "/:=(){}[],;\\") {
		return false
	}
	digits, letters, signs := 0, 0, 0
	for _, c := range value {
		switch {
		case isDigit(c):
			digits++
		case isAlpha(c) || c >= 0x80:
			letters++
		default:
			signs++
		}
	}
	switch {
	case digits == 0 && signs == 0:
		return letters >= 5
	case letters == 0:
		return signs == 0 // no date, amount or version
	}
	return digits+signs > 0 && len(value) >= 5
}

// discord checks the token of a bot or a user: its first part is the number of
// the account, seventeen to nineteen digits, in base64.
func discord(value []byte) bool {
	head, _, _ := bytes.Cut(value, []byte("."))
	var buf [32]byte
	n := decodeRaw(buf[:], head)
	if n < 17 || n > 20 {
		return false
	}
	for _, c := range buf[:n] {
		if !isDigit(c) {
			return false
		}
	}
	return buf[0] != '0' && !same(buf[:n])
}

// decodeRaw decodes base64 without padding into dst and returns how many bytes it
// made, 0 where it is none or too long.
func decodeRaw(dst, text []byte) (n int) {
	if len(text)*3/4 > len(dst) {
		return 0
	}
	bits, have := uint32(0), 0
	for _, c := range text {
		v := value64[c]
		if v >= 64 {
			return 0
		}
		bits, have = bits<<6|uint32(v), have+6
		if have >= 8 {
			have -= 8
			dst[n] = byte(bits >> have)
			n++
		}
	}
	return n
}
