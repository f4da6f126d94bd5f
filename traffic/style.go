package traffic

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// Style is how a finding is replaced.
type Style string

// The styles; "" is StylePlaceholder.
const (
	StylePlaceholder Style = "placeholder" // [REDACTED:class]
	StyleMask        Style = "mask"        // numbers: **** **** **** 1111, others: ********
	StyleHash        Style = "hash"        // [class:fingerprint]: the same value is replaced by the same
	StyleRemove      Style = "remove"      // nothing

	// StyleToken is that of pseudonymise: a token, see Vault, that answers are
	// restored from. Without a vault it is a placeholder.
	StyleToken Style = "token"
)

// Styles lists the styles that a rule may name.
func Styles() []Style { return []Style{StylePlaceholder, StyleMask, StyleHash, StyleRemove} }

// Replace returns what takes the place of f in text, which f was found in. It
// keeps the form of the text: a number of JSON or code becomes a string, text in
// UTF-16 stays that.
func (s Style) Replace(f *Finding, text []byte) string {
	if f.Keep {
		return string(text[f.Start:f.End])
	}
	return fit(s.plain(f, text[f.Start:f.End]), f, text)
}

// stand returns the token that takes the place of f in text, "" where none can.
func stand(t Tokens, f *Finding, text []byte) string {
	if f.Keep {
		return string(text[f.Start:f.End])
	}
	if len(f.Via) > 0 && (f.Via[0] == "utf16" || f.Via[0] == "utf32") { // no answer could take the value as it is
		return ""
	}
	if with := t.Hide(f, text[f.Start:f.End]); with != "" {
		return fit(with, f, text)
	}
	return ""
}

func (s Style) plain(f *Finding, value []byte) string {
	switch s {
	case StyleRemove:
		return ""
	case StyleHash:
		return "[" + string(f.Class) + ":" + f.Print + "]"
	case StyleMask:
		if f.Quote != "" && !isDecimal(bytes.TrimPrefix(value, []byte("-"))) { // hexadecimal digits
			return hidden
		}
		if len(f.Via) == 0 { // what is encoded can't be masked
			return mask(f.Class, value)
		}
	}
	return Placeholder(f.Class)
}

const (
	maskKept  = 4 // last digits that a mask shows,
	maskLeast = 9 // of a number of at least so many

	hidden = "********" // of anything else
)

// mask returns value with stars for all but the last digits and the separators
// of a number, and eight stars for anything else, which tell no length.
func mask(c Class, value []byte) string {
	digits, letters := 0, 0
	for _, b := range value {
		switch {
		case '0' <= b && b <= '9':
			digits++
		case 'a' <= b|0x20 && b|0x20 <= 'z':
			letters++
		}
	}
	if c == ClassSecret || digits < maskLeast || letters > 4 {
		return hidden
	}
	var out strings.Builder
	stars := digits - maskKept
	for _, b := range value {
		switch {
		case '0' <= b && b <= '9':
			if stars--; stars >= 0 {
				b = '*'
			}
		case 'a' <= b|0x20 && b|0x20 <= 'z':
			b = '*'
		}
		out.WriteByte(b)
	}
	return out.String()
}

// widen returns s in UTF-16 or UTF-32.
func widen(s string, size int, big bool) string {
	var order binary.AppendByteOrder = binary.LittleEndian
	if big {
		order = binary.BigEndian
	}
	var out []byte
	if size == 2 {
		for _, u := range utf16.Encode([]rune(s)) {
			out = order.AppendUint16(out, u)
		}
		return string(out)
	}
	for _, r := range s {
		out = order.AppendUint32(out, uint32(r))
	}
	return string(out)
}
