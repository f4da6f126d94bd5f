// Package sqltext cuts SQL into tokens. It reads what the dialects of PostgreSQL, MySQL,
// SQLite, SQL Server and Oracle have in common and where they differ it is told, or takes
// what no other reads otherwise. It never fails: what is no SQL is cut into signs.
package sqltext

import "bytes"

// Kind is what a token is.
type Kind uint8

// The kinds of tokens.
const (
	End     Kind = iota // of the text
	Word                // a keyword or a name
	Name                // a name in quotes, or a string of MySQL: "x", `x`, [x]
	String              // '…', N'…', E'…', $$…$$, q'[…]'
	Hex                 // X'…', B'…', 0x…
	Number              // 12, 1.5e3
	Comment             // of any form
	Sign                // any other byte
)

// Token is a piece of the text. Inside is what its quotes hold, of others all.
type Token struct {
	Kind     Kind
	From, To int
	In, Out  int
	Open     bool // the text ends before its quotes do
}

// Lexer reads tokens from At on. It is a plain value: a copy of it reads on from where it
// was copied.
type Lexer struct {
	Text      []byte
	At        int
	Backslash bool // escapes in strings, as in MySQL; in standard SQL it is a character
	Values    bool // "[" is no quote, and "#" starts a comment
	Doubt     bool // a backslash was met in front of a quote: the text reads otherwise with Backslash changed
	misses    int  // dollar quotes without an end
}

const (
	maxName   = 256 // bytes of a name in quotes
	maxMisses = 8   // dollar quotes without an end that are looked for
)

// Next returns the next token.
func (l *Lexer) Next() Token {
	for l.At < len(l.Text) && isBlank(l.Text[l.At]) {
		l.At++
	}
	if l.At >= len(l.Text) {
		return Token{Kind: End, From: len(l.Text), To: len(l.Text), In: len(l.Text), Out: len(l.Text)}
	}
	i := l.At
	switch c := l.Text[i]; {
	case isWord(c) && c != '$' && !isDigit(c):
		return l.word(i)
	case c == '\'':
		return l.quoted(String, i, i, l.Backslash)
	case c == '"':
		return l.name(i, '"')
	case c == '`':
		return l.name(i, '`')
	case c == '[' && !l.Values:
		return l.name(i, ']')
	case c == '-' && l.is(i+1, '-') && !(i > 0 && isDigit(l.Text[i-1]) && i+2 < len(l.Text) && isDigit(l.Text[i+2])): // 5--3 of MySQL
		return l.line(i, i+2)
	case c == '/' && l.is(i+1, '*'):
		return l.remark(i)
	case c == '#' && l.isRemark(i):
		return l.line(i, i+1)
	case c == '$':
		if t, ok := l.dollar(i); ok {
			return t
		}
	case isDigit(c):
		return l.number(i)
	case (c == '@' || c == '#') && i+1 < len(l.Text) && isWord(l.Text[i+1]):
		return l.word(i)
	}
	l.At++
	return Token{Kind: Sign, From: i, To: i + 1, In: i, Out: i + 1}
}

// Skip is Next for what is no comment.
func (l *Lexer) Skip() Token {
	for {
		if t := l.Next(); t.Kind != Comment {
			return t
		}
	}
}

// Is reports whether t is the sign c.
func (t Token) Is(text []byte, c byte) bool { return t.Kind == Sign && text[t.From] == c }

// IsWord reports whether t is the word w, which is in lower case.
func (t Token) IsWord(text []byte, w string) bool {
	if t.Kind != Word || t.To-t.From != len(w) {
		return false
	}
	for k := range len(w) {
		if text[t.From+k]|0x20 != w[k]|0x20 {
			return false
		}
	}
	return true
}

// Bytes returns what is inside t.
func (t Token) Bytes(text []byte) []byte { return text[t.In:t.Out] }

func (l *Lexer) is(i int, c byte) bool { return i < len(l.Text) && l.Text[i] == c }

func (l *Lexer) token(kind Kind, from, in, out, to int) Token {
	l.At = to
	return Token{Kind: kind, From: from, To: to, In: in, Out: out}
}

// Rest reads what is left of a token in quotes, of which the lexer stands inside.
func (l *Lexer) Rest(kind Kind, quote byte, backslash bool) Token {
	return l.upTo(kind, l.At, l.At, quote, backslash)
}

// quoted reads the quotes at i of a token that starts at from. A quote in them is written
// twice, or behind a backslash where that escapes.
func (l *Lexer) quoted(kind Kind, from, i int, backslash bool) Token {
	return l.upTo(kind, from, i+1, l.Text[i], backslash)
}

// upTo reads up to the quote that ends the token at from, of which the inside starts at in.
func (l *Lexer) upTo(kind Kind, from, in int, quote byte, backslash bool) Token {
	for k := in; k < len(l.Text); k++ {
		switch c := l.Text[k]; {
		case c == '\\' && k+1 < len(l.Text):
			if next := l.Text[k+1]; next == quote || next == '\\' {
				l.Doubt = true
			}
			if backslash {
				k++
			}
		case c != quote:
		case l.is(k+1, quote):
			k++
		default:
			return l.token(kind, from, in, k, k+1)
		}
	}
	t := l.token(kind, from, in, len(l.Text), len(l.Text))
	t.Open = true
	return t
}

