package capture

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
)

// File reads a capture file. Its format is told by its first bytes, never by
// its name.
type File struct {
	input   *input
	frames  frames
	err     error // the end
	raw     *counter
	closers []func() error
}

// Open opens the capture file at path; the caller closes it.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening capture: %w", err) // the error names the path
	}
	c, err := New(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("reading capture %q: %w", path, err)
	}
	c.closers = append(c.closers, f.Close)
	return c, nil
}

// New reads a capture from r, which stays the caller's to close.
func New(r io.Reader) (*File, error) {
	c := &File{raw: &counter{r: r}}
	unpacked, err := c.decompress(bufio.NewReaderSize(c.raw, peekAhead))
	if err == nil {
		c.input = newInput(unpacked)
		c.frames, err = newFrames(c.input)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// peekAhead is what is read before the format is known. It is smaller than what
// the input reads at once, so that a plain file is not copied through it.
const peekAhead = readAhead / 4

// frames is the reader of a format.
type frames interface {
	Source

	// ahead fills dst with the frames that follow, as far as that takes neither
	// reading on nor anything but a plain packet, and returns how many those are.
	ahead(dst []Frame) int
}

// newFrames tells the format by the first bytes.
func newFrames(in *input) (frames, error) {
	head, err := in.peek(4)
	if err != nil {
		if in.err == io.EOF {
			err = ErrFormat
		}
		return nil, err
	}
	if [4]byte(head) == sectionMagic {
		return &pcapngSource{in: in}, nil
	}
	return newPcapSource(in)
}

// Next fills f; see Source. The error of a damaged file says at which byte (of
// what a compressed file unpacks to) the damage begins; the file has been read
// up to there.
func (c *File) Next(f *Frame) error {
	if c.err == nil { // behind damage there may be what looks like a packet
		c.err = c.frames.Next(f)
	}
	return c.err
}

// Frames fills dst, which is not empty, with one frame or more and returns how
// many. All their Data is valid until the next call of Frames or Next. It waits
// for the first one only; the error is that of Next, and n is 0 then.
func (c *File) Frames(dst []Frame) (n int, err error) {
	if c.err == nil {
		n = c.frames.ahead(dst)
	}
	if n > 0 {
		return n, nil
	}
	if err := c.Next(&dst[0]); err != nil {
		return 0, err
	}
	return 1 + c.frames.ahead(dst[1:]), nil
}

// Use has what follows read into room. The frames that were read so far keep theirs:
// they stay valid for as long as the caller leaves it alone.
func (c *File) Use(room []byte) { c.input.use(room) }

// Consumed returns how many bytes of the file, as it lies on the disk, have
// been read. It may be called from any goroutine, for a progress bar.
func (c *File) Consumed() int64 { return c.raw.n.Load() }

// Close releases what Open or New took. It must not be called during a Next.
func (c *File) Close() error {
	var first error
	for _, f := range c.closers {
		if err := f(); first == nil {
			first = err
		}
	}
	c.closers = nil
	return first
}

// maxWindow bounds what a zstd frame can make us hold: its default levels need
// 8 MiB at most, --long and --ultra ask for up to 128 MiB (-d --long=27).
const maxWindow = 32 << 20

// decompress returns the capture inside br.
func (c *File) decompress(br *bufio.Reader) (io.Reader, error) {
	switch head, _ := br.Peek(4); {
	case len(head) >= 2 && head[0] == 0x1f && head[1] == 0x8b:
		z, err := gzip.NewReader(br)
		if err != nil {
			return nil, fmt.Errorf("reading gzip header: %w", err)
		}
		return z, nil
	case isZstd(head):
		// One at a time: no goroutines of its own, and no read ahead of ours.
		z, err := zstd.NewReader(br, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, fmt.Errorf("reading zstd header: %w", err)
		}
		c.closers = append(c.closers, func() error { z.Close(); return nil })
		return z, nil
	}
	return br, nil
}

// isZstd knows zstd's frames and the skippable ones that may come first
// (RFC 8878, section 3.1).
func isZstd(head []byte) bool {
	return bytes.Equal(head, []byte{0x28, 0xb5, 0x2f, 0xfd}) || len(head) == 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:], []byte{0x2a, 0x4d, 0x18})
}

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n atomic.Int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n.Add(int64(n))
	return n, err
}
