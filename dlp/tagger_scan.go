package dlp

import (
	"bytes"
	"unicode"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// tagChecks are the checks of what the tagger finds.
var tagChecks = map[string]wordTag{"tagged_name": tagName, "tagged_health": tagHealth, "tagged_secret": tagSecret, "tagged_device": tagDevice}

// tagWork is what it costs to tag a byte of a sentence. A sentence is tagged once, so this is
// bounded by itself and takes no work from other detectors.
const tagWork = 5

// tagged looks what the words of the sentence text[from:to] are parts of.
func (c *scan) tagged(from, to int) {
	c.tagSpent += tagWork * (to - from)
	s, t := c.taken(from, to), theTagger()
	s.look()
	t.tag(s)
	json := bytes.Contains(c.text[from:to], []byte(`":`))
	code, source := inCode(c.text, from, to) && !json, isSource(c.text, from, to) && !json
	for k := 0; k < s.n; {
		j, as := s.span(k), s.tags[k]
		beyond := as == tagHealth && k > 0 && s.tags[k-1] == as // it goes on in another field
		none := beyond || source && (as != tagName || j == k+1) || as == tagSecret && (code || s.isAccount(k) || s.isOther(k)) || as == tagDevice && s.isPiece(k, j)
		if d := c.s.tagged[as]; d != nil && !s.isBorder(k) && !none {
			first, last := k, j-1
			if as == tagName {
				first, last = s.wholeName(first, last)
			}
			c.judgeTagged(d, as, from+int(s.words[first].from), from+int(s.words[last].to))
		}
		k = j
	}
}

// span returns the end of the words from k on that have one tag and no border between them.
func (s *tagged) span(k int) int {
	j := k + 1
	if s.isBorder(k) {
		return j
	}
	for j < s.n && s.tags[j] == s.tags[k] && !s.isBorder(j) && !bytes.ContainsAny(s.text[s.words[j-1].to:s.words[j].from], "\t\n\r\\") {
		j++
	}
	for j > k+1 && s.words[j-1].shape&formMask == formMark {
		j--
	}
	return j
}

// isBorder reports whether word k is a mark that parts fields or strings: it stands in no value.
func (s *tagged) isBorder(k int) bool {
	w := &s.words[k]
	if w.shape&formMask != formMark {
		return false
	}
	switch c := s.text[w.from]; c {
	case ',':
		return int(w.to) == len(s.text) || s.text[w.to] != ' '
	default:
		return borders[c]
	}
}

var borders = table("|;\"<>{}[]()=%*\\_~`")

// isInitial reports whether word k is a letter with a full stop behind it and a word with a
// capital behind that.
func (s *tagged) isInitial(k int) bool {
	w := &s.words[k]
	return k+2 < s.n && w.to-w.from == 1 && w.shape&formMask == formCapital && s.text[w.to] == '.' && s.words[k+2].shape&formMask == formCapital &&
		string(s.text[w.to+1:s.words[k+2].from]) == " "
}

// isAccount reports whether word k is told to be an account rather than what opens it.
func (s *tagged) isAccount(k int) bool {
	return k > 1 && s.words[k-1].tells&tellValue != 0 && toldWords().of(s.word(&s.words[k-2]))&(tellAccount|tellUser) != 0
}

// signsOfSource stand in programs and markup, and hardly in what people write.
var signsOfSource = [][]byte{[]byte("`"), []byte(":="), []byte("();"), []byte("</"), []byte("/>"), []byte("=="), []byte("!="), []byte("&&"), []byte("->"), []byte("0x"), []byte("\t//"), []byte(" & ")}

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
const nearOther = 5

// isOther reports whether word k is a number of something else than what is secret: a postal code,
// an error.
func (s *tagged) isOther(k int) bool {
	if s.words[k].shape&formMask != formDigits {
		return false
	}
	for i := k - 1; i >= max(0, k-nearOther); i-- {
		switch kind := toldWords().of(s.word(&s.words[i])); {
		case kind&(tellPassword|tellPin|tellLock) != 0:
			return false
		case kind&tellOther != 0:
			return true
		}
	}
	return false
}

// wholeName returns the first and the last of the words k to j, which were taken for a name, with
// those that belong to it: initials, particles and words with capitals that are known as names.
func (s *tagged) wholeName(k, j int) (first, last int) {
	apart := func(a, b int) bool { // more than a blank
		return string(s.text[s.words[a].to:s.words[b].from]) != " "
	}
	known := func(i int) bool {
		w := &s.words[i]
		if w.shape&formMask != formCapital || w.lists&listPlain != 0 {
			return false
		}
		return w.lists&(listGiven|listSurname) != 0 || isDouble(s.text[w.from:w.to])
	}
	for k > 1 && !apart(k-1, k) && known(k-1) {
		k--
	}
	if s.isInitial(j) {
		j += 2
	}
	for j+1 < s.n && !apart(j, j+1) {
		next := &s.words[j+1]
		switch {
		case known(j + 1):
			j++
			continue
		case s.isInitial(j + 1):
			j += 3
			continue
		case j+2 < s.n && !apart(j+1, j+2) && s.words[j+2].shape&formMask == formCapital && particle(s.word(next)):
			j += 2
			continue
		}
		break
	}
	return k, j
}

// isDouble reports whether a word is two with capitals that a hyphen joins, as double surnames are.
func isDouble(word []byte) bool {
	_, second, ok := bytes.Cut(word, []byte("-"))
	return ok && startsCapital(second)
}

// taken returns the sentence text[from:to] taken apart. The latest is kept: several ask for it.
func (c *scan) taken(from, to int) *tagged {
	if c.tagging == nil {
		if c.tagging, _ = c.s.taggings.Get().(*tagged); c.tagging == nil {
			c.tagging = new(tagged)
		}
		c.takenTo = -1
	}
	if c.takenFrom != from || c.takenTo != to {
		c.tagging.read(c.text[from:to])
		c.takenFrom, c.takenTo = from, to
	}
	return c.tagging
}

// judgeTagged judges the words text[i:j], which have one tag.
func (c *scan) judgeTagged(d *detector, as wordTag, i, j int) {
	if as == tagSecret {
		for j < len(c.text) && isPasswordEnd[c.text[j]] {
			j++
		}
	}
	if len(bytes.TrimSpace(c.text[i:j])) < 2 {
		return
	}
	if (as == tagDevice || as == tagSecret) && c.failsCheck(c.text[i:j]) {
		return
	}
	words := false // of a name, which are surer together than one of them
	if as == tagName {
		j = c.pastInitial(j)
		words = bytes.IndexByte(c.text[i:j], ' ') > 0
	}
	work := c.work
	c.judge(d, i, j, words)
	c.tagSpent += c.work - work
	c.work = work
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
	for _, d := range c.s.checked {
		c.tagSpent += len(value) / 4
		if d.auto.whole(value) || len(last) < len(value) && d.auto.whole(last) {
			return true
		}
	}
	return false
}

// pastInitial returns where a name ends that goes on at j behind an initial, with whose full stop
// the sentence seems to end.
func (c *scan) pastInitial(j int) int {
	rest := c.text[j:]
	if j < 2 || !isUpper(c.text[j-1]) || c.text[j-2] != ' ' || len(rest) < 4 || rest[0] != '.' || rest[1] != ' ' || !startsCapital(rest[2:]) {
		return j
	}
	n := 2
	for n < min(len(rest), mostGiven) && inName(rest[n]) {
		n++
	}
	return j + n
}

// isPasswordEnd are the marks that a password ends with and a sentence does not.
var isPasswordEnd = table("!#$&+@^~")

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
	return len(value) >= leastDevice && bytes.ContainsAny(value, "0123456789-.:_") && !bytes.ContainsAny(value, "()<>{}")
}

const (
	leastDevice = 4  // bytes of the name of a device
	leastNumber = 13 // digits of a number that others know better
)
