package proxy

import (
	"net/http"
	"net/textproto"
	"strconv"
	"sync"
)

// wireRequest is a request as it goes out, in one piece: over TLS that is one
// record and one system call for the head and the body together.
type wireRequest struct {
	b    []byte
	lent *[leanInline]byte // of wires, nil: none
}

// wires are buffers for requests. Longer ones get one of their own.
var wires = sync.Pool{New: func() any { return new([leanInline]byte) }}

// leanHeadUsual is what a head rarely exceeds.
const leanHeadUsual = 2 << 10

// leanFields are those that build writes by itself, as net/http does.
var leanFields = map[string]bool{"Host": true, "User-Agent": true, "Content-Length": true, "Transfer-Encoding": true, "Trailer": true}

// build writes r, which must be one that leanTakes: with its fields as the
// client sent them where sent, the front that read them, is there to tell, else
// as net/http would.
func (w *wireRequest) build(r *http.Request, payload []byte, sent *front) {
	if len(payload)+leanHeadUsual <= leanInline {
		w.lent = wires.Get().(*[leanInline]byte)
		w.b = w.lent[:0]
	} else {
		w.b = make([]byte, 0, len(payload)+leanHeadUsual)
	}
	var target string
	if sent != nil && r.URL.RawQuery == sent.url.RawQuery { // else it was rewritten
		target = sent.target
	} else {
		target = r.URL.RequestURI()
	}
	w.add(r.Method, " ", target, " HTTP/1.1\r\nHost: ", leanHost(r), "\r\n")
	if agent := r.Header.Get("User-Agent"); agent != "" && sent == nil {
		w.add("User-Agent: ", textproto.TrimString(agent), "\r\n")
	}
	if len(payload) > 0 || r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch {
		w.add("Content-Length: ")
		w.b = strconv.AppendInt(w.b, int64(len(payload)), 10)
		w.add("\r\n")
	}
	if sent != nil {
		w.b = sent.fields.appendTo(w.b, "Content-Length")
	} else {
		r.Header.WriteSubset(w, leanFields)
	}
	w.add("\r\n")
	w.b = append(w.b, payload...)
	if w.lent != nil && len(w.b) > leanInline { // a long head: it has outgrown what was lent
		clear(w.lent[:])
		wires.Put(w.lent)
		w.lent = nil
	}
}

func (w *wireRequest) add(parts ...string) {
	for _, s := range parts {
		w.b = append(w.b, s...)
	}
}

// Write implements io.Writer for http.Header.
func (w *wireRequest) Write(p []byte) (int, error) {
	w.b = append(w.b, p...)
	return len(p), nil
}

// WriteString implements io.StringWriter for http.Header.
func (w *wireRequest) WriteString(s string) (int, error) {
	w.b = append(w.b, s...)
	return len(s), nil
}

// free gives the buffer back, emptied: prompts are secrets. To free again does
// nothing.
func (w *wireRequest) free() {
	if w.lent != nil {
		clear(w.lent[:len(w.b)])
		wires.Put(w.lent)
		w.lent = nil
	}
	w.b = nil
}

// leanTakes reports whether r, whose body is known whole, is a request that
// lean sends as net/http would. What is rare is left to net/http.
func leanTakes(r *http.Request) bool {
	if r.ProtoMajor != 1 || r.ProtoMinor != 1 || r.Close || r.ContentLength < 0 ||
		len(r.TransferEncoding) > 0 || len(r.Trailer) > 0 || r.Method == http.MethodConnect {
		return false
	}
	for _, name := range [...]string{"Expect", "Upgrade", "Connection"} {
		if _, has := r.Header[name]; has {
			return false
		}
	}
	_, agent := r.Header["User-Agent"] // without one net/http sends its own
	return agent && plainHost(leanHost(r)) && !controls(r.URL.Opaque) && !controls(r.URL.RawQuery)
}

func leanHost(r *http.Request) string {
	if r.Host != "" {
		return r.Host
	}
	return r.URL.Host
}

// plainHost reports whether net/http would send a host as it is: neither
// international nor with a zone.
func plainHost(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '-', c == '_', c == ':', c == '[', c == ']':
		default:
			return false
		}
	}
	return s != ""
}

func controls(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == 0x7f {
			return true
		}
	}
	return false
}
