package dlp

import "bytes"

const (
	maxHead     = 1 << 10 // bytes of the first row of a table on either side of a word in it
	maxLook     = 256     // and that are looked at for its start, where that is no line
	maxHeadName = 40      // bytes of the head of a column
)

// endsHead reports whether what ends at j may be the end of a word in the head of a
// column, behind which a mark or blanks stand: it is a cheap look before headAt.
func endsHead(text []byte, j int) bool {
	for end := min(len(text), j+maxTail); j < end; j++ {
		switch headByte[text[j]] {
		case headMark:
			return true
		case headOther:
			return false
		case headBlank:
			if j+1 < len(text) && text[j+1] == ' ' {
				return true
			}
		}
	}
	return false
}

// maxTail bounds what of the head of a column stands behind a word in it.
const maxTail = 20

// The kinds of bytes behind a word in the head of a column.
const (
	headOther = uint8(iota)
	headWord
	headBlank
	headMark // parts two heads
)

var headByte = func() (t [256]uint8) {
	for c := range t {
		switch {
		case indexByte(",;\t|\n\r<])\xe2", byte(c)) < len(",;\t|\n\r<])\xe2"):
			t[c] = headMark
		case c == ' ':
			t[c] = headBlank
		case nameByte[c] || quote[c] || c == '*' || c == '/' || c == '(' || c >= 0x80:
			t[c] = headWord
		}
	}
	return t
}()

// headAt returns the table whose head has a word at i, and up to where no other
// word need be asked about. From opened on no brackets open; tags: there may be one near.
func headAt(text []byte, i, opened int, tags bool) (g grid, done int, ok bool) {
	if tags && inCellTag(text, i) {
		before := text[max(0, i-maxHead):i]
		g = grid{layout: byTags, head: i - len(before) + max(0, lastTag(before, "<tr"))}
		if !firstTagRow(text, g.head) {
			return g, i + maxLook, false
		}
		return g.read(text, i)
	}
	if at := openBracket(text, i, opened); at >= 0 && firstBracketRow(text, at) {
		g = grid{layout: byBrackets, open: text[at], head: at}
		if g, done, ok = g.read(text, i); ok {
			return g, done, true
		}
	}
	before := text[max(0, i-maxHead):i]
	g = grid{head: i - len(before) + bytes.LastIndexByte(before, '\n') + 1}
	end := endOfRow(text, g.head)
	if end < 0 || end-g.head > maxHead || g.head == i-len(before) && g.head > 0 {
		return g, i + maxLook, false
	}
	if g.mark = markOf(text[g.head:end]); g.mark == "" {
		g.layout = byBlanks
	}
	if g.follows(text) {
		return g, end, false
	}
	g, _, ok = g.read(text, i)
	return g, end, ok
}

// read reads the head of g, in which there is a word at i.
func (g grid) read(text []byte, i int) (_ grid, done int, ok bool) {
	var cells [maxCells]cell
	g.cells, g.from = g.row(text, g.head, &cells)
	if g.from <= i {
		return g, i + maxLook, false
	}
	return g, g.from, g.cells > 1 && g.cells <= maxCells && g.areHeads(text, cells[:g.cells])
}

// markOf returns what parts the cells of a line, "" where that is blanks.
func markOf(line []byte) (mark string) {
	most := 0
	for _, m := range [...]string{"\t", "|", "│", ";", ","} {
		if n := bytes.Count(line, []byte(m)); n > most {
			if mark, most = m, n; m != ";" {
				break
			}
		}
	}
	return mark
}

// follows reports whether the line before the head is a row like it.
func (g *grid) follows(text []byte) bool {
	if g.head < 2 {
		return false
	}
	before := text[max(0, g.head-maxRow) : g.head-1]
	from := g.head - 1 - len(before) + bytes.LastIndexByte(before, '\n') + 1
	line := text[from : g.head-1]
	if isRule(line) || len(bytes.TrimSpace(line)) == 0 {
		return false
	}
	var cells [maxCells]cell
	own, _ := g.row(text, g.head, &cells)
	n, _ := g.row(text, from, &cells)
	return n == own
}

// areHeads reports whether the cells of the first row look like the names of
// columns.
func (g *grid) areHeads(text []byte, cells []cell) bool {
	words := 5
	if g.layout == byBlanks || g.mark == "," || g.layout == byBrackets {
		words = 3
	}
	names := 0
	for k, x := range cells {
		name := text[x.from:x.to]
		if len(name) == 0 {
			if k > 0 && g.layout == byMark && g.mark == "," {
				return false
			}
			continue
		}
		if !isHeadName(name, words) || g.mark == "," && bytes.IndexByte(name, '(') >= 0 && !(bytes.Contains(name, []byte(" (")) && name[len(name)-1] == ')') { // a call
			return false
		}
		names++
	}
	return names > 1 && (g.layout != byBrackets || g.isHeadInBrackets(text, cells))
}

