package dlp

import (
	"bytes"
	_ "embed"
	"sync"
	"unicode"
	"unicode/utf8"
)

// checkHealth is the name of the check whose words are the keywords of a detector
// that has none.
const checkHealth = "health"

// healthFile lists conditions, treatments and medicines in many languages.
//
//go:embed health.txt
var healthFile string

// healthWords are read from their file once.
var healthWords = sync.OnceValue(func() *lexicon { return newLexicon(healthFile) })

const (
	healthMore  = 4   // words behind a condition in which others may follow
	healthTaken = 160 // bytes that are read
)

// health reports whether value names a condition, a treatment or a medicine.
func health(value []byte) bool { return cutHealth(value) > 0 }

// cutHealth returns how much of a text that starts with a condition, a treatment or
// a medicine is that, others that follow it and the words that belong to them. 0: it
// starts with none.
func cutHealth(match []byte) int {
	var text folding
	text.read(match)
	words := healthWords()
	end, as := words.at(text.b[:text.n])
	if end == 0 || as >= roleMore {
		return 0
	}
	last, kind := end, false
	open := words.isHead(text.b[:text.n]) // what it befalls is still to come
	for i, left := text.skip(end), healthMore; i < text.n && left > 0; left-- {
		rest := text.b[i:text.n]
		size, as := words.at(rest)
		word := rest[:wordEnd(rest)]
		gap := match[text.past(end):text.from[i]]
		if isFieldEnd(gap) {
			return text.past(end)
		}
		beside := text.skip(end) == i && !bytes.ContainsAny(gap, ",;\n")
		switch {
		case size > 0 && as < roleMore:
			end, left, kind = i+size, healthMore+1, false
			open = words.isHead(rest)
		case size >= leastMore && as == roleMore, beside && (isStage(word) || size == 0 && text.joined(match, end)):
			end = i + max(size, len(word))
		case beside && size == 0 && !kind && ofKind(match[text.from[i]:text.past(i+len(word))]):
			end, open, kind = i+len(word), false, true
		case open && size == 0 && i == last+1 && len(word) > 2 && !words.tells(word, roleSays) && !words.tells(word, roleEnd):
			end, open = i+len(word), false
		case size == 0:
			open = false
		}
		last = i + max(size, len(word))
		i = text.skip(last)
	}
	return text.past(end)
}

// isFieldEnd reports whether what stands between two words ends a string, a cell or a field.
func isFieldEnd(gap []byte) bool {
	if bytes.ContainsAny(gap, "\"'\t|\\") {
		return true
	}
	i := bytes.IndexAny(gap, ",;")
	return i >= 0 && i == len(gap)-1
}

// leastMore is how long a word is at least with which a name may end: one does not
// end in "of".
const leastMore = 4

// isStage reports whether a short word behind a condition has a digit in it: what it
// counts belongs to the condition ("type 2", "L4").
func isStage(word []byte) bool { return len(word) <= 4 && bytes.ContainsAny(word, "0123456789") }

// ofKind reports whether word may tell the condition before it apart from others of
// its kind: "hérnia discal". It is in small letters and no ordinary word.
func ofKind(word []byte) bool {
	for _, r := range string(word) {
		if !unicode.IsLower(r) {
			return false
		}
	}
	return len(word) >= leastKind && !plainWords().has(word) && !healthWords().tells(word, roleSays) && !healthWords().tells(word, roleEnd) &&
		!healthWords().tells(word, roleWho)
}

// leastKind is how long a word is at least that says of which kind a condition is.
const leastKind = 6

// folding is a text in lower case, in which what is no letter and no digit is a
// blank.
type folding struct {
	b    [healthTaken]byte
	from [healthTaken]uint16 // where each byte comes from
	n    int
	end  int // of the text that was read
}

func (f *folding) read(text []byte) {
	for f.end < len(text) && f.n+utf8.UTFMax <= len(f.b) {
		r, size := utf8.DecodeRune(text[f.end:])
		switch {
		case r == '’':
			r = '\''
		case unicode.IsLetter(r), unicode.IsMark(r), unicode.IsDigit(r):
			r = unicode.ToLower(r)
		case r == '\'' && f.n > 0 && f.b[f.n-1] != ' ' && startsWithLetter(text[f.end+1:]): // inside a word
		default:
			r = ' '
		}
		n := utf8.EncodeRune(f.b[f.n:], r)
		for k := range n {
			f.from[f.n+k] = uint16(f.end)
		}
		f.n += n
		f.end += size
	}
}

// startsWithLetter reports whether text does.
func startsWithLetter(text []byte) bool {
	r, _ := utf8.DecodeRune(text)
	return unicode.IsLetter(r)
}

// skip returns where the next word from i on starts.
func (f *folding) skip(i int) int {
	for i < f.n && f.b[i] == ' ' {
		i++
	}
	return i
}

// joined reports whether a dash joins the word that ends at i to the next.
func (f *folding) joined(match []byte, i int) bool { return i < f.n && match[f.from[i]] == '-' }

// past returns the place in the text that was read of the end of the first i bytes.
func (f *folding) past(i int) int {
	if i >= f.n {
		return f.end
	}
	return int(f.from[i])
}
