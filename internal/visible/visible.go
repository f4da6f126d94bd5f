// Package visible keeps the text of strangers from playing tricks on who reads
// it. In: any text; out: the same with all that can't be seen written out, so
// that names which differ look different, a terminal is not steered, and what
// follows is not turned around.
package visible

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Line returns a text as one line: line breaks and tabs become spaces, control
// characters, those that direct the writing (Unicode's Bidi_Control, with the
// marks that are not seen) and bytes that are no text are written out: \u202e,
// \x9f. It returns s itself where there are none.
func Line(s string) string { return written(s, false) }

// Page is Line for text of many lines, which it leaves.
func Page(s string) string { return written(s, true) }

func written(s string, lines bool) string {
	plain := func(r rune) bool { return !hidden(r) || lines && space(r) }
	at := strings.IndexFunc(s, func(r rune) bool { return r == utf8.RuneError || !plain(r) })
	if at < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	b.WriteString(s[:at])
	for s = s[at:]; s != ""; {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case plain(r):
			b.WriteString(s[:n])
		case space(r):
			b.WriteByte(' ')
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		s = s[n:]
	}
	return b.String()
}

func space(r rune) bool { return r == '\n' || r == '\r' || r == '\t' }

// hidden reports whether a character is one that steers and is not seen.
func hidden(r rune) bool {
	switch {
	case r < ' ', r >= 0x7f && r < 0xa0: // C0, DEL, C1
		return true
	case r < 0x61c:
		return false
	}
	return r == 0x61c || r == 0x200e || r == 0x200f || // marks of a direction
		r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || // embeddings, overrides, isolates
		r == 0x2028 || r == 0x2029 || // line and paragraph separator
		r >= 0xe0000 && r <= 0xe007f // tags: a text behind the text
}
