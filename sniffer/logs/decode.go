package logs

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds what a zstd file can make us hold: --long goes up to 128 MiB
// without a warning of the zstd tool.
const maxWindow = 128 << 20

// plain returns the UTF-8 text of r, which may be compressed and may be UTF-16.
// close frees what that took, not r. z is to drop NUL bytes, and tells whether
// there were any.
func plain(r io.Reader, z *noNULs) (text io.Reader, close func(), err error) {
	r, close, err = decompress(r)
	if err != nil {
		return nil, close, err
	}
	br := bufio.NewReaderSize(r, 64<<10)
	mark, _ := br.Peek(3) // an error comes again with Read
	switch {
	case bytes.HasPrefix(mark, []byte{0xEF, 0xBB, 0xBF}):
		_, _ = br.Discard(3) // peeked: can't fail
	case bytes.HasPrefix(mark, []byte{0xFF, 0xFE}):
		return &utf16Reader{r: br, order: binary.LittleEndian}, close, nil
	case bytes.HasPrefix(mark, []byte{0xFE, 0xFF}):
		return &utf16Reader{r: br, order: binary.BigEndian}, close, nil
	}
	z.r = br
	return z, close, nil
}

// noNULs drops NUL bytes, of which no log is made: a hole that a rotation by
// truncation left before a writer's place, or UTF-16 without its mark, of which
// the ASCII remains.
type noNULs struct {
	r    io.Reader
	seen bool
}

func (z *noNULs) Read(p []byte) (int, error) {
	for range 1 << 12 { // a hole may be long; then let the caller ask again
		n, err := z.r.Read(p)
		if bytes.IndexByte(p[:n], 0) >= 0 {
			z.seen = true
			n = len(slices.DeleteFunc(p[:n], func(b byte) bool { return b == 0 }))
		}
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
	return 0, nil
}

// decompress looks at the first bytes, not at the name.
func decompress(r io.Reader) (_ io.Reader, close func(), err error) {
	close = func() {}
	br := bufio.NewReaderSize(r, 64<<10)
	magic, _ := br.Peek(4)
	switch {
	case bytes.HasPrefix(magic, []byte{0x1F, 0x8B}):
		z, err := gzip.NewReader(br)
		if err != nil {
			return nil, close, fmt.Errorf("reading gzip: %w", err)
		}
		return z, close, nil
	case bytes.HasPrefix(magic, []byte{0x28, 0xB5, 0x2F, 0xFD}):
		z, err := zstd.NewReader(br, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, close, fmt.Errorf("reading zstd: %w", err)
		}
		return z, z.Close, nil
	case bytes.HasPrefix(magic, []byte("BZh")):
		return bzip2.NewReader(br), close, nil
	}
	return br, close, nil
}

// utf16Reader turns UTF-16 into UTF-8. The byte order mark goes.
type utf16Reader struct {
	r     *bufio.Reader
	order binary.ByteOrder
	out   [utf8.UTFMax]byte
	left  []byte // of out
	mid   bool   // behind the mark
}

func (u *utf16Reader) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(u.left) == 0 {
			if n > 0 && u.r.Buffered() < 4 { // give what there is before waiting for more
				return n, nil
			}
			r, err := u.rune()
			if err != nil {
				return n, err
			}
			u.left = utf8.AppendRune(u.out[:0], r)
		}
		k := copy(p[n:], u.left)
		u.left = u.left[k:]
		n += k
	}
	return n, nil
}

func (u *utf16Reader) rune() (rune, error) {
	r, err := u.unit()
	if !u.mid && r == 0xFEFF {
		r, err = u.unit()
	}
	u.mid = true
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	next, err := u.r.Peek(2)
	if err != nil {
		return utf8.RuneError, nil
	}
	two := utf16.DecodeRune(r, rune(u.order.Uint16(next)))
	if two != utf8.RuneError {
		_, _ = u.r.Discard(2) // peeked: can't fail
	}
	return two, nil
}

func (u *utf16Reader) unit() (rune, error) {
	var b [2]byte
	if _, err := io.ReadFull(u.r, b[:]); err == io.ErrUnexpectedEOF {
		return utf8.RuneError, nil // half a unit at the end
	} else if err != nil {
		return 0, err
	}
	return rune(u.order.Uint16(b[:])), nil
}

// IsCapture reports whether a file that starts with head (a few KiB will do) is
// a packet capture, pcap or pcapng, compressed or not, which is the sniffer's
// to read.
func IsCapture(head []byte) bool {
	r, close, err := decompress(bytes.NewReader(head))
	defer close()
	if err != nil {
		return false
	}
	var magic [4]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return false
	}
	switch binary.BigEndian.Uint32(magic[:]) {
	case 0xA1B2C3D4, 0xD4C3B2A1, // microseconds
		0xA1B23C4D, 0x4D3CB2A1, // nanoseconds
		0xA1B2CD34, 0x34CDB2A1, // Alexey Kuznetsov's
		0x0A0D0D0A: // pcapng
		return true
	}
	return false
}
