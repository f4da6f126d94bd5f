package testnet

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// Encode applies a Content-Encoding: gzip, deflate, br or zstd.
func Encode(encoding string, b []byte) ([]byte, error) {
	var out bytes.Buffer
	var w io.WriteCloser
	switch encoding {
	case "gzip":
		w = gzip.NewWriter(&out)
	case "deflate":
		w = zlib.NewWriter(&out)
	case "br":
		w = brotli.NewWriter(&out)
	case "zstd":
		z, err := zstd.NewWriter(&out)
		if err != nil {
			return nil, err
		}
		w = z
	default:
		return nil, fmt.Errorf("unknown content encoding %q", encoding)
	}
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	err := w.Close()
	return out.Bytes(), err
}

// Decoded returns the body without its Content-Encoding.
func (r *Received) Decoded() ([]byte, error) {
	return decode(r.Header.Get("Content-Encoding"), r.Body)
}

// decode undoes a Content-Encoding.
func decode(encoding string, b []byte) ([]byte, error) {
	var r io.Reader
	var err error
	switch encoding {
	case "", "identity":
		return b, nil
	case "gzip":
		r, err = gzip.NewReader(bytes.NewReader(b))
	case "deflate":
		r, err = zlib.NewReader(bytes.NewReader(b))
	case "br":
		r = brotli.NewReader(bytes.NewReader(b))
	case "zstd":
		var d *zstd.Decoder
		if d, err = zstd.NewReader(bytes.NewReader(b)); err == nil {
			defer d.Close()
		}
		r = d
	default:
		return nil, fmt.Errorf("unknown content encoding %q", encoding)
	}
	if err != nil {
		return nil, fmt.Errorf("decoding %s: %w", encoding, err)
	}
	return io.ReadAll(io.LimitReader(r, maxBody))
}
