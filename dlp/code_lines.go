package dlp

import (
	"bytes"
	_ "embed"
	"strings"
)

// What a run of lines must have to be code of whatever language: no word tells of
// it, as most of those that code begins with begin sentences too.
const (
	leastCodeLines  = 2   // that are worth a point,
	leastCodeStrong = 2   // two of them more than one,
	leastCodePoints = 6   // and this much together
	longestCodeLine = 400 // what is longer is data, or a paragraph
	mostStrange     = 2   // lines in a row that are worth nothing, in the middle of it
)

// codeLines looks for runs of lines that look like code. Nearly all lines of prose
// are passed over by their first byte and their last.
func (c *scan) codeLines() {
	if len(c.s.code) == 0 || c.inCode || c.backwards || c.below || c.together {
		return
	}
	done := 0         // where the first line starts that was not read,
	var before [3]int // and those before this one
	for i := 0; i < len(c.text); {
		end := endOfLine(c.text, i)
		if end > i+1 && i >= done && mayBeCode(c.text[i:lastOf(c.text, i, end)+1]) {
			if c.spent(i) {
				return
			}
			run := c.codeRun(max(before[0], done), i)
			done = run.read
			if run.is() {
				for _, d := range c.s.code {
					c.judge(d, run.from, run.to, false)
				}
			}
		}
		before, i = [3]int{before[1], before[2], i}, end+1
	}
}

// mayBeCode reports whether the first bytes of a line or its last are as in code.
func mayBeCode(line []byte) bool {
	n := len(line)
	if n < 2 {
		return n == 1 && codeEnd[line[0]]
	}
	if n > longestCodeLine || line[1] == '"' && line[0] == '{' {
		return false
	}
	return codeStart[line[0]] || codeEnd[line[n-1]] || isUpper(line[0]) && isUpper(line[1]) || line[n-1] == '.' && line[n-2] == ')'
}

