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
	sections(x.Body, []byte("--"+boundary), func(start, end int) bool {
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
	if !isText(x.Body) {
		unread(p, traffic.ReasonFormat)
		return
	}
	p.Format = "text"
	p.Parts = append(p.Parts, traffic.Part{Kind: traffic.PartText, Text: x.Body, End: len(x.Body)})
}

// sections calls do with the place of each part, head included, until it
// returns false. The last part of a body that is cut short has no delimiter
// after it.
func sections(body, delimiter []byte, do func(start, end int) bool) {
	at := nextDelimiter(body, delimiter, 0)
	for at >= 0 {
		start := at + len(delimiter)
		if bytes.HasPrefix(body[start:], []byte("--")) {
			return
		}
		nl := bytes.IndexByte(body[start:], '\n') // white space may follow a delimiter
		if nl < 0 {
			return
		}
		start += nl + 1
		at = nextDelimiter(body, delimiter, start)
		end := at
		if end < 0 {
			end = len(body)
		} else if end = max(start, end-1); end > start && body[end-1] == '\r' { // the line break belongs to the delimiter
			end--
		}
		if !do(start, end) {
			return
		}
	}
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
	name, file := params["name"], params["filename"]
	kind, _, _ := strings.Cut(strings.ToLower(head.Get("Content-Type")), ";")
	data := x.Body[start:end]
	if len(file) >= minMetadata {
		fileName(x, p, file, lines, start)
	}
	switch {
	case len(data) == 0:
	case head.Get("Content-Transfer-Encoding") != "" && !plainTransfer(head.Get("Content-Transfer-Encoding")):
		unread(p, traffic.ReasonFormat)
	case head.Get("Content-Length") != "": // would have to change too
		c.readData(x, p, name, file, kind, start, end)
		for i := range p.Parts {
			if p.Parts[i].Start >= start {
				p.Parts[i].Start, p.Parts[i].End = -1, -1
			}
		}
	default:
		c.readData(x, p, name, file, kind, start, end)
	}
}

// fileName adds the name of a file, which stands in the head of its part. An
// encoded one (RFC 5987) can be read but not rewritten.
func fileName(x *traffic.Exchange, p *traffic.Prompt, file string, start, end int) {
	part := traffic.Part{Kind: traffic.PartMetadata, Name: file, Text: []byte(file), Start: -1, End: -1}
	if i := bytes.Index(x.Body[start:end], part.Text); i >= 0 {
		part.Start, part.End = start+i, start+i+len(file)
		part.Text = x.Body[part.Start:part.End]
	}
	p.Parts = append(p.Parts, part)
}

func plainTransfer(encoding string) bool {
	switch strings.ToLower(encoding) {
	case "7bit", "8bit", "binary":
		return true
	}
	return false
}

// readData reads the content of one part.
func (c *Codec) readData(x *traffic.Exchange, p *traffic.Prompt, name, file, kind string, start, end int) {
	data := x.Body[start:end]
	switch {
	case name == "model" && file == "":
		p.Model = string(data[:min(len(data), maxID)])
	case name == "stream" && file == "":
		p.Stream = string(data) == "true"
	case (strings.Contains(kind, "json") || jsonLike(data) && isJSON(data)) && !wide(data):
		root := c.roots["json"]
		if p.Format == "openai.files" || strings.HasPrefix(kind, "application/json") && p.Format != "multipart" {
			root = c.roots[p.Format]
		}
		first := len(p.Parts)
		newReader(p, x.Body[:end], nil, nil).read(root, start)
		for i := first; i < len(p.Parts); i++ {
			if p.Parts[i].Name == "" {
				p.Parts[i].Name = file
			}
		}
	case !isText(data):
		part := traffic.Part{Kind: mediaKind(data), Name: file, Start: start, End: end}
		p.Parts = append(p.Parts, part)
		unread(p, traffic.ReasonFormat)
	default:
		part := traffic.Part{Kind: traffic.PartText, Name: name, Text: data, Start: start, End: end}
		if file != "" {
			part.Kind, part.Name = traffic.PartFile, file
		} else if name != "prompt" && name != "text" && name != "instructions" && len(data) <= maxID {
			part.Kind = traffic.PartMetadata
		}
		p.Parts = append(p.Parts, part)
	}
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
