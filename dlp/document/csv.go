package document

import (
	"bytes"
)

// grid is the form of a CSV text: how its rows and columns are found.
type grid struct {
	sep      byte
	headings []string
}

// gridSample is how much of a text decides whether it is CSV, gridRows how many
// rows must agree.
const (
	gridSample  = 8 << 10
	gridRows    = 3
	maxHeadings = 1000
)

// detectGrid returns the form of a text that is CSV: its first rows have the same
// number of at least two columns. Prose with a comma in each line is not.
func detectGrid(data []byte) *grid {
	head := bytes.TrimPrefix(data[:min(len(data), gridSample)], []byte("\xef\xbb\xbf"))
	whole := len(data) <= gridSample
	for _, sep := range []byte{'\t', ';', ',', '|'} {
		g := &grid{sep: sep}
		if g.fits(head, whole) {
			return g
		}
	}
	return nil
}

// fits tells whether all rows of a sample have the same number of columns.
func (g *grid) fits(head []byte, whole bool) bool {
	rows, columns := 0, 0
	for len(head) > 0 {
		cells, n, ended := g.row(head)
		if !ended && !whole {
			break
		}
		head = head[n:]
		if len(cells) == 1 && len(bytes.TrimSpace(cells[0])) == 0 {
			continue
		}
		if rows++; rows == 1 {
			columns = len(cells)
			g.setHeadings(cells)
		}
		if len(cells) != columns || columns < 2 || !g.plausible(cells) {
			return false
		}
	}
	return rows >= gridRows || rows == 2 && g.headings != nil && columns > 2
}

// plausible tells whether a row is one of cells, not of phrases or code.
func (g *grid) plausible(cells [][]byte) bool {
	if g.sep != ',' {
		return true
	}
	spaced := 0
	for _, c := range cells[1:] {
		if len(c) > 0 && c[0] == ' ' {
			spaced++
		}
	}
	return spaced < len(cells)-1 || len(cells) > 3
}

// setHeadings takes the cells of the first row as names, if they look so.
func (g *grid) setHeadings(cells [][]byte) {
	if isHeading(cells) && len(cells) <= maxHeadings {
		for _, c := range cells {
			g.headings = append(g.headings, cleanName(string(bytes.Trim(bytes.TrimSpace(c), `"`))))
		}
	}
}

// isHeading tells whether cells are names of columns: short, with letters,
// without the digits and signs of data.
func isHeading(cells [][]byte) bool {
	named := 0
	for _, c := range cells {
		if len(c) > 40 || bytes.ContainsAny(c, "@\n=<>{}") || digits(c) > 2 {
			return false
		}
		if hasLetter(c) {
			named++
		}
	}
	return named > 0 && named*2 >= len(cells)
}

func digits(b []byte) (n int) {
	for _, c := range b {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}

func hasLetter(b []byte) bool {
	for _, c := range b {
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80 {
			return true
		}
	}
	return false
}

// row cuts the first row into cells. n is its length with the line end.
func (g *grid) row(b []byte) (cells [][]byte, n int, ended bool) {
	start, quoted := 0, false
	for i, c := range b {
		switch {
		case c == '"' && (quoted || i == start):
			quoted = !quoted
		case quoted:
		case c == g.sep:
			cells = append(cells, b[start:i])
			start = i + 1
		case c == '\n':
			return append(cells, bytes.TrimSuffix(b[start:i], []byte("\r"))), i + 1, true
		}
	}
	return append(cells, b[start:]), len(b), false
}

// locate returns the row and column of the end of a text that begins at the given row.
func (g *grid) locate(before []byte, row int) (int, int) {
	column, quoted, first := 1, false, true
	for _, c := range before {
		switch {
		case c == '"' && (quoted || first):
			quoted = !quoted
			continue
		case quoted:
		case c == g.sep:
			column++
			first = true
			continue
		case c == '\n':
			row, column, first = row+1, 1, true
			continue
		}
		first = false
	}
	return row, column
}

func (g *grid) heading(column int) string {
	if column < 1 || column > len(g.headings) {
		return ""
	}
	return g.headings[column-1]
}

// gridStep is how often the row is noted: between, rows are counted when asked.
const gridStep = 4 << 10

// csv takes the text as it stands and notes where its rows begin.
func (w *walk) csv(data []byte) error {
	g := detectGrid(data)
	if g == nil {
		w.plain(data)
		return nil
	}
	base := len(w.out)
	w.enterPlace(part{unit: unitCSV, grid: g})
	w.span(1, 1)
	w.raw(data)
	row, last, quoted, first := 1, 0, false, true
	for i, c := range data[:min(len(data), len(w.out)-base)] {
		switch {
		case c == '"' && (quoted || first):
			quoted = !quoted
			continue
		case quoted:
		case c == '\n':
			row++
			first = true
			if i-last >= gridStep {
				w.spanAt(base+i+1, row, 1)
				last = i
			}
			continue
		}
		first = c == g.sep
	}
	return nil
}
