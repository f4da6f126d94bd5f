package visible_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/gnomon-proxy/gnomon/internal/visible"
)

func TestLine(t *testing.T) {
	for _, tt := range []struct{ name, in, line, page string }{
		{"plain", "Grüße, 你好, עברית 👍", "Grüße, 你好, עברית 👍", "Grüße, 你好, עברית 👍"},
		{"empty", "", "", ""},
		{"turned around", "invoice\u202egpj.exe", `invoice\u202egpj.exe`, `invoice\u202egpj.exe`},
		{"isolates", "a\u2066b\u2069", `a\u2066b\u2069`, `a\u2066b\u2069`},
		{"marks", "\u200e\u200f\u061c", `\u200e\u200f\u061c`, `\u200e\u200f\u061c`},
		{"a terminal", "\x1b[2Jx\u009b", `\u001b[2Jx\u009b`, `\u001b[2Jx\u009b`},
		{"lines", "a\nb\r\n\tc", "a b   c", "a\nb\r\n\tc"},
		{"separators", "a\u2028b", `a\u2028b`, `a\u2028b`},
		{"no text", "a\xffb", `a\xffb`, `a\xffb`},
		{"a replacement", "a\ufffdb", "a\ufffdb", "a\ufffdb"},
		{"tags", "x\U000e0041", `x\U000e0041`, `x\U000e0041`},
		{"NUL", "a\x00\x7f", `a\u0000\u007f`, `a\u0000\u007f`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := visible.Line(tt.in); got != tt.line {
				t.Errorf("Line = %q, want %q", got, tt.line)
			}
			if got := visible.Page(tt.in); got != tt.page {
				t.Errorf("Page = %q, want %q", got, tt.page)
			}
		})
	}
}

// TestAll tries every character: none that Unicode calls a control or one of
// directions is left.
func TestAll(t *testing.T) {
	var all strings.Builder
	for r := range rune(unicode.MaxRune) {
		all.WriteRune(r)
	}
	got := visible.Line(all.String())
	for _, r := range got {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			t.Errorf("%U is left", r)
		}
	}
	if again := visible.Line(got); again != got {
		t.Error("what is written out is written out again")
	}
}
