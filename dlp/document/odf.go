package document

import (
	"archive/zip"
	"bytes"
	"path"
	"strconv"
	"strings"
)

// odf reads an OpenDocument file (text, spreadsheet, presentation or drawing).
func (w *walk) odf(a *archive) error {
	if f := a.find("META-INF/manifest.xml"); f != nil {
		if data, _ := a.content(f); bytes.Contains(data, []byte("encryption-data")) {
			w.gap(Encrypted, "")
		}
	}
	for _, name := range []string{"content.xml", "styles.xml", "meta.xml"} {
		if f := a.find(name); f != nil {
			w.odfPart(a, f)
		}
	}
	for _, f := range a.files {
		if !w.more() {
			break
		}
		name := strings.ToLower(partName(f))
		switch base := path.Base(name); {
		case strings.HasSuffix(name, "/"), name == "content.xml", name == "styles.xml", name == "meta.xml", name == "mimetype",
			name == "settings.xml", name == "manifest.rdf", strings.HasPrefix(name, "meta-inf/"),
			strings.HasPrefix(name, "thumbnails/"), strings.HasPrefix(name, "configurations2/"):
		case base == "content.xml": // of an object inside
			w.odfPart(a, f)
		case base == "styles.xml", base == "settings.xml", base == "meta.xml":
		default:
			content, reason := a.content(f)
			w.inner(base, content, reason)
		}
	}
	return nil
}

func (w *walk) odfPart(a *archive, f *zip.File) {
	content, reason := a.content(f)
	if reason == "" && len(content) > 0 && !looksText(content[:min(len(content), sample)]) && wideText(content) == "" {
		reason = Encrypted // its bytes make no sense
		content = nil
	}
	if reason != "" {
		w.gapAt(Place{Path: w.path, Name: cleanName(partName(f))}, reason, "")
	}
	var err error
	if path.Base(partName(f)) == "meta.xml" {
		err = w.odfMeta(content)
	} else {
		d := &openDoc{w: w}
		err = d.read(content)
	}
	if err != nil {
		w.gapAt(Place{Path: w.path, Name: cleanName(partName(f))}, err.(Reason), "")
	}
}

// odfMeta reads title, author, own properties.
func (w *walk) odfMeta(data []byte) error {
	x := newXML(w, data)
	name := ""
	for {
		switch x.next() {
		case xmlOpen:
			name = string(x.name)
			if own := x.attr("name"); own != "" {
				name = own
			}
		case xmlText:
			w.property(name, x.appendText(nil))
		case xmlEnd:
			return x.err
		}
	}
}

// openDoc is the state of reading the content or the styles of an OpenDocument file.
type openDoc struct {
	w         *walk
	place     Place
	paragraph int
	slides    int
	book      bool        // a spreadsheet, whose tables are sheets
	sheets    []openSheet // tables may stand inside cells
	asides    []aside     // annotations, notes, deletions that are open
	buf       []byte
}

// aside is a part beside the text, until its element ends.
type aside struct {
	depth int
	from  Place
}

// openSheet is a table.
type openSheet struct {
	rows        rowWriter
	row, column int
	repeatRow   int
	repeat      int    // of the cell being read
	text        []byte // of the cell being read
	inCell      bool
	value       string // of its own, beside the text
}

// maxRepeat bounds how often a repeated cell or row is written: it says nothing new.
const maxRepeat = 2

func (d *openDoc) read(data []byte) error {
	x := newXML(d.w, data)
	d.enter()
	for {
		switch x.next() {
		case xmlOpen:
			d.open(x)
		case xmlClose:
			d.close(x)
		case xmlText:
			if d.paragraph > 0 || len(d.asides) > 0 {
				d.buf = x.appendText(d.buf[:0])
				d.write(d.buf)
			}
		case xmlEnd:
			return x.err
		}
	}
}

func (d *openDoc) enter() {
	d.w.line()
	if n := len(d.sheets); n > 0 && len(d.asides) == 0 { // back in a table
		t := &d.sheets[n-1]
		t.rows.last = 0
		d.w.enterPlace(part{Place: t.rows.place, unit: unitCell})
		return
	}
	d.w.enterPlace(part{Place: d.place, unit: unitParagraph})
}

// table returns the table whose cell is being read, if any.
func (d *openDoc) table() *openSheet {
	if n := len(d.sheets); n > 0 && d.sheets[n-1].inCell && len(d.asides) == 0 {
		return &d.sheets[n-1]
	}
	return nil
}

func (d *openDoc) write(b []byte) {
	if len(bytes.TrimSpace(b)) == 0 && bytes.IndexByte(b, '\n') >= 0 {
		return // between elements
	}
	if t := d.table(); t != nil {
		t.text = append(t.text, b...)
		return
	}
	d.w.write(b)
}

func (d *openDoc) open(x *xmlReader) {
	switch string(x.name) {
	case "p", "h":
		d.paragraph++
		if d.table() == nil {
			d.w.line()
			d.w.span(d.paragraph, 0)
		}
	case "s":
		n, _ := strconv.Atoi(x.attr("c"))
		d.write(bytes.Repeat([]byte{' '}, min(max(n, 1), 8)))
	case "tab":
		d.write([]byte{'\t'})
	case "line-break":
		d.write([]byte{'\n', ' '})
	case "page":
		d.slides++
		d.place = Place{Slide: d.slides}
		d.enter()
	case "spreadsheet":
		d.book = true
	case "a":
		d.link(x.attr("href"))
	case "hidden-text", "conditional-text": // shown under a condition
		d.write([]byte(x.attr("string-value") + x.attr("string-value-if-true") + " " + x.attr("string-value-if-false")))
	case "desc", "title":
		d.beside(x, PartAltText)
	case "annotation":
		d.beside(x, PartComment)
	case "note":
		d.beside(x, PartFootnote)
	case "notes":
		d.beside(x, PartNotes)
	case "tracked-changes":
		d.beside(x, PartDeleted)
	case "header", "header-left", "header-first":
		d.beside(x, PartHeader)
	case "footer", "footer-left", "footer-first":
		d.beside(x, PartFooter)
	default:
		d.openTable(x)
	}
}

// beside begins a part that ends with the element just opened.
func (d *openDoc) beside(x *xmlReader, name string) {
	if d.slides == 0 && d.paragraph == 0 && name == PartAltText {
		return // of a style
	}
	d.asides = append(d.asides, aside{x.depth, d.place})
	d.place.Part = name
	d.enter()
}

func (d *openDoc) link(href string) {
	if href == "" || strings.HasPrefix(href, "#") {
		return
	}
	if t := d.table(); t != nil {
		t.text = append(append(append(t.text, '<'), href...), "> "...)
		return
	}
	d.w.writeString("<" + href + "> ")
}

func (d *openDoc) close(x *xmlReader) {
	if n := len(d.asides); n > 0 && x.depth < d.asides[n-1].depth {
		d.place = d.asides[n-1].from
		d.asides = d.asides[:n-1]
		d.enter()
		return
	}
	switch string(x.name) {
	case "p", "h":
		if t := d.table(); t != nil {
			t.text = append(t.text, ' ')
		} else {
			d.w.line()
		}
	default:
		d.closeTable(string(x.name))
	}
}
