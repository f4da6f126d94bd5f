package dlp

import (
	"bytes"
	_ "embed"
	"slices"
	"strings"
)

// The head of a table says what the cells below it are: under "password" stand
// passwords, without a word beside them. Such columns are shown in views, each
// cell behind the head of its column as if it were assigned to it.

// grid is what is known of a table once its head has been read.
type grid struct {
	layout layout
	mark   string // what parts the cells of a line
	open   byte   // the bracket that a row starts with
	cells  int    // of the head
	heads  []columnHead
	head   int // where the head starts; -1: in a window before
	from   int // where the rows start

	met   [maxShown]int32 // where words stand in the head that detectors ask for
	words int             // how many
}

// columnHead is a column whose head says something.
type columnHead struct {
	column int
	name   []byte
}

const (
	maxShown    = 16      // columns of a table that are shown
	columnBatch = 6 << 10 // bytes of rows whose columns are shown in one view each
	maxMisfits  = 3       // rows that do not fit, one after the other, without the table being over
	leastCell   = 3       // bytes of a cell that is worth a look,
	mostCell    = 200     // and of one that is no text
)

//go:embed columns.txt
var columnLines string

// addColumnSigns enters the words that the heads of tables are known by: names that
// values are assigned to and labels, and the words of columns.txt.
func addColumnSigns(byWord map[string]*keyword) {
	for w, k := range byWord {
		if headByte[w[len(w)-1]] == headWord && slices.ContainsFunc(k.tries, func(t try) bool { return t.kind != tryPattern }) {
			k.sign |= signColumn
		}
	}
	for line := range strings.Lines(columnLines) {
		if line[0] != '#' {
			addSign(byWord, strings.Trim(line, "\n"), signColumn)
		}
	}
}

// meetHead notes the table whose head has a word at text[i:j], if there is one.
func (c *scan) meetHead(i, j int) bool {
	known := len(c.grids) > 0 && i < c.grids[len(c.grids)-1].from
	if !known && (i < c.headDone || !endsHead(c.text, j)) {
		return false
	}
	for i < j && !isAlpha(c.text[i]) && (c.text[i] < 0xc0 || c.text[i] == 0xe2) { // the mark in front of a short word
		i++
	}
	if known {
		c.grids[len(c.grids)-1].meet(i)
		return true
	}
	g, done, ok := headAt(c.text, i, c.bracketDone, c.tags.before(c.text, i))
	c.headDone, c.bracketDone = max(c.headDone, done), i
	c.work += max(done-i, 0) + workTry
	if ok {
		g.meet(i)
		c.grids = appendOne(c.grids, g)
	}
	return ok
}

// meet notes a word at i.
func (g *grid) meet(i int) {
	if g.words < len(g.met) && i >= g.head {
		g.met[g.words] = int32(i)
		g.words++
	}
}

// isMet reports whether one of the words stands in x.
func (g *grid) isMet(x cell) bool {
	return slices.ContainsFunc(g.met[:g.words], func(i int32) bool { return x.from <= int(i) && int(i) < x.to })
}

// columns looks at the tables whose heads were met, and at the one that goes on
// from the window before.
func (c *scan) columns() {
	w := c.workspace()
	defer c.release(w)
	done := 0
	if c.carry != nil && c.carry.heads != nil {
		g := c.carry.grid
		c.carry.grid = grid{}
		g.head, g.from = -1, g.start(c.text)
		done = c.rows(&g, w)
		c.keep(&g, done)
	}
	for k := range c.grids {
		g := &c.grids[k]
		if g.head < done || !g.hasRow(c.text) { // a row of the last one, or prose
			continue
		}
		if len(g.heads) == 0 {
			c.nameHeads(g)
		}
		if len(g.heads) > 0 {
			done = max(done, c.rows(g, w))
			c.keep(g, done)
		}
	}
	c.grids = c.grids[:0]
}

// nameHeads notes the columns of g whose heads say something.
func (c *scan) nameHeads(g *grid) {
	var cells [maxCells]cell
	n, _ := g.row(c.text, g.head, &cells)
	for k, x := range cells[:min(n, maxCells)] {
		if name := headName(c.text[x.from:x.to]); len(g.heads) < maxShown && (g.isMet(x) || c.s.hasContext(name)) {
			g.heads = append(g.heads, columnHead{k, slices.Clone(name)})
		}
	}
}

// headName leaves what stands in brackets out of the head of a column: "Password
// (initial)".
func headName(name []byte) []byte {
	if n := bytes.IndexByte(name, '('); n > 0 {
		return bytes.TrimRight(name[:n], " ")
	}
	return name
}

