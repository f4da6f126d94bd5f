package document

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// maxMultipart bounds how deep multiparts nest.
const maxMultipart = 30

// mailHeaders are names of which a mail has at least two.
var mailHeaders = map[string]bool{
	"from": true, "to": true, "subject": true, "date": true, "mime-version": true, "received": true, "message-id": true,
	"content-type": true, "return-path": true, "delivered-to": true, "reply-to": true, "cc": true, "x-mailer": true,
}

// isMail tells whether a text begins with the headers of a message (RFC 5322).
func isMail(data []byte) bool {
	known := map[string]bool{}
	for rest := data[:min(len(data), 64<<10)]; ; {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		rest = after
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			return len(known) >= 2
		}
		if line[0] == ' ' || line[0] == '\t' {
			continue
		}
		name, _, ok := bytes.Cut(line, []byte(":"))
		if !ok || !isHeaderName(name) {
			return len(known) >= 4 && len(after) == 0
		}
		if n := strings.ToLower(string(name)); mailHeaders[n] {
			known[n] = true
		}
	}
}

func isHeaderName(name []byte) bool {
	for _, c := range name {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return len(name) > 0
}

// isMailbox tells whether a text is a file of messages (RFC 4155).
func isMailbox(data []byte) bool {
	line, rest, ok := bytes.Cut(data, []byte("\n"))
	return ok && bytes.HasPrefix(line, []byte("From ")) && isMail(rest)
}

// mailbox reads each message as a file of its own.
func (w *walk) mailbox(data []byte) error {
	for n := 1; len(data) > 0 && w.more(); n++ {
		_, message, _ := bytes.Cut(data, []byte("\n"))
		data = nil
		if i := bytes.Index(message, []byte("\n\nFrom ")); i >= 0 {
			message, data = message[:i+1], message[i+2:]
		}
		w.inside("message "+strconv.Itoa(n), message)
	}
	return nil
}

// entity is a message or a part of one (RFC 2045).
type entity struct {
	kind    string // text/plain
	params  map[string]string
	coding  string
	name    string // of a file
	attach  bool
	content []byte // not decoded
}

func (w *walk) mail(data []byte) error {
	header, body := cutHeader(data)
	e := entity{content: body}
	dec := mime.WordDecoder{CharsetReader: charsetReader}
	for name, value := range fields(header) {
		e.set(name, value, &dec)
		text, err := dec.DecodeHeader(value)
		if err != nil {
			text = value
		}
		w.piece(Place{Part: PartHeader, Name: cleanName(name)}, toUTF8([]byte(name+": "+text), ""))
	}
	w.line()
	w.entity(e, 0)
	return nil
}

// cutHeader cuts at the first empty line.
func cutHeader(data []byte) (header, body []byte) {
	for i := 0; i < len(data); {
		n := bytes.IndexByte(data[i:], '\n')
		if n < 0 {
			break
		}
		if n == 0 || n == 1 && data[i] == '\r' {
			return data[:i], data[i+n+1:]
		}
		i += n + 1
	}
	return data, nil
}

// fields walks over the fields of a header, unfolded.
func fields(header []byte) func(yield func(name, value string) bool) {
	return func(yield func(name, value string) bool) {
		for len(header) > 0 {
			end := 0
			for {
				n := bytes.IndexByte(header[end:], '\n')
				if n < 0 {
					end = len(header)
					break
				}
				end += n + 1
				if end >= len(header) || header[end] != ' ' && header[end] != '\t' {
					break
				}
			}
			field := strings.NewReplacer("\r\n", "", "\n", "").Replace(string(header[:end]))
			header = header[end:]
			if name, value, ok := strings.Cut(field, ":"); ok && !yield(strings.TrimSpace(name), strings.TrimSpace(value)) {
				return
			}
		}
	}
}

// set takes what a field says about the content.
func (e *entity) set(name, value string, dec *mime.WordDecoder) {
	file := func(s string) {
		if d, err := dec.DecodeHeader(s); err == nil {
			s = d
		}
		if s != "" {
			e.name = s
		}
	}
	switch strings.ToLower(name) {
	case "content-type":
		var err error
		if e.kind, e.params, err = mime.ParseMediaType(value); err != nil && e.kind == "" {
			kind, _, _ := strings.Cut(value, ";")
			e.kind = strings.ToLower(strings.TrimSpace(kind))
		}
		if e.name == "" {
			file(e.params["name"])
		}
	case "content-transfer-encoding":
		e.coding = strings.ToLower(strings.TrimSpace(value))
	case "content-disposition":
		kind, params, _ := mime.ParseMediaType(value)
		e.attach = kind == "attachment"
		file(params["filename"])
	}
}

// entity reads a part of a message.
func (w *walk) entity(e entity, depth int) {
	switch {
	case depth > maxMultipart:
		w.gap(TooDeep, "")
	case strings.HasPrefix(e.kind, "multipart/") && e.params["boundary"] != "":
		w.multipart(e.content, e.params["boundary"], depth)
	default:
		w.leaf(e)
	}
}

// multipart reads the parts between boundaries; a missing last boundary is forgiven.
func (w *walk) multipart(data []byte, boundary string, depth int) {
	dec := mime.WordDecoder{CharsetReader: charsetReader}
	mark := []byte("--" + boundary)
	start := -1
	for i := 0; i >= 0 && w.more(); {
		n := bytes.Index(data[i:], mark)
		end := len(data)
		if n >= 0 {
			end = i + n
			if end > 0 && data[end-1] != '\n' {
				i = end + len(mark)
				continue
			}
		}
		if start < 0 {
			w.piece(Place{Part: PartOther}, data[:end]) // before the first part: mail programs don't show it
		} else {
			header, body := cutHeader(data[start:end])
			e := entity{content: body, kind: "text/plain"}
			for name, value := range fields(header) {
				e.set(name, value, &dec)
			}
			w.entries++
			if w.entries > w.o.Entries {
				w.gap(TooMany, "")
				return
			}
			w.entity(e, depth+1)
		}
		if n < 0 {
			return
		}
		rest := data[end+len(mark):]
		if bytes.HasPrefix(rest, []byte("--")) {
			w.piece(Place{Part: PartOther}, rest[2:])
			return
		}
		n = bytes.IndexByte(rest, '\n')
		if n < 0 {
			return
		}
		start = end + len(mark) + n + 1
		i = start
	}
}

// leaf reads a part that is not made of parts: text of the message or a file.
func (w *walk) leaf(e entity) {
	content := w.decodeTransfer(e)
	text := strings.HasPrefix(e.kind, "text/") || e.kind == ""
	switch {
	case len(content) == 0:
	case !text || e.attach || e.name != "":
		if text {
			content = toUTF8(content, e.params["charset"])
		}
		switch {
		case e.name != "":
			w.member(e.name, content, "")
		case e.kind == "message/rfc822":
			w.inner("message", content, "")
		default:
			w.inner(e.kind, content, "")
		}
	case e.kind == "text/html":
		w.line()
		w.html(toUTF8(content, e.params["charset"]))
		w.line()
	default:
		w.line()
		w.enterPlace(part{unit: unitLine})
		w.span(1, 0)
		w.write(toUTF8(content, e.params["charset"]))
		w.line()
	}
}

// decodeTransfer undoes the transfer encoding, forgiving what is not of it.
func (w *walk) decodeTransfer(e entity) []byte {
	if !w.unpack(int64(len(e.content))) {
		w.gap(TooLarge, "")
		return nil
	}
	switch e.coding {
	case "base64":
		return decodeBase64(e.content)
	case "quoted-printable":
		out, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(e.content)))
		if err != nil {
			return append(out, e.content[min(len(out), len(e.content)):]...)
		}
		return out
	}
	return e.content
}

// decodeBase64 decodes what is of the alphabet and leaves out the rest.
func decodeBase64(b []byte) []byte {
	clean := make([]byte, 0, len(b))
	for _, c := range b {
		if c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/' {
			clean = append(clean, c)
		}
	}
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	n, _ := base64.RawStdEncoding.Decode(clean, clean)
	return clean[:n]
}

func charsetReader(charset string, in io.Reader) (io.Reader, error) {
	enc, err := htmlindex.Get(charset)
	if err != nil {
		return nil, errors.New("unknown character set")
	}
	return enc.NewDecoder().Reader(in), nil
}

// dataURL reads the content of a data: URL (RFC 2397) as a file.
func (w *walk) dataURL(name string, text []byte) bool {
	head, body, ok := bytes.Cut(text, []byte(","))
	if !ok || !w.unpack(int64(len(body))) {
		return false
	}
	if !bytes.HasSuffix(head, []byte(";base64")) {
		s, err := url.PathUnescape(string(body))
		if err != nil {
			return false
		}
		body = []byte(s)
	} else {
		body = decodeBase64(body)
	}
	w.inside(name, body)
	return true
}
