package document

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// xmlToken is what xmlReader.next found.
type xmlToken uint8

const (
	xmlEnd   xmlToken = iota // of the data
	xmlOpen                  // name and attributes
	xmlClose                 // name
	xmlText                  // text
)

// maxXMLDepth bounds nesting: documents of people stay far below it.
const maxXMLDepth = 1000

// xmlReader reads XML forgivingly and without allocation: names lose their prefix,
// closing tags are not matched, the document type is skipped with all entities that
// it declares.
type xmlReader struct {
	w     *walk
	data  []byte
	pos   int
	depth int
	err   error

	name  []byte // without prefix
	attrs []byte
	text  []byte // of xmlText
	cdata bool
	empty bool // the element has just been opened and has no content
}

// newXML returns a reader of data in UTF-8 or, as its mark says, UTF-16.
func newXML(w *walk, data []byte) *xmlReader {
	if f := wideText(data); f == UTF16 {
		data = fromUTF16(data)
	}
	return &xmlReader{w: w, data: data}
}

// next moves to the next token.
func (x *xmlReader) next() xmlToken {
	if x.empty {
		x.empty = false
		x.depth--
		return xmlClose
	}
	for x.w.more() && x.pos < len(x.data) {
		rest := x.data[x.pos:]
		if rest[0] != '<' {
			n := bytes.IndexByte(rest, '<')
			if n < 0 {
				n = len(rest)
			}
			x.pos += n
			x.text, x.cdata = rest[:n], false
			return xmlText
		}
		switch {
		case bytes.HasPrefix(rest, []byte("<!--")):
			x.skip(rest[4:], 4, "-->")
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			x.text, x.cdata = x.skip(rest[9:], 9, "]]>"), true
			return xmlText
		case bytes.HasPrefix(rest, []byte("<!")):
			x.doctype(rest)
		case bytes.HasPrefix(rest, []byte("<?")):
			x.skip(rest[2:], 2, "?>")
		case bytes.HasPrefix(rest, []byte("</")):
			x.name = localName(x.skip(rest[2:], 2, ">"))
			x.depth--
			return xmlClose
		default:
			return x.open(rest)
		}
	}
	return xmlEnd
}

// skip moves behind the end that follows before more bytes, and returns what
// stood in between.
func (x *xmlReader) skip(rest []byte, before int, end string) []byte {
	n := bytes.Index(rest, []byte(end))
	if n < 0 {
		x.pos = len(x.data)
		return rest
	}
	x.pos += before + n + len(end)
	return rest[:n]
}

// doctype moves behind a document type. Entities that it declares are never
// expanded (billion laughs); what they say is read where they are declared.
func (x *xmlReader) doctype(rest []byte) {
	start := x.pos
	x.skipDoctype(rest)
	declared := x.data[start:x.pos]
	if !bytes.Contains(declared, []byte("<!ENTITY")) {
		return
	}
	w, cur := x.w, x.w.cur
	p := cur.Place
	p.Part, p.Name = PartOther, "document type"
	w.piece(p, declared)
	w.gap(Entities, "")
	w.enterPlace(cur)
}

// skipDoctype moves behind a declaration with its internal subset.
func (x *xmlReader) skipDoctype(rest []byte) {
	depth, quote := 0, byte(0)
	for i, c := range rest {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[':
			depth++
		case c == ']':
			depth--
		case c == '>' && depth <= 0:
			x.pos += i + 1
			return
		}
	}
	x.pos = len(x.data)
}

// open reads a tag that opens an element. A > inside quotes does not end it.
func (x *xmlReader) open(rest []byte) xmlToken {
	end := tagEnd(rest)
	x.pos += min(end+1, len(rest))
	tag := rest[1:end]
	if n := len(tag); n > 0 && tag[n-1] == '/' {
		tag, x.empty = tag[:n-1], true
	}
	n := bytes.IndexAny(tag, " \t\r\n")
	if n < 0 {
		n = len(tag)
	}
	x.name, x.attrs = localName(tag[:n]), tag[n:]
	if x.depth++; x.depth > maxXMLDepth {
		x.err = TooDeep
		x.pos, x.empty = len(x.data), false
		return xmlEnd
	}
	return xmlOpen
}

