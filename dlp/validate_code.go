package dlp

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// cutCode returns how much of a text that starts with a line of code is code: it
// ends before the first three lines in a row that look like none, or at a fence.
func cutCode(match []byte) int {
	end, strange := 0, 0
	for i := 0; i < len(match); {
		n := bytes.IndexByte(match[i:], '\n')
		if n < 0 {
			n = len(match) - i
		} else {
			n++
		}
		line := bytes.TrimSpace(match[i : i+n])
		if bytes.HasPrefix(line, []byte("```")) {
			break
		}
		i += n
		switch {
		case len(line) == 0:
		case codeLine(line):
			end, strange = i, 0
		default:
			if strange++; strange == 3 {
				return end
			}
		}
	}
	return end
}

// codeLine reports whether a line looks like code: it ends or starts as
// statements do, or has an operator that prose has not.
func codeLine(line []byte) bool {
	switch line[len(line)-1] {
	case '{', '}', ';', ')', '(', ',', ':', '>', ']':
		return true
	case '"':
		if isImport(line) {
			return true
		}
	}
	if codeHeads.first[line[0]] && codeHeads.begin(line) {
		return true
	}
	for i, x := range line {
		if codeMarks.first[x] && codeMarks.begin(line[i:]) {
			return true
		}
	}
	return false
}

// codeHeads are what lines of code begin with, codeMarks what stands in them.
var (
	codeHeads = newMarks("//", "#", "/*", "* ", "return", "def ", "class ", "fn ", "func ", "mov ", "import ", "end", "}", "<", "--", "if ", "for ", "else", "let ", "var ", "val ", "const ", "case ", "break", "fi", "done", "echo ",
		"SELECT ", "FROM ", "WHERE ", "GROUP BY ", "ORDER BY ", "JOIN ", "LEFT ", "INNER ", "AND ", "VALUES", "LIMIT ")
	codeMarks = newMarks(" = ", ":=", "==", "->", "=>", "::", "();", "&&", "||", "+=", "!=", "<-", "\t")
)

// marks are short texts by their first bytes.
type marks struct {
	first [256]bool
	of    [256][]string
}

func newMarks(texts ...string) *marks {
	m := new(marks)
	for _, s := range texts {
		m.first[s[0]] = true
		m.of[s[0]] = append(m.of[s[0]], s)
	}
	return m
}

// begin reports whether s begins with one of them.
func (m *marks) begin(s []byte) bool {
	for _, mark := range m.of[s[0]] {
		if len(s) >= len(mark) && string(s[:len(mark)]) == mark {
			return true
		}
	}
	return false
}

// code checks that a piece of code has four lines or more, of which the last may
// be the end of the text.
func code(value []byte) bool {
	return bytes.Count(bytes.TrimRight(value, "\r\n"), []byte("\n")) >= 3
}

// cutTable returns how much of a text that starts inside the head of a table is
// the table: the rows have as many separators as the rest of the head, or more.
func cutTable(match []byte) int {
	n := bytes.IndexByte(match, '\n')
	if n < 0 {
		return 0
	}
	sep := byte(0)
	for _, c := range match[:n] {
		if c == ',' || c == ';' || c == '\t' || c == '|' {
			sep = c
			break
		}
	}
	want := bytes.Count(match[:n], []byte{sep})
	end := n + 1
	for end < len(match) {
		n := bytes.IndexByte(match[end:], '\n')
		if n < 0 {
			n = len(match) - end
		} else {
			n++
		}
		if got := bytes.Count(match[end:end+n], []byte{sep}); got < want || got > want+30 {
			break
		}
		end += n
	}
	return end
}

// peopleTable checks a table of people: two rows or more, no field of JSON, and
// text that is none of prose.
func peopleTable(value []byte) bool {
	_, rows, _ := bytes.Cut(value, []byte("\n"))
	rows = bytes.TrimSpace(rows)
	if !tableHead(value) || bytes.IndexByte(rows, '\n') < 0 {
		return false
	}
	all, replaced := 0, 0
	for row := range bytes.Lines(rows) {
		all++
		if hasReplaced(row) {
			replaced++
		}
	}
	return 2*replaced < all // else its cells are gone already
}

