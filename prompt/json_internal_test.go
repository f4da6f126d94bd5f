package prompt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// recorder notes every string that a walker meets.
type recorder struct {
	src  []byte
	seen []string
}

func (r *recorder) enter(*node) frame       { return frame{} }
func (r *recorder) leave(*node, frame)      {}
func (r *recorder) literal(*node, int, int) {}
func (r *recorder) key(n *node, start, end int) {
	r.text(n, start, end)
}
func (r *recorder) text(_ *node, start, end int) {
	s := string(decode(r.src[start:end], jsonLayer))
	r.seen = append(r.seen, string([]rune(s))) // invalid bytes become U+FFFD, as in encoding/json
}

func walk(src []byte) (seen []string, w walker, p progress) {
	r := &recorder{src: src}
	w = walker{src: src, to: r}
	p = w.values(blankNode())
	return r.seen, w, p
}

// reference returns the strings of valid JSON as encoding/json reads them.
func reference(src []byte) (all []string) {
	for dec := json.NewDecoder(bytes.NewReader(src)); ; {
		tok, err := dec.Token()
		if err != nil {
			return all
		}
		if s, ok := tok.(string); ok {
			all = append(all, s)
		}
	}
}

// FuzzWalker holds the walker against encoding/json: what is valid there is
// whole here, with the same strings.
func FuzzWalker(f *testing.F) {
	for _, seed := range []string{
		`{"a":"b","c":["d",{"e":"f\"\\\u00e9\ud83d\ude00\ud800"}],"n":-1.5e9,"t":true,"z":null}`,
		"\xef\xbb\xbf{}", `"`, `{"a`, `{"a":"b\`, `[[[[`, `{"a":1,"a":"2"}`, "{}\n{}\x1e{}", `0123456789abcdef`, `{"a":"\u12"}`, "\"\xff\"",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		seen, w, p := walk(src)
		if w.pos > len(src) || w.depth > maxDepth {
			t.Fatalf("at %d of %d, depth %d", w.pos, len(src), w.depth)
		}
		if !json.Valid(src) || w.depth == maxDepth {
			return
		}
		if want := reference(src); p != whole || !slices.Equal(seen, want) {
			t.Errorf("progress %d, strings %q, want %q", p, seen, want)
		}
	})
}

func TestWalkerProgress(t *testing.T) {
	for _, tt := range []struct {
		name, src string
		want      progress
		strings   int
	}{
		{"object", `{"a":"b"}`, whole, 2},
		{"white space only", " \n", whole, 0},
		{"lines", "{\"a\":1}\n{\"b\":2}\n", whole, 2},
		{"ends in a string", `{"a":"bcd`, cut, 2},
		{"ends in an escape", `{"a":"bc\`, cut, 2},
		{"ends in a name", `{"abc`, cut, 0},
		{"ends in a list", `["a",`, cut, 1},
		{"no JSON", `hello`, broken, 0},
		{"garbage behind", `{"a":"b"}!`, broken, 2},
		{"missing colon", `{"a" "b"}`, broken, 1},
		{"trailing comma", `{"a":"b",}`, whole, 2},
		{"raw line break", "{\"a\":\"b\nc\"}", whole, 2},
		{"deep", strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth), whole, 0},
		{"too deep", strings.Repeat("[", maxDepth+1), broken, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			seen, _, p := walk([]byte(tt.src))
			// The name of a member without a value still counts.
			if p != tt.want || len(seen) != tt.strings {
				t.Errorf("progress %d with %q, want %d with %d strings", p, seen, tt.want, tt.strings)
			}
		})
	}
}

// TestCursor holds the translation of offsets against decoding itself.
func TestCursor(t *testing.T) {
	raw := `a\nb\u00e9\ud83d\ude00c\/\ud800é\`
	text := decode([]byte(raw), jsonLayer)
	var got []string
	for off := 0; off <= len(text); off++ {
		c := cursor{raw: []byte(raw), layer: jsonLayer}
		got = append(got, fmt.Sprintf("%d:%d", c.start(off), c.end(off)))
		// The text before the start and up to the end of an offset frames it.
		if before := decode([]byte(raw[:c.start(off)]), jsonLayer); !bytes.HasPrefix(text, before) || len(before) > off {
			t.Errorf("offset %d starts behind itself: %q", off, before)
		}
	}
	if want := "0:0 1:1 3:3 4:4 4:10 10:10 10:22 10:22 10:22 22:22"; !strings.HasPrefix(strings.Join(got, " "), want) {
		t.Errorf("offsets %v, want %s…", got, want)
	}
}
