package prompt_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/gnomon-proxy/gnomon/prompt"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestIdentifiers puts a word where clients fill in ids, names and
// enumerations: it is read and can be replaced.
func TestIdentifiers(t *testing.T) {
	codec := prompt.New()
	const hi = `"messages":[{"role":"user","content":"hi"}]`
	for _, tt := range []struct{ name, path, body string }{
		{"model", "/v1/chat/completions", `{"model":"AKIAX",` + hi + `}`},
		{"role", "/v1/chat/completions", `{"messages":[{"role":"AKIAX 1","content":"hi"}]}`},
		{"type", "/v1/chat/completions", `{"messages":[{"role":"user","content":[{"type":"AKIAX 1","text":"hi"}]}]}`},
		{"user", "/v1/chat/completions", `{"user":"AKIAX",` + hi + `}`},
		{"metadata", "/v1/chat/completions", `{"metadata":{"a":"AKIAX"},` + hi + `}`},
		{"call", "/v1/chat/completions", `{"messages":[{"role":"tool","tool_call_id":"AKIAX","content":"hi"}]}`},
		{"stream", "/v1/chat/completions", `{"stream":"AKIAX",` + hi + `}`},
		{"choice", "/v1/chat/completions", `{"tool_choice":"AKIAX",` + hi + `}`},
		{"tool", "/v1/chat/completions", `{` + hi + `,"tools":[{"function":{"name":"AKIAX"}}]}`},
		{"file", "/v1/chat/completions", `{"messages":[{"role":"user","content":[{"type":"file","file":{"filename":"AKIAX"}}]}]}`},
		{"conversation", "/v1/responses", `{"conversation":"AKIAX","input":"hi"}`},
		{"previous", "/v1/responses", `{"previous_response_id":"AKIAX","input":"hi"}`},
		{"session", "/v1/messages", `{"metadata":{"user_id":"AKIAX"},` + hi + `}`},
		{"project", "/v1internal:generateContent", `{"project":"AKIAX","contents":[{"parts":[{"text":"hi"}]}]}`},
		{"unknown model", generic, `{"model":"AKIAX","q":"hi"}`},
		{"unknown type", generic, `{"type":"AKIAX 1","q":"hi"}`},
		{"method", "/mcp", `{"jsonrpc":"2.0","id":"AKIAX","method":"x"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := read(t, codec, post(tt.path, "application/json", tt.body))
			got, err := codec.Rewrite(x, redact(x.Prompt, "AKIAX", "[R]"))
			if want := strings.ReplaceAll(tt.body, "AKIAX", "[R]"); err != nil || string(got) != want {
				t.Errorf("got %s, %v\nfrom %s", got, err, show(x.Prompt))
			}
		})
	}
}

// TestModelShape takes only what looks like a model for one.
func TestModelShape(t *testing.T) {
	codec := prompt.New()
	for in, want := range map[string]string{
		"gpt-4o": "gpt-4o", "meta/llama_3.1:8b@q4+x": "meta/llama_3.1:8b@q4+x", `a\u002db`: "a-b",
		"a b": "", "é": "", `a\nb`: "", strings.Repeat("a", 128): strings.Repeat("a", 128), strings.Repeat("a", 129): "",
		strings.Repeat("a", 4000): "",
	} {
		for _, path := range []string{"/v1/chat/completions", generic} {
			p := read(t, codec, post(path, "application/json", `{"model":"`+in+`","conversation_id":"`+in+`","messages":[]}`)).Prompt
			if p.Model != want || p.Conversation != want {
				t.Errorf("%.40q: model %q, conversation %q", in, p.Model, p.Conversation)
			}
		}
		form := read(t, codec, post(generic, "application/x-www-form-urlencoded", "model="+url.QueryEscape(in))).Prompt
		if strings.Contains(in, `\`) {
			continue
		}
		if form.Model != want {
			t.Errorf("form: %.40q: model %q", in, form.Model)
		}
	}
}

// TestPathModel reads models that stand in the path: they can't be rewritten.
func TestPathModel(t *testing.T) {
	codec := prompt.New()
	for _, tt := range []struct{ path, want string }{
		{"/v1beta/models/AKIAX:generateContent", "AKIAX"},
		{"/v1beta/models/AKIAX%20x:generateContent", ""},
		{"/openai/deployments/AKIAX/chat/completions", "AKIAX"},
		{"/openai/deployments/AKIAX%20/chat/completions", ""},
		{"/model/AKIAX/converse", "AKIAX"},
	} {
		x := read(t, codec, post(tt.path, "application/json", `{"contents":[{"parts":[{"text":"hi"}]}]}`))
		edits := redact(x.Prompt, "AKIAX", "")
		if x.Prompt.Model != tt.want || len(edits) != 1 {
			t.Errorf("%s: %s", tt.path, show(x.Prompt))
			continue
		}
		if _, err := codec.Rewrite(x, edits); err == nil {
			t.Errorf("%s: rewritten", tt.path)
		}
	}
}

func TestMultipartMargins(t *testing.T) {
	codec := prompt.New()
	body := "KEY one\r\n--b KEY\r\nContent-Disposition: form-data; name=\"KEY\"; filename=\"KEY.txt\"\r\nX-Note: KEY\r\n\r\nthe KEY\r\n--b--KEY\r\nKEY bye"
	x := read(t, codec, post(generic, "multipart/form-data; boundary=b", body))
	got, err := codec.Rewrite(x, redact(x.Prompt, "KEY", "K"))
	if want := strings.ReplaceAll(body, "KEY", "K"); err != nil || string(got) != want {
		t.Errorf("got %q, %v\nfrom %s", got, err, show(x.Prompt))
	}
	zipped := packed("some words")
	for name, body := range map[string]string{
		"preamble": zipped + "\r\n--b\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\nwords\r\n--b--",
		"epilogue": "--b\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\nwords\r\n--b--\r\n" + zipped,
	} {
		if x := read(t, codec, post(generic, "multipart/form-data; boundary=b", body)); len(x.Prompt.Unread) == 0 {
			t.Errorf("a binary %s: %s", name, show(x.Prompt))
		}
	}
}

func packed(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		panic(err)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

// TestBinary reads data that is labelled as text or JSON: it is none.
func TestBinary(t *testing.T) {
	codec := prompt.New()
	noise := make([]byte, 4000)
	for i := range noise {
		noise[i] = byte(i*i>>3 ^ i*7)
	}
	for name, body := range map[string]string{
		"gzip":           packed(`{"messages":[{"role":"user","content":"hi"}]}`),
		"long gzip":      packed(string(noise)),
		"zip":            "PK\x03\x04\x14\x00\x00\x00\x08\x00abcdefghijklmnopqrstuvwxyz",
		"zstd":           "\x28\xb5\x2f\xfd plain words in a raw block",
		"zlib":           "x\x9cplain words in a raw block",
		"noise":          string(noise),
		"text and noise": strings.Repeat("plain words ", 500) + string(noise),
		"NULs":           "abc\x00\x00\x00\x00def",
		"high bytes":     strings.Repeat("\x90\xfe\xc0a", 50),
		"JSON and noise": `{}` + string(noise),
	} {
		for _, kind := range []string{"application/json", "text/plain", "", "application/x-www-form-urlencoded"} {
			p, err := codec.Read(post("/v1/chat/completions", kind, body))
			if u, ok := errors.AsType[*traffic.UnreadError](err); !ok || u.Reason != traffic.ReasonFormat {
				t.Errorf("%s as %q: %.200s, %v", name, kind, show(p), err)
			}
		}
	}
	for name, body := range map[string]string{
		"broken JSON": `{"messages":[{"role":"user","content":"the KEY` + "\x00\xff\xfe" + ` and more words"`,
		"no JSON":     "the KEY \x01\xff and more",
		"Latin-1":     strings.Repeat("K\xf6nnen Sie m\xfcndlich KEY sagen? ", 60),
	} {
		for _, kind := range []string{"application/json", "text/plain"} {
			x := read(t, codec, post(generic, kind, body))
			if len(redact(x.Prompt, "KEY", "")) != strings.Count(body, "KEY") || len(x.Prompt.Unread) > 0 {
				t.Errorf("%s as %q: %.200s", name, kind, show(x.Prompt))
			}
		}
	}
	x := read(t, codec, post(generic, "text/plain; charset=windows-1251", strings.Repeat("\xcf\xf0\xe8\xe2\xe5\xf2 KEY ", 50)))
	if len(redact(x.Prompt, "KEY", "")) != 50 {
		t.Errorf("Cyrillic: %.200s", show(x.Prompt))
	}
}

// TestTransferEncodings reads encoded parts of a multipart body.
func TestTransferEncodings(t *testing.T) {
	codec := prompt.New()
	text := "a document with the KEY in it, which is long enough to be broken into several lines of base64 or so"
	lines := func(s string) (out string) {
		for ; len(s) > 76; s = s[76:] {
			out += s[:76] + "\r\n"
		}
		return out + s
	}
	body := func(encoding, kind, data string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\nContent-Type: " + kind +
			"\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" + data + "\r\n--b--\r\n"
	}
	b64 := base64.StdEncoding.EncodeToString
	for name, tt := range map[string]struct {
		body, want string // "": refused
	}{
		"base64":           {body("base64", "text/plain", b64([]byte(text))), body("base64", "text/plain", b64([]byte(strings.ReplaceAll(text, "KEY", "K"))))},
		"base64 in lines":  {body("Base64", "text/plain", lines(b64([]byte(text)))), body("Base64", "text/plain", lines(b64([]byte(strings.ReplaceAll(text, "KEY", "K")))))},
		"JSON in base64":   {body("base64", "application/json", b64([]byte(`{"q":"the \u004bEY"}`))), ""},
		"quoted-printable": {body("quoted-printable", "text/plain", "the =4B=\r\nEY =E9 = x"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			x := read(t, codec, post(generic, "multipart/form-data; boundary=b", tt.body))
			edits := redact(x.Prompt, "KEY", "K")
			if len(edits) != 1 || len(x.Prompt.Unread) > 0 {
				t.Fatalf("%s", show(x.Prompt))
			}
			got, err := codec.Rewrite(x, edits)
			if _, refused := errors.AsType[*traffic.UnreadError](err); string(got) != tt.want || refused != (tt.want == "") {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	for name, body := range map[string]string{
		"picture": body("base64", "text/plain", b64([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x01"))),
		"broken":  body("base64", "text/plain", "no base64!"),
		"unknown": body("x-uuencode", "text/plain", "words"),
	} {
		if x := read(t, codec, post(generic, "multipart/form-data; boundary=b", body)); len(x.Prompt.Unread) == 0 {
			t.Errorf("%s: %s", name, show(x.Prompt))
		}
	}
}

// TestUTF16 reads bodies of two bytes a letter and refuses to rewrite them.
func TestUTF16(t *testing.T) {
	codec := prompt.New()
	encode := func(s string, o binary.AppendByteOrder) (out string) {
		var b []byte
		for _, u := range utf16.Encode([]rune(s)) {
			b = o.AppendUint16(b, u)
		}
		return string(b)
	}
	const body = `{"model":"m","messages":[{"role":"user","content":"the KEY é😀"}]}`
	le, be := encode(body, binary.LittleEndian), encode(body, binary.BigEndian)
	for name, tt := range map[string]struct{ kind, body string }{
		"LE":             {"application/json", le},
		"BE":             {"application/json", be},
		"LE mark":        {"application/json", "\xff\xfe" + le},
		"BE mark":        {"application/json; charset=utf-16", "\xfe\xff" + be},
		"no type":        {"", "\xff\xfe" + le},
		"no Latin first": {"text/plain; charset=utf-16le", encode("漢字 the KEY", binary.LittleEndian)},
		"text":           {"text/plain", encode("the KEY", binary.BigEndian)},
		"section": {"multipart/form-data; boundary=b",
			"--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\r\n" + le + "\r\n--b--"},
	} {
		t.Run(name, func(t *testing.T) {
			x := read(t, codec, post("/x/ask", tt.kind, tt.body))
			edits := redact(x.Prompt, "KEY", "K")
			if len(edits) != 1 || len(x.Prompt.Unread) > 0 {
				t.Fatalf("%s", show(x.Prompt))
			}
			_, err := codec.Rewrite(x, edits)
			if _, ok := errors.AsType[*traffic.UnreadError](err); !ok {
				t.Errorf("error %v, want an unread error", err)
			}
			if strings.Contains(tt.body, le) && tt.kind == "application/json" && x.Prompt.Format != "openai.chat" {
				t.Errorf("format %s", x.Prompt.Format)
			}
		})
	}
}

// TestNumbers reads long numbers wherever they stand.
func TestNumbers(t *testing.T) {
	codec := prompt.New()
	for _, tt := range []struct{ path, body string }{
		{"/v1/chat/completions", `{"seed":4111111111111111,"messages":[{"role":"user","content":"hi"}]}`},
		{"/v1/chat/completions", `{"model":4111111111111111,"messages":[{"role":"user","content":"hi"}]}`},
		{"/v1/messages", `{"extra":{"a":[1,4111111111111111]},"messages":[{"role":"user","content":"hi"}]}`},
		{"/v1/messages", `{"tools":[{"input_schema":{"default":4111111111111111}}],"messages":[{"role":"user","content":"hi"}]}`},
		{generic, `{"type":4111111111111111,"q":"hi"}`},
	} {
		x := read(t, codec, post(tt.path, "application/json", tt.body))
		got, err := codec.Rewrite(x, redact(x.Prompt, "4111111111111111", "[R]"))
		if want := strings.ReplaceAll(tt.body, "4111111111111111", `"[R]"`); err != nil || string(got) != want {
			t.Errorf("got %s, %v\nfrom %s", got, err, show(x.Prompt))
		}
	}
	x := read(t, codec, post("/v1/chat/completions", "application/json", `{"top_p":0.1234567890123,"a":[-0.123456789012],"messages":[{"role":"user","content":"hi"}]}`))
	if len(x.Prompt.Parts) != 1 {
		t.Errorf("fractions: %s", show(x.Prompt))
	}
}

// TestTellingNames keeps the name of a member that says what its value is.
func TestTellingNames(t *testing.T) {
	codec := prompt.New()
	for _, path := range []string{"/v1/chat/completions", generic} {
		p := read(t, codec, post(path, "application/json", `{"extra":{"password":"hunter2x9"},"messages":[{"role":"user","content":"hi"}]}`)).Prompt
		if p.Parts[0].Name != "password" || string(p.Parts[0].Text) != "hunter2x9" {
			t.Errorf("%s: %s", path, show(p))
		}
	}
}
