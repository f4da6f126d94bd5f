package proxy

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
)

// order is a request as the front takes it.
type order struct {
	method string
	target string // path and query, as sent
	host   string // as sent
	length int64  // of the body
	close  bool   // the client wants no other
}

type headState uint8

const (
	headPart  headState = iota // more has to come
	headWhole                  // it is in the order, and f.at behind it
	headOther                  // it is for net/http
)

// parse reads the head at the start of f.in. What it takes is a part of what
// the head guard passes, and means the same to net/http: each line goes through
// guardedHead, and anything out of the ordinary is for net/http to read.
func (o *order) parse(f *front) headState {
	end := f.part.end(f.in)
	if end < 0 {
		return f.part.check(f.in)
	}
	head := f.in[:end+2]
	*o = order{}
	var h guardedHead
	f.fields.reset(head)
	line, _, ok := f.fields.line(head)
	if !ok || !h.add(line) || h.http10 || h.connect || !o.line(f, line) {
		return headOther
	}
	for f.fields.at < len(head) {
		line, start, ok := f.fields.line(head)
		if !ok || !o.field(f, &h, line, start) {
			return headOther
		}
	}
	if !h.complete() || h.upgrade || h.chunked || !o.agrees(f) {
		return headOther
	}
	o.length = h.length
	if _, sent := f.fields.header["User-Agent"]; !sent {
		f.fields.header["User-Agent"] = nil // else net/http's transport sends its own
	}
	f.at = end + 4
	return headWhole
}

// partHead is how far a head has been looked at that is not whole yet: however
// small the pieces in which it comes, each is looked at once.
type partHead struct {
	head guardedHead
	at   int // lines before it are checked
	seen int // bytes before it are not the end of a line behind at
}

// end returns where the head in in ends, -1 for not yet.
func (p *partHead) end(in []byte) int {
	from := max(p.seen-len("\r\n\r"), 0)
	i := bytes.Index(in[from:], []byte("\r\n\r\n"))
	if i < 0 {
		return -1
	}
	return from + i
}

// check looks at what is new: net/http need not wait for the rest of a head
// that is bad.
func (p *partHead) check(in []byte) headState {
	for {
		i := bytes.IndexByte(in[max(p.at, p.seen):], '\n')
		if i < 0 {
			p.seen = len(in)
			return headPart
		}
		i += max(p.at, p.seen)
		if i == p.at || in[i-1] != '\r' || !p.head.add(in[p.at:i-1]) {
			return headOther
		}
		p.at = i + 1
	}
}

// line takes the request line, which is well formed.
func (o *order) line(f *front, line []byte) bool {
	method, rest, _ := bytes.Cut(line, []byte(" "))
	target, _, _ := bytes.Cut(rest, []byte(" "))
	if o.method = usualMethod(method); o.method == "" || target[0] != '/' || len(target) > 1 && target[1] == '/' {
		return false
	}
	start := len(method) + 1
	o.target = f.fields.text[start : start+len(target)]
	return o.target == f.target || f.resolve(o.target)
}

// resolve parses a target as net/http does. Most connections have but one.
func (f *front) resolve(target string) bool {
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return false
	}
	keepPath(u, target)
	// Where it is dialled and verified is the canonical name; Host stays as sent.
	u.Scheme, u.Host = f.sess.scheme, f.sess.authority()
	f.target, f.url = strings.Clone(target), *u
	return true
}

// agrees reports whether the request goes where its connection was opened to.
func (o *order) agrees(f *front) bool {
	if o.host == f.host {
		return o.host != ""
	}
	if o.host == "" || !sameTarget(o.host, f.sess) {
		return false
	}
	f.host = strings.Clone(o.host)
	return true
}

// own returns a User-Agent that is no part of a head: records keep it for long,
// and a head has secrets.
func (f *front) own(agent string) string {
	if agent != f.agent {
		f.agent = strings.Clone(agent)
	}
	return f.agent
}

// usualMethod returns the methods that the front takes, "" for others.
func usualMethod(m []byte) string {
	switch string(m) {
	case http.MethodGet:
		return http.MethodGet
	case http.MethodHead:
		return http.MethodHead
	case http.MethodPost:
		return http.MethodPost
	case http.MethodPut:
		return http.MethodPut
	case http.MethodPatch:
		return http.MethodPatch
	case http.MethodDelete:
		return http.MethodDelete
	case http.MethodOptions:
		return http.MethodOptions
	}
	return ""
}

// field takes one line behind the first.
func (o *order) field(f *front, h *guardedHead, line []byte, start int) bool {
	name, value, ok := splitField(line)
	if !ok || !h.field(name, value) {
		return false
	}
	l := f.fields.add(start, len(name), value)
	switch l.name {
	case "Host":
		o.host = l.value
		return true // net/http keeps it apart
	case "Connection":
		switch {
		case is(value, "close"):
			o.close = true
		case !is(value, "keep-alive"):
			return false
		}
		l.name = ""
		return true
	case "Expect", "Te", "Trailer", "Upgrade", "Transfer-Encoding", "Http2-Settings":
		return false
	case "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Proxy-Authentication-Info":
		l.name = "" // as stripHopByHop
		return true
	}
	f.fields.keep(l)
	return true
}

// request returns the request as net/http's server would, and serveInner make
// of it.
func (o *order) request(f *front) *http.Request {
	in := new(struct {
		http.Request
		url url.URL
	})
	in.url = f.url
	in.Request = http.Request{
		Method: o.method, URL: &in.url, Host: f.host, Header: f.fields.header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		ContentLength: o.length, Body: http.NoBody,
	}
	if o.length > 0 {
		in.Body = &f.body
	}
	return in.Request.WithContext(f.ctx)
}
