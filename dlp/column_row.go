package dlp

import "bytes"

// layout is how the rows and cells of a table are told apart.
type layout uint8

const (
	byMark     layout = iota // a row a line, a mark between cells: CSV, Markdown, what a database client prints
	byBlanks                 // a row a line, two blanks or more between cells
	byTags                   // HTML
	byBrackets               // rows of JSON, tuples of Python, values of SQL
)

// cell is a cell of a table: bytes of the text.
type cell struct{ from, to int }

const (
	maxCells = 64      // of a row; more are counted only
	maxRow   = 4 << 10 // bytes
)

// row reads the row at i. It returns how many cells that has, of which cells
// holds the first, and where the next row may stand, or no place behind i where
// there is no row.
func (g *grid) row(text []byte, i int, cells *[maxCells]cell) (n, next int) {
	switch g.layout {
	case byTags:
		return tagRow(text, i, cells)
	case byBrackets:
		return g.bracketRow(text, i, cells)
	}
	end := endOfRow(text, i)
	if end < 0 {
		return 0, -1
	}
	next = min(end+1, len(text))
	if end > i && text[end-1] == '\r' {
		end--
	}
	if g.layout == byBlanks {
		return blankCells(text, i, end, cells), next
	}
	return g.markedCells(text, i, end, cells), next
}

// fits reports whether a row of n cells is one of t, and by how many cells it is
// shifted: printed frames of data have a number in front of each row.
func (g *grid) fits(n int) (shift int, ok bool) {
	switch {
	case n == g.cells:
		return 0, true
	case g.layout == byBlanks:
		return 1, n == g.cells+1
	case g.layout == byMark && g.mark == "\t": // empty cells at the end are left out
		return 0, n > 1 && n < g.cells
	}
	return 0, false
}

// endOfRow returns the end of the line at i, -1 if it is too long for a row.
func endOfRow(text []byte, i int) int {
	rest := text[i:min(len(text), i+maxRow)]
	if n := bytes.IndexByte(rest, '\n'); n >= 0 {
		return i + n
	}
	if len(rest) == maxRow {
		return -1
	}
	return len(text)
}

// markedCells cuts the line text[i:end] at the marks outside quotation marks.
func (g *grid) markedCells(text []byte, i, end int, cells *[maxCells]cell) (n int) {
	for {
		from := i
		for i < end && text[i] == ' ' {
			i++
		}
		if i < end && text[i] == '"' {
			if k := closingQuote(text, i, end, g.mark); k > 0 {
				i = k
			}
		}
		to := end
		if k := bytes.Index(text[i:end], []byte(g.mark)); k >= 0 {
			to = i + k
		}
		n = put(cells, n, trimCell(text, from, to))
		if to == end {
			return n
		}
		i = to + len(g.mark)
	}
}

// closingQuote returns the end of the quoted text at i, behind which only blanks
// and mark or the end of the line may stand; 0 if there is none.
func closingQuote(text []byte, i, end int, mark string) int {
	for k := i + 1; k < end; k++ {
		if text[k] != '"' {
			continue
		}
		if k+1 < end && text[k+1] == '"' {
			k++
			continue
		}
		rest := bytes.TrimLeft(text[k+1:end], " ")
		if len(rest) == 0 || bytes.HasPrefix(rest, []byte(mark)) {
			return k + 1
		}
		return 0
	}
	return 0
}

// blankCells cuts a line at two blanks or more.
func blankCells(text []byte, i, end int, cells *[maxCells]cell) (n int) {
	for i < end {
		for i < end && text[i] == ' ' {
			i++
		}
		from := i
		for i < end && !(text[i] == ' ' && (i+1 == end || text[i+1] == ' ')) {
			i++
		}
		if i > from {
			n = put(cells, n, trimCell(text, from, i))
		}
	}
	return n
}

