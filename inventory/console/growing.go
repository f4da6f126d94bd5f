package console

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

const (
	// maxExports bounds how many tables are made at a time.
	maxExports = 4

	// takeWithin bounds how long a client may take for one piece of an answer
	// that is sent as it is made.
	takeWithin = time.Minute

	// piece is how much is sent at a time, and how much of what is made may wait
	// before it is.
	piece = 64 << 10
)

// growing is a file that one goroutine writes while another reads it: who makes
// an answer does not wait for who takes it, nor holds what was not taken yet.
type growing struct {
	file *os.File // without a name

	mu    sync.Mutex
	more  sync.Cond // something below has changed
	size  int64
	ended bool
	err   error // why it ended early
}

func newGrowing(dir string) (*growing, error) {
	f, err := os.CreateTemp(dir, ".export-*")
	if err != nil {
		return nil, err
	}
	os.Remove(f.Name()) // it lives as long as it is open
	g := &growing{file: f}
	g.more.L = &g.mu
	return g, nil
}

// Write is for one goroutine.
func (g *growing) Write(b []byte) (int, error) {
	n, err := g.file.Write(b)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.size += int64(n)
	g.more.Broadcast()
	return n, err
}

func (g *growing) end(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ended, g.err = true, err
	g.more.Broadcast()
}

// after waits until there is more than at, or an end: that is io.EOF, or why it
// is none.
func (g *growing) after(at int64) (size int64, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.size <= at && !g.ended {
		g.more.Wait()
	}
	switch {
	case g.err != nil:
		return g.size, g.err
	case g.size > at:
		return g.size, nil
	}
	return g.size, io.EOF
}

// sendAsMade sends what f writes as a download, while it does. When f fails before
// anything was sent, its error is returned. Later the connection is cut: without
// the end of its body the client can't take the answer for a whole one (RFC 9112,
// section 8). f gets
// a context that ends when the client has gone.
func (s *Server) sendAsMade(w http.ResponseWriter, r *http.Request, media, name string, f func(context.Context, io.Writer) error) error {
	select {
	case s.exports <- struct{}{}:
		defer func() { <-s.exports }()
	default:
		return &statusError{http.StatusServiceUnavailable, "other exports are under way: try again when they have ended"}
	}
	g, err := newGrowing(s.cfg.Scratch)
	if err != nil {
		return err
	}
	defer g.file.Close()
	ctx, cancel := context.WithTimeout(r.Context(), sendWithin)
	var made sync.WaitGroup
	defer made.Wait() // before the file is closed,
	defer cancel()    // and it does not wait for long
	made.Go(func() {
		g.end(write(ctx, g, f))
	})
	if !r.ProtoAtLeast(1, 1) { // its end is not told: only its length tells whether it is whole
		size, err := g.after(math.MaxInt64)
		if err != io.EOF {
			return err
		}
		w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	}
	return s.sendGrowing(w, g, media, name)
}

// write has f write to g. A mistake of ours in there must not end the gateway, as
// it would not in the goroutine of a request.
func write(ctx context.Context, g *growing, f func(context.Context, io.Writer) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	out := bufio.NewWriterSize(g, piece)
	if err := f(ctx, out); err != nil {
		return err
	}
	return out.Flush()
}

func (s *Server) sendGrowing(w http.ResponseWriter, g *growing, media, name string) error {
	control := http.NewResponseController(w)
	for at := int64(0); ; {
		size, err := g.after(at)
		switch {
		case err != nil && err != io.EOF && at == 0:
			return err
		case err != nil && err != io.EOF:
			s.cfg.Log.Error("an export failed half-way: its connection was cut", "name", name, "error", err)
			panic(http.ErrAbortHandler)
		case at == 0:
			h := w.Header()
			h.Set("Content-Type", media)
			h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
		}
		if err == io.EOF {
			return nil
		}
		for at < size {
			n := min(size-at, piece)
			_ = control.SetWriteDeadline(time.Now().Add(takeWithin)) // else the server's own holds
			if _, err := io.Copy(w, io.NewSectionReader(g.file, at, n)); err != nil {
				return nil // the client has gone
			}
			at += n
		}
		_ = control.Flush()
	}
}
