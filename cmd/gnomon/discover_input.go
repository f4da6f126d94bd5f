package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// input is one file to read, or standard input.
type input struct {
	name    string
	open    func() (io.ReadCloser, error)
	size    int64 // 0: not known
	written time.Time
	capture bool // packets, else a log
	flows   logs.Flows
	again   bool // it can be read again
}

// headSize is by how much a capture is told from a log.
const (
	headSize = 4 << 10 // of a pipe, which is waited for
	fileHead = 64 << 10
)

// inputsOf lists the files behind paths: those of a folder, sorted, and standard
// input for "-". What can't be opened is in the error; the others are listed
// all the same.
func inputsOf(ctx context.Context, paths []string, stdin io.Reader, o logs.Options) (list []*input, failed error) {
	for _, path := range paths {
		if path == "-" {
			list = append(list, standardInput(ctx, stdin, o))
			continue
		}
		files, err := logs.Files(path)
		if err == nil && len(files) == 0 {
			err = fmt.Errorf("%s: no files in it", path)
		}
		failed = errors.Join(failed, err)
		for _, file := range files {
			in, err := fileInput(file, o)
			if err != nil {
				failed = errors.Join(failed, err)
				continue
			}
			list = append(list, in)
		}
	}
	return list, failed
}

func fileInput(path string, o logs.Options) (*input, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	in := &input{name: path, open: func() (io.ReadCloser, error) { return os.Open(path) }}
	if !info.Mode().IsRegular() { // a pipe: what is read of it is gone
		return in, peek(in, path, o)
	}
	in.size, in.written = info.Size(), info.ModTime()
	in.again = true
	head := make([]byte, fileHead)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	in.look(head[:n], o)
	return in, nil
}

// look tells by its first bytes what an input is.
func (in *input) look(head []byte, o logs.Options) {
	if in.capture = logs.IsCapture(head); !in.capture {
		in.flows = logs.FlowsOf(head, o)
	}
}

// peek opens a pipe once, and for all.
func peek(in *input, path string, o logs.Options) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	r := bufio.NewReaderSize(f, 64<<10)
	head, err := r.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		f.Close()
		return &fs.PathError{Op: "read", Path: path, Err: err}
	}
	in.look(head, o)
	in.open = func() (io.ReadCloser, error) {
		return struct {
			io.Reader
			io.Closer
		}{r, f}, nil
	}
	return nil
}

// standardInput reads as long as ctx lasts.
func standardInput(ctx context.Context, stdin io.Reader, o logs.Options) *input {
	r := bufio.NewReaderSize(newPatient(ctx, stdin), 64<<10)
	head, _ := r.Peek(headSize) // its error comes again
	in := &input{name: "-", open: func() (io.ReadCloser, error) { return io.NopCloser(r), nil }}
	in.look(head, o)
	return in
}

// patient reads from something that may block for ever, but no longer than ctx
// lasts.
type patient struct {
	ctx  context.Context
	ask  chan []byte
	done chan result
	own  []byte // read into, so that a late read harms nobody
}

type result struct {
	n   int
	err error
}

func newPatient(ctx context.Context, r io.Reader) *patient {
	p := &patient{ctx: ctx, ask: make(chan []byte), done: make(chan result), own: make([]byte, 64<<10)}
	go func() { // ends with ctx or the program: a read of a terminal can't be ended
		for {
			select {
			case b := <-p.ask:
				n, err := r.Read(b)
				select {
				case p.done <- result{n, err}:
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return p
}

func (p *patient) Read(b []byte) (int, error) {
	select {
	case p.ask <- p.own[:min(len(b), len(p.own))]:
	case <-p.ctx.Done():
		return 0, p.ctx.Err()
	}
	select {
	case got := <-p.done:
		return copy(b, p.own[:got.n]), got.err
	case <-p.ctx.Done():
		return 0, p.ctx.Err()
	}
}

// counted counts the bytes that are read, for the progress bar, and ends with
// ctx.
type counted struct {
	ctx context.Context
	io.ReadCloser
	n *atomic.Int64
}

func (c *counted) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.ReadCloser.Read(b)
	c.n.Add(int64(n))
	return n, err
}
