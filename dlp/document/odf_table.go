package document

import (
	"bytes"
	"strconv"
	"strings"
)

// openTable begins a table, row or cell.
func (d *openDoc) openTable(x *xmlReader) {
	if string(x.name) == "table" {
		d.beginTable(x)
		return
	}
	n := len(d.sheets)
	if n == 0 {
		return
	}
	t := &d.sheets[n-1]
	switch string(x.name) {
	case "table-row":
		t.row++
		t.column = 0
		t.repeatRow = repeats(x, "number-rows-repeated")
	case "table-cell", "covered-table-cell":
		t.column++
		t.repeat = repeats(x, "number-columns-repeated")
		t.text, t.inCell, t.value = t.text[:0], true, cellValue(x)
		if f := x.attr("formula"); f != "" && d.place.Sheet != "" && strings.Contains(f, `"`) {
			t.text = append(append(t.text, f...), ' ')
		}
		if v := x.attr("date-value"); v != "" { // beside the form that is shown
			t.text = append(append(t.text, v...), ' ')
		}
	}
}

// cellValue returns the value that a cell has beside the form that is shown.
func cellValue(x *xmlReader) string {
	if v := x.attr("value"); v != "" {
		return v
	}
	return x.attr("string-value")
}

// beginTable begins a table. One that is not in a text is a sheet.
func (d *openDoc) beginTable(x *xmlReader) {
	if len(d.sheets) >= 8 {
		return
	}
	place := d.place
	if d.book {
		place = Place{Sheet: cleanName(x.attr("name"))}
	}
	d.place = place
	d.w.line()
	d.w.enterPlace(part{Place: place, unit: unitCell})
	d.sheets = append(d.sheets, openSheet{rows: rowWriter{w: d.w, place: place}})
}

func repeats(x *xmlReader, name string) int {
	n, err := strconv.Atoi(x.attr(name))
	if err != nil || n < 1 {
		return 1
	}
	return min(n, 1<<21)
}

func (d *openDoc) closeTable(name string) {
	n := len(d.sheets)
	if n == 0 {
		return
	}
	t := &d.sheets[n-1]
	switch name {
	case "table":
		t.rows.endRow()
		d.sheets = d.sheets[:n-1]
		if len(d.sheets) == 0 && d.slides == 0 {
			d.place = Place{}
		}
		d.enter()
	case "table-row":
		t.rows.endRow()
		t.row += t.repeatRow - 1
	case "table-cell", "covered-table-cell":
		t.inCell = false
		if len(bytes.TrimSpace(t.text)) == 0 { // some programs write no form that is shown
			t.text = append(t.text, t.value...)
		}
		for i := range min(t.repeat, maxRepeat) {
			t.rows.cell(t.row, t.column+i, t.text)
		}
		t.column += t.repeat - 1
	}
}
