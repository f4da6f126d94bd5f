package sniffer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"time"
)

// frame is one captured packet. Its data is valid until the next call of next.
type frame struct {
	time time.Time
	link uint32 // LINKTYPE_ of the capture
	data []byte
}

// source is where frames come from.
type source interface {
	// next fills f. It returns io.EOF at a clean end, any other error where the
	// capture is damaged: nothing can be read after it.
	next(f *frame) error
}

// maxFrame bounds the memory that a length field can make us take. tcpdump
// never captures more than 256 KiB of a packet.
const maxFrame = 1 << 20

// readAhead is the read buffer: few system calls, still in the cache.
const readAhead = 1 << 18

// ErrFormat says that a file is no packet capture.
var ErrFormat = errors.New("not a pcap or pcapng capture (plain or gzip)")

// newSource tells the format of r by its first bytes.
func newSource(r io.Reader) (source, error) {
	br := bufio.NewReaderSize(r, readAhead)
	if head, _ := br.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(br)
		if err != nil {
			return nil, fmt.Errorf("reading gzip header: %w", err)
		}
		br = bufio.NewReaderSize(z, readAhead)
	}
	head, err := br.Peek(4)
	if err != nil {
		if err == io.EOF {
			err = ErrFormat
		}
		return nil, err
	}
	in := &input{r: br}
	if [4]byte(head) == sectionMagic {
		return &pcapngSource{in: in}, nil
	}
	return newPcapSource(in)
}

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
