package document

import (
	"archive/tar"
	"bytes"
	"compress/bzip2"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// freeRatio is how much a part may unpack to, however small it was.
const freeRatio = 1 << 20

// maxWindow bounds what a zstd frame may ask us to hold.
const maxWindow = 64 << 20

// unpack counts n bytes that were made from packed ones, and tells whether they
// were within the limit.
func (w *walk) unpack(n int64) bool {
	w.unpacked += n
	return w.unpacked <= w.o.Unpacked
}

// source is packed bytes, and how many of them an unpacker has taken.
type source struct {
	r     io.Reader
	size  int64 // of all
	hint  int64 // bytes that they say they unpack to, which may be a lie; 0: nothing
	taken int64
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.taken += int64(n)
	return n, err
}

// surelyBomb is how much a part may unpack to before what it has taken so far is
// asked for its ratio: the beginning of an honest file may be all blanks.
const surelyBomb = 16 << 20

// readAll reads what r unpacks from s, up to the limits. What it returns beside a
// reason is the sound beginning.
func (w *walk) readAll(r io.Reader, s *source) ([]byte, Reason) {
	most := min(max(freeRatio, s.size*w.o.Ratio), w.o.Unpacked-w.unpacked) + 1
	out := make([]byte, 0, max(bytes.MinRead, min(s.hint+1, most, s.size*w.o.Ratio))) // small parts must not ask for a MiB each
	for w.more() {
		if len(out) == cap(out) {
			// What is not written to takes no memory, so it grows in few steps: each
			// leaves the old bytes behind as garbage.
			grown := make([]byte, len(out), max(int64(cap(out))+1, min(4*int64(cap(out)), most)))
			copy(grown, out)
			out = grown
		}
		n, err := r.Read(out[len(out):min(cap(out), len(out)+64<<10)])
		out = out[:len(out)+n]
		w.ticks += n >> 7 // a look at the clock each half MiB
		length := int64(len(out))
		switch over := !w.unpack(int64(n)); {
		case over:
			return out, TooLarge
		case length > max(freeRatio, s.size*w.o.Ratio), length > surelyBomb && s.taken > 0 && length > s.taken*w.o.Ratio:
			return out, Bomb
		case errors.Is(err, io.EOF):
			return out, ""
		case err != nil:
			return out, Damaged
		}
	}
	return out, OutOfTime
}

// compressed reads a file that was compressed as a whole.
func (w *walk) compressed(f Format, data []byte) error {
	in := &source{r: bytes.NewReader(data), size: int64(len(data))}
	r, name, err := decompressor(f, in)
	if err != nil {
		return Damaged
	}
	if f == Gzip && len(data) > 4 {
		in.hint = int64(binary.LittleEndian.Uint32(data[len(data)-4:])) // RFC 1952, section 2.3.1
	}
	out, reason := w.readAll(r, in)
	if c, ok := r.(interface{ Close() }); ok {
		c.Close()
	}
	if reason != "" {
		w.gap(reason, string(f))
	}
	if len(out) > 0 {
		w.fresh = &out[0]
		w.inside(name, out)
		w.fresh = nil
	}
	return nil
}

// decompressor opens compressed data. A name inside is of use to people only.
func decompressor(f Format, in io.Reader) (r io.Reader, name string, err error) {
	switch f {
	case Gzip:
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, "", err
		}
		name := z.Name
		if name == "" {
			name = "content"
		}
		return z, name, nil
	case Bzip2:
		return bzip2.NewReader(in), "content", nil
	default:
		z, err := newZstd(in)
		return z, "content", err
	}
}

func newZstd(in io.Reader) (*zstd.Decoder, error) {
	return zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
}

func newFlate(in io.Reader) io.Reader { return flate.NewReader(in) }

// tar reads an archive. Links have no content and names are only shown.
func (w *walk) tar(data []byte) error {
	r := tar.NewReader(bytes.NewReader(data))
	for w.more() {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return Damaged
		}
		if h.Typeflag != tar.TypeReg || h.Size == 0 {
			continue
		}
		content, reason := w.readAll(r, &source{size: int64(len(data)), hint: h.Size})
		w.member(strings.TrimPrefix(h.Name, "./"), content, reason)
	}
	return nil
}

// member reads a file of an archive, of which perhaps only the beginning is there.
// Its name is text too: names tell things, "Mustermann 4111....pdf".
func (w *walk) member(name string, content []byte, reason Reason) {
	w.piece(Place{Part: PartFileName}, []byte(cleanName(name)))
	w.inner(name, content, reason)
}

// inner is member for a file whose name was given by a program.
func (w *walk) inner(name string, content []byte, reason Reason) {
	if reason != "" {
		w.gapAt(Place{Path: append(slices.Clip(w.path), cleanName(name))}, reason, "")
	}
	if len(content) > 0 {
		w.inside(name, content)
	}
}
