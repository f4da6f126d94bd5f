package document

import "bytes"

// words is the state of reading a part of a Word file. A paragraph is written when
// it ends, then what stands beside its text: text boxes, deletions, field codes, so
// that none of them tears the text apart.
type words struct {
	w         *walk
	part      string
	page      int
	paragraph int
	cells     int // depth of tables
	breaks    int // page breaks met inside the paragraph

	boxes  int  // depth of text boxes
	choice bool // the alternative just read had text
	main   []byte
	side   [3]sideText // text box, deletion, field code
}

const (
	laneBox = iota
	laneDeleted
	laneCode
)

// wordPart reads the body, a header, comments and the like (WordprocessingML).
func (w *walk) wordPart(data []byte, name string) error {
	d := &words{w: w, part: name}
	if name == "" && (bytes.Contains(data, []byte("lastRenderedPageBreak")) || bytes.Contains(data, []byte(`:type="page"`))) {
		d.page = 1 // else paragraphs are counted: where pages end is unknown
	}
	for i, part := range []string{PartTextBox, PartDeleted, PartCode} {
		d.side[i].place.Part = part
	}
	d.enter()
	x := newXML(w, data)
	for {
		switch x.next() {
		case xmlOpen:
			d.open(x)
		case xmlClose:
			d.close(string(x.name))
		case xmlEnd:
			d.flush()
			return x.err
		}
	}
}

func (d *words) enter() {
	d.w.enterPlace(part{Place: Place{Part: d.part, Page: d.page}, unit: unitParagraph})
}

func (d *words) open(x *xmlReader) {
	switch string(x.name) {
	case "t":
		d.text(x, d.lane())
	case "delText":
		d.text(x, &d.side[laneDeleted].text)
	case "instrText":
		d.text(x, &d.side[laneCode].text)
	case "tab", "ptab":
		d.put('\t')
	case "br", "cr":
		if x.attr("type") == "page" && d.page > 0 {
			d.breaks++
		}
		d.put('\n')
	case "lastRenderedPageBreak":
		if d.boxes == 0 {
			d.breaks++
		}
	case "noBreakHyphen":
		d.put('-')
	case "p":
		if d.boxes == 0 {
			d.paragraph++
		}
	case "tc":
		d.cells++
	case "txbxContent":
		d.boxes++
	case "docPr", "cNvPr":
		x.altText(d.w)
	case "comment":
		*d.lane() = append(*d.lane(), x.attr("author")+": "...)
	case "Fallback": // says the same as the Choice before it, for older readers
		if d.choice {
			x.skipElement()
		}
	case "Choice":
		d.choice = false
	}
}

// lane returns where text goes now.
func (d *words) lane() *[]byte {
	if d.boxes > 0 {
		return &d.side[laneBox].text
	}
	return &d.main
}

func (d *words) put(c byte) { l := d.lane(); *l = append(*l, c) }

// text takes the text of the element just opened.
func (d *words) text(x *xmlReader, lane *[]byte) {
	for depth := x.depth; x.depth >= depth; {
		switch x.next() {
		case xmlText:
			*lane = x.appendText(*lane)
			d.choice = true
		case xmlEnd:
			return
		}
	}
}

func (d *words) close(name string) {
	switch name {
	case "p":
		switch {
		case d.boxes > 0:
			d.put('\n')
		case d.cells > 0:
			d.put(' ')
		default:
			d.flush()
		}
	case "tc":
		d.cells = max(0, d.cells-1)
		d.main = append(bytes.TrimRight(d.main, " "), '\t')
	case "tr":
		if d.cells == 0 {
			d.flush()
		}
	case "txbxContent":
		d.boxes = max(0, d.boxes-1)
	}
}

// flush writes the paragraph and what stands beside it.
func (d *words) flush() {
	d.w.line()
	d.w.span(d.paragraph, 0)
	d.w.write(bytes.TrimRight(d.main, "\t "))
	d.w.line()
	d.main = d.main[:0]
	cur, wrote := d.w.cur, false
	for i := range d.side {
		s := &d.side[i]
		if len(s.text) == 0 {
			continue
		}
		s.place.Page = d.page
		d.w.enterPlace(part{Place: s.place, unit: unitParagraph})
		d.w.span(d.paragraph, 0)
		d.w.write(bytes.TrimSpace(s.text))
		d.w.line()
		s.text, wrote = s.text[:0], true
	}
	switch {
	case d.breaks > 0 && d.page > 0:
		d.page += d.breaks
		d.enter()
	case wrote:
		d.w.enterPlace(cur)
	}
	d.breaks = 0
}
