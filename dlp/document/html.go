package document

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxHTMLToken bounds one tag or text.
const maxHTMLToken = 16 << 20

// isHTML tells whether a text begins like a page.
func isHTML(head []byte) bool {
	head = bytes.ToLower(head[:min(len(head), 512)])
	for bytes.HasPrefix(head, []byte("<!--")) {
		_, rest, ok := bytes.Cut(head, []byte("-->"))
		if !ok {
			return false
		}
		head = bytes.TrimLeft(rest, " \t\r\n")
	}
	if bytes.HasPrefix(head, []byte("<?xml")) {
		return bytes.Contains(head, []byte("<html"))
	}
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<body"} {
		if bytes.HasPrefix(head, []byte(tag)) {
			return true
		}
	}
	return false
}

// page is the state of reading one HTML file.
type page struct {
	w    *walk
	pre  bool       // white space counts as it stands
	side []sideText // what stands beside the text, to be written after it
}

type sideText struct {
	place Place
	text  []byte
}

// html reads the text of a page; attributes with text and scripts follow it.
// Scripts and comments are sent with the page, so they are read, but apart.
func (w *walk) html(data []byte) error {
	data = toUTF8(data, htmlCharset(data))
	z := html.NewTokenizer(bytes.NewReader(data))
	z.SetMaxBuf(maxHTMLToken)
	p := page{w: w}
	w.enterPlace(part{unit: unitLine})
	w.span(1, 0)
	for skip := ""; w.more(); {
		switch z.Next() {
		case html.ErrorToken:
			p.flush()
			if errors.Is(z.Err(), io.EOF) {
				return nil
			}
			return TooLarge
		case html.TextToken:
			p.text(z.Text(), skip)
		case html.CommentToken:
			p.aside(Place{Part: PartComment}, bytes.Clone(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			skip = p.open(z)
		case html.EndTagToken:
			name, _ := z.TagName()
			skip = ""
			tag := atom.Lookup(name)
			if tag == atom.Pre || tag == atom.Textarea {
				p.pre = false
			}
			p.brk(tag)
		}
	}
	return nil
}

// htmlCharset returns the character set that a page declares.
func htmlCharset(data []byte) string {
	head := bytes.ToLower(data[:min(len(data), 1024)])
	i := bytes.Index(head, []byte("charset="))
	if i < 0 {
		return ""
	}
	name := bytes.TrimLeft(head[i+8:], `"' `)
	if end := bytes.IndexAny(name, "\"' ;/>?"); end >= 0 {
		name = name[:end]
	}
	return string(name)
}

// text writes text as it is shown: white space counts once.
func (p *page) text(text []byte, inside string) {
	if inside != "" {
		p.aside(Place{Part: PartScript, Name: inside}, bytes.Clone(text))
		return
	}
	if p.pre {
		p.w.write(text)
		return
	}
	fields := bytes.Fields(text)
	if len(fields) == 0 {
		if len(text) > 0 {
			p.space()
		}
		return
	}
	if isSpace(text[0]) {
		p.space()
	}
	for i, f := range fields {
		if i > 0 {
			p.w.write([]byte{' '})
		}
		p.w.write(f)
	}
	if isSpace(text[len(text)-1]) {
		p.space()
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

// space writes a space unless there is white space already.
func (p *page) space() {
	if n := len(p.w.out); n > 0 && !isSpace(p.w.out[n-1]) {
		p.w.write([]byte{' '})
	}
}

// open reads a tag, and returns its name where its content is not text.
func (p *page) open(z *html.Tokenizer) string {
	name, more := z.TagName()
	tag := atom.Lookup(name)
	p.brk(tag)
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		if len(value) > 0 && keptAttr(string(key)) {
			p.aside(Place{Part: PartAttribute, Name: cleanName(string(name) + " " + string(key))}, bytes.Clone(value))
		}
	}
	switch tag {
	case atom.Pre, atom.Textarea:
		p.pre = true
	case atom.Script, atom.Style:
		return tag.String()
	}
	return ""
}

// keptAttr tells whether an attribute holds words or addresses.
func keptAttr(name string) bool {
	switch name {
	case "alt", "title", "value", "href", "src", "content", "placeholder", "action", "label", "srcdoc", "summary":
		return true
	}
	return strings.HasPrefix(name, "data-") || strings.HasPrefix(name, "aria-label")
}

// brk ends a line where a browser does, and parts cells.
func (p *page) brk(tag atom.Atom) {
	switch tag {
	case atom.Td, atom.Th:
		if n := len(p.w.out); n > 0 && p.w.out[n-1] != '\n' && p.w.out[n-1] != '\t' {
			p.w.write([]byte{'\t'})
		}
	case atom.P, atom.Div, atom.Br, atom.Tr, atom.Li, atom.Ul, atom.Ol, atom.Dl, atom.Dt, atom.Dd, atom.Table,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Pre, atom.Blockquote, atom.Section, atom.Article,
		atom.Header, atom.Footer, atom.Title, atom.Option, atom.Form, atom.Hr, atom.Textarea, atom.Body,
		atom.Main, atom.Nav, atom.Aside, atom.Address, atom.Figure, atom.Figcaption, atom.Details, atom.Summary, atom.Dialog,
		atom.Fieldset, atom.Legend, atom.Caption, atom.Center, atom.Select, atom.Noscript, atom.Template, atom.Iframe, atom.Object, atom.Svg:
		p.w.line()
	}
}

// aside keeps a text for after the page. It holds no more than the page has bytes.
func (p *page) aside(at Place, text []byte) { p.side = append(p.side, sideText{at, text}) }

func (p *page) flush() {
	for _, s := range p.side {
		text := s.text
		if s.place.Part == PartAttribute && bytes.HasPrefix(text, []byte("data:")) {
			if p.w.dataURL(s.place.Name, text) {
				continue
			}
		}
		p.w.piece(s.place, text)
	}
	p.side = nil
}
