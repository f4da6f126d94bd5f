package prompt_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/prompt"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func TestUnread(t *testing.T) {
	codec := prompt.New()
	for _, tt := range []struct{ name, kind, body string }{
		{"gRPC", "application/grpc", "\x00\x00\x00\x00\x02\n\x00"},
		{"Connect in protobuf", "application/connect+proto", "\x00\x00\x00\x00\x02\n\x00"},
		{"picture", "image/png", "\x89PNG\r\n\x1a\n\x00\x00"},
		{"anything", "application/octet-stream", "\x00\x01\x02"},
		{"UTF-32", "application/json", "{\x00\x00\x00\"\x00\x00\x00a\x00\x00\x00\"\x00\x00\x00:\x00\x00\x001\x00\x00\x00}\x00\x00\x00"},
		{"UTF-32 with a mark", "application/json; charset=utf-32", "\xff\xfe\x00\x00{\x00\x00\x00}\x00\x00\x00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := codec.Read(post(generic, tt.kind, tt.body))
			if u, ok := errors.AsType[*traffic.UnreadError](err); !ok || u.Reason != traffic.ReasonFormat {
				t.Errorf("got %v, %v", p, err)
			}
		})
	}
}

func TestEmptyBody(t *testing.T) {
	x := post("/v1beta/models/gemini-2.5-pro", "", "")
	x.Flow.Method = "GET"
	p, err := prompt.New().Read(x)
	if err != nil || len(p.Parts) != 0 || len(p.Unread) != 0 {
		t.Errorf("got %+v, %v", p, err)
	}
}

// TestCutBody reads what there is of a body over the limit, the string that was
// begun included, and rewrites it.
func TestCutBody(t *testing.T) {
	codec := prompt.New()
	full := `{"model":"m","messages":[{"role":"user","content":"one KEY"},{"role":"user","content":"two KEY and \u00e9 more"}]}`
	for n := range len(full) {
		x := post("/v1/chat/completions", "application/json", full[:n])
		x.Cut = true
		read(t, codec, x)
		got, err := codec.Rewrite(x, redact(x.Prompt, "KEY", "K"))
		if want := strings.ReplaceAll(full[:n], "KEY", "K"); err != nil || string(got) != want {
			t.Fatalf("cut at %d: got %q, %v", n, got, err)
		}
	}
}

func TestSigned(t *testing.T) {
	codec := prompt.New()
	for _, tt := range []struct {
		name, header, value string
		want                bool
	}{
		{"SigV4", "Authorization", "AWS4-HMAC-SHA256 Credential=x", true},
		{"SigV4a", "Authorization", "AWS4-ECDSA-P256-SHA256 Credential=x", true},
		{"API key", "Authorization", "Bearer ABSKx", false},
		{"digest", "Content-Digest", "sha-256=:x:", true},
		{"MD5", "Content-Md5", "x", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := post("/model/m/converse", "application/json", `{}`)
			x.Header.Set(tt.header, tt.value)
			if p, err := codec.Read(x); err != nil || p.Signed != tt.want {
				t.Errorf("got %+v, %v, want signed %t", p, err, tt.want)
			}
		})
	}
	x := post("/model/m/converse", "application/json", `{}`)
	x.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=x")
	x.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
	if p, err := codec.Read(x); err != nil || p.Signed {
		t.Errorf("unsigned payload: %+v, %v", p, err)
	}
}

