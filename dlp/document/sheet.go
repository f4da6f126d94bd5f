package document

import (
	"bytes"
	"strconv"
)

// sheet is the state of reading one sheet of an Excel or OpenDocument file.
type sheet struct {
	b     *workbook
	place Place
	rows  rowWriter
}

// rowWriter writes cells as lines. Below a row of headings each value follows its
// heading, "IBAN: DE89...": what a number is can often be told by that alone.
type rowWriter struct {
	w        *walk
	place    Place
	headings map[int]string // by column
	first    [][]byte       // the first row with cells, while it is read
	columns  []int
	row      int // of the line being written
	last     int // column of the cell written last, 0 at the start of a line
	headed   bool
}

// cell writes one cell.
func (r *rowWriter) cell(row, column int, text []byte) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return
	}
	if r.row != row || r.last == 0 {
		r.endRow()
		r.row = row
	}
	if !r.headed && len(r.columns) < maxHeadings {
		r.first = append(r.first, bytes.Clone(text))
		r.columns = append(r.columns, column)
	}
	if r.last > 0 {
		r.w.write([]byte{'\t'})
	}
	if r.last == 0 || column != r.last+1 {
		r.w.span(row, column)
	}
	if h := r.headings[column]; h != "" {
		r.w.writeString(h)
		r.w.writeString(": ")
	}
	r.last = column
	if bytes.IndexByte(text, '\t') >= 0 { // tabs count columns
		text = bytes.ReplaceAll(text, []byte{'\t'}, []byte{' '})
	}
	r.w.write(text)
}

// endRow ends the line, and takes the first one as headings if it looks so.
func (r *rowWriter) endRow() {
	if r.last > 0 && !r.headed {
		r.headed = true
		if len(r.first) > 1 && isHeading(r.first) {
			r.headings = map[int]string{}
			for i, c := range r.columns {
				r.headings[c] = string(r.first[i])
			}
		}
		r.first = nil
	}
	r.last = 0
	r.w.line()
}

// Types of cells (ECMA-376 part 1, section 18.18.11).
const (
	cellShared = "s"
	cellError  = "e"
	cellBool   = "b"
)

func (s *sheet) read(data []byte) error {
	w := s.b.w
	s.rows = rowWriter{w: w, place: s.place}
	w.enterPlace(part{Place: s.place, unit: unitCell})
	x := newXML(w, data)
	row, column := 0, 0
	var value, formula []byte
	kind, style := "", ""
	for {
		switch x.next() {
		case xmlOpen:
			switch string(x.name) {
			case "row":
				row++
				column = 0
				if n, _ := strconv.Atoi(string(x.rawAttr("r"))); n > 0 && n < 1<<21 {
					row = n
				}
			case "c":
				column++
				if r, c := parseCell(string(x.rawAttr("r"))); r > 0 {
					row, column = r, c
				}
				kind, style = x.attr("t"), x.attr("s")
				value, formula = value[:0], formula[:0]
			case "v", "t":
				value = x.innerText(value)
			case "f":
				formula = x.innerText(formula)
			case "rPh":
				x.skipElement()
			case "dataValidation":
				for _, name := range []string{"promptTitle", "prompt", "errorTitle", "error"} {
					s.aside(PartComment, []byte(x.attr(name)))
				}
			case "formula1": // a list to choose from
				if list := x.innerText(nil); bytes.IndexByte(list, '"') >= 0 {
					s.aside(PartFormula, list)
				}
			case "oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter":
				s.aside(PartHeader, x.innerText(nil))
			}
		case xmlClose:
			if string(x.name) == "c" {
				s.rows.cell(row, column, s.shown(value, kind, style))
				if bytes.IndexByte(formula, '"') >= 0 { // it has words of its own
					s.rows.cell(row, column, append([]byte("="), formula...))
				}
			}
		case xmlEnd:
			s.rows.endRow()
			return x.err
		}
	}
}

// aside writes a text that is not in a cell.
func (s *sheet) aside(kind string, text []byte) {
	s.rows.endRow()
	p := s.place
	p.Part = kind
	s.b.w.piece(p, text)
	s.b.w.enterPlace(part{Place: s.place, unit: unitCell})
}

// shown returns a value as the sheet shows it.
func (s *sheet) shown(value []byte, kind, style string) []byte {
	switch kind {
	case cellShared:
		return s.b.sharedString(bytes.TrimSpace(value))
	case cellError, cellBool:
		return nil
	case "", "n":
		return s.b.number(value, style)
	}
	return value
}
