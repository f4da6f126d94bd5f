package document

import (
	"bytes"
	"slices"
	"strconv"
)

// maxPages bounds the pages of a document.
const maxPages = 100_000

// pdf reads pages with their annotations, then what belongs to the document.
func (w *walk) pdf(data []byte) error {
	f := w.openPDF(data)
	if len(f.objects) == 0 {
		return Damaged
	}
	if f.trailer["Encrypt"] != nil && !f.openCrypt() {
		return Encrypted
	}
	f.cache = map[int]any{}
	f.unpackObjects()
	root := f.dict(f.trailer["Root"])
	if root["Pages"] == nil {
		root = f.dict(f.load(f.catalog))
	}
	n := f.pageTree(root["Pages"])
	if n == 0 {
		for _, num := range f.pages { // the tree is lost: all pages in file order
			n++
			f.page(n, f.dict(f.load(num)), nil)
		}
	}
	f.about(root)
	if n == 0 {
		return Damaged
	}
	return nil
}

// node is a place in the tree of pages.
type node struct {
	ref       any
	resources any // inherited
	depth     int
}

// pageTree reads all pages. Each object is visited once, so loops end.
func (f *pdfFile) pageTree(root any) (pages int) {
	seen := map[pdfRef]bool{}
	for stack := []node{{ref: root}}; len(stack) > 0 && f.w.more() && pages < maxPages; {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if ref, ok := n.ref.(pdfRef); ok {
			if seen[ref] {
				continue
			}
			seen[ref] = true
		}
		d := f.dict(n.ref)
		if d == nil || n.depth > maxPDFDepth {
			if n.depth > 0 {
				f.w.gap(Damaged, "page")
			}
			continue
		}
		resources := n.resources
		if d["Resources"] != nil {
			resources = d["Resources"]
		}
		kids := f.array(d["Kids"])
		if kids == nil || f.name(d["Type"]) == "Page" {
			pages++
			f.page(pages, d, resources)
			continue
		}
		for _, kid := range slices.Backward(kids) {
			stack = append(stack, node{kid, resources, n.depth + 1})
		}
	}
	return pages
}

// page reads the text of a page and what is pinned to it.
func (f *pdfFile) page(number int, d pdfDict, resources any) {
	if d["Resources"] != nil {
		resources = d["Resources"]
	}
	w := f.w
	w.line()
	w.in(Place{Page: number})
	var content []byte
	contents := f.list(d["Contents"], nil)
	if contents == nil && d["Contents"] != nil {
		w.gap(Damaged, "content") // the file has been cut
	}
	for _, part := range contents {
		s, ok := f.resolve(part).(*pdfStream)
		if !ok {
			w.gap(Damaged, "content")
			continue
		}
		data, reason := f.decode(s)
		if reason != "" {
			w.gap(reason, "content")
		}
		content = append(append(content, data...), '\n')
	}
	t := newPDFText(f)
	t.run(content, f.dict(resources), 0)
	w.line()
	t.report()
	for _, a := range f.array(d["Annots"]) {
		f.annotation(number, f.dict(a))
	}
}

// annotation reads a note, a link or the field of a form.
func (f *pdfFile) annotation(page int, d pdfDict) {
	if d == nil || !f.w.more() {
		return
	}
	link := f.dict(d["A"])
	f.say(Place{Page: page, Part: PartLink}, link["URI"])
	f.say(Place{Page: page, Part: PartAnnotation}, d["T"])
	f.say(Place{Page: page, Part: PartAnnotation}, d["Contents"])
	if f.name(d["Subtype"]) != "Widget" {
		return
	}
	f.field(page, d)
}

// say writes a text string, if o is one.
func (f *pdfFile) say(p Place, o any) { f.w.piece(p, f.text(o)) }

// text decodes a text string: UTF-16 or UTF-8 with a mark, else near Latin-1.
func (f *pdfFile) text(o any) []byte {
	switch v := f.resolve(o).(type) {
	case pdfString:
		return pdfText(v)
	case *pdfStream:
		data, _ := f.decode(v)
		return pdfText(data)
	}
	return nil
}

func pdfText(s []byte) []byte {
	switch {
	case bytes.HasPrefix(s, []byte("\xfe\xff")), bytes.HasPrefix(s, []byte("\xff\xfe")):
		return fromUTF16(s)
	case bytes.HasPrefix(s, []byte("\xef\xbb\xbf")):
		return s[3:]
	}
	var out []byte
	for _, c := range s {
		out = append(out, string(fromCP1252(c))...)
	}
	return out
}

// about reads what belongs to the whole document: properties, outline, files.
func (f *pdfFile) about(root pdfDict) {
	info := f.dict(f.trailer["Info"])
	keys := make([]string, 0, len(info))
	for key := range info {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		f.w.property(key, f.text(info[key]))
	}
	if s, ok := f.resolve(root["Metadata"]).(*pdfStream); ok {
		if data, reason := f.decode(s); reason == "" {
			f.xmp(data)
		}
	}
	f.form(f.dict(root["AcroForm"]))
	f.outline(f.dict(root["Outlines"])["First"])
	f.files()
}

// xmp reads metadata in XML: each property on a line.
func (f *pdfFile) xmp(data []byte) {
	x := newXML(f.w, data)
	for {
		switch x.next() {
		case xmlText:
			f.w.property(string(x.name), x.appendText(nil))
		case xmlEnd:
			return
		}
	}
}

// outline reads the titles of bookmarks. Each is visited once.
func (f *pdfFile) outline(first any) {
	seen := map[pdfRef]bool{}
	for stack := []any{first}; len(stack) > 0 && f.w.more(); {
		ref, ok := stack[len(stack)-1].(pdfRef)
		stack = stack[:len(stack)-1]
		if !ok || seen[ref] {
			continue
		}
		seen[ref] = true
		d := f.dict(ref)
		f.say(Place{Part: PartOutline}, d["Title"])
		stack = append(stack, d["Next"], d["First"])
	}
}

// files reads the files inside.
func (f *pdfFile) files() {
	slices.Sort(f.embedded)
	for i, num := range slices.Compact(f.embedded) {
		s, ok := f.load(num).(*pdfStream)
		if !ok || !f.w.more() {
			continue
		}
		name := "file " + strconv.Itoa(i+1)
		spec := f.dict(f.load(f.specs[num]))
		for _, key := range []string{"F", "UF"} {
			if text := f.text(spec[key]); len(text) > 0 {
				name = string(text)
			}
		}
		data, reason := f.decode(s)
		if reason == Image {
			reason = ""
		}
		f.w.member(name, data, reason)
	}
}