// TestMedia tells data from text that stands where data is expected.
func TestMedia(t *testing.T) {
	codec := prompt.New()
	picture := "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB" + strings.Repeat("CAYAAAAf", 40)
	for _, tt := range []struct{ name, body, want string }{
		{"picture", `{"source":{"data":"` + picture + `"}}`, `image|user||[1]|""`},
		{"picture with escapes", `{"source":{"data":"` + strings.Replace(picture, "CA", `\/\/`, 1) + `"}}`, `image|user||[1]|""`},
		{"key", `{"source":{"data":"AKIAIOSFODNN7EXAMPLE"}}`, `metadata|user||[1]|"AKIAIOSFODNN7EXAMPLE"`},
		{"text", `{"source":{"data":"plain words in here"}}`, `file|user||[1]|"plain words in here"`},
		{"text in base64", `{"source":{"data":"cGxhaW4gd29yZHMgaW4gaGVyZQ=="}}`, `file|user||[1 3]|"plain words in here"`},
		{"data URL with text", `{"unknown":"data:text/plain;base64,cGxhaW4gd29yZHM="}`, `file|user||[1 3]|"plain words"`},
		{"link", `{"image_url":"https://example.com/a.png?token=abc"}`, `metadata|user||[1]|"https://example.com/a.png?token=abc"`},
		{"opaque", `{"type":"thinking","signature":"EqQBCgIYAhIMsigned"}`, ``},
		{"no signature", `{"text":"hi"},{"signature":"really just words"}`, "text|user||[1]|\"hi\"\nmetadata|user||[1]|\"really just words\""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := read(t, codec, post("/v1/messages", "application/json", `{"messages":[{"role":"user","content":[`+tt.body+`]}]}`))
			_, got, _ := strings.Cut(strings.TrimSpace(show(x.Prompt)), "\n")
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestMultipart(t *testing.T) {
	codec := prompt.New()
	part := func(head, data string) string { return "--b\r\n" + head + "\r\n\r\n" + data + "\r\n" }
	head := func(name, nl string) string {
		return `metadata|||[]|"Content-Disposition: form-data; name=\"` + name + `\"` + nl + nl + "\"\n"
	}
	for _, tt := range []struct{ name, body, want string }{
		{"preamble and epilogue", "hello\r\n" + part(`Content-Disposition: form-data; name="q"`, "a question") + "--b--\r\nbye", "metadata|||[]|\"hello\\r\\n\"\n" + head("q", `\r\n`) + `metadata||q|[]|"a question"` + "\nmetadata|||[]|\"\\r\\nbye\""},
		{"prompt", part(`Content-Disposition: form-data; name="prompt"`, "a\r\n--bc\r\nb") + "--b--", head("prompt", `\r\n`) + `text||prompt|[]|"a\r\n--bc\r\nb"`},
		{"bare line feeds", "--b\nContent-Disposition: form-data; name=\"prompt\"\n\nwords\n--b--\n", head("prompt", `\n`) + `text||prompt|[]|"words"`},
		{"cut short", "--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nwor", head("prompt", `\r\n`) + `text||prompt|[]|"wor"`},
		{"no part", "just words", `text|||[]|"just words"`},
		{"JSON", part("Content-Disposition: form-data; name=\"data\"", `{"inputs":"words"}`) + "--b--", head("data", `\r\n`) + `text|||[1]|"words"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := read(t, codec, post(generic, "multipart/form-data; boundary=b", tt.body))
			_, got, _ := strings.Cut(strings.TrimSpace(show(x.Prompt)), "\n")
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestLookAlikes reads bodies that only look like those of AI services: they
// fall to the generic reader and every string is seen.
func TestLookAlikes(t *testing.T) {
	codec := prompt.New()
	for _, body := range []string{
		`{"query":"query Q { me { id } }","variables":{"a":"WORD"}}`,
		`{"channel":"C1","messages":[{"text":"WORD"}]}`,
		`{"docs":"use \"messages\":[{\"role\"}] WORD"}`,
	} {
		x := read(t, codec, post(generic, "application/json", body))
		if x.Prompt.Format != "json" || len(redact(x.Prompt, "WORD", "")) != 1 {
			t.Errorf("%s: %s", body, show(x.Prompt))
		}
	}
}

// TestChangedInterface reads bodies under a path whose format they don't have:
// they are texts all the same.
func TestChangedInterface(t *testing.T) {
	codec := prompt.New()
	for _, path := range []string{"/api/chat", "/channels/1/messages", "/v1/chat/completions"} {
		x := read(t, codec, post(path, "application/json", `{"userMessage":{"body":"hello there"}}`))
		if p := x.Prompt; p.Format != "json" || len(p.Parts) != 1 || p.Parts[0].Kind != traffic.PartText {
			t.Errorf("%s: %s", path, show(p))
		}
	}
}

func TestFileNames(t *testing.T) {
	codec := prompt.New()
	x := read(t, codec, post(generic, "multipart/form-data; boundary=b",
		"--b\r\nContent-Disposition: form-data; name=\"f\"; filename*=UTF-8''KEY%20%C3%A9.txt\r\n\r\nwords\r\n--b--"))
	edits := redact(x.Prompt, "KEY", "K")
	if len(edits) != 2 { // the name, and the line that it was decoded from
		t.Fatalf("%d edits in %s", len(edits), show(x.Prompt))
	}
	if _, err := codec.Rewrite(x, edits); err == nil {
		t.Error("an encoded file name was rewritten")
	}
}

// TestMagicWords reads texts that begin like files.
func TestMagicWords(t *testing.T) {
	codec := prompt.New()
	for _, body := range []string{"GIF89a, what is that?", "%PDF-1.7 starts a file", "%PDF-1.7 " + strings.Repeat("é", 400), "BM is a bitmap"} {
		x := read(t, codec, post(generic, "text/plain", body))
		if len(x.Prompt.Parts) != 1 || string(x.Prompt.Parts[0].Text) != body {
			t.Errorf("%.20q: %s", body, show(x.Prompt))
		}
	}
	if _, err := codec.Read(post(generic, "text/plain", "GIF89a\x01\x00\x01\x00\x80\x00\x00")); err == nil {
		t.Error("a picture was read as text")
	}
}

// TestCurl reads what "curl -d" sends: JSON that calls itself a form.
func TestCurl(t *testing.T) {
	codec := prompt.New()
	x := read(t, codec, post("/api/generate", "application/x-www-form-urlencoded", `{"model":"llama3.2","prompt":"100% of a+b & KEY"}`))
	if got, want := show(x.Prompt), "format=ollama model=llama3.2 conversation= organisation= stream=false signed=false unread=[]\nmetadata||model|[1]|\"llama3.2\"\ntext|||[1]|\"100% of a+b & KEY\"\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := codec.Read(post(generic, "application/x-www-form-urlencoded", "\x89PNG\r\n\x1a\n\x00")); err == nil {
		t.Error("a picture was read as a form")
	}
}
