package visible_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/internal/visible"
)

func TestJSON(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "Grüße, 你好, עברית 👍", `"Grüße, 你好, עברית 👍"`},
		{"turned around", "invoice\u202egpj.exe", `"invoice\u202egpj.exe"`},
		{"isolates", "a\u2066b\u2069", `"a\u2066b\u2069"`},
		{"C1", "a\u009bb\x7f", `"a\u009bb\u007f"`},
		{"tags", "a\U000e0041b", `"a\udb40\udc41b"`},
		{"lines and tabs", "a\nb\tc", `"a\nb\tc"`},
		{"an escape that is text", `a\u202e`, `"a\\u202e"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := json.NewEncoder(visible.JSONWriter(&b)).Encode(tt.in); err != nil {
				t.Fatal(err)
			}
			if got := strings.TrimSuffix(b.String(), "\n"); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// FuzzJSON: whatever the text, it means the same, and steers nothing.
func FuzzJSON(f *testing.F) {
	f.Add("a\u202eb\U000e0041\x7f\xff")
	f.Fuzz(func(t *testing.T, s string) {
		plain, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		escaped := visible.JSON(plain)
		var before, after string
		if json.Unmarshal(plain, &before) != nil || json.Unmarshal(escaped, &after) != nil || before != after {
			t.Errorf("%q is %q", before, after)
		}
		if line := visible.Line(string(escaped)); line != string(escaped) {
			t.Errorf("%q steers", escaped)
		}
	})
}
