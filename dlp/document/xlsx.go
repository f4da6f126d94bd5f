package document

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// workbook is the state of reading an Excel file (SpreadsheetML).
type workbook struct {
	w       *walk
	a       *archive
	shared  []byte // all shared strings,
	ends    []int  // and where each ends
	formats []numberFormat
	epoch   int
	done    map[string]bool // parts that are read as sheets or for them
	tabs    []tab
}

// tab is a sheet.
type tab struct {
	name, part string
	hidden     bool
}

// readWorkbook reads what cells refer to.
func (w *walk) readWorkbook(a *archive) *workbook {
	b := &workbook{w: w, a: a, done: map[string]bool{}}
	b.epoch = epoch1900
	targets := a.relations("xl/workbook.xml")
	b.readTabs(targets)
	for _, t := range targets {
		switch {
		case strings.Contains(t, "sharedstrings"):
			b.readShared(t)
		case strings.Contains(t, "styles"):
			b.readStyles(t)
		}
	}
	b.unlisted()
	return b
}

// part returns the content of a part and marks it as read. A damaged part gives
// its beginning.
func (b *workbook) part(name string) []byte {
	b.done[name] = true
	f := b.a.find(name)
	if f == nil {
		return nil
	}
	data, reason := b.a.content(f)
	if reason != "" {
		b.w.gapAt(Place{Path: b.w.path, Name: cleanName(name)}, reason, "")
	}
	return data
}

func (b *workbook) readTabs(targets map[string]string) {
	x := newXML(b.w, b.part("xl/workbook.xml"))
	for {
		switch x.next() {
		case xmlOpen:
			switch string(x.name) {
			case "workbookPr":
				if v := x.attr("date1904"); v == "1" || v == "true" {
					b.epoch = epoch1904
				}
			case "sheet":
				t := tab{name: cleanName(x.attr("name")), part: targets[x.attr("id")]}
				t.hidden = strings.HasSuffix(strings.ToLower(x.attr("state")), "hidden")
				b.tabs = append(b.tabs, t)
			case "definedName":
				name := cleanName(x.attr("name"))
				b.w.piece(Place{Part: PartFormula, Name: name}, x.innerText([]byte(name+": ")))
			}
		case xmlEnd:
			return
		}
	}
}

// unlisted adds the sheets that the workbook does not list.
func (b *workbook) unlisted() {
	for _, f := range b.a.files {
		name := strings.ToLower(partName(f))
		if strings.HasPrefix(name, "xl/worksheets/sheet") && !slices.ContainsFunc(b.tabs, func(t tab) bool { return t.part == name }) {
			b.tabs = append(b.tabs, tab{name: cleanName(name[len("xl/worksheets/"):]), part: name})
		}
	}
}

// readShared reads the table of strings. Its size is that of its part.
func (b *workbook) readShared(name string) {
	x := newXML(b.w, b.part(name))
	for {
		switch x.next() {
		case xmlOpen:
			switch string(x.name) {
			case "t":
				b.shared = x.innerText(b.shared)
			case "rPh": // how it is pronounced
				x.skipElement()
			}
		case xmlClose:
			if string(x.name) == "si" {
				b.ends = append(b.ends, len(b.shared))
			}
		case xmlEnd:
			return
		}
	}
}

func (b *workbook) sharedString(index []byte) []byte {
	i, err := strconv.Atoi(string(index))
	if err != nil || i < 0 || i >= len(b.ends) {
		return nil
	}
	start := 0
	if i > 0 {
		start = b.ends[i-1]
	}
	return b.shared[start:b.ends[i]]
}

// sheets reads all sheets and what is said about their cells.
func (b *workbook) sheets() error {
	for _, t := range b.tabs {
		if !b.w.more() {
			return nil
		}
		p := Place{Sheet: t.name, Hidden: t.hidden}
		b.w.piece(Place{Sheet: t.name, Hidden: t.hidden, Part: PartSheetName}, []byte(t.name))
		if t.part == "" || b.done[t.part] {
			continue
		}
		s := &sheet{b: b, place: p}
		if err := s.read(b.part(t.part)); err != nil {
			b.w.fail(err, "")
		}
		for _, beside := range b.a.relations(t.part) {
			if strings.Contains(beside, "comment") && strings.HasSuffix(beside, ".xml") && !b.done[beside] {
				b.comments(b.part(beside), p)
			}
		}
	}
	return nil
}

// comments reads notes and threaded comments on cells.
func (b *workbook) comments(data []byte, p Place) {
	p.Part = PartComment
	b.w.line()
	b.w.in(p) // their authors come first
	x := newXML(b.w, data)
	var buf []byte
	for {
		switch x.next() {
		case xmlOpen:
			switch string(x.name) {
			case "comment", "threadedComment":
				b.w.line()
				b.w.enterPlace(part{Place: p, unit: unitCell})
				row, column := parseCell(x.attr("ref"))
				b.w.span(row, column)
			case "t", "text", "author":
				if string(x.name) == "text" && bytes.Contains(x.data[x.pos:min(len(x.data), x.pos+64)], []byte("<")) {
					continue // holds runs, or ends at once
				}
				buf = x.innerText(buf[:0])
				b.w.write(bytes.ReplaceAll(buf, []byte{'\t'}, []byte{' '}))
				if string(x.name) == "author" {
					b.w.line()
				}
			}
		case xmlEnd:
			b.w.line()
			return
		}
	}
}

// parseCell reads B17 as row 17, column 2; zeros if it is none.
func parseCell(ref string) (row, column int) {
	i := 0
	for ; i < len(ref) && i < 3 && ref[i]|0x20 >= 'a' && ref[i]|0x20 <= 'z'; i++ {
		column = column*26 + int(ref[i]|0x20-'a') + 1
	}
	row, err := strconv.Atoi(ref[i:])
	if err != nil || row < 0 || row > 1<<21 || column == 0 {
		return 0, 0
	}
	return row, column
}
