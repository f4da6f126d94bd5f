package dlp

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// What stands beside a name in running text tells that it is one of a person: who is
// greeted, asked or told, what somebody is, wants or forgot. With such a sign a first
// name alone is enough, or two words with capitals that no list has.

// signKind is a set of what a word beside a name may be (personsigns.txt).
type signKind uint16

const (
	signGreet = signKind(1 << iota) // the name follows: "Dear"
	signTell                        // it is asked or told
	signLink                        // stands between such a word and the name
	signAux                         // a verb that helps another: "did", "has"
	signSkip                        // says nothing: "also"
	signDo                          // what people do
	signSay                         // the same right behind the name only
	signDept                        // where they work,
	signAt                          // behind such a word
	signAnd                         // a clause begins: "because"
	signLoose                       // a role that is another word, too
	signLabel                       // of people on a list
	signNone                        // a name that alone stands for something else
)

//go:embed personsigns.txt
var signText string

var signWords = sync.OnceValue(func() map[string]signKind {
	kinds := map[string]signKind{
		"greet": signGreet, "tell": signTell, "link": signLink, "aux": signAux, "skip": signSkip, "do": signDo,
		"say": signSay, "dept": signDept, "at": signAt, "and": signAnd, "loose": signLoose, "label": signLabel, "none": signNone,
	}
	return wordKinds(signText, kinds)
})

// sign is how sure the words beside a name make it that it is one.
type sign uint8

const (
	noSign   = sign(iota)
	someSign // in front of what may be a verb: a first name that is nothing else
	goodSign // asked or told: a first name
	fullSign // greeted, or behind what somebody is: any word that is no ordinary one

	neverSign = fullSign + 1 // more than any
)

const (
	mostBesides = 3 // words on either side of a name that are looked at
	signWork    = 16
)

// wordEnding returns the word that ends at i, behind a blank, and where it starts; word
// is empty if none does.
func (c *scan) wordEnding(dst []byte, i int) (word []byte, from int, capital bool) {
	from = i
	for from > 0 && i-from < mostRole && (inName(c.text[from-1]) || c.text[from-1] == '/') {
		from--
	}
	for from < i && c.text[from] >= utf8.RuneSelf {
		r, n := utf8.DecodeRune(c.text[from:i])
		if unicode.IsLetter(r) {
			break
		}
		from += n
	}
	if from == i {
		return nil, i, false
	}
	r, _ := utf8.DecodeRune(c.text[from:i])
	return appendLower(dst, c.text[from:i]), from, unicode.IsUpper(r)
}

// before tells what the words in front of place i say of a name there; opens: it may be
// the subject, and inside: a word with a capital and no meaning stands in front.
func (c *scan) before(i int) (s sign, opens, inside bool) {
	words := signWords()
	linked := false
	for n := range mostBesides {
		at := i
		comma := false
		for at > 0 && (c.text[at-1] == ' ' || n == 0 && c.text[at-1] == ',' && !comma) {
			comma = comma || c.text[at-1] == ','
			at--
		}
		if n == 0 && at == i && i > 0 && c.text[i-1] != '\n' {
			return noSign, c.text[i-1] == '|' || c.text[i-1] == '(', c.text[i-1] == '"'
		}
		var buf [mostRole + utf8.UTFMax]byte
		word, from, capital := c.wordEnding(buf[:0], at)
		c.work += signWork
		if n == 0 && at > 1 && (c.text[at-1] == ':' || c.text[at-1] == '>' && c.text[at-2] == '-') && c.underLabel(at-1) {
			return goodSign, true, false
		}
		if len(word) == 0 || at == i { // the start of a line, or behind a mark
			return noSign, n == 0, n == 0 && at > 0 && (c.text[at-1] == '&' || c.text[at-1] == '/' || c.text[at-1] == '+')
		}
		kind := words[string(word)]
		role := roleWords()[string(word)]
		switch {
		case kind&signGreet != 0 && n == 0:
			return fullSign, true, false
		case comma:
			return noSign, true, false
		case role == privateRole && n == 0 && kind&signLoose == 0:
			return fullSign, false, false
		case kind&signTell != 0, role == privateRole && kind&signLoose == 0, role == anyRole && n == 0, kind&signDept != 0 && linked:
			return goodSign, n == 0 && kind&signAnd != 0, false
		case kind&signLink != 0 && !(kind&signAnd != 0 && n == 0):
			linked = true
			i = from
			continue
		case kind&signAux != 0 && n == 0:
			return someSign, false, false
		}
		return noSign, n == 0 && kind&signAnd != 0, n == 0 && capital && kind&^signNone == 0
	}
	return noSign, false, false
}

