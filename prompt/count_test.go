package prompt_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/prompt"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestFiles counts what is attached, whether or not it can be read, and nothing
// else.
func TestFiles(t *testing.T) {
	zip := "PK\x03\x04\x00\x01" + strings.Repeat("\x00\xff", 500) + "\nWORDS"
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	picture := "data:image/png;base64," + b64("\x89PNG\r\n\x1a\n"+strings.Repeat("\x00\x01", 100))
	block := `{"type":"document","source":{"type":"base64","data":"` + b64(zip) + `"}}`
	words := `{"type":"document","source":{"type":"text","media_type":"text/plain","data":"some words of a document"}}`
	const form = "multipart/form-data; boundary=b"
	section := func(head, data string) string { return "--b\r\n" + head + "\r\n\r\n" + data + "\r\n" }
	file := func(name string) string {
		return `Content-Disposition: form-data; name="file"; filename="` + name + `"`
	}
	for _, tt := range []struct {
		name, method, path, kind, body string
		want                           int
	}{
		{"none", "POST", "/v1/messages", "application/json", `{"messages":[{"role":"user","content":"see the file report.pdf"}]}`, 0},
		{"document", "POST", "/v1/messages", "application/json", `{"messages":[{"role":"user","content":[` + block + `]}]}`, 1},
		{"two documents and words", "POST", "/v1/messages", "application/json", `{"messages":[{"role":"user","content":[` + block + `,` + words + `,` + block + `]}]}`, 3},
		{"picture", "POST", "/v1/chat/completions", "application/json", `{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"` + picture + `"}}]}]}`, 1},
		{"link", "POST", "/v1/chat/completions", "application/json", `{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://images.example/a.png"}}]}]}`, 0},
		{"extracted text", "POST", "/api/organizations/o/chat_conversations/c/completion", "application/json", `{"prompt":"x","attachments":[{"file_name":"a.txt","extracted_content":"the words in it"}]}`, 1},
		{"upload", "POST", "/v1/files", form, section(file("a.docx"), zip) + "--b--\r\n", 1},
		{"uploads and a field", "POST", "/v1/files", form, section(file("a.txt"), "words") + section(`Content-Disposition: form-data; name="purpose"`, "assistants") + section(file("b.json"), `{"a":"`+picture+`"}`) + "--b--\r\n", 2},
		{"empty upload", "POST", "/v1/files", form, section(file("a.txt"), "") + "--b--\r\n", 0},
		{"raw upload that can't be read", "PUT", "/x", "application/octet-stream", "\x00\x01\x02", 1},
		{"raw upload", "POST", "/upload/v1beta/files", "application/octet-stream", zip, 1},
		{"raw text", "PUT", "/x", "text/plain", "some words", 1},
		{"message of an unknown form", "POST", "/x", "application/octet-stream", "\x00\x01\x02", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for name, codec := range map[string]*prompt.Codec{"reading": prompt.New().Reading(new(cabinet)), "blind": prompt.New()} {
				x := post(tt.path, tt.kind, tt.body)
				x.Flow.Method = tt.method
				if strings.HasPrefix(tt.path, "/api/organizations/") {
					x.Flow.Host = "claude.ai"
				}
				p, err := codec.Read(x)
				if p == nil {
					p = new(traffic.Prompt)
				}
				if p.Files != tt.want {
					t.Errorf("%s: %d files, %v; want %d\n%s", name, p.Files, err, tt.want, show(p))
				}
			}
		})
	}
}

// TestFilesLive counts nothing on a WebSocket, where sound comes in pieces.
func TestFilesLive(t *testing.T) {
	x := post("/v1/realtime", "", `{"type":"input_audio_buffer.append","audio":"`+strings.Repeat("AAEC", 90)+`"}`)
	x.From = traffic.FromClient
	p, err := prompt.New().Read(x)
	if err != nil || p.Files != 0 {
		t.Errorf("%+v, %v", p, err)
	}
}
