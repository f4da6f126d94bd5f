package proxy

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// maxCodings bounds how many content codings may lie over each other. Honest
// clients use one; each further layer multiplies what a bomb can cost.
const maxCodings = 3

// decode takes the content codings (a Content-Encoding value, applied left to
// right) off wire. It understands gzip, x-gzip, br, zstd, deflate (with the
// zlib wrapper of RFC 9110 or bare, as some send it) and identity. At most limit
// bytes are made, and hardly more at a layer between; cut says that there would
// be more. For identity, plain aliases wire.
//
// An unknown coding, damaged or truncated data and bytes behind the end of the
// coded stream give an *traffic.UnreadError with traffic.ReasonEncoding; plain
// then holds what could be read before the damage.
func decode(encoding string, wire []byte, limit int) (plain []byte, cut bool, err error) {
	codings, err := parseCodings(encoding)
	if err != nil {
		return nil, false, err
	}
	if len(codings) == 0 {
		if len(wire) > limit {
			return wire[:limit:limit], true, nil
		}
		return wire, false, nil
	}
	var src io.Reader = bytes.NewReader(wire)
	for i := len(codings) - 1; i >= 0; i-- {
		layer, err := codings[i].open(source(src))
		if err != nil {
			return nil, false, errEncoding()
		}
		defer layer.free()
		src = &capped{r: layer, left: limit}
		if i > 0 { // what is to be unpacked further may be a little larger than what is in it
			src = &capped{r: layer, left: limit + limit/8 + 4<<10}
		}
	}
	plain, err = readAll(src, min(limit, 4*len(wire)))
	switch {
	case errors.Is(err, errCapped):
		return plain, true, nil
	case err != nil:
		return plain, false, errEncoding()
	}
	return plain, false, nil
}

// encode puts the content codings on plain, in their order. It knows the same
// codings as decode; deflate gets the zlib wrapper (RFC 9110, section 8.4.1.2).
func encode(encoding string, plain []byte) ([]byte, error) {
	codings, err := parseCodings(encoding)
	if err != nil {
		return nil, err
	}
	for _, c := range codings {
		if plain, err = c.pack(plain); err != nil {
			return nil, errEncoding()
		}
	}
	return plain, nil
}

// parseCodings returns the codings of a Content-Encoding value without identity.
func parseCodings(encoding string) (codings []*coding, err error) {
	for name := range strings.SplitSeq(encoding, ",") {
		name = strings.ToLower(strings.Trim(name, " \t"))
		if name == "" || name == "identity" {
			continue
		}
		c := codingOf(name)
		if c == nil || len(codings) == maxCodings {
			return nil, errEncoding()
		}
		codings = append(codings, c)
	}
	return codings, nil
}

func errEncoding() error { return &traffic.UnreadError{Reason: traffic.ReasonEncoding} }

// byteSource is what the inflaters need in order not to read beyond the end of
// their stream.
type byteSource interface {
	io.Reader
	io.ByteReader
}

func source(r io.Reader) byteSource {
	if s, ok := r.(byteSource); ok {
		return s
	}
	return bufio.NewReader(r)
}

var errCapped = errors.New("decoded data is over the limit")

// capped passes at most left bytes of r; then it tells by errCapped that there
// are more.
type capped struct {
	r    io.Reader
	left int
}

func (c *capped) Read(p []byte) (int, error) {
	if c.left == 0 {
		var one [1]byte
		for {
			if n, err := c.r.Read(one[:]); n > 0 {
				return 0, errCapped
			} else if err != nil {
				return 0, err
			}
		}
	}
	n, err := c.r.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

// readAll is io.ReadAll with a first size.
func readAll(r io.Reader, size int) ([]byte, error) {
	b := make([]byte, 0, max(size, 512))
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return b, err
		}
	}
}