// name reads a name that ends with end. Where none ends it is a sign.
func (l *Lexer) name(i int, end byte) Token {
	if end == '"' && l.Values { // a string, of any length
		return l.quoted(Name, i, i, l.Backslash)
	}
	for k := i + 1; k < min(len(l.Text), i+maxName); k++ {
		switch c := l.Text[k]; {
		case c == '\n':
			return l.token(Sign, i, i, i+1, i+1)
		case c != end:
		case l.is(k+1, end):
			k++
		default:
			return l.token(Name, i, i+1, k, k+1)
		}
	}
	return l.token(Sign, i, i, i+1, i+1)
}

// line reads a comment to the end of its line.
func (l *Lexer) line(i, in int) Token {
	end := len(l.Text)
	if n := bytes.IndexByte(l.Text[i:], '\n'); n >= 0 {
		end = i + n
	}
	out := max(in, end)
	if out > in && l.Text[out-1] == '\r' {
		out--
	}
	return l.token(Comment, i, in, out, end)
}

// remark reads a comment in signs of its own.
func (l *Lexer) remark(i int) Token {
	in := min(i+2, len(l.Text))
	if n := bytes.Index(l.Text[in:], []byte("*/")); n >= 0 {
		return l.token(Comment, i, in, in+n, in+n+2)
	}
	t := l.token(Comment, i, in, len(l.Text), len(l.Text))
	t.Open = true
	return t
}

// isRemark reports whether "#" at i starts a comment: in a name it does not, nor in an
// operator of PostgreSQL.
func (l *Lexer) isRemark(i int) bool {
	if i+1 >= len(l.Text) {
		return true
	}
	next := l.Text[i+1]
	if next == '>' || next == '-' || next == '=' {
		return false
	}
	return l.Values || !isWord(next)
}

// dollar reads a string of PostgreSQL between two tags: $$…$$, $body$…$body$.
func (l *Lexer) dollar(i int) (Token, bool) {
	k := i + 1
	for k < len(l.Text) && k-i < 64 && isWord(l.Text[k]) && l.Text[k] != '$' {
		k++
	}
	if k >= len(l.Text) || l.Text[k] != '$' || isDigit(l.Text[i+1]) || l.misses >= maxMisses {
		return Token{}, false
	}
	tag := l.Text[i : k+1]
	n := bytes.Index(l.Text[k+1:], tag)
	if n < 0 {
		l.misses++
		return Token{}, false
	}
	return l.token(String, i, k+1, k+1+n, k+1+n+len(tag)), true
}

// number reads a number, or a word that starts with digits.
func (l *Lexer) number(i int) Token {
	k := i
	if l.Text[i] == '0' && i+2 < len(l.Text) && l.Text[i+1]|0x20 == 'x' {
		for k += 2; k < len(l.Text) && isHex(l.Text[k]); k++ {
		}
		if k > i+2 && !(k < len(l.Text) && isWord(l.Text[k])) {
			return l.token(Hex, i, i+2, k, k)
		}
	}
	digits := true
	for k = i; k < len(l.Text) && (isWord(l.Text[k]) || l.Text[k] == '.'); k++ {
		c := l.Text[k]
		digits = digits && (isDigit(c) || c == '.' || c|0x20 == 'e')
	}
	if digits && l.Text[k-1]|0x20 == 'e' && k+1 < len(l.Text) && (l.Text[k] == '-' || l.Text[k] == '+') && isDigit(l.Text[k+1]) {
		for k++; k < len(l.Text) && isDigit(l.Text[k]); k++ {
		}
	}
	if digits {
		return l.token(Number, i, i, k, k)
	}
	return l.token(Word, i, i, k, k)
}

// word reads a word, or the string that it marks.
func (l *Lexer) word(i int) Token {
	k := i + 1
	for k < len(l.Text) && isWord(l.Text[k]) {
		k++
	}
	w := l.Text[i:k]
	if l.is(k, '&') && l.is(k+1, '\'') && len(w) == 1 && w[0]|0x20 == 'u' {
		return l.quoted(String, i, k+1, false)
	}
	if !l.is(k, '\'') {
		return l.token(Word, i, i, k, k)
	}
	switch {
	case w[0] == '_': // the name of a character set
		return l.quoted(String, i, k, l.Backslash)
	case w[len(w)-1]|0x20 == 'q' && (len(w) == 1 || len(w) == 2 && w[0]|0x20 == 'n'):
		if t, ok := l.custom(i, k); ok {
			return t
		}
	case len(w) > 1:
	case w[0]|0x20 == 'x' || w[0]|0x20 == 'b':
		return l.quoted(Hex, i, k, false)
	case w[0]|0x20 == 'e':
		return l.quoted(String, i, k, true)
	case w[0]|0x20 == 'n':
		return l.quoted(String, i, k, l.Backslash)
	}
	return l.token(Word, i, i, k, k)
}

// custom reads a string of Oracle, whose writer chose what it ends with: q'[it's]'.
func (l *Lexer) custom(from, i int) (Token, bool) {
	if i+2 >= len(l.Text) || isBlank(l.Text[i+1]) {
		return Token{}, false
	}
	end := l.Text[i+1]
	if k := bytes.IndexByte([]byte("([{<"), end); k >= 0 {
		end = ")]}>"[k]
	}
	n := -1
	if l.misses < maxMisses {
		n = bytes.Index(l.Text[i+2:], []byte{end, '\''})
	}
	if n < 0 {
		l.misses++
		return Token{}, false
	}
	return l.token(String, from, i+2, i+2+n, i+2+n+2), true
}

func isBlank(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

func isWord(c byte) bool { return words[c] }

// words has the bytes that words are made of.
var words = func() (t [256]bool) {
	for c := range t {
		c := byte(c)
		t[c] = 'a' <= c|0x20 && c|0x20 <= 'z' || isDigit(c) || c == '_' || c == '$' || c >= 0x80
	}
	return t
}()
