package prompt

import (
	"bytes"
	"mime"
	"net/textproto"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

const (
	// maxSections bounds the parts of one multipart body that are told apart.
	maxSections = 1000
	// maxPartHead bounds the head of one part.
	maxPartHead = 8 << 10
)

// readMultipart reads the parts of a multipart body (RFC 2046, section 5.1;
// RFC 7578): fields and files that are text are parts of the prompt, JSON is
// read into, anything else is noted as unread.
func (c *Codec) readMultipart(x *traffic.Exchange, p *traffic.Prompt) {
	boundary := parameter(x.Header.Get("Content-Type"), "boundary")
	if boundary == "" || len(boundary) > 200 {
		c.wholeBody(x, p)
		return
	}
	if p.Format == "json" {
		p.Format = "multipart"
	}
	n := 0
	sections(x.Body, []byte("--"+boundary), func(start, end int, margin bool) bool {
		if margin {
			aside(x, p, start, end)
			return true
		}
		n++
		c.readSection(x, p, start, end)
		return n < maxSections
	})
	if n == 0 || n == maxSections {
		c.wholeBody(x, p)
	}
}

// wholeBody reads a multipart body whose parts can't be told apart.
func (c *Codec) wholeBody(x *traffic.Exchange, p *traffic.Prompt) {
	p.Parts = p.Parts[:0]
	p.Unread, p.Gaps, p.Files = nil, nil, 0
	if !isText(x.Body, charset(x)) {
		unread(p, traffic.ReasonFormat)
		return
	}
	p.Format = "text"
	p.Parts = append(p.Parts, traffic.Part{Kind: traffic.PartText, Text: x.Body, End: len(x.Body)})
}

// aside reads what stands between the parts, where nobody should have written.
func aside(x *traffic.Exchange, p *traffic.Prompt, start, end int) {
	switch text := x.Body[start:end]; {
	case len(bytes.TrimSpace(text)) == 0:
	case !isText(text, ""):
		unread(p, traffic.ReasonFormat)
	default:
		p.Parts = append(p.Parts, traffic.Part{Kind: traffic.PartMetadata, Text: text, Start: start, End: end})
	}
}

// sections calls do with the place of each part, head included, and of the
// margins around them, until it returns false. The last part of a body that is
// cut short has no delimiter after it.
func sections(body, delimiter []byte, do func(start, end int, margin bool) bool) {
	at := nextDelimiter(body, delimiter, 0)
	if at > 0 {
		do(0, at, true)
	}
	for at >= 0 {
		start := at + len(delimiter)
		nl := bytes.IndexByte(body[start:], '\n') // white space may follow a delimiter
		if nl < 0 || bytes.HasPrefix(body[start:], []byte("--")) {
			do(start+closing(body[start:]), len(body), true)
			return
		}
		do(start, start+nl, true)
		start += nl + 1
		at = nextDelimiter(body, delimiter, start)
		end := at
		if end < 0 {
			end = len(body)
		} else if end = max(start, end-1); end > start && body[end-1] == '\r' { // the line break belongs to the delimiter
			end--
		}
		if !do(start, end, false) {
			return
		}
	}
}

// closing returns the length of what makes a delimiter the last one.
func closing(rest []byte) int {
	if bytes.HasPrefix(rest, []byte("--")) {
		return 2
	}
	return 0
}

// nextDelimiter returns the place of the next delimiter that begins a line.
func nextDelimiter(body, delimiter []byte, from int) int {
	for {
		i := bytes.Index(body[from:], delimiter)
		if i < 0 {
			return -1
		}
		from += i
		if (from == 0 || body[from-1] == '\n') && endsLine(body[from+len(delimiter):]) {
			return from
		}
		from++
	}
}

// endsLine reports whether rest, which follows a delimiter, makes it one and not
// the beginning of a longer word.
func endsLine(rest []byte) bool {
	return len(rest) == 0 || bytes.IndexByte([]byte(" \t\r\n"), rest[0]) >= 0 || bytes.HasPrefix(rest, []byte("--"))
}

func (c *Codec) readSection(x *traffic.Exchange, p *traffic.Prompt, start, end int) {
	lines := start
	head, start := partHead(x.Body, start, end)
	_, params, _ := mime.ParseMediaType(head.Get("Content-Disposition"))
	f := field{name: params["name"], file: params["filename"]}
	f.kind, _, _ = strings.Cut(strings.ToLower(head.Get("Content-Type")), ";")
	f.charset = parameter(head.Get("Content-Type"), "charset")
	headParts(x, p, f.file, lines, start)
	first, files := len(p.Parts), p.Files
	switch {
	case start == end:
	case head.Get("Content-Transfer-Encoding") != "" && !plainTransfer(head.Get("Content-Transfer-Encoding")):
		c.readEncoded(x, p, &f, strings.ToLower(head.Get("Content-Transfer-Encoding")), start, end)
	default:
		c.readData(x, p, &f, start, end)
	}
	if f.file != "" && start < end { // one file, whatever is inside
		p.Files = files + 1
	}
	if head.Get("Content-Length") != "" { // would have to change too
		fix(p.Parts[first:])
	}
}

// headParts adds the head of a part, in pieces around the name of its file. An
// encoded name (RFC 5987) can be read but not rewritten.
func headParts(x *traffic.Exchange, p *traffic.Prompt, file string, start, end int) {
	if len(file) < minMetadata {
		aside(x, p, start, end)
		return
	}
	if i := bytes.Index(x.Body[start:end], []byte(file)); i >= 0 {
		at := start + i
		aside(x, p, start, at)
		start = at + len(file)
		p.Parts = append(p.Parts, traffic.Part{Kind: traffic.PartMetadata, Name: file, Text: x.Body[at:start], Start: at, End: start})
	} else {
		p.Parts = append(p.Parts, traffic.Part{Kind: traffic.PartMetadata, Name: file, Text: []byte(file), Start: -1, End: -1})
	}
	aside(x, p, start, end)
}

func plainTransfer(encoding string) bool {
	switch strings.ToLower(encoding) {
	case "7bit", "8bit", "binary":
		return true
	}
	return false
}

// field is what the head of a part says of its content.
type field struct{ name, file, kind, charset string }

// readEncoded reads content under a transfer encoding. Text in base64 is
// rewritten as a whole; the rest of what can be read can't be rewritten.
func (c *Codec) readEncoded(x *traffic.Exchange, p *traffic.Prompt, f *field, encoding string, start, end int) {
	y := *x
	switch encoding {
	case "base64":
		text, _, err := decodeBase64(x.Body[start:end])
		if err != nil && !x.Cut || len(text) == 0 {
			unread(p, traffic.ReasonFormat)
			return
		}
		y.Body = text
	case "quoted-printable":
		y.Body = unquote(x.Body[start:end])
	default:
		unread(p, traffic.ReasonFormat)
		return
	}
	first := len(p.Parts)
	c.readData(&y, p, f, 0, len(y.Body))
	added := p.Parts[first:]
	if encoding == "base64" && len(added) == 1 && added[0].Start == 0 && added[0].End == len(y.Body) && len(added[0].Layers) == 0 {
		added[0].Start, added[0].End, added[0].Layers = start, end, base64Layers
		return
	}
	fix(added)
}

var base64Layers = []traffic.Layer{traffic.LayerBase64}

// unquote decodes quoted-printable (RFC 2045, section 6.7). What is no escape
// stands for itself.
func unquote(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		i := bytes.IndexByte(text, '=')
		if i < 0 {
			break
		}
		out, text = append(out, text[:i]...), text[i+1:]
		line := bytes.TrimLeft(text[:min(len(text), maxID)], " \t\r")
		switch {
		case len(text) >= 2 && unhex(text[0]) >= 0 && unhex(text[1]) >= 0:
			out, text = append(out, byte(unhex(text[0])<<4|unhex(text[1]))), text[2:]
		case len(line) > 0 && line[0] == '\n': // a soft line break
			text = text[bytes.IndexByte(text, '\n')+1:]
		default:
			out = append(out, '=')
		}
	}
	return append(out, text...)
}

