package sqltext_test

import (
	"slices"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp/sqltext"
)

// TestLexer holds what tokens the dialects have.
func TestLexer(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		lexer      sqltext.Lexer
		want       []string // what is inside each token
	}{
		{"statement", "INSERT INTO t (a) VALUES (1, 'x');", sqltext.Lexer{}, []string{"INSERT", "INTO", "t", "(", "a", ")", "VALUES", "(", "1", ",", "x", ")", ";"}},
		{"quotes doubled", "'it''s' \"a\"\"b\"", sqltext.Lexer{}, []string{"it''s", `a""b`}},
		{"backslash of the standard", `'C:\', 'x'`, sqltext.Lexer{}, []string{`C:\`, ",", "x"}},
		{"backslash of MySQL", `'it\'s', 'x'`, sqltext.Lexer{Backslash: true}, []string{`it\'s`, ",", "x"}},
		{"marked", `N'a' E'b\'c' U&'d' X'00' B'01' _utf8'e' q'[it's]' nq'!f!'`, sqltext.Lexer{}, []string{"a", `b\'c`, "d", "00", "01", "e", "it's", "f"}},
		{"dollars", "$$it's$$ $a$x $$ y$a$ $1", sqltext.Lexer{}, []string{"it's", "x $$ y", "$", "1"}},
		{"names", "[First Name] `name (old)` \"Name (x)\" dbo.t", sqltext.Lexer{}, []string{"First Name", "name (old)", "Name (x)", "dbo", ".", "t"}},
		{"lists", "ARRAY['a']", sqltext.Lexer{Values: true}, []string{"ARRAY", "[", "a", "]"}},
		{"comments", "a -- it's\n/* it's */ b # it's\r\nc", sqltext.Lexer{}, []string{"a", " it's", " it's ", "b", " it's", "c"}},
		{"temporary table", "INTO #tmp", sqltext.Lexer{}, []string{"INTO", "#tmp"}},
		{"lines in a string", "'a -- b /* c # d'", sqltext.Lexer{}, []string{"a -- b /* c # d"}},
		{"numbers", "12 1.5e-3 0x1F 5--3", sqltext.Lexer{}, []string{"12", "1.5e-3", "1F", "5", "-", "-", "3"}},
		{"open", "'abc", sqltext.Lexer{}, []string{"abc"}},
		{"no name", "[a\nb", sqltext.Lexer{}, []string{"[", "a", "b"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := tt.lexer
			l.Text = []byte(tt.text)
			var got []string
			for x := l.Next(); x.Kind != sqltext.End; x = l.Next() {
				got = append(got, string(x.Bytes(l.Text)))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestLexerAllocs holds that tokens cost no memory.
func TestLexerAllocs(t *testing.T) {
	text := []byte("INSERT INTO t (a, [b c]) VALUES (1, 'x', $$y$$); -- z")
	if n := testing.AllocsPerRun(100, func() {
		l := sqltext.Lexer{Text: text}
		for l.Next().Kind != sqltext.End {
		}
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

// FuzzLexer holds that the tokens of any text follow one another, and that what is inside
// them lies in them.
func FuzzLexer(f *testing.F) {
	for _, text := range []string{"INSERT INTO [t] (`a`, \"b\") VALUES (1, N'x''y', $a$z$a$, X'00', 0x1f) -- c", "q'[it's]' /* # */ #t E'\\'' U&'d'", "$$ $a$ '\\''\\", "1e+5--3 _utf8'x"} {
		f.Add([]byte(text), false, false)
		f.Add([]byte(text), true, true)
	}
	f.Fuzz(func(t *testing.T, text []byte, backslash, values bool) {
		l := sqltext.Lexer{Text: text, Backslash: backslash, Values: values}
		at := 0
		for {
			x := l.Next()
			if x.From < at || x.To > len(text) || x.In < x.From || x.Out < x.In || x.To < x.Out || x.Kind != sqltext.End && x.To <= x.From || l.At != x.To {
				t.Fatalf("%+v after %d in %d bytes, at %d", x, at, len(text), l.At)
			}
			if x.Kind == sqltext.End {
				return
			}
			at = x.To
		}
	})
}