// longestHead is how long the first line of a table is at most.
const longestHead = 400

// tableHead checks the first line of a table.
func tableHead(text []byte) bool {
	end := bytes.IndexByte(text[:min(len(text), longestHead+1)], '\n')
	if end < 0 {
		return false
	}
	for i, c := range text[:end] {
		switch c {
		case ':', '(':
			return false
		case ',', ';':
			if i+1 < end && text[i+1] == ' ' {
				return false
			}
		}
	}
	return true
}

// cjkInjection checks that a phrase of Chinese or Japanese orders to ignore what
// stands before: a verb of ignoring and a word for instructions.
func cjkInjection(value []byte) bool {
	verb := false
	for _, w := range []string{"忽略", "无视", "無視", "忘记", "忘れ"} {
		verb = verb || bytes.HasPrefix(value, []byte(w))
	}
	if !verb {
		return false
	}
	for _, w := range []string{"指令", "指示", "规则", "規則", "提示词", "プロンプト", "命令"} {
		if bytes.Contains(value, []byte(w)) {
			return true
		}
	}
	return false
}

// alone reports whether text[i:j] is a mark in a line of its own: no more than a
// word before it ("Strictly"), and behind it nothing but what a dash sets off. A
// mark in capitals may have a few words around it.
func alone(text []byte, i, j int) bool {
	before, after := lineBefore(text, i), lineAfter(text, j)
	if len(before) > 40 || len(after) > 60 || bytes.ContainsAny(after, ";(") {
		return false
	}
	if isLower(text[i]) && bytes.Contains(before, []byte("//")) {
		return false // a comment in code
	}
	n, m := countWords(before), countWords(after)
	if isUpper(text[i]) && isUpper(text[j-1]) && !isLower(text[i+1]) {
		return n+m <= 5
	}
	if text[i] >= utf8.RuneSelf && inCapitals(text[i-len(before):j+len(after)]) {
		return n+m <= 6
	}
	if before = bytes.TrimRight(before, " "); len(before) > 0 && before[len(before)-1] == ':' {
		n = 0 // "Slide 1, top right:"
	}
	return n <= 1 && (m == 0 || setsOff(bytes.TrimLeft(after, " *_=#\t\"")))
}

// inCapitals reports whether line, which has letters beyond ASCII, has no small ones.
func inCapitals(line []byte) bool {
	capitals := 0
	for _, r := range string(line) {
		if unicode.IsLower(r) {
			return false
		}
		if unicode.IsUpper(r) {
			capitals++
		}
	}
	return capitals >= 4
}

// setsOff reports whether text starts with a dash or another mark that sets it off.
func setsOff(text []byte) bool {
	r, _ := utf8.DecodeRune(text)
	return len(text) > 0 && bytes.ContainsRune([]byte(`-–—|,:\/・`), r)
}

// lineBefore returns what of the line of i stands before it, and lineAfter what
// behind. The line of a JSON string may end in an escape.
func lineBefore(text []byte, i int) []byte {
	k := i
	for k > 0 && i-k < 64 && text[k-1] != '\n' {
		if text[k-1] == 'n' && k > 1 && text[k-2] == '\\' {
			break
		}
		k--
	}
	return text[k:i]
}

func lineAfter(text []byte, j int) []byte {
	k := j
	for k < len(text) && k-j < 80 && text[k] != '\n' && !(text[k] == '\\' && k+1 < len(text) && text[k+1] == 'n') {
		k++
	}
	return text[j:k]
}

func countWords(s []byte) (n int) {
	in := false
	for _, c := range s {
		letter := isWord[c] || c >= 0x80
		if letter && !in {
			n++
		}
		in = letter
	}
	return n
}
