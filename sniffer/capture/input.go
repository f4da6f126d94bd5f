package capture

import (
	"errors"
	"fmt"
	"io"
)

// maxFrame bounds the memory that a length field can make us take. tcpdump
// never captures more than 256 KiB of a packet.
const maxFrame = 1 << 20

// readAhead is the read buffer: few system calls, still in the cache.
const readAhead = 1 << 18

// input reads a capture and knows where it is.
type input struct {
	r   io.Reader
	off int64
	buf []byte // of readAhead bytes, more while one piece needs it
	at  int    // buf[at:end] has been read and not been taken
	end int
	err error // of r, told when what came before it has been taken
}

func newInput(r io.Reader) *input { return &input{r: r, buf: make([]byte, readAhead)} }

// take returns the next n bytes, valid until the next call. It returns io.EOF
// only when the input ends before the first of them.
func (in *input) take(n int) ([]byte, error) {
	if in.end-in.at < n {
		if err := in.fill(n); err != nil {
			return nil, err
		}
	}
	b := in.buf[in.at : in.at+n]
	in.at += n
	in.off += int64(n)
	return b, nil
}

// use goes on in buf, if what was read and not taken has room there.
func (in *input) use(buf []byte) {
	if rest := in.buf[in.at:in.end]; len(rest) <= len(buf) {
		in.buf, in.at, in.end = buf, 0, copy(buf, rest)
		return
	}
	in.buf = append([]byte(nil), in.buf[in.at:in.end]...)
	in.at, in.end = 0, len(in.buf)
}

// peek is take without going on.
func (in *input) peek(n int) ([]byte, error) {
	if in.end-in.at < n {
		if err := in.fill(n); err != nil {
			return nil, err
		}
	}
	return in.buf[in.at : in.at+n], nil
}

// pass goes on to where left bytes of those that were read are left.
func (in *input) pass(left int) {
	n := in.end - left - in.at
	in.at += n
	in.off += int64(n)
}

// fill reads until n bytes are there. It waits for no more than those: what
// comes through a pipe is to be seen at once.
func (in *input) fill(n int) error {
	rest := in.buf[in.at:in.end]
	if n > len(in.buf) {
		in.buf = make([]byte, n)
	} else if len(in.buf) > readAhead && n <= readAhead {
		in.buf = make([]byte, max(readAhead, len(rest))) // the one long piece is behind us
	}
	in.at, in.end = 0, copy(in.buf, rest)
	for empty := 0; in.end < n; {
		if in.err != nil {
			break
		}
		var m int
		m, in.err = in.r.Read(in.buf[in.end:])
		in.end += m
		if empty++; m > 0 {
			empty = 0
		} else if empty > maxEmptyReads {
			in.err = io.ErrNoProgress
		}
	}
	switch {
	case in.end >= n:
		return nil
	case in.err == io.EOF && in.end > 0:
		return io.ErrUnexpectedEOF
	}
	return in.err
}

// maxEmptyReads is after how many reads of nothing a reader is broken.
const maxEmptyReads = 100

// skip goes on by n bytes, which may be many.
func (in *input) skip(n int) error {
	for n > 0 {
		if _, err := in.peek(1); err != nil {
			return unexpected(err)
		}
		m := min(n, in.end-in.at)
		in.at += m
		in.off += int64(m)
		n -= m
	}
	return nil
}

// unexpected turns the end of the input in the middle of something into an
// error.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// damaged says where a capture can't be read any further.
func damaged(off int64, what string, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("truncated at byte %d: %s is cut short: %w", off, what, err)
	}
	return fmt.Errorf("damaged at byte %d: %s: %w", off, what, err)
}
