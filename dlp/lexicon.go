package dlp

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A lexicon holds words and phrases by their first bytes.
type lexicon struct {
	starts  heads[lexeme]
	words   []string          // those that are found by themselves
	befalls heads[lexeme]     // what words start with that are followed by what they befall
	single  map[string]uint16 // words that tell of what stands beside them, with a bit for each of their roles
}

// lexeme is a word, or what words start with.
type lexeme struct {
	text string
	open bool // the word may go on
	role role
}

// role is what a word is for.
type role uint8

const (
	roleName  role = iota // it is what the lexicon is of
	roleSoft              // it is, if the words in front of it say so
	roleMore              // it belongs to the word before it
	roleElse              // it begins as a name does and is none
	roleFront             // it belongs to the word behind it
	roleHead              // it is followed by what it befalls
	roleEnd               // no name goes on with it
	roleSays              // it says that somebody is or has what follows
	roleWho               // it means a person for sure
	roleAsk               // it speaks of health in general unless such a person is near
)

// roleMarks stand before the entries of other roles.
var roleMarks = map[byte]role{'?': roleSoft, '+': roleMore, '~': roleElse, '-': roleFront, '>': roleHead, '!': roleEnd, '=': roleSays, '@': roleWho, '%': roleAsk}

// newLexicon reads entries that commas part, in lines of which those that start
// with a hash are comments.
func newLexicon(file string) *lexicon {
	l := &lexicon{single: make(map[string]uint16)}
	for line := range strings.Lines(file) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for entry := range strings.SplitSeq(strings.TrimSpace(line), ",") {
			l.add(strings.TrimSpace(entry))
		}
	}
	return l
}

func (l *lexicon) add(entry string) {
	if entry == "" {
		return
	}
	e := lexeme{role: roleMarks[entry[0]]}
	if e.role != roleName {
		entry = entry[1:]
	}
	if e.role == roleFront || e.role >= roleEnd {
		l.single[entry] |= 1 << e.role
		return
	}
	e.text, e.open = strings.CutSuffix(entry, "*")
	h := headOf([]byte(e.text))
	if e.role == roleHead {
		l.befalls.add(h, e)
		return
	}
	l.starts.add(h, e)
	if e.role < roleMore {
		l.words = append(l.words, e.text)
	}
}

// spellings returns the words as a text may have them: with a capital where that is
// no letter of ASCII, whose case a search does not see, and abbreviations in capitals.
func (l *lexicon) spellings() []string {
	var out []string
	for _, w := range l.words {
		if l.covered(w) {
			continue
		}
		out = append(out, w)
		if first := capital(w); first != w {
			out = append(out, first)
			if utf8.RuneCountInString(w) <= longestShort {
				out = append(out, strings.ToUpper(w))
			}
		}
	}
	return out
}

// covered reports whether another entry is found wherever w stands, since w goes on
// with it.
func (l *lexicon) covered(w string) bool {
	for _, e := range l.starts.at(headOf([]byte(w))) {
		if e.role < roleMore && len(e.text) < len(w) && e.open && strings.HasPrefix(w, e.text) {
			return true
		}
	}
	return false
}

// longestShort is how many letters an abbreviation has at most.
const longestShort = 4

// mayStart reports whether an entry may start as a word of four bytes or more does.
func (l *lexicon) mayStart(word []byte) bool { return l.starts.may.has(headOf(word)) }

// at returns how many bytes of text, in lower case with single blanks, the longest
// entry takes that it starts with, to the end of the word, and what that is for.
func (l *lexicon) at(text []byte) (size int, as role) {
	size, as = longestEntry(l.starts.at(headOf(text)), text, 0)
	if end := wordEnd(text); end < 4 {
		if n, r := longestEntry(l.starts.at(headOf(text[:end])), text, size); n > size {
			return n, r
		}
	}
	return size, as
}

// longestEntry returns the longest of entries that text starts with, if it is
// longer than size.
func longestEntry(entries []lexeme, text []byte, size int) (n int, as role) {
	longest := 0
	for _, e := range entries {
		k := len(e.text)
		if k <= longest || k > len(text) || string(text[:k]) != e.text {
			continue
		}
		end := k
		if !runsOn(text) {
			end += wordEnd(text[k:])
		}
		if end == k || e.open {
			longest, size, as = k, max(size, end), e.role
		}
	}
	return size, as
}

// wordEnd returns the length of the word at the start of text.
func wordEnd(text []byte) (n int) {
	for n < len(text) && text[n] != ' ' {
		n++
	}
	return n
}

// runsOn reports whether text is in a script without blanks, where words end
// anywhere.
func runsOn(text []byte) bool {
	r, _ := utf8.DecodeRune(text)
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// isHead reports whether the word that text starts with is followed by what it befalls.
func (l *lexicon) isHead(text []byte) bool {
	size, _ := longestEntry(l.befalls.at(headOf(text)), text, 0)
	if end := wordEnd(text); size == 0 && end < 4 {
		size, _ = longestEntry(l.befalls.at(headOf(text[:end])), text, 0)
	}
	return size > 0
}

// tells reports whether word, in any letter case, has a role for what follows it.
func (l *lexicon) tells(word []byte, as role) bool {
	var buf [64]byte
	b := buf[:0]
	for _, r := range string(word) {
		if len(b)+utf8.UTFMax > len(buf) {
			return false
		}
		b = utf8.AppendRune(b, lowerRune(r))
	}
	return l.single[string(b)]&(1<<as) != 0
}