// isHeadInBrackets reports whether a row in brackets is one of names: they are
// quoted, or rows of SQL follow.
func (g *grid) isHeadInBrackets(text []byte, cells []cell) bool {
	quoted := true
	for _, x := range cells {
		quoted = quoted && x.from > 0 && (text[x.from-1] == '"' || text[x.from-1] == '\'')
	}
	call := g.open == '(' && g.head > 0 && isWord[text[g.head-1]]
	pair := g.open == '(' && len(cells) == 2 // of a name and its value, as the next ones are
	if quoted && !call && !pair {
		return true
	}
	rest := bytes.TrimLeft(text[g.from:min(len(text), g.from+32)], " \t\r\n")
	return g.open == '(' && len(rest) > 6 && equalFold(rest[:6], "values")
}

// isHeadName reports whether a cell may be the name of a column.
func isHeadName(name []byte, words int) bool {
	if len(name) > maxHeadName || !isAlpha(name[0]) && name[0] < 0x80 && name[0] != '#' && name[0] != '_' {
		return false
	}
	letters := 0
	for i, c := range name {
		switch {
		case isAlpha(c) || c >= 0x80:
			letters++
		case c == ' ':
			if words--; words == 0 {
				return false
			}
		case isDigit(c) || c == '_' || c == '-' || c == '/' || c == '(' || c == ')' || c == '#' || c == '\'' || c == '&' || c == '*' || c == '?':
		case c == '.' && i+1 < len(name):
		default:
			return false
		}
	}
	return letters > 1
}

// tagPlace is what is known of the tags of a text that was read up to some place.
type tagPlace struct{ to, last int }

// before reports whether a tag may start shortly before i. Places are asked for in their
// order, so that no byte is looked at twice.
func (t *tagPlace) before(text []byte, i int) bool {
	if i < t.to {
		return true
	}
	if n := bytes.LastIndexByte(text[t.to:i], '<'); n >= 0 {
		t.last = t.to + n + 1
	}
	t.to = i
	return t.last > 0 && i-t.last < maxLook
}

// inCellTag reports whether i is in a cell of HTML, near its start.
func inCellTag(text []byte, i int) bool {
	before := text[max(0, i-maxLook):i]
	for range 3 { // <th><b>
		lt := bytes.LastIndexByte(before, '<')
		if lt < 0 || lt+3 >= len(before) {
			return false
		}
		if x := before[lt+1:]; x[0]|0x20 == 't' && (x[1]|0x20 == 'h' || x[1]|0x20 == 'd') && (x[2] == '>' || space[x[2]]) {
			return true
		}
		before = before[:lt]
	}
	return false
}

// firstTagRow reports whether the row of HTML at i is the first of its table.
func firstTagRow(text []byte, i int) bool {
	before := bytes.TrimRight(text[max(0, i-maxLook):i], " \t\r\n")
	lt := bytes.LastIndexByte(before, '<')
	if lt < 0 {
		return false
	}
	last := before[lt:]
	return len(last) > 6 && (equalFold(last[:6], "<table") || equalFold(last[:6], "<thead") || equalFold(last[:6], "<tbody"))
}

// lastTag is the last indexTag.
func lastTag(text []byte, tag string) int {
	for {
		lt := bytes.LastIndexByte(text, '<')
		if lt < 0 || lt+len(tag) <= len(text) && equalFold(text[lt:lt+len(tag)], tag) {
			return lt
		}
		text = text[:lt]
	}
}

// openBracket returns where the brackets open in which i stands, with nothing but
// names before it; -1 if none open from opened on.
func openBracket(text []byte, i, opened int) int {
	for k := i - 1; k >= opened && i-k < maxLook; k-- {
		switch c := text[k]; {
		case c == '[' || c == '(':
			return k
		case !nameByte[c] && !quote[c] && !space[c] && c != ',' && c < 0x80:
			return -1
		}
	}
	return -1
}

// firstBracketRow reports whether no row stands before the brackets at i.
func firstBracketRow(text []byte, i int) bool {
	before := bytes.TrimRight(text[max(0, i-maxBetweenRows):i], " \t\r\n")
	return len(before) == 0 || before[len(before)-1] != ','
}
