package document

import (
	"archive/zip"
	"cmp"
	"path"
	"slices"
	"strings"
)

// office is an Office Open XML file (ECMA-376): a zip file of XML parts.
type office struct {
	a       *archive
	slides  map[string]int // numbers by the name of the slide's part
	notesOf map[string]int // and of its notes or comments
}

// officePart is a part with what it holds.
type officePart struct {
	file *zip.File
	name string // lower case
	rank int    // order of reading
	read func(data []byte, name string) error
}

// ooxml reads a Word, Excel or PowerPoint file. Parts that it does not know are read
// too, as whatever they are: what hides in a part of a strange name is found.
func (w *walk) ooxml(a *archive) error {
	o := &office{a: a}
	var parts []officePart
	var book *workbook
	for _, f := range a.files {
		name := strings.ToLower(partName(f))
		if strings.HasSuffix(name, "/") {
			continue
		}
		p := o.sortOut(name)
		p.file, p.name = f, name
		if p.rank > 0 {
			parts = append(parts, p)
		}
	}
	if a.has("xl/workbook.xml") || a.hasPrefix("xl/worksheets/") {
		book = w.readWorkbook(a)
		if err := book.sheets(); err != nil {
			return err
		}
	}
	if a.hasPrefix("ppt/slides/") {
		o.orderSlides()
	}
	slices.SortStableFunc(parts, func(x, y officePart) int {
		return cmp.Or(cmp.Compare(x.rank, y.rank), cmp.Compare(o.slides[x.name], o.slides[y.name]), compareNumbered(x.name, y.name))
	})
	for _, p := range parts {
		if !w.more() {
			break
		}
		if book == nil || !book.done[p.name] {
			o.readPart(p)
		}
	}
	return nil
}

func (a *archive) hasPrefix(prefix string) bool {
	return slices.ContainsFunc(a.files, func(f *zip.File) bool { return strings.HasPrefix(strings.ToLower(partName(f)), prefix) })
}

// sortOut tells by a part's name how to read it and when. Rank 0 is not read:
// parts that hold no words of the author.
func (o *office) sortOut(name string) officePart {
	dir, base := path.Split(name)
	stem := strings.TrimRight(strings.TrimSuffix(base, path.Ext(base)), "0123456789")
	w := o.a.w
	wordPart := func(rank int, part string) officePart {
		return officePart{rank: rank, read: func(b []byte, _ string) error { return w.wordPart(b, part) }}
	}
	slidePart := func(rank int, part string) officePart {
		return officePart{rank: rank, read: func(b []byte, name string) error { return o.slidePart(b, name, part) }}
	}
	switch {
	case strings.HasSuffix(base, ".rels"):
		return officePart{rank: 7, read: func(b []byte, _ string) error { return w.links(b) }}
	case base == "[content_types].xml", !strings.HasSuffix(base, ".xml") && !strings.HasSuffix(base, ".vml"):
		if base == "[content_types].xml" {
			return officePart{}
		}
		return officePart{rank: 9} // pictures, embedded files
	case strings.HasPrefix(name, "docprops/"), strings.HasPrefix(name, "docmetadata/"):
		return officePart{rank: 8, read: func(b []byte, _ string) error { return w.properties(b) }}
	case strings.HasPrefix(name, "ppt/slides/"):
		return slidePart(1, "")
	case strings.HasPrefix(name, "ppt/notesslides/"):
		return slidePart(2, PartNotes)
	case strings.HasPrefix(name, "ppt/comments/"):
		return slidePart(3, PartComment)
	case strings.HasPrefix(name, "ppt/slidemasters/"), strings.HasPrefix(name, "ppt/slidelayouts/"),
		strings.HasPrefix(name, "ppt/notesmasters/"), strings.HasPrefix(name, "ppt/handoutmasters/"):
		return slidePart(6, PartMaster)
	case dir == "word/":
		return wordSort(stem, wordPart)
	}
	return officePart{rank: 7, read: func(b []byte, name string) error { return w.otherXML(b, name) }}
}

// wordSort sorts out the parts of the folder word.
func wordSort(stem string, part func(rank int, name string) officePart) officePart {
	switch stem {
	case "document":
		return part(1, "")
	case "header":
		return part(2, PartHeader)
	case "footer":
		return part(2, PartFooter)
	case "footnotes", "endnotes":
		return part(3, PartFootnote)
	case "comments":
		return part(3, PartComment)
	}
	return part(6, PartOther)
}

// readPart reads one part; a damaged one leaves the others standing.
func (o *office) readPart(p officePart) {
	w := o.a.w
	content, reason := o.a.content(p.file)
	if p.read == nil {
		w.inner(path.Base(partName(p.file)), content, reason)
		return
	}
	w.entries++
	if w.entries > w.o.Entries {
		w.gapAt(Place{Path: w.path, Name: cleanName(p.name)}, TooMany, "")
		return
	}
	err := p.read(content, p.name)
	if err == nil && reason != "" {
		err = reason
	}
	if err != nil {
		w.in(Place{Name: cleanName(p.name)})
		w.fail(err, "")
	}
	w.line()
}

