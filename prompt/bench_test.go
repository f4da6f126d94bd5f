package prompt_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/prompt"
)

const prose = "The quick brown fox jumps over the lazy dog, and then it writes a letter about it to a friend. "

// chat returns a chat body of about size bytes in messages of about each bytes.
func chat(size, each int) string {
	type message struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	}
	var messages []message
	for n := 0; n < size; n += each {
		role := []string{"user", "assistant"}[len(messages)%2]
		messages = append(messages, message{role, strings.Repeat(prose, each/len(prose)+1)[:each]})
	}
	b, err := json.Marshal(map[string]any{"model": "gpt-4o", "messages": messages, "stream": true, "temperature": 0.7})
	if err != nil {
		panic(err)
	}
	return string(b)
}

var benchmarks = []struct{ name, body string }{
	{"chat4KB", chat(4<<10, 400)},
	{"chat7MB", chat(7<<20, 20<<10)},
	{"escapes1MB", `{"messages":[{"role":"user","content":"` + strings.Repeat(`line \"one\"\n\u00e9 `, 50_000) + `"}]}`},
	{"noJSON1MB", strings.Repeat("0123456789abcdef", 65536)},
}

func BenchmarkRead(b *testing.B) {
	codec := prompt.New()
	for _, bb := range benchmarks {
		b.Run(bb.name, func(b *testing.B) {
			x := post("/v1/chat/completions", "application/json", bb.body)
			b.SetBytes(int64(len(bb.body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := codec.Read(x); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRewrite(b *testing.B) {
	codec := prompt.New()
	x := read(b, codec, post("/v1/chat/completions", "application/json", benchmarks[2].body))
	edits := redact(x.Prompt, `"one"`, "[REDACTED:secret]")
	b.SetBytes(int64(len(x.Body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := codec.Rewrite(x, edits); err != nil {
			b.Fatal(err)
		}
	}
}

// TestReadAllocs bounds what a clean request costs: the prompt, its parts and
// its model, whatever the size of the text.
func TestReadAllocs(t *testing.T) {
	codec := prompt.New()
	x := post("/v1/chat/completions", "application/json", benchmarks[0].body)
	n := testing.AllocsPerRun(200, func() {
		if _, err := codec.Read(x); err != nil {
			t.Fatal(err)
		}
	})
	if n > 6 {
		t.Errorf("Read allocates %v times, want at most 6", n)
	}
}

// TestHostileBodies must end at once: each would take minutes if any search ran
// over the same bytes again and again.
func TestHostileBodies(t *testing.T) {
	codec := prompt.New()
	const n = 1 << 17
	for name, body := range map[string]string{
		"quotes":        `{"q":"` + strings.Repeat(`\"`, n) + `"}`,
		"open lists":    strings.Repeat("[", n),
		"open objects":  strings.Repeat(`{"a":`, n),
		"commas":        "[" + strings.Repeat(",", n),
		"no end":        `{"q":"` + strings.Repeat("a", n),
		"delimiters":    strings.Repeat("--b\r\n", n),
		"half escapes":  `{"q":"` + strings.Repeat(`\u12`, n),
		"letters":       "[" + strings.Repeat(`"a",`, n) + `"b"]`,
		"empty strings": "[" + strings.Repeat(`"",`, n),
		"nested text":   `{"arguments":"` + strings.Repeat(`[\"`, n) + `"}`,
	} {
		for _, kind := range []string{"application/json", "multipart/form-data; boundary=b", "application/x-www-form-urlencoded"} {
			x := post(generic, kind, body)
			p, err := codec.Read(x)
			if err != nil {
				t.Fatalf("%s as %s: %v", name, kind, err)
			}
			for i := range p.Parts {
				if len(p.Parts[i].Text) > len(body) {
					t.Errorf("%s as %s: a text of %d bytes", name, kind, len(p.Parts[i].Text))
				}
			}
			x.Prompt = p
			edits := redact(p, `"`, "'")
			if got, err := codec.Rewrite(x, edits); err == nil && kind == "application/json" && name == "quotes" && bytes.Contains(got, []byte(`\"`)) {
				t.Errorf("%s: quotes are left", name)
			}
		}
	}
}
