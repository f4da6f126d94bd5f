package dlp

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestNextQuote compares the search by eight bytes with one by one.
func TestNextQuote(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	for range 5000 {
		text := make([]byte, r.IntN(40))
		for i := range text {
			text[i] = "abc!#&(_a\x00\xa2\xff\"'`"[r.IntN(15)]
		}
		i := r.IntN(len(text) + 1)
		want := len(text)
		if n := bytes.IndexAny(text[i:], "\"'`"); n >= 0 {
			want = i + n
		}
		for k := i; k < len(text); k++ { // IndexAny reads characters
			if quote[text[k]] {
				want = k
				break
			}
		}
		if got := nextQuote(text, i); got != want {
			t.Fatalf("%q from %d: %d, want %d", text, i, got, want)
		}
	}
}

// TestImports holds what is taken for a list of imports, whose joints are none.
func TestImports(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       bool
	}{
		{"imports", "package a\n\nimport (\n\t\"bytes\"\n\t\"io\"\n)\n", true},
		{"names, comments and paths", "import (\n\t_ \"embed\"\n\tmrand \"math/rand/v2\"\n\n\t// others\n\t\"golang.org/x/net/http2\"\n)\n", true},
		{"a key", "import (\n\t\"sk-ant-\"\n\t\"api03-a8F3k2M9\"\n)\n", false},
		{"a number", "import (\n\t\"a4111\"\n\t\"a1111\"\n)\n", true},
		{"a longer number", "import (\n\t\"a/41111\"\n\t\"1111\"\n)\n", false},
		{"no end", "import (\n\t\"bytes\"\n\t\"io\"\n", false},
		{"a list of texts", "words := (\n\t\"bytes\"\n\t\"io\"\n)\n", false},
		{"code in it", "import (\n\t\"bytes\"\n\t\"io\" + x\n)\n", false},
	} {
		text := []byte(tt.text)
		at, _ := (&scan{text: text}).nextJoint(0)
		end := imports(text, max(at, 0))
		if (end > 0) != tt.want || tt.want && end != strings.Index(tt.text, "\n)\n")+3 {
			t.Errorf("%s: ends at %d of %d (joint at %d), want %v", tt.name, end, len(text), at, tt.want)
		}
	}
}
