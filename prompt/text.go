package prompt

import (
	"bytes"
	"encoding/binary"
	"net/http"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// magic are the first bytes of what is packed: of some kinds, little else tells
// them from text.
var magic = []string{
	"\x1f\x8b", "\x28\xb5\x2f\xfd", "PK\x03\x04", "PK\x05\x06", "\xfd7zXZ\x00", "7z\xbc\xaf\x27\x1c", "\x04\x22\x4d\x18", "\xff\x06\x00\x00sNaPpY",
	"x\x01", "x\x9c", "x\xda", "BZh91AY&SY",
}

// window is how much of a text is judged at once: data does not become text by
// what stands before it.
const window = 1024

// isText reports whether data is text that can be scanned: UTF-8 or another
// superset of ASCII, a few bad bytes included. Where most letters are not ASCII,
// that other one must be named. Words that only begin like a known kind of file
// ("GIF89a, what is that?") are text all the same.
func isText(data []byte, charset string) bool {
	for _, m := range magic {
		if len(data) >= len(m) && string(data[:len(m)]) == m {
			return false
		}
	}
	legacy := isLegacy(charset)
	t := http.DetectContentType(data)
	file := !strings.HasPrefix(t, "text/") && t != "application/octet-stream"
	for at := 0; at < len(data); {
		n := min(window, len(data)-at)
		end := at + n
		control, invalid := 0, 0
		for at < end {
			if at+8 <= len(data) && plainASCII(binary.LittleEndian.Uint64(data[at:])) {
				at += 8
				continue
			}
			c := data[at]
			if c < utf8.RuneSelf {
				if !isPrintable[c] {
					control++
				}
				at++
				continue
			}
			_, size := utf8.DecodeRune(data[at:])
			if size == 1 {
				invalid++
			}
			at += size
		}
		if control > 2+n/64 || invalid > 8+n/8 && !legacy || file && control+invalid > 0 {
			return false
		}
	}
	return len(data) > 0
}

// plainASCII reports whether x is eight letters, digits or blanks and no line
// break.
func plainASCII(x uint64) bool {
	const low, high = 0x0101010101010101, 0x8080808080808080
	return (x|(x-0x20*low))&high == 0
}

// isPrintable also takes the separators of records, and the escapes that change
// the alphabet or the colour.
var isPrintable = func() (in [utf8.RuneSelf]bool) {
	for c := ' '; c < utf8.RuneSelf-1; c++ {
		in[c] = true
	}
	for _, c := range "\t\n\r\f\x1b\x1e" {
		in[c] = true
	}
	return in
}()

// isLegacy reports whether charset extends ASCII and is not UTF-8.
func isLegacy(charset string) bool {
	for _, prefix := range [...]string{"iso-8859", "windows-", "cp12", "gb", "big5", "shift", "sjis", "euc-", "koi8", "macintosh", "tis-"} {
		if len(charset) >= len(prefix) && strings.EqualFold(charset[:len(prefix)], prefix) {
			return true
		}
	}
	return false
}

// charset returns the character set that a request declares for its body.
func charset(x *traffic.Exchange) string {
	if x.From != "" {
		return ""
	}
	return parameter(x.Header.Get("Content-Type"), "charset")
}

// wide reports whether body seems to be in UTF-16: by a mark, or by two letters
// of Latin at its beginning (RFC 8259 has only UTF-8, but some servers take what
// comes).
func wide(body []byte) bool {
	if len(body) < 2 {
		return false
	}
	switch {
	case body[0] == 0xFE && body[1] == 0xFF, body[0] == 0xFF && body[1] == 0xFE:
		return true
	case body[0] == 0:
		return isLatin(body[1]) && (len(body) < 4 || body[2] == 0 && isLatin(body[3]))
	case body[1] == 0:
		return isLatin(body[0]) && (len(body) < 4 || body[3] == 0 && isLatin(body[2]))
	}
	return false
}

func isLatin(c byte) bool { return c < utf8.RuneSelf && isPrintable[c] }

// wideAs reports whether body, which does not show it, is in UTF-16 as charset
// says and not in ASCII in spite of it.
func wideAs(body []byte, charset string) bool {
	return (strings.EqualFold(charset, "utf-16le") || strings.EqualFold(charset, "utf-16be") || strings.EqualFold(charset, "utf-16")) && !isText(body, "")
}

// narrow returns a body in UTF-16 as UTF-8. Where neither a mark nor the first
// letter nor charset tells the order of bytes, the network's is meant (RFC 2781,
// section 4.3).
func narrow(body []byte, charset string) []byte {
	var order binary.ByteOrder = binary.BigEndian
	switch {
	case bytes.HasPrefix(body, []byte{0xFE, 0xFF}):
		body = body[2:]
	case bytes.HasPrefix(body, []byte{0xFF, 0xFE}):
		body, order = body[2:], binary.LittleEndian
	case len(body) > 1 && body[1] == 0 && body[0] != 0, strings.EqualFold(charset, "utf-16le") && !(len(body) > 1 && body[0] == 0):
		order = binary.LittleEndian
	}
	out := make([]byte, 0, len(body)/2+len(body)/8)
	for len(body) >= 2 {
		r := rune(order.Uint16(body))
		body = body[2:]
		if utf16.IsSurrogate(r) && len(body) >= 2 {
			if pair := utf16.DecodeRune(r, rune(order.Uint16(body))); pair != utf8.RuneError {
				r, body = pair, body[2:]
			}
		}
		out = utf8.AppendRune(out, r)
	}
	if len(body) > 0 {
		out = utf8.AppendRune(out, utf8.RuneError)
	}
	return out
}

// isSane reports whether text, which narrow returned, was text before: among any
// other pairs of bytes, one in eight is half a surrogate or for private use.
func isSane(text []byte) bool {
	bad, n := 0, 0
	for at := 0; at < len(text); n++ {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError || r >= 0xE000 && r <= 0xF8FF {
			bad++
		}
		at += size
	}
	return bad <= 2+n/32 && isText(text, "")
}

// readWide reads a body in UTF-16. Its parts can't be rewritten.
func (c *Codec) readWide(x *traffic.Exchange, p *traffic.Prompt) error {
	y := *x
	y.Body = narrow(x.Body, charset(x))
	y.Header = http.Header{"Content-Type": {"text/plain"}}
	if t := mediaType(x); strings.Contains(t, "json") {
		y.Header.Set("Content-Type", t)
	}
	if wide(y.Body) || !isSane(y.Body) { // UTF-32 begins like UTF-16
		return c.readRaw(x, p)
	}
	p.Format = c.format(&y)
	err := c.readBody(&y, p)
	fix(p.Parts)
	return err
}

// fix marks parts as unwritable: their places are not those of the body.
func fix(parts []traffic.Part) {
	for i := range parts {
		parts[i].Start, parts[i].End = -1, -1
	}
}
