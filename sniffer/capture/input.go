package capture

import (
	"bufio"
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
	r   *bufio.Reader
	off int64
	buf []byte // grows to the largest piece asked for, at most maxFrame
}

// take returns the next n bytes, valid until the next call. It returns io.EOF
// only when the input ends before the first of them.
func (in *input) take(n int) ([]byte, error) {
	if n <= readAhead { // straight out of the read buffer, no copy
		b, err := in.r.Peek(n)
		if err != nil {
			if err == io.EOF && len(b) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		in.r.Discard(n) // can't fail: just peeked
		in.off += int64(n)
		return b, nil
	}
	if cap(in.buf) < n {
		in.buf = make([]byte, n)
	}
	m, err := io.ReadFull(in.r, in.buf[:n])
	in.off += int64(m)
	return in.buf[:n], err
}

func (in *input) skip(n int) error {
	m, err := in.r.Discard(n)
	in.off += int64(m)
	return unexpected(err)
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
