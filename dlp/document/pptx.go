package document

import (
	"path"
	"strings"
)

// relations reads which parts a part refers to: target by id. Targets are
// relative to the folder of the part.
func (o *office) relations(name string) map[string]string {
	return o.a.relations(name)
}

func (a *archive) relations(name string) map[string]string {
	dir, base := path.Split(name)
	f := a.find(dir + "_rels/" + base + ".rels")
	if f == nil {
		return nil
	}
	data, _ := a.content(f)
	out := map[string]string{}
	x := newXML(a.w, data)
	for {
		switch x.next() {
		case xmlOpen:
			if string(x.name) != "Relationship" || x.attr("TargetMode") == "External" {
				continue
			}
			target := x.attr("Target")
			if !strings.HasPrefix(target, "/") {
				target = path.Join(dir, target)
			}
			out[x.attr("Id")] = strings.ToLower(strings.TrimPrefix(target, "/"))
		case xmlEnd:
			return out
		}
	}
}

// orderSlides numbers the slides as they are shown, not as the parts are named.
func (o *office) orderSlides() {
	o.slides, o.notesOf = map[string]int{}, map[string]int{}
	f := o.a.find("ppt/presentation.xml")
	if f == nil {
		return
	}
	data, _ := o.a.content(f)
	targets := o.relations("ppt/presentation.xml")
	x := newXML(o.a.w, data)
	for n := 0; ; {
		switch x.next() {
		case xmlOpen:
			if string(x.name) != "sldId" {
				continue
			}
			n++
			// The element has two attributes called id: its own and r:id.
			for rest := x.attrs; ; {
				var key, value []byte
				if key, value, rest = nextAttr(rest); key == nil {
					break
				}
				if t, ok := targets[string(value)]; ok && string(localName(key)) == "id" && o.slides[t] == 0 {
					o.slides[t] = n
					for _, beside := range o.relations(t) {
						o.notesOf[beside] = n
					}
				}
			}
		case xmlEnd:
			return
		}
	}
}

// slidePart reads a slide, its notes, comments or a master (DrawingML).
func (o *office) slidePart(data []byte, name, kind string) error {
	w := o.a.w
	p := part{Place: Place{Part: kind}, unit: unitParagraph}
	switch kind {
	case "":
		if p.Slide = o.slides[name]; p.Slide == 0 {
			p.Name = cleanName(path.Base(name))
		}
	case PartNotes, PartComment:
		p.Slide = o.notesOf[name]
	}
	x := newXML(w, data)
	w.enterPlace(p)
	paragraph, cells := 0, 0
	var buf []byte
	for {
		switch x.next() {
		case xmlOpen:
			switch string(x.name) {
			case "sld":
				if show := x.attr("show"); show == "0" || show == "false" {
					p.Hidden = true
					w.enterPlace(p)
				}
			case "t", "text":
				buf = x.innerText(buf[:0])
				w.write(buf)
			case "br":
				w.line()
			case "tab":
				w.write([]byte{'\t'})
			case "tc":
				cells++
				if n := len(w.out); n > 0 && w.out[n-1] != '\n' {
					w.write([]byte{'\t'})
				}
			case "p":
				if paragraph++; cells == 0 {
					w.span(paragraph, 0)
				} else if n := len(w.out); n > 0 && !isSpace(w.out[n-1]) {
					w.write([]byte{' '})
				}
			default:
				x.altText(w)
			}
		case xmlClose:
			switch string(x.name) {
			case "p":
				if cells == 0 {
					w.line()
				}
			case "tc":
				cells = max(0, cells-1)
			case "tr", "cm", "comment":
				w.line()
			}
		case xmlEnd:
			return x.err
		}
	}
}
