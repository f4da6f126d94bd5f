package proxy

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
)

// plainHead reads the head of an answer of the usual kind: whole in what is
// buffered, with one length or without a body, and nothing in it that two
// parsers could read differently. For all others it returns nil, having taken
// nothing: they are for net/http.
func (c *leanConn) plainHead(r *http.Request, buffered []byte, back *leanBody) *http.Response {
	end := bytes.Index(buffered, []byte("\r\n\r\n"))
	if end < 0 {
		return nil
	}
	head := buffered[:end+2]
	f := back.fields
	f.reset(head)
	line, _, ok := f.line(head)
	code := statusOf(line)
	if !ok || code == 0 {
		return nil
	}
	resp := &http.Response{
		StatusCode: code, Status: f.text[len("HTTP/1.1 "):len(line)], Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: -1,
	}
	for f.at < len(head) {
		line, start, ok := f.line(head)
		if !ok || !plainField(resp, f, line, start) {
			return nil
		}
	}
	resp.Header = f.header
	switch {
	case r.Method == http.MethodHead, code == http.StatusNoContent, code == http.StatusNotModified, resp.ContentLength == 0:
		resp.Body = http.NoBody
	case resp.ContentLength < 0:
		return nil
	default:
		back.left, back.src = resp.ContentLength, nil
		resp.Body = back
	}
	c.br.Discard(end + 4)
	return resp
}

// statusOf returns the code of "HTTP/1.1 200 and a reason", 0 for anything else,
// interim answers among them.
func statusOf(line []byte) int {
	rest, ok := bytes.CutPrefix(line, []byte("HTTP/1.1 "))
	if !ok || len(rest) < 4 || rest[3] != ' ' {
		return 0
	}
	for _, c := range rest[4:] {
		if c < ' ' && c != '\t' || c == 0x7f {
			return 0
		}
	}
	code, err := strconv.Atoi(string(rest[:3]))
	if err != nil || code < 200 || rest[0] < '2' || rest[0] > '9' {
		return 0
	}
	return code
}

// plainField takes one line of an answer.
func plainField(resp *http.Response, f *fields, line []byte, start int) bool {
	name, value, ok := splitField(line)
	if !ok {
		return false
	}
	l := f.add(start, len(name), value)
	switch l.name {
	case "Content-Length":
		if resp.ContentLength >= 0 {
			return false
		}
		if resp.ContentLength, ok = decimal(value); !ok {
			return false
		}
	case "Connection":
		l.name = ""
		resp.Close = resp.Close || is(value, "close")
		return is(value, "close") || is(value, "keep-alive")
	case "Transfer-Encoding", "Trailer", "Upgrade", "Te":
		return false
	}
	f.keep(l)
	return true
}

// read reads the body, whose last bytes come with io.EOF.
func (b *leanBody) read(p []byte) (int, error) {
	if b.src != nil {
		return b.src.Read(p)
	}
	n, err := b.c.br.Read(p[:min(int64(len(p)), b.left)])
	switch b.left -= int64(n); {
	case b.left == 0:
		return n, io.EOF
	case err == io.EOF:
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}
