package dlp

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkAlone is the check of first names that stand alone and of surnames behind what
// somebody is: the words beside them tell of them.
const checkAlone = "person_alone"

// alone tries the word with a capital at from as the name of a person by itself.
func (c *scan) alone(from int) {
	var buf [mostGiven + utf8.UTFMax]byte
	word, end, ok := c.oneName(buf[:0], from)
	if !ok || opensSentence(word) {
		return
	}
	given := isGiven(word)
	if !given && (len(word) <= leastAlone || hasHump(c.text[from:end]) || !c.behindWord(from)) {
		return
	}
	if joinsMore(c.text[end:]) || c.insideWord(from) || c.spent(from) {
		return
	}
	end, ok = c.signedAlone(word, given, from, end)
	if !ok || public(c.text[from:end]) || c.topical(word, from, end) {
		return
	}
	for _, d := range c.s.names {
		if d.alone {
			c.judge(d, from, end, false)
		}
	}
}

// signedAlone reports whether the words beside text[from:end], word in small letters, tell
// that it is a name, and where that ends. Given: it is a first name.
func (c *scan) signedAlone(word []byte, given bool, from, end int) (to int, ok bool) {
	c.work += signWork
	s, opens, inside := c.before(from)
	if !given && (s != fullSign || !c.endsAddress(end)) {
		return end, false
	}
	need := needs(word, given)
	end = c.withInitial(end)
	if suffix := c.pastSuffix(end); s < need && !inside && given && !bytes.HasSuffix(c.text[end:suffix], []byte("s")) {
		s = c.behind(suffix, opens)
	}
	return end, s >= need || need == someSign && !inside && c.amongPeople(from, end)
}

// opensSentence reports whether word is one of those that most sentences start with,
// which saves to look it up.
func opensSentence(word []byte) bool {
	switch string(word) {
	case "the", "this", "that", "these", "there", "then", "they", "you", "your", "and", "but", "for", "how", "what", "when", "why", "who", "can", "could", "please", "write",
		"each", "she", "answer", "make", "add", "all", "its", "use", "get", "set", "return", "returns", "der", "die", "das", "wir", "ich", "sie", "les", "une", "los":
		return true
	}
	return false
}

// hasHump reports whether a capital follows a small letter in word, as in names of types;
// McGregor has one in the third place.
func hasHump(word []byte) bool {
	for i := 3; i < len(word); i++ {
		if isUpper(word[i]) && isLower(word[i-1]) {
			return true
		}
	}
	return len(word) > 2 && isUpper(word[2]) && word[0] != 'M' && word[0] != 'D'
}

// behindWord reports whether a word stands in front of place i, with a blank between.
func (c *scan) behindWord(i int) bool {
	return i > 1 && c.text[i-1] == ' ' && (inName(c.text[i-2]) || c.text[i-2] == '.')
}

// leastAlone is how many bytes a name has that stands alone.
const leastAlone = 3

// oneName returns, in small letters, the word with a capital at from, and its end.
func (c *scan) oneName(dst []byte, from int) (word []byte, end int, ok bool) {
	text := c.text[from:min(len(c.text), from+mostGiven)]
	if len(text) < leastAlone || text[0] < utf8.RuneSelf && !isUpper(text[0]) || isUpper(text[1]) {
		return nil, 0, false
	}
	if text[0] < utf8.RuneSelf {
		n := 1
		for dst = append(dst, fold(text[0])); n < len(text) && isLower(text[n]); n++ {
			dst = append(dst, text[n])
		}
		if n == len(text) || text[n] == ' ' || text[n] == ',' || text[n] == '.' {
			return dst, from + n, n >= leastAlone
		}
	}
	return longName(dst[:0], text, from)
}

// longName is oneName for words with other letters than those of ASCII, or of two parts.
func longName(dst, text []byte, from int) (word []byte, end int, ok bool) {
	letters, lower := 0, false
	for end < len(text) {
		r, n := rune(text[end]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(text[end:])
		}
		switch {
		case unicode.IsLetter(r):
			if letters++; letters == 1 && !unicode.IsUpper(r) {
				return nil, 0, false
			}
			lower = lower || unicode.IsLower(r)
		case (r == '-' || r == '\'' || r == '’') && end+n < len(text) && startsCapital(text[end+n:]): // Gun-Britt, N'Guessan
		default:
			return dst, from + end, lower && letters >= leastAlone
		}
		dst = utf8.AppendRune(dst, lowerRune(r))
		end += n
	}
	return dst, from + end, lower && len(text) < mostGiven
}

// startsCapital reports whether text starts with a capital.
func startsCapital(text []byte) bool {
	r, _ := utf8.DecodeRune(text)
	return unicode.IsUpper(r)
}

// joinsMore reports whether what text starts with makes the word before it a part of a
// path, of code, or of a name of more words.
func joinsMore(text []byte) bool {
	if len(text) == 0 {
		return false
	}
	switch x := text[0]; x {
	case '_', '=', '/', '@', '[', '\\', '<', '{', '#', '+', '*', '`', '-':
		return true
	case '.', ':':
		return len(text) > 1 && (isAlnum(text[1]) || text[1] == ':')
	case '(':
		return true
	case ' ':
		if len(text) < 2 {
			return false
		}
		var buf [mostGiven]byte
		word, capital, size := nextWord(buf[:0], text[1:min(len(text), mostGiven)])
		if !capital {
			return isDigit(text[1]) || text[1] == '=' || particle(word) && len(word) > 1 && startsCapital(text[min(len(text), 1+size):])
		}
		if size == 2 && len(text) > 2 && text[2] == '.' {
			return false // an initial
		}
		return !plainWords().has(word) || particle(word) || surnames().has(word) || givenNames().has(word)
	default:
		return isDigit(x)
	}
}

