package proxy

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// maxZstdWindow is what RFC 9659 lets a zstd content coding ask of its reader.
const maxZstdWindow = 8 << 20

// coding is one content coding. Its pools keep the readers and writers, which
// cost far more to make than a prompt costs to read (see BenchmarkDecode).
type coding struct {
	readers sync.Pool // of resetReader
	writers sync.Pool // of resetWriter

	newReader func(io.Reader) (resetReader, error)
	newWriter func(io.Writer) resetWriter
}

type resetReader interface {
	io.Reader
	Reset(io.Reader) error
}

type resetWriter interface {
	io.WriteCloser
	Reset(io.Writer)
}

// codingOf returns the coding of a lower-case name, nil when it is unknown.
func codingOf(name string) *coding {
	switch name {
	case "gzip", "x-gzip":
		return &gzipCoding
	case "br":
		return &brotliCoding
	case "zstd":
		return &zstdCoding
	case "deflate":
		return &deflateCoding
	}
	return nil
}

var gzipCoding = coding{
	newReader: func(r io.Reader) (resetReader, error) { return gzip.NewReader(r) },
	newWriter: func(w io.Writer) resetWriter { return gzip.NewWriter(w) },
}

var brotliCoding = coding{
	newReader: func(r io.Reader) (resetReader, error) { return brotli.NewReader(r), nil },
	newWriter: func(w io.Writer) resetWriter { return brotli.NewWriterLevel(w, 4) }, // about gzip's cost
}

var zstdCoding = coding{
	newReader: func(r io.Reader) (resetReader, error) {
		d, err := zstd.NewReader(nil,
			zstd.WithDecoderConcurrency(1), // no goroutine to leak
			zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxZstdWindow),
			zstd.WithDecodeBuffersBelow(0)) // always as a stream, so that the limit holds
		if err != nil {
			return nil, err
		}
		return d, d.Reset(r)
	},
	newWriter: func(w io.Writer) resetWriter {
		e, _ := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(maxZstdWindow/2)) // fails on bad options only
		return e
	},
}

var deflateCoding = coding{
	newReader: func(r io.Reader) (resetReader, error) { d := new(inflater); return d, d.Reset(r) },
	newWriter: func(w io.Writer) resetWriter { return zlib.NewWriter(w) },
}

// layer is a reader at work; free puts it back.
type layer struct {
	resetReader
	src byteSource
	c   *coding
}

func (c *coding) open(src byteSource) (*layer, error) {
	if r, ok := c.readers.Get().(resetReader); ok {
		if err := r.Reset(src); err != nil {
			c.readers.Put(r)
			return nil, err
		}
		return &layer{r, src, c}, nil
	}
	r, err := c.newReader(src)
	if err != nil {
		return nil, err
	}
	return &layer{r, src, c}, nil
}

// Read hides no byte behind the end of the stream: they would be unread.
func (l *layer) Read(p []byte) (int, error) {
	n, err := l.resetReader.Read(p)
	if err == io.EOF {
		switch _, tail := l.src.ReadByte(); tail {
		case nil:
			err = errTrailing
		case io.EOF:
		default:
			err = tail // of the layer below
		}
	}
	return n, err
}

func (l *layer) free() {
	l.resetReader.Reset(noBytes{}) // forgets the body; that it is no stream is no matter
	l.c.readers.Put(l.resetReader)
}

var errTrailing = errors.New("bytes behind the end of the stream")

// noBytes is a source that has ended.
type noBytes struct{}

func (noBytes) Read([]byte) (int, error) { return 0, io.EOF }
func (noBytes) ReadByte() (byte, error)  { return 0, io.EOF }
func (noBytes) UnreadByte() error        { return nil }

func (c *coding) pack(plain []byte) ([]byte, error) {
	out := bytes.NewBuffer(make([]byte, 0, len(plain)/2+64))
	w, ok := c.writers.Get().(resetWriter)
	if ok {
		w.Reset(out)
	} else {
		w = c.newWriter(out)
	}
	defer func() { w.Reset(io.Discard); c.writers.Put(w) }()
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// inflater reads "deflate": a zlib stream (RFC 1950) or, as some clients have
// sent it for ever, bare deflate data (RFC 1951).
type inflater struct {
	zlib io.ReadCloser
	bare io.ReadCloser
	now  io.Reader
}

func (d *inflater) Reset(r io.Reader) error {
	src, ok := r.(io.ByteScanner)
	if !ok {
		br := bufio.NewReader(r)
		r, src = br, br
	}
	first, err := src.ReadByte()
	if err != nil {
		d.now = noBytes{}
		return io.ErrUnexpectedEOF
	}
	if err := src.UnreadByte(); err != nil {
		return err
	}
	if first&0x0f == 8 { // CM = 8; a bare stream would start with a stored block and set padding
		if d.zlib == nil {
			d.zlib, err = zlib.NewReader(r)
		} else {
			err = d.zlib.(zlib.Resetter).Reset(r, nil)
		}
		d.now = d.zlib
		return err
	}
	if d.bare == nil {
		d.bare = flate.NewReader(r)
	} else {
		err = d.bare.(flate.Resetter).Reset(r, nil)
	}
	d.now = d.bare
	return err
}

func (d *inflater) Read(p []byte) (int, error) { return d.now.Read(p) }
