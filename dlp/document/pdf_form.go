package document

import (
	"bytes"
	"slices"
)

// maxFieldDepth bounds how deep fields of a form are nested.
const maxFieldDepth = 16

// form reads what a form holds beside the widgets on the pages: fields that no page
// shows, and a form in XML (XFA), whose pages are made when it is opened.
func (f *pdfFile) form(form pdfDict) {
	if form == nil {
		return
	}
	if s, ok := f.resolve(form["XFA"]).(*pdfStream); ok {
		f.xfa(s)
	}
	for _, o := range f.array(form["XFA"]) { // names and their streams by turns
		if s, ok := f.resolve(o).(*pdfStream); ok {
			f.xfa(s)
		}
	}
	seen := map[pdfRef]bool{}
	for stack := slices.Clone(f.array(form["Fields"])); len(stack) > 0 && f.w.more(); {
		ref, ok := stack[len(stack)-1].(pdfRef)
		stack = stack[:len(stack)-1]
		if !ok || seen[ref] {
			continue
		}
		seen[ref] = true
		d := f.dict(ref)
		kids := f.array(d["Kids"])
		stack = append(stack, kids...)
		if len(kids) == 0 && f.name(d["Subtype"]) != "Widget" {
			f.field(0, d)
		}
	}
}

// field reads the value of a field, which those it is a part of may hold.
func (f *pdfFile) field(page int, d pdfDict) {
	name, value := d["T"], d["V"]
	for up, depth := d, 0; value == nil && depth < maxFieldDepth; depth++ {
		if up = f.dict(up["Parent"]); up == nil {
			return
		}
		name, value = up["T"], up["V"]
	}
	if text := f.text(value); len(text) > 0 {
		label := f.text(name)
		f.w.piece(Place{Page: page, Part: PartField, Name: cleanName(string(label))}, slices.Concat(label, []byte(": "), text))
	}
}

// xfa reads a form in XML: what stands in each element, behind its name.
func (f *pdfFile) xfa(s *pdfStream) {
	data, reason := f.decode(s)
	if reason != "" {
		f.w.gap(reason, "form")
		return
	}
	x := newXML(f.w, data)
	for f.w.more() {
		switch x.next() {
		case xmlText:
			if text := bytes.TrimSpace(x.appendText(nil)); len(text) > 0 {
				name := string(x.name)
				f.w.piece(Place{Part: PartField, Name: cleanName(name)}, slices.Concat([]byte(name+": "), text))
			}
		case xmlEnd:
			return
		}
	}
}
