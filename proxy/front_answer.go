package proxy

import (
	"io"
	"net/http"
	"strconv"
)

// frontFields are those of an answer that the front writes by itself.
var frontFields = map[string]bool{"Connection": true, "Content-Length": true, "Transfer-Encoding": true, "Trailer": true}

// chunkRoom is what the line before a chunk takes at most.
const chunkRoom = len("ffffffff\r\n")

// frontWriter writes an answer.
type frontWriter struct {
	to   io.Writer
	buf  *[]byte // of buffers
	b    []byte  // what waits, in buf unless it is a long head
	fail bool    // the client takes no more
}

// answer passes an answer on: a head and what is there of the body in one
// write, then each piece as it comes. It reports whether the connection can go
// on.
func (f *front) answer(e *exchange, r *http.Request, resp *http.Response) bool {
	defer resp.Body.Close()
	w := frontWriter{to: f.conn, buf: buffers.Get().(*[]byte)}
	defer buffers.Put(w.buf)
	w.b = (*w.buf)[:0]
	last := f.order.close || f.phase.Load() != phaseBusy || headerHas(resp.Header["Connection"], "close") ||
		f.body.spoilt.Load() || !e.shared && f.body.left > frontDrain // when it is shared, more of it may be read yet
	bodiless := r.Method == http.MethodHead || resp.StatusCode == http.StatusNoContent || resp.StatusCode == http.StatusNotModified
	if f.answered.is(resp.Header) {
		w.status(resp.StatusCode, resp.Status)
		w.b = f.answered.appendTo(w.b, "Content-Length")
	} else {
		w.status(resp.StatusCode, "")
		resp.Header.WriteSubset(&w, frontFields)
	}
	w.framing(resp, bodiless, last)
	switch {
	case bodiless:
		w.flush()
	case resp.ContentLength >= 0:
		w.sized(resp.Body, resp.ContentLength)
	default:
		w.chunked(resp)
	}
	return !w.fail && !last && !e.broken.Load()
}

// framing ends the head.
func (w *frontWriter) framing(resp *http.Response, bodiless, last bool) {
	switch {
	case resp.StatusCode == http.StatusNoContent: // RFC 9110, section 8.6: no length there
	case bodiless:
		if n := resp.Header["Content-Length"]; len(n) == 1 {
			w.add("Content-Length: ", n[0], "\r\n")
		}
	case resp.ContentLength >= 0:
		w.add("Content-Length: ")
		w.b = strconv.AppendInt(w.b, resp.ContentLength, 10)
		w.add("\r\n")
	default:
		w.add("Transfer-Encoding: chunked\r\n")
		for name := range resp.Trailer {
			w.add("Trailer: ", name, "\r\n")
		}
	}
	if last {
		w.add("Connection: close\r\n")
	}
	w.add("\r\n")
}

// status begins the head. Without the service's own words it is net/http's.
func (w *frontWriter) status(code int, words string) {
	if words == "" {
		words = strconv.Itoa(code) + " " + http.StatusText(code)
	}
	w.add("HTTP/1.1 ", words, "\r\n")
}

func (w *frontWriter) add(parts ...string) {
	for _, s := range parts {
		w.b = append(w.b, s...)
	}
}

// Write implements io.Writer for http.Header.
func (w *frontWriter) Write(p []byte) (int, error) {
	w.b = append(w.b, p...)
	return len(p), nil
}

// WriteString implements io.StringWriter for http.Header.
func (w *frontWriter) WriteString(s string) (int, error) {
	w.b = append(w.b, s...)
	return len(s), nil
}

// flush writes what waits.
func (w *frontWriter) flush() {
	if len(w.b) > 0 && !w.fail {
		_, err := w.to.Write(w.b)
		w.fail = err != nil
	}
	w.b = (*w.buf)[:0]
}

// sized passes on a body whose length the head has told.
func (w *frontWriter) sized(body io.Reader, left int64) {
	if len(w.b) > cap(w.b)/2 {
		w.flush()
	}
	for !w.fail {
		at := len(w.b)
		n, err := body.Read(w.b[at:min(int64(cap(w.b)), int64(at)+max(left, 1))])
		w.b = w.b[:at+n]
		left -= int64(n)
		w.flush()
		if err != nil {
			w.fail = w.fail || left > 0 // it broke off: the client must see that
			return
		}
	}
}

// chunked passes on a body of unknown length, each piece as a chunk of its own
// (RFC 9112, section 7.1).
func (w *frontWriter) chunked(resp *http.Response) {
	w.flush() // the first event may be long in coming
	buf := *w.buf
	for !w.fail {
		n, err := resp.Body.Read(buf[chunkRoom : len(buf)-2])
		if n > 0 {
			w.chunk(buf, n)
		}
		switch err {
		case nil:
			w.flush()
		case io.EOF:
			w.add("0\r\n")
			resp.Trailer.WriteSubset(w, frontFields) // RFC 9110, section 6.5.1: none of them in a trailer
			w.add("\r\n")
			w.flush()
			return
		default:
			w.flush()
			w.fail = true
		}
	}
}

// chunk puts the line of a chunk before the n bytes that lie behind its room,
// and its end behind them.
func (w *frontWriter) chunk(buf []byte, n int) {
	var line [chunkRoom]byte
	size := append(strconv.AppendInt(line[:0], int64(n), 16), "\r\n"...)
	from := chunkRoom - len(size)
	copy(buf[from:], size)
	copy(buf[chunkRoom+n:], "\r\n")
	w.b = buf[from : chunkRoom+n+2]
}

// interim implements client.
func (f *front) interim(code int, h http.Header) {
	w := frontWriter{b: make([]byte, 0, 512)}
	w.status(code, "")
	h.WriteSubset(&w, frontFields)
	w.add("\r\n")
	f.conn.Write(w.b)
}