// compareNumbered orders names so that header2 comes before header10.
func compareNumbered(x, y string) int {
	trim := func(s string) (string, int) {
		s = strings.TrimSuffix(s, path.Ext(s))
		stem := strings.TrimRight(s, "0123456789")
		n := 0
		for _, c := range s[len(stem):][:min(8, len(s)-len(stem))] {
			n = n*10 + int(c-'0')
		}
		return stem, n
	}
	xs, xn := trim(x)
	ys, yn := trim(y)
	return cmp.Or(strings.Compare(xs, ys), cmp.Compare(xn, yn))
}

// links reads the targets outside the file that a part refers to: a link may
// carry a token or an address. None is followed.
func (w *walk) links(data []byte) error {
	x := newXML(w, data)
	for {
		switch x.next() {
		case xmlOpen:
			if string(x.name) == "Relationship" && strings.EqualFold(x.attr("TargetMode"), "External") {
				w.piece(Place{Part: PartLink}, []byte(x.attr("Target")))
			}
		case xmlEnd:
			return x.err
		}
	}
}

// properties reads document properties: title, author, company, own ones, and
// sensitivity labels (MSIP_Label_* of docProps/custom.xml, MS-OI29500 and
// docMetadata/LabelInfo.xml).
func (w *walk) properties(data []byte) error {
	x := newXML(w, data)
	name, depth := "", 0
	for {
		switch x.next() {
		case xmlOpen:
			switch string(x.name) {
			case "property":
				name, depth = x.attr("name"), x.depth
			case "label":
				w.label(x)
			default:
				if depth == 0 || x.depth <= depth {
					name, depth = string(x.name), 0
				}
			}
		case xmlText:
			w.property(name, x.appendText(nil))
		case xmlEnd:
			return x.err
		}
	}
}

// property writes a property as "name: value", for what it is called tells what it is.
func (w *walk) property(name string, value []byte) {
	if len(strings.TrimSpace(string(value))) == 0 {
		return
	}
	part := PartProperty
	if strings.HasPrefix(name, "MSIP_Label_") {
		part = PartLabel
	}
	name = cleanName(name)
	w.piece(Place{Part: part, Name: name}, append([]byte(name+": "), value...))
}

// label writes the attributes of a label as Office stores them since 2020, the
// id of one that holds under the name that it had before, MSIP_Label_id.
func (w *walk) label(x *xmlReader) {
	line := "label"
	for _, a := range []string{"id", "name", "siteId", "method", "enabled", "removed", "contentBits"} {
		v := x.attr(a)
		if a == "id" && x.attr("enabled") != "0" && x.attr("removed") != "1" {
			v = "MSIP_Label_" + strings.Trim(v, "{}")
		}
		if v != "" {
			line += " " + a + "=" + v
		}
	}
	w.piece(Place{Part: PartLabel}, []byte(line))
}

// otherXML reads all text of a part that is none of the known ones: charts,
// diagrams, custom XML.
func (w *walk) otherXML(data []byte, name string) error {
	w.in(Place{Part: PartOther, Name: cleanName(path.Base(name))})
	x := newXML(w, data)
	var buf []byte
	for {
		switch x.next() {
		case xmlText:
			if buf = x.appendText(buf[:0]); len(strings.TrimSpace(string(buf))) > 0 {
				w.write(buf)
			}
		case xmlOpen:
			x.altText(w)
			x.dataText(w)
		case xmlClose:
			if s := string(x.name); s != "r" && s != "t" {
				w.line()
			}
		case xmlEnd:
			return x.err
		}
	}
}

// altText writes what describes a picture.
func (x *xmlReader) altText(w *walk) {
	switch string(x.name) {
	case "docPr", "cNvPr":
		cur := w.cur
		for _, name := range []string{"descr", "title"} {
			if s := x.attr(name); s != "" {
				p := cur.Place
				p.Part = PartAltText
				w.piece(p, []byte(s))
				w.enterPlace(cur)
			}
		}
	}
}

// dataText writes what attributes hold of a workbook's data: the cells that a pivot
// table was made of, which stay when their sheet is deleted, and how a database is
// reached.
func (x *xmlReader) dataText(w *walk) {
	var names []string
	switch string(x.name) {
	case "s", "n", "d":
		names = []string{"v"}
	case "cacheField":
		names = []string{"name"}
	case "dbPr":
		names = []string{"connection", "command"}
	}
	for _, name := range names {
		if s := x.attr(name); s != "" {
			w.write([]byte(s))
			w.line()
		}
	}
}