// behind tells what the words behind place j say of a name in front.
func (c *scan) behind(j int, opens bool) sign {
	text := c.text[:min(len(c.text), j+besideBytes)]
	words := signWords()
	if pronouns(text[j:]) {
		return fullSign
	}
	at := false
	for n := range mostBesides {
		if j+1 >= len(text) || text[j] != ' ' {
			return noSign
		}
		var buf [mostRole + utf8.UTFMax]byte
		end := j + 1
		for end < len(text) && (inName(text[end]) || text[end] == '/') {
			end++
		}
		word := appendLower(buf[:0], text[j+1:min(end, j+1+mostRole)])
		c.work += signWork
		kind := words[string(word)]
		switch {
		case kind&signDept != 0 && at:
			return goodSign
		case kind&(signDo|signSay) != 0 && (n == 0 || kind&signSay == 0):
			return goodSign
		case n == 0 && opens && isLower(text[j+1]) && verbal(word):
			return someSign
		case kind&signAux != 0 && n == 0 && opens:
			if c.behind(end, false) != noSign {
				return goodSign
			}
			return someSign
		case kind&signAt != 0 && n == 0:
			at = true
		case kind&signLink != 0 && at, kind&(signSkip|signAux) != 0:
		default:
			return noSign
		}
		j = end
	}
	return noSign
}

// pronouns reports whether text starts with how somebody wants to be spoken of.
func pronouns(text []byte) bool {
	s := string(text[:min(len(text), 6)])
	return strings.HasPrefix(s, " (she/") || strings.HasPrefix(s, " (he/h") || strings.HasPrefix(s, " (they")
}

// verbEnds are ends of verbs in the third person.
var verbEnds = [...]string{"ed", "es", "ts", "ks", "ns", "ds", "ps", "rs", "te", "de", "et", "gt", "ht", "lt", "mt", "nt", "rt", "kt", "ft", "bt", "tt", "ar", "er", "ał", "ła", "al", "il", "la", "ił", "ил", "ел", "ла", "ет", "ит", "ει", "σε", "tı", "ti", "du", "dı", "di", "yor", "ee", "aa", "ää", "si"}

// leastVerb is how many bytes a verb has that is known by its end.
const leastVerb = 5

// verbal reports whether word ends as verbs do.
func verbal(word []byte) bool {
	if len(word) < leastVerb {
		return false
	}
	for _, e := range verbEnds {
		if strings.HasSuffix(string(word), e) {
			return true
		}
	}
	return false
}

// underLabel reports whether one of the words on the line before place i says what people
// are listed there: "Attendees of the course".
func (c *scan) underLabel(i int) bool {
	words := signWords()
	for range mostBesides {
		for i > 0 && (c.text[i-1] == ' ' || c.text[i-1] == '-' || isDigit(c.text[i-1])) {
			i--
		}
		var buf [mostRole + utf8.UTFMax]byte
		word, from, _ := c.wordEnding(buf[:0], i)
		c.work += signWork
		if len(word) == 0 {
			return false
		}
		if role := roleWords()[string(word)]; role == privateRole || role == anyRole || words[string(word)]&signLabel != 0 {
			return true
		}
		i = from
	}
	return false
}

// signedPair reports whether what stands beside the two words with capitals, the first of
// which is text[from:to], tells that they are a name. Known: one of them is known as a
// part of names.
func (c *scan) signedPair(from, to, blank int, known bool) bool {
	if inUpper(c.text[from:to]) {
		return false
	}
	s, _, inside := c.before(from)
	switch {
	case s == fullSign, c.afterPerson(from), s == goodSign && known:
		return true
	case inside || known:
		return false // the words around a known one are looked at later
	}
	var one, two [mostGiven + utf8.UTFMax]byte
	word, end, ok := c.oneName(two[:0], blank+1)
	if !ok || plainWords().has(word) || c.spent(from) || c.behind(end, true) < goodSign {
		return false
	}
	first := appendLower(one[:0], c.text[from:to])
	return len(first) > leastAlone && !plainWords().has(first) && signWords()[string(first)] == 0
}

// signed reports whether the words beside text[i:j] tell of a person.
func (c *scan) signed(i, j int) bool {
	s, opens, _ := c.before(i)
	return s >= goodSign || c.behind(c.pastSuffix(j), opens) >= goodSign
}