// needs returns how sure the signs must be for word, in small letters.
func needs(word []byte, given bool) sign {
	kind := signWords()[string(word)]
	switch {
	case kind&signNone != 0 && given:
		return fullSign
	case !given && kind&(signNone|signGreet) != 0, roleWords()[string(word)] != notRole:
		return neverSign
	case !given && (plainWords().has(word) || twofoldNames().has(word)):
		return neverSign
	case !given, plainWords().has(word):
		return fullSign
	case twofoldNames().has(word):
		return goodSign
	}
	return someSign
}

// isGiven reports whether word, in small letters, is a first name, or one of two with a
// dash between them, also where a case changes its end.
func isGiven(word []byte) bool {
	if givenNames().has(word) {
		return true
	}
	if first, last, ok := bytes.Cut(word, []byte("-")); ok {
		return givenNames().has(first) && (givenNames().has(last) || len(last) > leastAlone)
	}
	return len(word) > 5 && word[0] >= 0xcd && isBent(word)
}

// bent are ends that cases give to first names in Russian and its like and in Greek,
// with what they take the place of.
var bent = [...]struct{ end, of string }{
	{"ой", "а"}, {"ою", "а"}, {"ей", "я"}, {"ею", "я"}, {"ом", ""}, {"ем", "й"}, {"ем", "ь"}, {"ові", ""}, {"єві", "й"}, {"ії", "ія"}, {"ию", "ия"}, {"ии", "ия"}, {"ію", "ія"},
	{"у", "а"}, {"ы", "а"}, {"е", "а"}, {"и", "а"}, {"і", "а"}, {"ю", "я"}, {"и", "я"}, {"е", "я"}, {"і", "я"}, {"а", ""}, {"у", ""}, {"е", ""}, {"я", "й"}, {"ю", "й"}, {"е", "й"}, {"я", "ь"}, {"ю", "ь"},
	{"ο", "ος"}, {"ου", "ος"}, {"ε", "ος"}, {"η", "ης"}, {"α", "ας"}, {"ας", "α"}, {"ης", "η"}, {"ά", "άς"}, {"ή", "ής"},
}

// isBent reports whether word is a first name in another case.
func isBent(word []byte) bool {
	if len(word) > mostGiven {
		return false
	}
	var buf [mostGiven + 2*utf8.UTFMax]byte
	for _, b := range bent {
		if !bytes.HasSuffix(word, []byte(b.end)) {
			continue
		}
		stem := append(append(buf[:0], word[:len(word)-len(b.end)]...), b.of...)
		if givenNames().has(stem) {
			return true
		}
	}
	return false
}

// pastSuffix returns where the end goes that an apostrophe parts from the name that
// ends at j: "Serhat'ı", "Anna's".
func (c *scan) pastSuffix(j int) int {
	text := c.text[j:min(len(c.text), j+mostGiven)]
	n := 0
	switch {
	case len(text) > 1 && text[0] == '\'':
		n = 1
	case bytes.HasPrefix(text, []byte("’")):
		n = len("’")
	}
	if n == 0 {
		return j
	}
	for n < len(text) && inName(text[n]) {
		n++
	}
	return j + n
}

// endsAddress reports whether what follows place j may follow a name that no list has.
func (c *scan) endsAddress(j int) bool {
	if j == len(c.text) {
		return true
	}
	switch c.text[j] {
	case ',', '!', ':', ';', '.', '\n', '\r', '?', ')':
		return true
	case ' ':
		return j+1 < len(c.text) && !startsCapital(c.text[j+1:])
	}
	return c.text[j] >= utf8.RuneSelf || c.pastSuffix(j) > j
}

// amongPeople reports whether another person is named shortly before text[i:j], or what
// stands there is the name of who writes in a chat.
func (c *scan) amongPeople(i, j int) bool {
	if c.afterPerson(i) {
		return true
	}
	if c.speaks(i, j) {
		var buf [mostGiven + utf8.UTFMax]byte
		return i > 1 && c.text[i-1] == ' ' || !surnames().has(appendLower(buf[:0], c.text[i:j]))
	}
	return false
}

// afterPerson reports whether another person is named shortly before place i.
func (c *scan) afterPerson(i int) bool {
	for n := len(c.hits) - 1; n >= max(c.base, len(c.hits)-2); n-- {
		if h := &c.hits[n]; h.End <= i && i-h.End <= listBytes && strings.HasPrefix(h.Detector, "person") {
			return true
		}
	}
	return false
}

// withInitial returns the end of the name that ends at j with the initial behind it.
func (c *scan) withInitial(j int) int {
	if t := c.text[j:]; len(t) > 2 && t[0] == ' ' && isUpper(t[1]) && t[2] == '.' {
		return j + 3
	}
	return j
}

// aloneAtStart tries the first word of the text, which no blank stands in front of.
func (c *scan) aloneAtStart() {
	if len(c.s.names) == 0 || len(c.text) < leastAlone || c.nameFirst() {
		return
	}
	c.alone(0)
}

// nameFirst reports whether a finding starts the text.
func (c *scan) nameFirst() bool {
	return slices.ContainsFunc(c.hits[c.base:], func(h Hit) bool { return h.Start == 0 })
}