// hasContext reports whether a detector asks for a word of name near its values.
func (s *Scanner) hasContext(name []byte) bool {
	var words surroundings
	words.read(s.context, name, 0, len(name))
	return words.n > 0
}

// hasRow reports whether a row follows the head.
func (g *grid) hasRow(text []byte) bool {
	var cells [maxCells]cell
	n, next := g.row(text, g.from, &cells)
	if next > g.from && isRule(text[g.from:next]) {
		n, _ = g.row(text, next, &cells)
	}
	_, ok := g.fits(n)
	return ok
}

// rows shows the columns of g and returns where its rows end.
func (c *scan) rows(g *grid, w *workspace) (end int) {
	var cells [maxCells]cell
	var batch []shown
	begin, misfits := g.from, 0
	end = g.from
	for i := g.from; i < len(c.text); {
		n, next := g.row(c.text, i, &cells)
		if next <= i {
			break
		}
		row := c.text[i:next]
		c.seen += len(row)
		i = next
		shift, fits := g.fits(n)
		if !fits {
			if isRule(row) {
				continue
			}
			if misfits++; misfits > maxMisfits || end == g.from {
				break
			}
			continue
		}
		misfits, end = 0, next
		for k, h := range g.heads {
			if at := h.column + shift; at < min(n, maxCells) {
				batch = append(batch, shown{cells[at], k, false})
			}
		}
		if end-begin >= columnBatch {
			c.showColumns(g, batch, w)
			batch, begin = batch[:0], end
		}
	}
	c.showColumns(g, batch, w)
	return end
}

// shown is a cell that is shown.
type shown struct {
	cell
	head    int  // the column, of those that are shown
	escaped bool // a quote in it is written twice, or behind a backslash
}

// showColumns looks at each column of some rows.
func (c *scan) showColumns(g *grid, batch []shown, w *workspace) {
	for k, h := range g.heads {
		w.out = w.out[:0]
		m := mapping{places: w.places[:0]}
		for _, x := range batch {
			if x.head != k || x.to-x.from < leastCell || x.to-x.from > mostCell {
				continue
			}
			m.add(len(w.out), 0, 0, 0)
			w.out = append(append(w.out, h.name...), ": "...)
			m.add(len(w.out), x.from, 1, 0)
			from := x.from
			for i := from; x.escaped && i+1 < x.to; i++ {
				if a, b := c.text[i], c.text[i+1]; (a == '\'' || a == '\\' || a == '"') && (b == '\'' || b == '"') {
					w.out = append(w.out, c.text[from:i]...)
					from = i + 1
					i++
					m.add(len(w.out), from, 1, 0)
				}
			}
			w.out = append(w.out, c.text[from:x.to]...)
			m.add(len(w.out), 0, 0, 0)
			w.out = append(w.out, '\n')
			m.end = x.to
		}
		w.places = m.places
		c.lookBelow(w.out, &m, g.from)
	}
}

// lookBelow is look for a view in which heads of a table, which are the part of the
// text before from, stand in front of cells: what is found is cells only.
func (c *scan) lookBelow(view []byte, m *mapping, from int) {
	hits, noted := len(c.hits), 0
	if c.trace != nil {
		noted = len(c.trace.seen)
	}
	c.showing = true
	c.look(view, m, 0)
	c.showing = false
	c.hits = append(c.hits[:hits], slices.DeleteFunc(c.hits[hits:], func(h Hit) bool { return h.Start < from || h.block() })...)
	if c.trace != nil {
		c.trace.seen = append(c.trace.seen[:noted], slices.DeleteFunc(c.trace.seen[noted:], func(x Candidate) bool { return x.Start < from })...)
	}
}

// tableCarry is a table that goes on in the next window of a stream.
type tableCarry struct {
	grid
	sql sqlState
	at  int // where the next window starts in this one
}

// keep keeps g for the next window, where its rows, which end before end, go on and
// its head does not stand.
func (c *scan) keep(g *grid, end int) {
	if c.carry != nil && g.head < c.carry.at && end > c.carry.at {
		c.carry.grid = *g
	}
}

// start returns where the first whole row of g stands in a text that starts
// within a row.
func (g *grid) start(text []byte) int {
	mark := byte('\n')
	switch g.layout {
	case byTags:
		mark = '<'
	case byBrackets:
		mark = g.open
	}
	i := bytes.IndexByte(text, mark)
	switch {
	case i < 0:
		return len(text)
	case mark == '\n':
		i++
	}
	return i
}
