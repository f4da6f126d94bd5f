package vault

import (
	"encoding/binary"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// alphabet has no letters that are taken for others, and none to spell words
// with (Crockford's base 32).
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const (
	digits   = 10 // of the alphabet, which come first
	codeLen  = 6  // 22 x 32^5: two values of a conversation hardly ever meet, and then the later one gets another
	maxLabel = 12
)

// The token of a name is the name in square brackets: models copy those as they
// copy a citation, they mean nothing in JSON strings, in URLs and in most code,
// and, unlike angle brackets, are neither hidden by a page that shows an answer
// nor closed by a model that takes them for markup.
func token(name string) string { return "[" + name + "]" }

// labels says what a value is, as a model has to know to write about it.
var labels = map[traffic.Class]string{
	traffic.ClassSecret:       "SECRET",
	traffic.ClassPaymentCard:  "CARD",
	traffic.ClassBankAccount:  "ACCOUNT",
	traffic.ClassNationalID:   "ID",
	traffic.ClassContact:      "CONTACT",
	traffic.ClassPersonal:     "PERSONAL",
	traffic.ClassHealth:       "HEALTH",
	traffic.ClassCrypto:       "WALLET",
	traffic.ClassNetwork:      "HOST",
	traffic.ClassSourceCode:   "CODE",
	traffic.ClassConfidential: "TEXT",
	traffic.ClassInjection:    "TEXT",
	traffic.ClassCustom:       "DATA",
}

// label returns the first part of a token's name. Contacts, persons and
// addresses of machines are of many kinds: there the first word of the
// detector's name says more than the class (email, phone_local, ip_address).
func label(f *traffic.Finding) string {
	switch f.Class {
	case traffic.ClassContact, traffic.ClassPersonal, traffic.ClassNetwork:
		word, _, _ := strings.Cut(f.Detector, "_")
		if word = strings.ToUpper(strings.TrimRight(word, "0123456789")); isLabel(word) {
			return word
		}
	}
	if l, ok := labels[f.Class]; ok {
		return l
	}
	return labels[traffic.ClassCustom]
}

func isLabel(s string) bool {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return len(s) >= 2 && len(s) <= maxLabel
}

// code turns a hash into the second part of a name. It begins with a letter, so
// that no model takes it for a number to be written in another way.
func code(sum []byte) string {
	n := binary.BigEndian.Uint64(sum)
	var b [codeLen]byte
	letters := uint64(len(alphabet) - digits)
	b[0] = alphabet[digits+n%letters]
	n /= letters
	for i := 1; i < codeLen; i++ {
		b[i] = alphabet[n%uint64(len(alphabet))]
		n /= uint64(len(alphabet))
	}
	return string(b[:])
}

// isName reports whether s has the form of a name.
func isName(s string) bool {
	l, c, ok := strings.Cut(s, "_")
	if !ok || !isLabel(l) || len(c) != codeLen || c[0] < 'A' {
		return false
	}
	for i := range len(c) {
		if strings.IndexByte(alphabet, c[i]) < 0 {
			return false
		}
	}
	return true
}
