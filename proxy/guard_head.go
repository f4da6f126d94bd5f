package proxy

import (
	"bytes"
	"net"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// guardedHead collects what must hold for a whole request head (RFC 9112,
// sections 2 to 7, and RFC 9110, section 5). Refused are:
//   - a request line that is not "method SP target SP HTTP/1.0 or HTTP/1.1";
//   - header names that are not tokens or that white space parts from the colon,
//     values with control characters, bare CR, and folded lines;
//   - Content-Length other than once and in plain digits, also in a list;
//   - Transfer-Encoding other than exactly "chunked", in HTTP/1.0, or beside a
//     Content-Length;
//   - CONNECT with a body;
//   - no Host in HTTP/1.1, or more than one.
//
// Whether Host and an absolute target agree is for the handler, which learns of
// it by names: net/http drops the Host (RFC 9112, section 3.2.2).
type guardedHead struct {
	target   []byte // host and port of an absolute target
	disagree bool   // Host names another
	lines    int
	http10   bool
	connect  bool
	upgrade  bool
	chunked  bool
	hosts    int
	sized    bool
	length   int64
}

// add takes the next line, without its end.
func (h *guardedHead) add(line []byte) bool {
	h.lines++
	if h.lines == 1 {
		return h.request(line)
	}
	name, value, ok := splitField(line)
	return ok && h.field(name, value)
}

// field takes a line that splitField has split.
func (h *guardedHead) field(name, value []byte) bool {
	ok := true
	switch {
	case is(name, "host"):
		h.hosts++
		h.disagree = len(h.target) > 0 && !sameAuthority(string(h.target), string(value))
		return h.hosts == 1
	case is(name, "content-length"):
		if h.sized {
			return false
		}
		h.sized = true
		h.length, ok = decimal(value)
		return ok
	case is(name, "transfer-encoding"):
		if h.chunked || h.http10 || !is(value, "chunked") {
			return false
		}
		h.chunked = true
	case is(name, "upgrade"):
		h.upgrade = true
	}
	return true
}

// complete reports whether the head is good as a whole.
func (h *guardedHead) complete() bool {
	switch {
	case h.hosts == 0 && !h.http10,
		h.sized && h.chunked, // RFC 9112, section 6.1: could be smuggling
		h.connect && (h.chunked || h.length > 0):
		return false
	}
	return true
}

func (h *guardedHead) request(line []byte) bool {
	method, rest, ok := bytes.Cut(line, []byte(" "))
	if !ok || !token(method) {
		return false
	}
	target, version, ok := bytes.Cut(rest, []byte(" "))
	if !ok || len(target) == 0 {
		return false
	}
	for _, c := range target {
		if c <= ' ' || c == 0x7f {
			return false
		}
	}
	if _, after, absolute := bytes.Cut(target, []byte("://")); absolute && target[0] != '/' {
		if i := bytes.IndexAny(after, "/?#"); i >= 0 {
			after = after[:i]
		}
		h.target = bytes.Clone(after)
	}
	h.connect = string(method) == "CONNECT"
	h.http10 = string(version) == "HTTP/1.0"
	return h.http10 || string(version) == "HTTP/1.1"
}

// sameAuthority compares two names with optional ports.
func sameAuthority(a, b string) bool {
	_, pa, _ := net.SplitHostPort(a)
	_, pb, _ := net.SplitHostPort(b)
	return traffic.CanonicalHost(a) == traffic.CanonicalHost(b) && (pa == pb || pa == "" || pb == "")
}

// splitField splits a header line into name and value, without the optional
// white space around the value.
func splitField(line []byte) (name, value []byte, ok bool) {
	name, value, ok = bytes.Cut(line, []byte(":"))
	if !ok || !token(name) {
		return nil, nil, false
	}
	for _, c := range value {
		if c < ' ' && c != '\t' || c == 0x7f {
			return nil, nil, false
		}
	}
	return name, bytes.Trim(value, " \t"), true
}

// framing reports whether a field says where messages end or go: never in a
// trailer (RFC 9110, section 6.5.1).
func framing(name []byte) bool {
	return is(name, "content-length") || is(name, "transfer-encoding") || is(name, "host")
}

// is compares letters without their case; want is in lower case.
func is(b []byte, want string) bool {
	if len(b) != len(want) {
		return false
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != want[i] {
			return false
		}
	}
	return true
}

// token reports whether b is one (RFC 9110, section 5.6.2).
func token(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 || tokenBytes[c>>6]&(1<<(c&63)) == 0 {
			return false
		}
	}
	return len(b) > 0
}

// tokenBytes has a bit for each of the bytes !#$%&'*+-.^_`|~, digits and
// letters.
var tokenBytes = func() (set [2]uint64) {
	for _, c := range []byte("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
		set[c>>6] |= 1 << (c & 63)
	}
	return set
}()

// decimal reads digits only: no sign, no list, no space inside.
func decimal(b []byte) (n int64, ok bool) {
	if len(b) == 0 || len(b) > 18 { // 18 digits fit
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// chunkSize reads the line before a chunk: hexadecimal digits, then perhaps
// extensions, which are checked for control characters only.
func chunkSize(line []byte) (n int64, ok bool) {
	digits := 0
	for digits < len(line) {
		d, ok := hexDigit(line[digits])
		if !ok {
			break
		}
		n = n<<4 | int64(d)
		digits++
	}
	if digits == 0 || digits > 15 { // 15 digits fit
		return 0, false
	}
	ext := bytes.TrimLeft(line[digits:], " \t") // "bad" white space, RFC 9112, section 7.1.1
	if len(ext) > 0 && ext[0] != ';' || len(ext) == 0 && digits < len(line) {
		return 0, false
	}
	for _, c := range ext {
		if c < ' ' && c != '\t' || c == 0x7f {
			return 0, false
		}
	}
	return n, true
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
