package dlp

import (
	"sync"
	"unicode/utf8"
)

// checkRole is the check of names that a role in front of them tells: their words need
// not be known.
const checkRole = "person_behind_role"

// roleKind is a kind of word in front of a name.
type roleKind uint8

const (
	notRole     = roleKind(iota)
	privateRole // "tenant": what a company can't be
	anyRole     // "customer": or can
	roleTitle   // "Mrs"
	roleLink    // "named": what may stand between these and the name
)

// roleWords are words for what somebody is to others, in their inflected forms, and
// what stands beside them.
var roleWords = sync.OnceValue(func() map[string]roleKind {
	kinds := make(map[string]roleKind)
	e := personEntries()
	for kind, words := range map[roleKind]entries{roleLink: e["role-link"], roleTitle: e["role-title"], anyRole: e["role-lax"], privateRole: e["role"]} {
		for w := range words {
			if old := kinds[w]; old == notRole || kind < old {
				kinds[w] = kind
			}
		}
	}
	return kinds
})

// roleBehind says what a word in front of a name tells.
type roleBehind uint8

const (
	noRole   = roleBehind(iota)
	laxRole  // the words of the name should be known
	fullRole // they need not be
	signRole // another sign has been found
)

const (
	mostRole    = 40 // bytes of a role
	mostToRole  = 4  // marks and blanks between it and the name
	mostLinks   = 2  // words between them
	roleWork    = 4
	commaBefore = ','
)

// roleBefore returns what the words before place i, where a name may start, say of it.
func (c *scan) roleBefore(i int) roleBehind {
	words := roleWords()
	said := noRole
	for range mostLinks + 1 {
		at := i
		for n := 0; at > 0 && n < mostToRole && roleGap(c.text[at-1]); n++ {
			at--
		}
		if at == i && i > 0 {
			at = beforeQuote(c.text, i)
		}
		from := at
		for from > 0 && at-from < mostRole && (inName(c.text[from-1]) || c.text[from-1] == '.') {
			from--
		}
		c.work += roleWork
		if from == at {
			return said
		}
		var buf [mostRole + utf8.UTFMax]byte
		word := appendLower(buf[:0], trimDots(c.text[from:at]))
		switch words[string(word)] {
		case privateRole:
			return fullRole
		case anyRole:
			return laxRole
		case roleTitle:
			said = laxRole
		case notRole:
			return said
		}
		i = from
	}
	return said
}

// roleGap tells the bytes that may part a role from a name.
func roleGap(b byte) bool {
	switch b {
	case ' ', commaBefore, ':', '"', '\'', '(', '*', '-', '>', ';', '\n':
		return true
	}
	return false
}

// beforeQuote returns where a quotation mark of more than one byte starts that ends at i.
func beforeQuote(text []byte, i int) int {
	r, n := utf8.DecodeLastRune(text[:i])
	switch r {
	case '“', '„', '«', '»', '‘', '’', '—', '–':
		for i -= n; i > 0 && text[i-1] == ' '; i-- {
		}
	}
	return i
}

// trimDots returns word without the dots at its ends.
func trimDots(word []byte) []byte {
	for len(word) > 0 && word[len(word)-1] == '.' {
		word = word[:len(word)-1]
	}
	return word
}

// personBehindRole is personName for words behind a role: none of them is an ordinary
// word, and they are nobody whom all know.
func personBehindRole(value []byte) bool {
	n := judgeName(value)
	return n.words > 0 && (n.plain == 0 || n.plain == 1 && n.firstPlain && n.surname) && !public(value)
}

// isRole reports whether word is a role or a title.
func isRole(word []byte) bool {
	var buf [mostRole + utf8.UTFMax]byte
	if len(word) > mostRole {
		return false
	}
	kind := roleWords()[string(appendLower(buf[:0], word))]
	return kind == privateRole || kind == anyRole
}

// leastLower is how many bytes a surname in lower case has at least.
const leastLower = 5

// personLower checks that one or two words in lower case are a first name and what no
// language has in ordinary use, or a surname.
func personLower(value []byte) bool {
	var a, b [mostGiven]byte
	first, capital, size := nextWord(a[:0], value)
	if capital || len(first) < 3 || plainWords().has(first) || twofoldNames().has(first) || public(value) {
		return false
	}
	second, _, _ := nextWord(b[:0], value[min(size, len(value)):])
	if givenNames().has(first) && len(second) >= leastLower && !plainWords().has(second) {
		return true
	}
	return len(first) >= leastLower && surnames().has(first)
}

// personLowerPair checks that two words in lower case are a first name that is no other
// word and one that no language has in ordinary use.
func personLowerPair(value []byte) bool {
	var a, b [mostGiven]byte
	first, capital, size := nextWord(a[:0], value)
	second, capital2, _ := nextWord(b[:0], value[min(size, len(value)):])
	words := signWords()
	if capital || capital2 || !givenNames().has(first) || plainWords().has(first) || twofoldNames().has(first) || words[string(first)] != 0 {
		return false
	}
	return len(second) >= leastLower-1 && !plainWords().has(second) && words[string(second)] == 0 && roleWords()[string(second)] == notRole && !public(value)
}
