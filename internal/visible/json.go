package visible

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON returns a text of JSON with the characters that Line writes out escaped as
// JSON escapes them: it says the same, and turns nothing around where it is shown
// as it is. It returns b itself where there are none. Outside of its strings JSON
// has none of them.
func JSON(b []byte) []byte {
	steers := func(r rune) bool { return r >= 0x7f && hidden(r) } // the others JSON has escaped already, or stand between values
	at := bytes.IndexFunc(b, steers)
	if at < 0 {
		return b
	}
	out := append(make([]byte, 0, len(b)+32), b[:at]...)
	for b = b[at:]; len(b) > 0; {
		r, n := utf8.DecodeRune(b)
		switch {
		case !steers(r):
			out = append(out, b[:n]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		b = b[n:]
	}
	return out
}

// JSONWriter returns a writer that passes on whole texts of JSON, as json.Encoder
// writes them, by JSON.
func JSONWriter(w io.Writer) io.Writer { return jsonWriter{w} }

type jsonWriter struct{ w io.Writer }

func (j jsonWriter) Write(b []byte) (int, error) {
	if _, err := j.w.Write(JSON(b)); err != nil {
		return 0, err
	}
	return len(b), nil
}
