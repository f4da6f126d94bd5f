package dlp

import (
	"bytes"
	"unicode"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// sentenceKind is what a sentence is of, beside what people write.
type sentenceKind struct{ code, source bool } // by inCode, and by isSource, which asks for more

// sentenceKindOf returns the kind of the sentence text[from:to]. Objects of JSON are what people
// write.
func sentenceKindOf(text []byte, from, to int) (k sentenceKind) {
	if bytes.Contains(text[from:to], []byte(`":`)) {
		return k
	}
	return sentenceKind{inCode(text, from, to), isSource(text, from, to)}
}

// isNone reports whether what is tagged in a sentence of this kind is no value: of source, what is
// no whole name; of code, secrets.
func (in sentenceKind) isNone(span taggedSpan) bool {
	return in.source && (span.as != tagName || span.lone) || in.code && span.as == tagSecret
}

// isNone reports whether the words k to j are no value, whatever their tag.
func (s *tagged) isNone(k, j int) bool {
	as := s.tags[k]
	switch as {
	case tagHealth:
		return k > 0 && s.tags[k-1] == as // it goes on in another field
	case tagSecret:
		return s.isAccount(k) || s.isOther(k)
	case tagDevice:
		return s.isPiece(k, j)
	}
	return false
}

// isAccount reports whether word k is told to be an account rather than what opens it.
func (s *tagged) isAccount(k int) bool {
	return k > 1 && s.words[k-1].tells&tellValue != 0 && toldWords().of(s.word(&s.words[k-2]))&(tellAccount|tellUser) != 0
}

// signsOfSource stand in programs and markup, and hardly in what people write.
var signsOfSource = [][]byte{[]byte("`"), []byte(":="), []byte("();"), []byte("=="), []byte("!="), []byte("&&"), []byte("->"), []byte("0x"), []byte("\t//"), []byte(" & ")}

// isSource reports whether the sentence text[from:to] is of a program or of markup: its comments
// speak of nobody's health, of no device, and of people by their whole names.
func isSource(text []byte, from, to int) bool {
	before := lineBefore(text, from)
	if bytes.HasPrefix(before, []byte("\t")) || bytes.HasPrefix(bytes.TrimLeft(before, " "), []byte("//")) || bytes.HasPrefix(text[from:to], []byte("//")) {
		return true
	}
	for _, sign := range signsOfSource {
		if bytes.Contains(text[from:to], sign) {
			return true
		}
	}
	return false
}

// isPiece reports whether the words k to j are digits in the middle of groups of them: part of a
// number that others know better.
func (s *tagged) isPiece(k, j int) bool {
	group := func(i int) bool { return i >= 0 && i < s.n && s.words[i].shape&formMask == formDigits }
	beside := func(a, b int) bool {
		return group(a) && group(b) && string(s.text[s.words[a].to:s.words[b].from]) == " "
	}
	return beside(k-1, k) || beside(j-1, j)
}

// nearOther is how many words before a number tell that it is no secret.
const nearOther = 7

// isOther reports whether word k is a number of something else than what is secret: a postal code,
// an error.
func (s *tagged) isOther(k int) bool {
	if s.words[k].shape&formMask != formDigits {
		return false
	}
	for i := k - 1; i >= max(0, k-nearOther); i-- {
		switch kind := toldWords().of(s.word(&s.words[i])); {
		case kind&(tellPassword|tellPin) != 0:
			return false
		case kind&tellOther != 0:
			return true
		}
	}
	return false
}

// isNumbered reports whether values of a class are numbers, most of which have a check.
func isNumbered(c traffic.Class) bool {
	return c == traffic.ClassPaymentCard || c == traffic.ClassBankAccount || c == traffic.ClassNationalID
}

// leastChecked is how many digits a number with a check has at least.
const leastChecked = 7

// failsCheck reports whether value, or its last word, has the form of a number of a card, an
// account or a person: had its check held, it were one, and so it is a wrong one or an example.
func (c *scan) failsCheck(value []byte) bool {
	if len(value) > maxNameLength || digitsIn(value) < leastChecked {
		return false
	}
	last := value[bytes.LastIndexByte(value, ' ')+1:]
	if hasFormOfIBAN(last) {
		return true
	}
	for _, d := range c.s.checked {
		c.sentenceSpent++ // most end at the first byte
		if d.auto.whole(value) || len(last) < len(value) && d.auto.whole(last) {
			return true
		}
	}
	return false
}

// hasFormOfIBAN reports whether a word may be an International Bank Account Number (ISO 13616), but
// for its check: a country, two digits, and 11 to 30 capitals and digits.
func hasFormOfIBAN(word []byte) bool {
	if len(word) < 15 || len(word) > 34 || !isUpper(word[0]) || !isUpper(word[1]) || !isDigit(word[2]) || !isDigit(word[3]) {
		return false
	}
	return !bytes.ContainsFunc(word[4:], func(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') })
}

// The checks of words that were tagged: what can't be such a thing, whatever the words beside it.

func taggedName(value []byte) bool {
	return !bytes.ContainsAny(value, "0123456789_/@\\=<>{}") && bytes.ContainsFunc(value, unicode.IsLetter) && !public(value)
}

func taggedHealth(value []byte) bool {
	return digitsIn(value) < mostHealthDigits && bytes.ContainsFunc(value, unicode.IsLetter)
}

func digitsIn(value []byte) (n int) {
	for _, b := range value {
		if isDigit(b) {
			n++
		}
	}
	return n
}

// mostHealthDigits is from where on digits are a number rather than a result.
const mostHealthDigits = 7

func taggedSecret(value []byte) bool {
	if bytes.ContainsAny(value, "/\\") && bytes.IndexByte(value, '.') > 0 || bytes.Contains(value, []byte("&#")) || bytes.Contains(value, []byte("&amp;")) {
		return false // a path, or a character of markup
	}
	if bytes.ContainsAny(value, "<>") || bytes.Contains(value, []byte(", ")) || numbersJoined(value) {
		return false // of two parts of a sentence
	}
	word := bytes.TrimRight(value, "0123456789")
	if len(value)-len(word) == 1 && !bytes.ContainsFunc(word, func(r rune) bool { return !unicode.IsLower(r) }) {
		return false // a word with the sign of a footnote
	}
	return toldWords().of(bytes.ToLower(word))&(tellPredicate|tellPassword) == 0
}

// numbersJoined reports whether value is two numbers with a word between them: "22 at 0815".
func numbersJoined(value []byte) bool {
	blank := bytes.IndexByte(value, ' ')
	return blank > 0 && isDigit(value[0]) && isDigit(value[len(value)-1]) && bytes.ContainsFunc(value[blank:bytes.LastIndexByte(value, ' ')], unicode.IsLetter)
}

func taggedDevice(value []byte) bool {
	if len(value) >= leastNumber && !bytes.ContainsFunc(value, func(r rune) bool { return r != ' ' && (r < '0' || r > '9') }) {
		return false // a number of a person or a device whose check has failed
	}
	if pairs := bytes.Count(value, []byte(":")) + 1; pairs > 2 && 3*pairs-1 == len(value) && pairs != 6 && pairs != 8 && isHexDigit(value[0]) {
		return false // as a MAC address or an EUI-64 would be written, of another length
	}
	if bytes.HasPrefix(value, []byte("MSIP_Label_")) {
		return false // a sensitivity label of Office
	}
	return len(value) >= leastDevice && bytes.ContainsAny(value, "0123456789-.:_") && !bytes.ContainsAny(value, "()<>{}")
}

const (
	leastDevice = 4  // bytes of the name of a device
	leastNumber = 13 // digits of a number that others know better
)
