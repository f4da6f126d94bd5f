package dlp

import (
	"bytes"
	_ "embed"
	"strings"
)

// assigned returns where the value starts that is assigned to the name whose
// keyword ends at i: after `_name`, `": "`, ` := "`, `=>`, ` is `, `>` and the
// like, or in the field beside it. It looks at a bounded number of bytes.
func assigned(text []byte, i int) (int, bool) {
	if operator[text[i-1]] { // the keyword has it
		i--
	}
	i = skip(text, i, maxName, &nameByte)
	named := i
	i = skip(text, i, 4, &closer)
	closed := i > named
	j := beside(text, i)
	if j < 0 {
		i = skip(text, i, 4, &blank)
		j = equals(text, i, closed)
	}
	if j < 0 {
		if quoted := skip(text, i, 1, &quote); quoted > i && i > named && blank[text[i-1]] { // password "..."
			return quoted, quoted < len(text)
		}
		return 0, false
	}
	if text[j-1] == '?' || text[j-1] == ':' {
		if k := answered(text, j); k >= 0 {
			return k, true
		}
	}
	if text[j-1] == '>' { // the text of an element may stand on a line of its own
		i = skip(text, j, 24, &space)
	} else {
		i = skip(text, j, 8, &blank)
		if k := typed(text, i); text[j-1] == ':' && k > 0 { // token: string = "..."
			i = skip(text, k, 8, &blank)
		}
	}
	i = skip(text, i, 4, &opener)
	for _, q := range openQuotes {
		if bytes.HasPrefix(text[i:], q) {
			i += len(q)
			break
		}
	}
	return i, i < len(text)
}

// openQuotes are the quotation marks of prose, behind which a value starts.
var openQuotes = [][]byte{[]byte("“"), []byte("„"), []byte("«"), []byte("‘"), []byte("「"), []byte("『")}

// equals returns the end of what stands for "is" at i, or -1.
func equals(text []byte, i int, closed bool) int {
	at := i
	if at+1 < len(text) && text[at] == '.' && text[at+1] == '=' {
		at++
	}
	if j := skip(text, at, 4, &operator); j > at {
		return j
	}
	if closed && i < len(text) && text[i] == ',' { // set("token", "..."): between two quoted texts
		if j := skip(text, i+1, 4, &blank); j < len(text) && quote[text[j]] {
			return i + 1
		}
		return -1
	}
	if j := isWordIs(text, i); j > 0 {
		return j
	}
	if j := ofWhat(text, i); j > 0 {
		return j
	}
	return typed(text, i)
}

// typed returns the end of a type and an equals sign at i, or -1: the middle of
// `var token string = "..."`.
func typed(text []byte, i int) int {
	j := skip(text, i, 16, &isWord)
	k := skip(text, j, 4, &blank)
	if j == i || k >= len(text) || text[k] != '=' {
		return -1
	}
	return k + 1
}

const maxName = 32

var (
	nameByte = bytesOfName()
	closer   = table("\"'`[])\\0123456789")
	blank    = table(" \t")
	space    = table(" \t\r\n")
	colon    = table(":")
	quote    = table("\"'`")
	operator = table("=:>|?~!")
	opener   = table("\"'`@\\([{")

	// assignFollow are the bytes behind a name that is assigned to.
	assignFollow = bytesOf(func(c byte) bool { return nameByte[c] || closer[c] || space[c] || operator[c] || c >= 0x80 })
)

// bytesOfName returns those of a name with its endings: of ASCII, Latin and
// Cyrillic ("parolası", "паролем").
func bytesOfName() (t [256]bool) {
	t = table("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")
	for c := range t {
		t[c] = t[c] || c >= 0x80 && c < 0xc0 || c >= 0xc3 && c <= 0xc5 || c == 0xd0 || c == 0xd1
	}
	return t
}

func skip(text []byte, i, most int, set *[256]bool) int {
	for end := min(len(text), i+most); i < end && set[text[i]]; i++ {
	}
	return i
}

// isWordIs returns the end of "is" at i in any of the languages of copulas.txt,
// the operator of a person's sentence, or -1.
func isWordIs(text []byte, i int) int {
	if i == 0 || i >= len(text) || !copulaFirst[text[i]] {
		return -1
	}
	apart := blank[text[i-1]]
	for _, w := range copulas {
		j := i + len(w.text)
		if j > len(text) || !apart && !w.joined || !equalFold(text[i:j], w.text) {
			continue
		}
		if w.joined || j < len(text) && (blank[text[j]] || text[j] == ':') {
			return skip(text, j, 1, &colon)
		}
	}
	return -1
}

// copula is a word for "is", in lower case.
type copula struct {
	text   string
	joined bool // it needs no blanks
}

//go:embed copulas.txt
var copulaLines string

// copulas are the words of copulas.txt, copulaFirst the bytes that they start
// with.
var copulas, copulaFirst = func() (words []copula, first [256]bool) {
	for line := range strings.Lines(copulaLines) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		word, joined := strings.CutPrefix(line, "*")
		words = append(words, copula{word, joined})
		first[word[0]] = true
		if isLower(word[0]) {
			first[word[0]&^0x20] = true
		}
	}
	return words, first
}()

// equalFold reports whether s is word, which is in lower case, in any letter case
// of ASCII.
func equalFold(s []byte, word string) bool {
	for k := range len(word) {
		if fold(s[k]) != word[k] {
			return false
		}
	}
	return true
}
