package dlp

import (
	"sync"
	"unicode/utf8"
)

// checkRole is the check of names that a role in front of them tells: their words need
// not be known.
const checkRole = "person_behind_role"

// roleWords are words for what somebody is to others, in their inflected forms.
var roleWords = sync.OnceValue(func() *roles {
	e := personEntries()
	return &roles{e["role"], e["role-lax"], e["role-link"], e["role-title"]}
})

// roles are the words that may stand in front of a name.
type roles struct {
	private entries // "tenant": what a company can't be,
	lax     entries // "customer": or can,
	links   entries // "named": what may stand between these and the name,
	titles  entries // "Mrs"
}

// roleBehind says what a word in front of a name tells.
type roleBehind uint8

const (
	noRole   = roleBehind(iota)
	laxRole  // the words of the name should be known
	fullRole // they need not be
)

const (
	mostRole    = 40 // bytes of a role
	mostToRole  = 4  // marks and blanks between it and the name
	mostLinks   = 2  // words between them
	roleWork    = 12
	commaBefore = ','
)

// roleBefore returns what the words before place i, where a name may start, say of it.
func (c *scan) roleBefore(i int) roleBehind {
	r := roleWords()
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
		switch {
		case r.private.has(string(word)):
			return fullRole
		case r.lax.has(string(word)):
			return laxRole
		case r.titles.has(string(word)):
			said = laxRole
		case !r.links.has(string(word)):
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
	r, w := roleWords(), appendLower(buf[:0], word)
	return r.private.has(string(w)) || r.lax.has(string(w))
}