// tagRow reads the next row of HTML, from a <tr> on.
func tagRow(text []byte, i int, cells *[maxCells]cell) (n, next int) {
	rest := text[i:min(len(text), i+maxRow)]
	start := indexTag(rest, "<tr")
	if start < 0 || indexTag(rest[:start], "</table") >= 0 {
		return 0, -1
	}
	end := len(rest)
	if n := indexTag(rest[start:], "</tr"); n >= 0 {
		end = start + n
	} else if end == maxRow {
		return 0, -1
	}
	for k := start + 3; k < end; {
		open := nextCellTag(rest[:end], k)
		if open < 0 {
			break
		}
		for open < end && rest[open] == '<' && !bytes.HasPrefix(rest[open:], []byte("</")) { // <code> and the like
			gt := bytes.IndexByte(rest[open:end], '>')
			if gt < 0 {
				break
			}
			open += gt + 1
		}
		to := end
		if lt := bytes.IndexByte(rest[open:end], '<'); lt >= 0 {
			to = open + lt
		}
		n = put(cells, n, trimCell(text, i+open, i+to))
		k = to
	}
	return n, i + min(end+5, len(rest))
}

// nextCellTag returns the end of the next <td> or <th>, or -1.
func nextCellTag(text []byte, i int) int {
	for i+3 < len(text) {
		lt := bytes.IndexByte(text[i:], '<')
		if lt < 0 {
			return -1
		}
		if i += lt; i+3 < len(text) && text[i+1]|0x20 == 't' && (text[i+2]|0x20 == 'd' || text[i+2]|0x20 == 'h') && (text[i+3] == '>' || space[text[i+3]]) {
			gt := bytes.IndexByte(text[i:], '>')
			if gt < 0 {
				return -1
			}
			return i + gt + 1
		}
		i++
	}
	return -1
}

// indexTag is bytes.Index for the start of a tag, in any letter case.
func indexTag(text []byte, tag string) int {
	for i := 0; ; i++ {
		n := bytes.IndexByte(text[i:], '<')
		if n < 0 {
			return -1
		}
		if i += n; i+len(tag) <= len(text) && equalFold(text[i:i+len(tag)], tag) {
			return i
		}
	}
}

// bracketRow reads the next row in brackets. Between two rows there is no more
// than a comma and, behind the head, a word or the name of a field.
func (g *grid) bracketRow(text []byte, i int, cells *[maxCells]cell) (n, next int) {
	closing := byte(']')
	if g.open == '(' {
		closing = ')'
	}
	limit := min(len(text), i+maxRow)
	k := i
	for ; k < limit && text[k] != g.open; k++ {
		if c := text[k]; k-i > maxBetweenRows || !space[c] && !isAlpha(c) && c != ',' && c != '"' && c != ':' && c != '_' && c != ']' && c != '[' {
			return 0, -1
		}
	}
	for k+1 < limit && text[k+1] == g.open { // rows in a list of their own
		k++
	}
	if k++; k >= limit {
		return 0, -1
	}
	for {
		from := k
		k = skip(text, k, maxBetweenRows, &space)
		if k < limit && quote[text[k]] {
			k = pastQuoted(text, k, limit)
		}
		for k < limit && text[k] != ',' && text[k] != closing {
			k++
		}
		if k >= limit {
			return 0, -1
		}
		n = put(cells, n, trimCell(text, from, k))
		if k++; text[k-1] == closing {
			return n, k
		}
	}
}

// maxBetweenRows bounds what stands between two rows in brackets.
const maxBetweenRows = 64

// pastQuoted returns the end of the quoted text at i.
func pastQuoted(text []byte, i, limit int) int {
	for k := i + 1; k < limit; k++ {
		switch text[k] {
		case '\\':
			k++
		case text[i]:
			return k + 1
		}
	}
	return limit
}

// put stores the nth cell.
func put(cells *[maxCells]cell, n int, x cell) int {
	if n < maxCells {
		cells[n] = x
	}
	return n + 1
}

// trimCell leaves blanks and what wraps a value out of a cell.
func trimCell(text []byte, i, j int) cell {
	for i < j && space[text[i]] {
		i++
	}
	for i < j && space[text[j-1]] {
		j--
	}
	for j-i > 2 && text[i] == text[j-1] && (quote[text[i]] || text[i] == '*') {
		i, j = i+1, j-1
	}
	return cell{i, j}
}

// isRule reports whether a line is drawn: it parts the head from the rows.
func isRule(line []byte) bool {
	drawn := false
	for k := 0; k < len(line); k++ {
		switch c := line[k]; {
		case c == '-', c == '=', c == '_':
			drawn = true
		case c == 0xe2 && k+2 < len(line) && (line[k+1] == 0x94 || line[k+1] == 0x95):
			drawn = true
			k += 2
		case c != '+' && c != '|' && c != ':' && !space[c]:
			return false
		}
	}
	return drawn
}
