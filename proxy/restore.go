package proxy

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"

	"github.com/gnomon-proxy/gnomon/traffic"
)

var errRestore = errors.New("fault while restoring tokens in an answer")

// vouching are the fields of an answer that are no longer true of one in which
// tokens are restored: its length, its coding, and what vouches for its bytes.
var vouching = []string{"Content-Length", "Content-Encoding", "Etag", "Accept-Ranges", "Content-Md5", "Digest", "Content-Digest", "Repr-Digest"}

// restore has tokens that the conversation has been given replaced in the
// answer, as it passes. Where there are none, as almost always, the answer stays
// as it is. Its length is not known any more, and it goes on uncompressed.
func (e *exchange) restore(resp *http.Response) {
	if resp.StatusCode == http.StatusPartialContent || resp.Header["Content-Range"] != nil { // tokens may be cut at its ends
		return
	}
	r := e.server.pipeline.Restorer(e.x, resp.Header)
	if r == nil {
		return
	}
	codings, err := parseCodings(codings(resp.Header))
	if err != nil {
		return
	}
	b := &restoredBody{e: e, resp: resp, body: resp.Body, src: resp.Body, r: r, in: buffers.Get().(*[]byte)}
	if len(codings) > 0 {
		b.src = &decodedBody{src: resp.Body, codings: codings}
	}
	for _, name := range vouching {
		delete(resp.Header, name)
	}
	resp.ContentLength, resp.Body = -1, b
}

// restoredBody is the body of an answer in which tokens are restored. What is
// read at once goes on at once, save for what may be the beginning of a token.
type restoredBody struct {
	e    *exchange
	resp *http.Response
	body io.ReadCloser // of the answer
	src  io.Reader     // the same, without its coding
	r    traffic.Restorer
	in   *[]byte // of buffers
	out  []byte
	at   int // that much of out is read
	err  error
}

// Read implements io.Reader.
func (b *restoredBody) Read(p []byte) (int, error) {
	if err := b.fill(); err != nil {
		return 0, err
	}
	n := copy(p, b.out[b.at:])
	b.at += n
	return n, nil
}

// WriteTo implements io.WriterTo.
func (b *restoredBody) WriteTo(w io.Writer) (total int64, err error) {
	for {
		switch err := b.fill(); {
		case err == io.EOF:
			return total, nil
		case err != nil:
			return total, err
		}
		n, err := w.Write(b.out[b.at:])
		total += int64(n)
		if b.at = len(b.out); err != nil {
			return total, err
		}
	}
}

// fill reads until something can go on.
func (b *restoredBody) fill() error {
	for b.at == len(b.out) {
		if b.err != nil {
			return b.err
		}
		clear(b.out) // it holds what was to be kept in
		if b.out, b.at = b.out[:0], 0; cap(b.out) > 4*copyBuffer {
			b.out = nil
		}
		n, err := b.src.Read(*b.in)
		if !b.append((*b.in)[:n], err != nil) {
			err = errRestore
		}
		if err == nil {
			continue
		}
		if b.err = err; err != io.EOF {
			b.e.broken.Store(true)
		}
		for _, name := range vouching {
			delete(b.resp.Trailer, name)
		}
	}
	return nil
}

// append restores what was read. A fault of ours ends the answer: the client
// must not take for whole what is not.
func (b *restoredBody) append(p []byte, last bool) (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			b.e.restoreFault(r)
			ok = false
		}
	}()
	if len(p) > 0 {
		b.out = b.r.Append(b.out, p)
	}
	if last {
		b.out = b.r.End(b.out)
	}
	return true
}

// Close implements io.Closer.
func (b *restoredBody) Close() error {
	if b.in != nil {
		if d, ok := b.src.(*decodedBody); ok {
			d.free()
		}
		clear(b.out[:cap(b.out)])
		buffers.Put(b.in)
		b.in, b.out, b.at, b.err = nil, nil, 0, errBodyEnded
	}
	return b.body.Close()
}

// decodedBody takes the content codings off an answer as it comes.
type decodedBody struct {
	src     io.Reader
	codings []*coding
	layers  []*layer
	err     error
}

// Read implements io.Reader. The first one waits for the first bytes.
func (d *decodedBody) Read(p []byte) (int, error) {
	if d.err == nil && len(d.layers) == 0 {
		d.open()
	}
	if d.err != nil {
		return 0, d.err
	}
	n, err := d.layers[len(d.layers)-1].Read(p)
	return n, err
}

func (d *decodedBody) open() {
	src := d.src
	for i := len(d.codings) - 1; i >= 0; i-- {
		l, err := d.codings[i].open(source(src))
		if err != nil {
			d.err = err
			return
		}
		d.layers = append(d.layers, l)
		src = l
	}
}

func (d *decodedBody) free() {
	for _, l := range d.layers {
		l.free()
	}
	d.layers, d.err = nil, errBodyEnded
}

// restored returns what a message of a WebSocket's service becomes, and keeps in
// e.ahead what has to go before it.
func (e *exchange) restored(text []byte) (with []byte) {
	defer func() {
		if r := recover(); r != nil {
			e.restoreFault(r)
			with, e.words, e.ahead = text, nil, nil
		}
	}()
	e.words = e.server.pipeline.MessageRestorer(e.x, e.words)
	if e.words == nil {
		return text
	}
	out := e.words.Restore(text)
	e.ahead = out[:len(out)-1]
	return out[len(out)-1]
}

// restoreFault logs a panic. Its value may quote the answer: only its type and
// place go to the log.
func (e *exchange) restoreFault(r any) {
	e.server.log.Error("fault while restoring", "host", e.flow.Host, "panic", fmt.Sprintf("%T", r), "stack", string(debug.Stack()))
}
