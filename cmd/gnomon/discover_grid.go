package main

import (
	"strings"
	"unicode/utf8"
)

// column is one of a grid.
type column struct {
	title string
	right bool // figures
	cut   bool // may be cut where the row is too wide
}

// grid prints rows in columns that fit into a width. What is in the cells may
// come from strangers.
type grid struct {
	width   int
	columns []column
	rows    [][]string
}

const (
	gap       = "  "
	leastKept = 12 // of a column that is cut
)

func newGrid(width int, columns ...column) *grid { return &grid{width: width, columns: columns} }

func (g *grid) row(cells ...string) {
	for i := range cells {
		cells[i] = printable(cells[i])
	}
	g.rows = append(g.rows, cells)
}

// print writes title and rows. The title is bold where colour is wanted.
func (g *grid) print(w *strings.Builder, colour bool) {
	titles := make([]string, len(g.columns))
	for i := range g.columns {
		titles[i] = g.columns[i].title
	}
	widths := g.widths(titles)
	if colour {
		w.WriteString("\x1b[1m")
	}
	g.line(w, widths, titles)
	if colour {
		w.WriteString("\x1b[0m")
	}
	for _, r := range g.rows {
		g.line(w, widths, r)
	}
}

// widths makes each column as wide as what is in it, then takes from the widest
// that may be cut until all fit.
func (g *grid) widths(titles []string) []int {
	widths, least := make([]int, len(titles)), make([]int, len(titles))
	for i, title := range titles {
		widths[i] = utf8.RuneCountInString(title)
		for _, r := range g.rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(r[i]))
		}
		if least[i] = widths[i]; g.columns[i].cut {
			least[i] = leastKept
		}
	}
	narrow(widths, g.width-len(gap)*(len(titles)-1), least)
	return widths
}

func (g *grid) line(w *strings.Builder, widths []int, cells []string) {
	var b strings.Builder
	for i, c := range g.columns {
		if i > 0 {
			b.WriteString(gap)
		}
		text := []rune(cells[i])
		if len(text) > widths[i] {
			text = append(text[:widths[i]-1], '…')
		}
		pad := strings.Repeat(" ", widths[i]-len(text))
		if c.right {
			b.WriteString(pad + string(text))
		} else {
			b.WriteString(string(text) + pad)
		}
	}
	w.WriteString(strings.TrimRight(b.String(), " ") + "\n")
}
