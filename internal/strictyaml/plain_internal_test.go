package strictyaml

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"
)

// ruleFiles are the files that the program brings along.
func ruleFiles(t testing.TB) map[string][]byte {
	names, err := filepath.Glob("../../rules/*/*.yaml")
	if err != nil || len(names) < 20 {
		t.Fatalf("rule files: %d, %v", len(names), err)
	}
	files := make(map[string][]byte)
	for _, name := range names {
		if files[name], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// TestPlainReadsRules: the files that are read at each start are read the short
// way, save for a few small ones, and as the library reads them.
func TestPlainReadsRules(t *testing.T) {
	var all, short int
	for name, data := range ruleFiles(t) {
		all += len(data)
		n := parsePlain(data)
		if n == nil {
			t.Logf("%s: left to the library", name)
			continue
		}
		short += len(data)
		comparePlain(t, n, data)
	}
	if short*10 < all*9 {
		t.Errorf("%d of %d bytes are plain, want nine tenths", short, all)
	}
}

func TestPlain(t *testing.T) {
	for _, tt := range []struct {
		text  string
		plain bool
	}{
		{"a: b", true},
		{"a: b # c\n", true},
		{"a: b#c\n", true},
		{"# x\n\na:\n- b\n- c: d\n  e: [f, \"g\\n\", 'h''i', ]\n", true},
		{"a:\n  b: {c: d, e: [1, ~]}\n  f:\ng: null\n", true},
		{"a: [b,\n  c # d\n  , e]\n", true},
		{"ä: {ö: [ü, ß]}\n", true},
		{"a: http://x:80/?y=[z]\n", true},
		{"a: -1\n\"b\": -x\n", true},
		{"", false},
		{"a", false},
		{"- \n", false},
		{"a: b\n c\n", false},
		{"a: [b\n  c]\n", false},
		{"a: &b c\n", false},
		{"a: *b\n", false},
		{"a: !c d\n", false},
		{"a: |\n  b\n", false},
		{"a: \"b\n  c\"\n", false},
		{"a: \"\\x41\"\n", false},
		{"a:\tb\n", false},
		{"a: b\r\n", false},
		{"a: b\n---\nc: d\n", false},
		{"? a\n: b\n", false},
		{"<<: a\n", false},
		{"a: [b: c]\n", false},
		{"a: [b?]\n", false},
		{"a: [b,, c]\n", false},
		{"a: [b]]\n", false},
		{"a: {b}\n", false},
		{"a: b: c\n", false},
		{"a: 'b' c\n", false},
		{"- a\nb: c\n", false},
		{"a:\n   b: c\n  d: e\n", false},
		{"a: b\u2028c: d\n", false},
		{"a: [\n---\n]", false},
	} {
		n := parsePlain([]byte(tt.text))
		if (n != nil) != tt.plain {
			t.Errorf("%q: plain %v, want %v", tt.text, n != nil, tt.plain)
		}
		if n != nil {
			comparePlain(t, n, []byte(tt.text))
		}
	}
}

// FuzzPlain: what is read the short way is what the library reads.
func FuzzPlain(f *testing.F) {
	for _, data := range ruleFiles(f) {
		for len(data) > 0 { // an entry or two
			n := min(len(data), 400)
			if end := bytes.IndexByte(data[n:], '\n'); end >= 0 {
				n += end + 1
			}
			if len(data)%7 == 0 {
				f.Add(data[:n])
			}
			data = data[n:]
		}
	}
	f.Add([]byte("a:\n- b\n- c: d\n  e: [f, \"g\\n\", 'h''i', ]\nj: {k: l, m: n} # o\np:\nq: ~\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if invalidUTF8(data) >= 0 {
			return
		}
		if n := parsePlain(data); n != nil {
			comparePlain(t, n, data)
		}
	})
}

func comparePlain(t *testing.T, got *yaml.Node, data []byte) {
	t.Helper()
	var want, more yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&want); err != nil {
		t.Fatalf("%q: plain, but the library says %v", data, err)
	}
	if err := dec.Decode(&more); err != io.EOF {
		t.Fatalf("%q: plain, but the library reads on: %v", data, err)
	}
	if where := differ("root", got, want.Content[0]); where != "" {
		t.Fatalf("%.2000q: %s", data, where)
	}
}

// differ says where two trees differ in what this package looks at.
func differ(at string, got, want *yaml.Node) string {
	tag := want.Tag
	switch tag {
	case "!!int", "!!float", "!!bool", "!!timestamp":
		tag = "!!str" // only null is looked for
	}
	if got.Kind != want.Kind || got.Tag != tag || got.Style != want.Style || got.Value != want.Value ||
		got.Line != want.Line || got.Column != want.Column || got.Anchor != want.Anchor || got.Alias != want.Alias {
		return fmt.Sprintf("%s: got %+v, want %+v", at, *got, *want)
	}
	if len(got.Content) != len(want.Content) {
		return fmt.Sprintf("%s: %d nodes in it, want %d", at, len(got.Content), len(want.Content))
	}
	for i := range got.Content {
		if where := differ(fmt.Sprintf("%s.%d", at, i), got.Content[i], want.Content[i]); where != "" {
			return where
		}
	}
	return ""
}
