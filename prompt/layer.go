package prompt

import (
	"bytes"
	"encoding/base64"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// decode returns raw without one layer of encoding. It returns raw itself where
// nothing had to be decoded, and never fails: what is no valid escape stands
// for itself, as readers differ in what they make of it.
func decode(raw []byte, layer traffic.Layer) []byte {
	switch layer {
	case traffic.LayerBase64:
		text, _, err := decodeBase64(raw)
		if err != nil {
			return nil
		}
		return text
	case traffic.LayerForm:
		if bytes.IndexByte(raw, '%') < 0 && bytes.IndexByte(raw, '+') < 0 {
			return raw
		}
	default:
		if bytes.IndexByte(raw, '\\') < 0 {
			return raw
		}
	}
	out := make([]byte, 0, len(raw))
	mark := marker(layer)
	for len(raw) > 0 {
		n := index(raw, mark)
		if n < 0 {
			n = len(raw)
		}
		out = append(out, raw[:n]...)
		if layer == traffic.LayerForm {
			plus := out[len(out)-n:]
			for i, c := range plus {
				if c == '+' {
					plus[i] = ' '
				}
			}
		}
		if raw = raw[n:]; len(raw) == 0 {
			break
		}
		var b [utf8.UTFMax]byte
		n, m := escape(raw, layer, &b)
		out = append(out, b[:m]...)
		raw = raw[n:]
	}
	return out
}

// marker is the byte that starts an escape.
func marker(layer traffic.Layer) byte {
	if layer == traffic.LayerForm {
		return '%'
	}
	return '\\'
}

// escape decodes the escape that raw starts with into b. It returns the lengths
// of the escape and of what it stands for.
func escape(raw []byte, layer traffic.Layer, b *[utf8.UTFMax]byte) (n, m int) {
	if layer == traffic.LayerForm {
		if len(raw) >= 3 {
			if hi, lo := unhex(raw[1]), unhex(raw[2]); hi >= 0 && lo >= 0 {
				b[0] = byte(hi<<4 | lo)
				return 3, 1
			}
		}
		b[0] = raw[0]
		return 1, 1
	}
	if len(raw) < 2 {
		b[0] = raw[0]
		return 1, 1
	}
	b[0] = raw[1]
	switch raw[1] {
	case 'b':
		b[0] = '\b'
	case 'f':
		b[0] = '\f'
	case 'n':
		b[0] = '\n'
	case 'r':
		b[0] = '\r'
	case 't':
		b[0] = '\t'
	case 'u':
		r := hex4(raw)
		if r < 0 {
			b[0] = raw[0]
			return 1, 1
		}
		if utf16.IsSurrogate(r) {
			if pair := utf16.DecodeRune(r, hex4(raw[6:])); pair != utf8.RuneError {
				return 12, utf8.EncodeRune(b[:], pair)
			}
		}
		return 6, utf8.EncodeRune(b[:], r) // a lone surrogate becomes U+FFFD
	default:
		if raw[1] >= utf8.RuneSelf { // no escape: keep the rune whole
			b[0] = raw[0]
			return 1, 1
		}
	}
	return 2, 1
}

// hex4 returns the code unit of the \uXXXX that raw starts with, or -1.
func hex4(raw []byte) rune {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return -1
	}
	var r rune
	for _, c := range raw[2:6] {
		d := unhex(c)
		if d < 0 {
			return -1
		}
		r = r<<4 | rune(d)
	}
	return r
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// encode appends text to dst in the encoding of layer.
func encode(dst, text []byte, layer traffic.Layer) []byte {
	const hex = "0123456789ABCDEF"
	for _, c := range text {
		switch {
		case layer == traffic.LayerForm:
			switch {
			case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.', c == '~':
				dst = append(dst, c)
			case c == ' ':
				dst = append(dst, '+')
			default:
				dst = append(dst, '%', hex[c>>4], hex[c&15])
			}
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// cursor translates offsets of a decoded text into offsets of its encoding. It
// only moves forward, so that many offsets of one text cost one pass.
type cursor struct {
	raw   []byte
	layer traffic.Layer
	in    int // raw[:in] decodes to
	out   int // that many bytes
	next  int // place of the next escape at or after in, where known
}

// seek moves to offset off of the decoded text and returns its place in raw. An
// offset inside the text of one escape gives the place of the escape, and its
// length beside it.
func (c *cursor) seek(off int) (at, inside int) {
	for c.out < off && c.in < len(c.raw) {
		if c.next < c.in || c.next == 0 {
			n := index(c.raw[c.in:], marker(c.layer))
			if n < 0 {
				n = len(c.raw) - c.in
			}
			c.next = c.in + n
		}
		if c.next > c.in {
			k := min(c.next-c.in, off-c.out)
			c.in, c.out = c.in+k, c.out+k
			continue
		}
		var b [utf8.UTFMax]byte
		n, m := escape(c.raw[c.in:], c.layer, &b)
		if c.out+m > off {
			return c.in, n
		}
		c.in, c.out = c.in+n, c.out+m
	}
	return c.in, 0
}

// start returns the place in raw where the text from off on begins, rounded
// down to a whole escape; end where the text before off ends, rounded up.
func (c *cursor) start(off int) int {
	at, _ := c.seek(off)
	return at
}

func (c *cursor) end(off int) int {
	at, inside := c.seek(off)
	return at + inside
}

// decodeBase64 takes both alphabets, with and without padding (the Python SDK
// of Gemini sends the one for URLs), and returns the encoding that fits.
func decodeBase64(raw []byte) ([]byte, *base64.Encoding, error) {
	enc := base64.StdEncoding
	url := bytes.IndexByte(raw, '-') >= 0 || bytes.IndexByte(raw, '_') >= 0
	last := bytes.TrimRight(raw, "\r\n")
	breaks := bytes.Count(raw, []byte{'\n'}) + bytes.Count(raw, []byte{'\r'}) // which the decoder ignores
	padded := len(last) > 0 && last[len(last)-1] == '=' || (len(raw)-breaks)%4 == 0
	switch {
	case url && padded:
		enc = base64.URLEncoding
	case url:
		enc = base64.RawURLEncoding
	case !padded:
		enc = base64.RawStdEncoding
	}
	text, err := enc.AppendDecode(nil, raw)
	return text, enc, err
}
