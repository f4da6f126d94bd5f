package dlp

import (
	"bytes"
	"compress/flate"
	"encoding/ascii85"
	"io"
	"slices"
	"unicode/utf8"
)

// value32 is the value of a character of base32 (RFC 4648), 255 for others.
var value32 = func() (t [256]uint8) {
	for i := range t {
		t[i] = 255
	}
	for i := range 26 {
		t['A'+i], t['a'+i] = uint8(i), uint8(i)
	}
	for i := range 6 {
		t['2'+i] = uint8(26 + i)
	}
	return t
}()

// base32Run decodes raw as base32 and tells whether that gives text.
func (c *scan) base32Run(w *workspace, raw []byte, m *mapping, via ways) bool {
	out, bits, have := w.out[:0], uint32(0), 0
	for k, x := range raw {
		v := value32[x]
		if v > 31 || x&0x20 != raw[0]&0x20 && isAlpha(x) && isAlpha(raw[0]) { // one letter case
			return false
		}
		bits = bits<<5 | uint32(v)
		if have += 5; have >= 8 {
			have -= 8
			out = append(out, byte(bits>>have))
		}
		if k == 2*quads*8 && !isText(out) {
			return false
		}
	}
	w.out = out
	if len(out) < minView+2 || !isText(out) || !utf8.Valid(out) {
		return false
	}
	c.decoded(out, m, via.then(ways(wayBase32)))
	return true
}

// leastBase85 is how many bytes what is in ascii85 must have, and maxBase85 how
// many of them are looked at, beside one for each 64 bytes of text.
const (
	leastBase85 = 8
	maxBase85   = 64
)

// ascii85 decodes what stands between "<~" and "~>".
func (c *scan) ascii85() {
	w := c.workspace()
	defer c.release(w)
	text, end := c.text, 0
	for i, n := 0, 0; c.room > 0 && n < maxBase85+len(text)/64; n++ {
		k := bytes.Index(text[i:], []byte("<~"))
		if k < 0 {
			return
		}
		if i += k + 2; end < i {
			if k = bytes.Index(text[i:], []byte("~>")); k < 0 {
				return
			}
			end = i + k
		}
		if end-i < leastBase85 || end-i > maxIsland {
			continue
		}
		w.out = slices.Grow(w.out[:0], 4*(end-i))
		out := w.out[:4*(end-i)]
		if k, _, err := ascii85.Decode(out, text[i:end], true); err == nil && k >= leastBase85 && isText(out[:k]) {
			m := wholly(i-2, end+2)
			c.decoded(out[:k], &m, ways(wayBase85))
		}
		i = end + 2
	}
}

// inflated returns text that b is raw deflate of, at most so many bytes; nil if it
// is not.
func (s *Scanner) inflated(b []byte, most int) []byte {
	if len(b) < minView || b[0]>>1&3 == 3 || b[0]>>1&3 == 0 { // the reserved type, and the stored one, which is legible
		return nil
	}
	z, ok := s.flates.Get().(io.ReadCloser)
	if !ok {
		z = flate.NewReader(nil)
	}
	defer s.flates.Put(z)
	if err := z.(flate.Resetter).Reset(bytes.NewReader(b), nil); err != nil {
		return nil
	}
	var head [sniffed]byte
	n, err := io.ReadFull(z, head[:])
	if n < minView || err != nil && err != io.ErrUnexpectedEOF && err != io.EOF || !isText(head[:n]) {
		return nil
	}
	rest, _ := io.ReadAll(io.LimitReader(z, int64(max(0, most-n))))
	return append(head[:n:n], rest...)
}

// mixedCase reports whether b has letters of both cases, as base64 of compressed
// data has.
func mixedCase(b []byte) bool {
	upper, lower := false, false
	for _, x := range b {
		upper = upper || isUpper(x)
		lower = lower || isLower(x)
	}
	return upper && lower
}
