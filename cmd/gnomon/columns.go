package main

import (
	"bytes"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"
)

// columns lines up cells that are divided by tabs, as text/tabwriter does. On a
// terminal that is narrower, cells go on below themselves: between words, and
// within those of more than 20 characters.
type columns struct {
	out   io.Writer
	width int // 0: as wide as it needs
	text  bytes.Buffer
}

// longestWhole is how long a word may be that is not cut.
const longestWhole = 20

func newColumns(w io.Writer) *columns {
	c := &columns{out: w}
	if isTerminal(w) {
		c.width = widthOf(w)
	}
	return c
}

func (c *columns) Write(b []byte) (int, error) { return c.text.Write(b) }

// Flush writes the rows since the last one.
func (c *columns) Flush() error {
	defer c.text.Reset()
	if c.width == 0 {
		t := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', 0)
		if _, err := t.Write(c.text.Bytes()); err != nil {
			return err
		}
		return t.Flush()
	}
	var b strings.Builder
	var rows [][]string
	for line := range strings.Lines(c.text.String()) {
		line = strings.TrimSuffix(line, "\n")
		if strings.Contains(line, "\t") {
			rows = append(rows, strings.Split(strings.TrimRight(line, "\t"), "\t"))
			continue
		}
		c.block(&b, rows)
		rows = nil
		b.WriteString(line + "\n")
	}
	c.block(&b, rows)
	_, err := io.WriteString(c.out, b.String())
	return err
}

// block writes rows that share their columns.
func (c *columns) block(b *strings.Builder, rows [][]string) {
	widths := c.fit(rows)
	for _, row := range rows {
		cells := make([][]string, len(row))
		height := 0
		for i, cell := range row {
			cells[i] = wrapped(cell, widths[i])
			height = max(height, len(cells[i]))
		}
		for n := range height {
			var line strings.Builder
			for i, parts := range cells {
				part := ""
				if n < len(parts) {
					part = parts[n]
				}
				line.WriteString(part + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(part)+len(gap)))
			}
			b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
		}
	}
}

// fit makes each column as wide as its cells, then narrows the widest, none
// below its longest word that is kept whole.
func (c *columns) fit(rows [][]string) []int {
	var widths, least []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths, least = append(widths, 0), append(least, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
			for word := range strings.FieldsSeq(cell) {
				least[i] = max(least[i], min(utf8.RuneCountInString(word), longestWhole))
			}
		}
	}
	narrow(widths, c.width-len(gap)*(len(widths)-1), least)
	return widths
}

// narrow takes from the widest of the widths until they fit into a room or none
// is wider than its least.
func narrow(widths []int, room int, least []int) {
	total := 0
	for _, w := range widths {
		total += w
	}
	for ; total > room; total-- {
		widest := -1
		for i, w := range widths {
			if w > least[i] && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		widths[widest]--
	}
}

// wrapped cuts a cell into lines of a width, at blanks where it can.
func wrapped(cell string, width int) []string {
	text := []rune(cell)
	var lines []string
	for len(text) > width {
		at := breakAt(text, width)
		lines = append(lines, strings.TrimRight(string(text[:at]), " "))
		for text = text[at:]; len(text) > 0 && text[0] == ' '; {
			text = text[1:]
		}
	}
	return append(lines, string(text))
}

// breakAt returns how many characters of a text that is longer stand on a line
// of a width: up to a blank, else behind a mark in its second half, else all.
func breakAt(text []rune, width int) int {
	for at := width; at > 0; at-- {
		if text[at] == ' ' {
			return at
		}
	}
	for at := width; at > width/2; at-- {
		if strings.ContainsRune("/_-,;@.", text[at-1]) {
			return at
		}
	}
	return width
}