// tagEnd returns where the > of a tag stands, or where the data end.
func tagEnd(tag []byte) int {
	end := bytes.IndexByte(tag, '>')
	if end < 0 {
		return len(tag)
	}
	if bytes.Count(tag[:end], []byte{'"'})%2 == 0 && bytes.IndexByte(tag[:end], '\'') < 0 {
		return end
	}
	for i := 1; i < len(tag); i++ {
		switch c := tag[i]; c {
		case '>':
			return i
		case '"', '\'':
			n := bytes.IndexByte(tag[i+1:], c)
			if n < 0 {
				return len(tag)
			}
			i += n + 1
		}
	}
	return len(tag)
}

func localName(name []byte) []byte {
	name = bytes.TrimSpace(name)
	return name[bytes.IndexByte(name, ':')+1:]
}

// attr returns an attribute of the element just opened, by its name without prefix.
func (x *xmlReader) attr(name string) string {
	value := x.rawAttr(name)
	if bytes.IndexByte(value, '&') < 0 {
		return string(value)
	}
	return string(appendUnescaped(nil, value))
}

// rawAttr is attr without a copy: references to characters stay.
func (x *xmlReader) rawAttr(name string) []byte {
	for rest := x.attrs; ; {
		var key, value []byte
		if key, value, rest = nextAttr(rest); key == nil {
			return nil
		}
		if string(localName(key)) == name {
			return value
		}
	}
}

// nextAttr cuts the first attribute off.
func nextAttr(b []byte) (key, value, rest []byte) {
	eq := bytes.IndexByte(b, '=')
	if eq < 0 {
		return nil, nil, nil
	}
	key = bytes.TrimSpace(b[:eq])
	b = bytes.TrimLeft(b[eq+1:], " \t\r\n")
	if len(b) == 0 || key == nil || b[0] != '"' && b[0] != '\'' {
		return nil, nil, nil
	}
	end := bytes.IndexByte(b[1:], b[0])
	if end < 0 {
		return nil, nil, nil
	}
	return key, b[1 : 1+end], b[2+end:]
}

// appendText appends the text just read.
func (x *xmlReader) appendText(dst []byte) []byte {
	if x.cdata {
		return append(dst, x.text...)
	}
	return appendUnescaped(dst, x.text)
}

// skipElement moves behind the end of the element just opened.
func (x *xmlReader) skipElement() {
	for depth := x.depth; x.depth >= depth; {
		if x.next() == xmlEnd {
			return
		}
	}
}

// innerText appends all text of the element just opened, and moves behind it.
func (x *xmlReader) innerText(dst []byte) []byte {
	for depth := x.depth; x.depth >= depth; {
		switch x.next() {
		case xmlText:
			dst = x.appendText(dst)
		case xmlEnd:
			return dst
		}
	}
	return dst
}

// appendUnescaped appends text with the five entities of XML and those by number
// replaced. Others stay: a document can't make text grow.
func appendUnescaped(dst, b []byte) []byte {
	for {
		i := bytes.IndexByte(b, '&')
		if i < 0 {
			return append(dst, b...)
		}
		dst = append(dst, b[:i]...)
		b = b[i:]
		end := bytes.IndexByte(b[:min(len(b), 12)], ';')
		r := rune(-1)
		if end > 0 {
			r = xmlEntity(b[1:end])
		}
		if r < 0 {
			dst = append(dst, '&')
			b = b[1:]
			continue
		}
		dst = utf8.AppendRune(dst, r)
		b = b[end+1:]
	}
}

func xmlEntity(name []byte) rune {
	switch string(name) {
	case "amp":
		return '&'
	case "lt":
		return '<'
	case "gt":
		return '>'
	case "quot":
		return '"'
	case "apos":
		return '\''
	}
	if len(name) < 2 || name[0] != '#' {
		return -1
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseInt(string(digits), base, 32)
	if err != nil || n < 0 {
		return -1
	}
	return rune(n)
}
