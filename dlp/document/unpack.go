package document

import (
	"archive/tar"
	"bytes"
	"compress/bzip2"
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

// readAll reads what r unpacks from packed bytes, up to the limits. What it
// returns beside a reason is the sound beginning.
func (w *walk) readAll(r io.Reader, packed int64) ([]byte, Reason) {
	var out bytes.Buffer
	most := max(freeRatio, packed*w.o.Ratio)
	for w.more() {
		n, err := io.CopyN(&out, r, 64<<10)
		w.ticks += 512 // a look at the clock each half MiB
		switch over := !w.unpack(n); {
		case over:
			return out.Bytes(), TooLarge
		case int64(out.Len()) > most:
			return out.Bytes(), Bomb
		case errors.Is(err, io.EOF):
			return out.Bytes(), ""
		case err != nil:
			return out.Bytes(), Damaged
		}
	}
	return out.Bytes(), OutOfTime
}

// compressed reads a file that was compressed as a whole.
func (w *walk) compressed(f Format, data []byte) error {
	r, name, err := decompressor(f, data)
	if err != nil {
		return Damaged
	}
	out, reason := w.readAll(r, int64(len(data)))
	if c, ok := r.(interface{ Close() }); ok {
		c.Close()
	}
	if reason != "" {
		w.gap(reason, string(f))
	}
	if len(out) > 0 {
		w.inside(name, out)
	}
	return nil
}

// decompressor opens compressed data. A name inside is of use to people only.
func decompressor(f Format, data []byte) (r io.Reader, name string, err error) {
	in := bytes.NewReader(data)
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
		content, reason := w.readAll(r, int64(len(data)))
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
