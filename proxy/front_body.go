package proxy

import (
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// frontBody is the body of the request that a front serves. A transport may
// read it from a goroutine of its own.
type frontBody struct {
	f *front

	mu    sync.Mutex
	left  int64     // bytes to come
	until time.Time // reads fail then, zero: never
	over  bool      // the request has been answered

	spoilt atomic.Bool // a read of it was stopped
}

// begin readies the body of the next request and reports whether there is one.
func (b *frontBody) begin(length int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left, b.until, b.over = length, time.Time{}, false
	return length > 0
}

// Read implements io.Reader. The last bytes come with io.EOF.
func (b *frontBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.over:
		return 0, http.ErrBodyReadAfterClose
	case b.left == 0:
		return 0, io.EOF
	}
	n, err := b.read(p[:min(int64(len(p)), b.left)])
	switch b.left -= int64(n); {
	case b.left == 0:
		b.f.watch.arm() // only now nothing but the next request can come
		return n, io.EOF
	case err == io.EOF:
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}

func (b *frontBody) read(p []byte) (int, error) {
	f := b.f
	if f.at == len(f.in) && !b.spoilt.Load() {
		f.deadline(b.until, f.server.cfg.holdTimeout/16)
		if b.spoilt.Load() { // meanwhile, and the new deadline undid it
			return 0, os.ErrDeadlineExceeded
		}
	}
	return f.read(p)
}

// allow has reads fail at t.
func (b *frontBody) allow(t time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.until = t
}

// Close implements io.Closer. What to do with the rest is for end to say.
func (b *frontBody) Close() error { return nil }

// end ends the body, whoever reads it, and reports whether the connection can
// take another request: what is left of a short body is read and dropped, if
// the client is to see the end of its answer.
func (b *frontBody) end(answered bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over = true
	if b.left == 0 && !b.spoilt.Load() {
		return true
	}
	return answered && b.drainLocked()
}

func (b *frontBody) drainLocked() bool {
	f := b.f
	if b.left > frontDrain || b.spoilt.Load() {
		f.linger()
		return false
	}
	f.deadline(time.Now().Add(headTimeout), 0)
	n, _ := io.CopyN(io.Discard, readerFunc(f.read), b.left)
	b.left -= n
	return b.left == 0
}

// linger ends a connection on which the client still sends: were it closed at
// once, the client's system would drop the answer that it has not read yet.
func (f *front) linger() {
	f.watch.disarm() // it reads already where a body was stopped at its very last byte
	if c, ok := f.conn.(interface{ CloseWrite() error }); ok {
		c.CloseWrite()
	}
	f.conn.SetReadDeadline(time.Now().Add(frontLinger))
	io.CopyN(io.Discard, readerFunc(f.read), frontDrain)
}

type readerFunc func([]byte) (int, error)

// Read implements io.Reader.
func (r readerFunc) Read(p []byte) (int, error) { return r(p) }