// endOfLine returns where the line that starts at i ends.
func endOfLine(text []byte, i int) int {
	if n := bytes.IndexByte(text[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(text)
}

// lastOf returns the place of the last byte of the line text[i:j] but for a carriage
// return.
func lastOf(text []byte, i, j int) int {
	if j-2 >= i && text[j-1] == '\r' {
		return j - 2
	}
	return j - 1
}

// codeRun is a run of lines that may be code.
type codeRun struct {
	from, to              int // of the text, without blanks around it
	read                  int // where the line starts that was not read
	lines, strong, points int
}

func (r *codeRun) is() bool {
	return r.lines >= leastCodeLines && r.strong >= leastCodeStrong && r.points >= leastCodePoints
}

// codeRun reads lines from i on to where they are code no more. They begin to be at
// the line at latest, if at all.
func (c *scan) codeRun(i, latest int) (r codeRun) {
	strange, goesOn := 0, false
	for i < len(c.text) && strange <= mostStrange {
		end := endOfLine(c.text, i)
		line := bytes.TrimSpace(c.text[i:end])
		c.work += len(line)
		switch points := 0; {
		case len(line) == 0:
		case bytes.HasPrefix(line, []byte("```")):
			r.read = end + 1
			return r
		default:
			if points = codePoints(line, c.text[i] == ' ' || c.text[i] == '\t'); points <= 0 {
				if r.lines == 0 { // it has not begun
					if i >= latest {
						r.read = end + 1
						return r
					}
					break
				}
				if points == 0 && (c.text[i] == ' ' || c.text[i] == '\t') {
					r.to = lastOf(c.text, i, end) + 1 // of what goes before
				}
				if strange++; points < 0 {
					strange++
				}
				break
			}
			if r.lines == 0 {
				r.from = i + bytes.IndexByte(c.text[i:end], line[0])
			}
			strange = 0
			r.to = lastOf(c.text, i, end) + 1
			if r.points += points; !goesOn { // a command is one line, wherever it is broken
				r.lines++
				if points > 1 {
					r.strong++
				}
			}
			goesOn = line[len(line)-1] == '\\'
		}
		i = end + 1
		r.read = i
	}
	return r
}

// codePoints returns how much a line looks like code, from 0 to 4, or less than 0
// if it looks like something else.
func codePoints(line []byte, indented bool) int {
	switch {
	case len(line) > longestCodeLine, line[0] == '"' || line[0] == '|', bytes.HasPrefix(line, []byte("at ")), bytes.HasPrefix(line, []byte(`File "`)), bytes.Contains(line, []byte(".go:")):
		return 0 // JSON, a table, a trace of calls
	case line[0] == '\\' && len(line) > 1 && isAlpha(line[1]):
		return -1 // TeX
	case line[0] == '<':
		return 2 * bool2int(codeWords.tagged(line))
	case len(line) > 60 && bytes.IndexByte(line, ' ') < 0 && bytes.IndexByte(line, '(') < 0:
		return 0 // base64
	}
	l := codeWords
	if len(line) <= l.longestAlone && l.alone[lower(string(line))] {
		return 1 + bool2int(isAlpha(line[0]))
	}
	last := line[len(line)-1]
	points := l.marks(line)
	points += calls(line)
	words := countWords(line)
	if i := assignedAt(line); i > 0 && countWords(line[:i]) <= 4 {
		points++
	}
	switch last {
	case '{':
		points += 2
	case ';':
		if points > 0 || words <= 3 {
			points++
		}
	}
	structure := points > 0 || words <= 6 && !isUpper(line[0]) && (last == ':' || last == ';' || last == ')') || bytes.HasSuffix(line, []byte(" then")) || bytes.HasSuffix(line, []byte(" do")) || dotted(line)
	switch key := bytes.TrimPrefix(line, []byte("- ")); {
	case l.key.line(key) && (points > 0 || words <= 8):
		points = 1 // settings alone are no code
	case l.begin.line(line) && (structure || words <= 6),
		l.folded.fold(line) && (structure || words <= 4 || len(line) > 1 && isUpper(line[0]) && isUpper(line[1])):
		points += 2 + bool2int(structure)
	case last != '{' && last != ';' && inARow(line) >= 4:
		return -1 // a mention of code
	case l.open.line(line):
		if structure {
			points += 2
		}
	case line[0] == '}', indented && line[0] == '(' && last == ')', words == 1 && last == ':' && isLower(line[len(line)-2]) && !isUpper(line[0]):
		points++
	case (indented || len(key) < len(line)) && yamlKey(key):
		points = max(points, 1)
	}
	if points == 0 && words >= 4 {
		return -1
	}
	return min(points, 4)
}

func bool2int(b bool) int {
	if b {
		return 1
	}
	return 0
}

// calls returns 1 if line has a call, an identifier with a parenthesis behind it and
// more inside than the ending of a word ("file(s)"), and 2 if nothing else.
func calls(line []byte) int {
	for i := 1; i < len(line); i++ {
		if line[i] != '(' || !isWord[line[i-1]] {
			continue
		}
		n := bytes.IndexByte(line[i:], ')')
		if n == 2 && (isLower(line[i+1]) && isLower(line[i-1]) || isDigit(line[i+1])) {
			continue // "file(s)", "ls(1)"
		}
		last := line[len(line)-1]
		if n != 1 && bytes.IndexByte(line[:i], ' ') < 0 && (last == ')' || last == ',' || last == ';' || last == '.') {
			return 2
		}
		return 1
	}
	return 0
}

// assignedAt returns where the first sign of assignment in line stands (" = ", " += "),
// or -1.
func assignedAt(line []byte) int {
	for i := 0; ; i++ {
		n := bytes.IndexByte(line[i:], '=')
		if n < 0 {
			return -1
		}
		if i += n; i == 0 || i+1 >= len(line) || line[i+1] != ' ' {
			continue
		}
		from := i - 1
		if from > 0 && (line[from] == '+' || line[from] == '-' || line[from] == '*') {
			from--
		}
		if line[from] == ' ' {
			return from
		}
	}
}

// dotted reports whether line has a name of two parts in it: "d.name".
func dotted(line []byte) bool {
	i := bytes.IndexByte(line, '.')
	return i > 0 && i+2 < len(line) && isAlpha(line[i-1]) && isLower(line[i+1]) && isWord[line[i+2]]
}

// inARow returns how many words without capitals or signs stand in a row in line,
// before what it quotes or comments.
func inARow(line []byte) (most int) {
	n, word := 0, 0
	for i, x := range line {
		switch {
		case isLower(x) || x >= 0x80 || i == 0 && isAlpha(x):
			word++
			continue
		case (x == ' ' || x == ',') && word > 1:
			n++
			most = max(most, n)
		case x == ' ' && i > 0 && (line[i-1] == ',' || word == 1):
		case x == '"' || x == '\'' || x == '`' || x == '#' || x == '/' && i+1 < len(line) && line[i+1] == '/':
			return max(most, n)
		default:
			n = 0
		}
		word = 0
	}
	if word > 1 {
		n++
	}
	return max(most, n)
}

// yamlKey reports whether a line begins with a key in lower case.
func yamlKey(line []byte) bool {
	i := 0
	for i < len(line) && (isLower(line[i]) || isUpper(line[i]) && i > 0 || line[i] == '_' || line[i] == '-') {
		i++
	}
	return i > 1 && i < len(line) && line[i] == ':' && (i+1 == len(line) || line[i+1] == ' ')
}

//go:embed code.txt
var codeText string

// codeVocabulary is code.txt.
type codeVocabulary struct {
	begin, folded, open, inside, key, tag *marks
	alone                                 map[string]bool
	longestAlone                          int
	pairs                                 pairSet // that marks inside a line begin with
}

// pairSet is a set of pairs of bytes.
type pairSet [1 << 16 / 64]uint64

func (p *pairSet) add(a, b byte) {
	n := uint(a)<<8 | uint(b)
	p[n>>6] |= 1 << (n & 63)
}

func (p *pairSet) has(a, b byte) bool {
	n := uint(a)<<8 | uint(b)
	return p[n>>6]>>(n&63)&1 != 0
}

var codeWords = newCodeVocabulary(codeText)

func newCodeVocabulary(text string) *codeVocabulary {
	of := make(map[string][]string)
	for line := range strings.Lines(text) {
		if kind, list, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); ok && line[0] != '#' {
			of[kind] = append(of[kind], strings.Split(list, "  ")...)
		}
	}
	v := &codeVocabulary{
		begin: newMarks(of["begin"]...), folded: newMarks(of["folded"]...), open: newMarks(of["open"]...),
		inside: newMarks(of["inside"]...), key: newMarks(of["key"]...), tag: newMarks(of["tag"]...), alone: make(map[string]bool),
	}
	for _, word := range of["alone"] {
		v.alone[word] = true
		v.alone[word+";"], v.alone[word+"."] = true, true
		v.longestAlone = max(v.longestAlone, len(word)+1)
	}
	for _, mark := range append(of["inside"], "->", "=>", "<-") {
		v.pairs.add(mark[0], mark[1])
	}
	for b := range 0x80 {
		if isAlpha(byte(b)) || b == '_' {
			v.pairs.add('$', byte(b))
		}
	}
	return v
}

// marks returns 2 if line has a mark of code in it, 1 if one that arrows in prose are
// as well.
func (v *codeVocabulary) marks(line []byte) int {
	weak := 0
	for i := range len(line) - 1 {
		x := line[i]
		if !v.pairs.has(x, line[i+1]) {
			continue
		}
		rest := line[i:]
		for _, mark := range v.inside.of[x] {
			n := len(mark)
			if len(rest) >= n && string(rest[:n]) == mark && apartFrom(line, i, i+n) {
				return 2
			}
		}
		if len(rest) > 2 && (x == '-' || x == '=') && rest[1] == '>' {
			weak = 1
			if i > 0 && isWord[line[i-1]] && isWord[rest[2]] {
				return 2
			}
		}
		if x == '$' && len(rest) > 1 && (isAlpha(rest[1]) || rest[1] == '_') && (i == 0 || !isWord[line[i-1]]) {
			return 2 // a variable
		}
		if x == '<' && len(rest) > 2 && rest[1] == '-' && rest[2] == ' ' {
			return 2
		}
	}
	return max(weak, option(line))
}

// option returns 1 if line has an option of a command (" -f", " --all") in it.
func option(line []byte) int {
	i := bytes.Index(line, []byte(" -"))
	if i < 0 || i+3 >= len(line) {
		return 0
	}
	if line[i+2] == '-' {
		i++
	}
	return bool2int(isAlpha(line[i+2]))
}

// apartFrom reports whether the mark line[i:j] is no part of a longer word, nor of a
// line that is drawn.
func apartFrom(line []byte, i, j int) bool {
	if i > 0 && (line[i-1] == line[i] || isWord[line[i]] && isWord[line[i-1]]) {
		return false
	}
	if line[i] == ':' && (i == 0 || j == len(line) || !isWord[line[i-1]] && (line[i-1] != ' ' || line[j] != ' ')) {
		return false
	}
	return j == len(line) || line[j] != line[j-1] && !(isWord[line[j-1]] && isWord[line[j]])
}

// line reports whether a line begins with one of m as a word of its own.
func (m *marks) line(line []byte) bool {
	for _, mark := range m.of[line[0]] {
		n := len(mark)
		if len(line) >= n && string(line[:n]) == mark && endsWord(line, n) {
			return true
		}
	}
	return false
}

// endsWord reports whether a word ends at line[n] that is no part of a path or of
// a compound.
func endsWord(line []byte, n int) bool {
	return n == len(line) || !isWord[line[n-1]] || !isWord[line[n]] && line[n] != '/' && line[n] != '-' && line[n] != '.'
}

// fold is line in any letter case.
func (m *marks) fold(line []byte) bool {
	for _, mark := range m.of[line[0]|0x20] {
		n := len(mark)
		if len(line) >= n && equalFold(line[:n], mark) && endsWord(line, n) {
			return true
		}
	}
	return false
}

// tagged reports whether a line begins with a tag of HTML.
func (v *codeVocabulary) tagged(line []byte) bool {
	line = bytes.TrimPrefix(line[1:], []byte("/"))
	return len(line) > 1 && (v.tag.fold(line) || bytes.IndexByte(line, '{') > 0)
}

// codeStart are the bytes that lines of code begin with and few of prose, codeEnd
// those that they end with.
var codeStart, codeEnd = newByteTable(" \t}<@$#"), newByteTable("{}();,:>]\\")

func newByteTable(s string) (t [256]bool) {
	for _, x := range []byte(s) {
		t[x] = true
	}
	return t
}