// readData reads the content of one part.
func (c *Codec) readData(x *traffic.Exchange, p *traffic.Prompt, f *field, start, end int) {
	data := x.Body[start:end]
	switch {
	case wide(data):
		if text := narrow(data, f.charset); !wide(text) && isSane(text) {
			y := *x
			y.Body = text
			first := len(p.Parts)
			c.readData(&y, p, f, 0, len(text))
			fix(p.Parts[first:])
			return
		}
		c.readBinary(p, f, data, start, end)
	case strings.Contains(f.kind, "json") || jsonLike(data) && isJSON(data):
		root := c.roots["json"]
		if p.Format == "openai.files" || strings.HasPrefix(f.kind, "application/json") && p.Format != "multipart" {
			root = c.roots[p.Format]
		}
		first := len(p.Parts)
		newReader(p, c.files, x.Body[:end], nil, nil).read(root, start)
		for i := first; i < len(p.Parts); i++ {
			if p.Parts[i].Name == "" {
				p.Parts[i].Name = f.file
			}
		}
	case !isText(data, f.charset):
		c.readBinary(p, f, data, start, end)
	case f.file != "" && c.files.addWritten(p, traffic.Part{Kind: traffic.PartFile, Name: f.file, Start: start, End: end}, data):
	default:
		part := traffic.Part{Kind: traffic.PartText, Name: f.name, Text: data, Start: start, End: end}
		switch {
		case f.file != "":
			part.Kind, part.Name = traffic.PartFile, f.file
		case f.name == "model":
			p.Model = string(shaped(data))
			part.Kind = traffic.PartMetadata
		case f.name == "stream":
			p.Stream = string(data) == "true"
			part.Kind = traffic.PartMetadata
		case f.name != "prompt" && f.name != "text" && f.name != "instructions" && len(data) <= maxID:
			part.Kind = traffic.PartMetadata
		}
		p.Parts = append(p.Parts, part)
	}
}

// readBinary reads content that is no text.
func (c *Codec) readBinary(p *traffic.Prompt, f *field, data []byte, start, end int) {
	c.files.add(p, traffic.Part{Kind: mediaKind(data), Name: f.file, Start: start, End: end}, data)
}

// partHead reads the header lines of a part and returns the place of its
// content.
func partHead(body []byte, start, end int) (textproto.MIMEHeader, int) {
	head := make(textproto.MIMEHeader)
	limit := min(end, start+maxPartHead)
	for start < limit {
		nl := bytes.IndexByte(body[start:limit], '\n')
		if nl < 0 {
			return head, start
		}
		line := strings.TrimRight(string(body[start:start+nl]), "\r")
		key, value, ok := strings.Cut(line, ":")
		if line != "" && !ok { // no header line: the content has begun
			return head, start
		}
		start += nl + 1
		if line == "" {
			return head, start
		}
		head.Add(strings.TrimSpace(key), strings.TrimSpace(value))
	}
	return head, start
}
