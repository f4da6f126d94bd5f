package prompt_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/prompt"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// cabinet reads files that begin with "PK", "%PDF-", "{\rtf" or the mark of
// UTF-32: what follows a line break is their text.
type cabinet struct{ opened, closed, read int }

func (c *cabinet) Open() prompt.DocumentReader { c.opened++; return c }

func (c *cabinet) Close() { c.closed++ }

func (c *cabinet) Read(data []byte) *prompt.Document {
	c.read++
	head, text, _ := bytes.Cut(data, []byte("\n"))
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04locked")):
		return &prompt.Document{Gaps: []traffic.Gap{{Place: "page 2", Reason: "encrypted"}}, Unread: []string{traffic.ReasonEncrypted}}
	case bytes.HasPrefix(head, []byte("PK")), bytes.HasPrefix(head, []byte("%PDF-")), bytes.HasPrefix(head, []byte(`{\rtf`)),
		bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")):
		return &prompt.Document{Text: text, Place: func(off int) string { return fmt.Sprintf("byte %d", off) }}
	}
	return nil
}

func docs(parts []traffic.Part) string {
	var out []string
	for _, p := range parts {
		if p.Place != nil {
			out = append(out, fmt.Sprintf("%s|%s|%s|%s", p.Kind, p.Name, p.Text, p.Place(3)))
		}
	}
	return strings.Join(out, "\n")
}

// TestDocuments finds attached files wherever services take them.
func TestDocuments(t *testing.T) {
	file := "PK\x03\x04\x00\x01" + strings.Repeat("\x00\xff", 500) + "\nWORDS"
	b64 := base64.StdEncoding.EncodeToString([]byte(file))
	rtf := base64.StdEncoding.EncodeToString([]byte(`{\rtf1` + strings.Repeat(`\par`, 40) + "\nWORDS"))
	locked := base64.StdEncoding.EncodeToString([]byte("PK\x03\x04locked" + strings.Repeat("\x00\xff", 500)))
	part := func(head, data string) string { return "--b\r\n" + head + "\r\n\r\n" + data + "\r\n--b--\r\n" }
	upload := `Content-Disposition: form-data; name="file"; filename="a.docx"`
	const form = "multipart/form-data; boundary=b"
	for _, tt := range []struct {
		name, path, kind, body, want string
		unread                       string
	}{
		{"Responses", "/v1/responses", "application/json", `{"input":[{"role":"user","content":[{"type":"input_file","filename":"a.docx","file_data":"data:application/x;base64,` + b64 + `"}]}]}`, "file|a.docx|WORDS|byte 3", ""},
		{"Chat", "/v1/chat/completions", "application/json", `{"messages":[{"role":"user","content":[{"type":"file","file":{"filename":"a.docx","file_data":"` + b64 + `"}}]}]}`, "file|a.docx|WORDS|byte 3", ""},
		{"Anthropic", "/v1/messages", "application/json", `{"messages":[{"role":"user","content":[{"type":"document","title":"a.docx","source":{"type":"base64","media_type":"application/pdf","data":"` + b64 + `"}}]}]}`, "file|a.docx|WORDS|byte 3", ""},
		{"Gemini", "/v1beta/models/g:generateContent", "application/json", `{"contents":[{"parts":[{"inlineData":{"mimeType":"x","data":"` + b64 + `"}}]}]}`, "file||WORDS|byte 3", ""},
		{"Bedrock", "/model/m/converse", "application/json", `{"messages":[{"role":"user","content":[{"document":{"name":"a","source":{"bytes":"` + b64 + `"}}}]}]}`, "file|a|WORDS|byte 3", ""},
		{"unknown JSON", "/anything", "application/json", `{"attachment":"` + b64 + `"}`, "file||WORDS|byte 3", ""},
		{"RTF", "/v1/messages", "application/json", `{"messages":[{"role":"user","content":[{"source":{"data":"` + rtf + `"}}]}]}`, "file||WORDS|byte 3", ""},
		{"upload", "/v1/files", form, part(upload, file), "file|a.docx|WORDS|byte 3", ""},
		{"upload in base64", "/v1/files", form, part(upload+"\r\nContent-Transfer-Encoding: base64", b64), "file|a.docx|WORDS|byte 3", ""},
		{"upload of a PDF in ASCII", "/v1/files", form, part(upload, "%PDF-1.4 x\nWORDS"), "file|a.docx|WORDS|byte 3", ""},
		{"raw body", "/upload/v1beta/files", "application/octet-stream", file, "file||WORDS|byte 3", ""},
		{"raw body under a wrong label", "/v1/chat/completions", "application/json", file, "file||WORDS|byte 3", ""},
		{"UTF-32", "/v1/chat/completions", "application/json", "\xff\xfe\x00\x00{\x00\x00\x00\n\x00\x00\x00\nWORDS", "file||\x00\x00\x00\nWORDS|byte 3", ""},
		{"locked", "/v1/messages", "application/json", `{"messages":[{"role":"user","content":[{"source":{"data":"` + locked + `"}}]}]}`, "", traffic.ReasonEncrypted},
		{"unknown", "/v1/messages", "application/json", `{"messages":[{"role":"user","content":[{"source":{"data":"` + strings.Repeat("AAEC", 90) + `"}}]}]}`, "", traffic.ReasonFormat},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var all cabinet
			codec := prompt.New().Reading(&all)
			x := read(t, codec, post(tt.path, tt.kind, tt.body))
			if got := docs(x.Prompt.Parts); got != tt.want {
				t.Errorf("got %s, want %s, of\n%s", got, tt.want, show(x.Prompt))
			}
			if got := strings.Join(x.Prompt.Unread, ","); got != tt.unread {
				t.Errorf("unread %q, want %q", got, tt.unread)
			}
			if tt.name == "locked" && (len(x.Prompt.Gaps) != 1 || x.Prompt.Parts[x.Prompt.Gaps[0].Part].Kind != traffic.PartFile) {
				t.Errorf("gaps %+v", x.Prompt.Gaps)
			}
			if all.opened != 1 || all.read != 1 || all.closed != 0 || x.Prompt.Release == nil {
				t.Fatalf("%+v: want one reading, open until the release", all)
			}
			if x.Prompt.Release(); all.closed != 1 {
				t.Error("not closed")
			}
			if tt.want == "" {
				return
			}
			i := len(x.Prompt.Parts) - 1
			for x.Prompt.Parts[i].Place == nil {
				i--
			}
			_, err := codec.Rewrite(x, []traffic.Edit{{Part: i, Start: 0, End: 5, With: "x"}})
			if u, ok := errors.AsType[*traffic.UnreadError](err); !ok || u.Reason != traffic.ReasonDocument {
				t.Errorf("rewriting a document: %v", err)
			}
		})
	}
}

// TestDocumentErrors gives back what an unread body borrowed.
func TestDocumentErrors(t *testing.T) {
	var all cabinet
	codec := prompt.New().Reading(&all)
	for body, reason := range map[string]string{
		"PK\x03\x04locked\x00\x01": traffic.ReasonEncrypted,
		"\x89PNG\r\n\x1a\n\x00":    traffic.ReasonFormat,
	} {
		_, err := codec.Read(post("/upload", "application/octet-stream", body))
		if u, ok := errors.AsType[*traffic.UnreadError](err); !ok || u.Reason != reason {
			t.Errorf("%q: %v, want %s", body, err, reason)
		}
	}
	if all.opened != 2 || all.closed != 2 {
		t.Errorf("%+v", all)
	}
}
