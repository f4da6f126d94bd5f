package prompt_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/prompt"
	"github.com/gnomon-proxy/gnomon/traffic"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// exchange reads a raw HTTP request.
func exchange(t testing.TB, raw []byte) *traffic.Exchange {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return &traffic.Exchange{
		Flow:   traffic.Flow{Method: r.Method, Host: traffic.CanonicalHost(r.Host), Path: r.URL.EscapedPath()},
		Header: r.Header, Query: r.URL.Query(), Body: body,
	}
}

// show writes a prompt as the golden files have it.
func show(p *traffic.Prompt) string {
	var b strings.Builder
	fmt.Fprintf(&b, "format=%s model=%s conversation=%s organisation=%s stream=%t signed=%t unread=%v\n",
		p.Format, p.Model, p.Conversation, p.Account.Organisation, p.Stream, p.Signed, p.Unread)
	for _, part := range p.Parts {
		fmt.Fprintf(&b, "%s|%s|%s|%v|%q\n", part.Kind, part.Role, part.Name, part.Layers, part.Text)
	}
	return b.String()
}

// redact returns edits that replace word in all parts.
func redact(p *traffic.Prompt, word, with string) (edits []traffic.Edit) {
	for i, part := range p.Parts {
		for at := 0; ; {
			n := bytes.Index(part.Text[at:], []byte(word))
			if n < 0 {
				break
			}
			edits = append(edits, traffic.Edit{Part: i, Start: at + n, End: at + n + len(word), With: with})
			at += n + len(word)
		}
	}
	return edits
}

// TestRequests reads the requests of testdata/requests, compares what is found
// with the golden file, and replaces the word SECRET: it must be gone, and no
// other byte changed.
func TestRequests(t *testing.T) {
	files, err := filepath.Glob("testdata/requests/*.http")
	if err != nil || len(files) == 0 {
		t.Fatalf("no requests: %v", err)
	}
	codec := prompt.New()
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".http"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			x := exchange(t, raw)
			before := bytes.Clone(x.Body)
			x.Prompt, err = codec.Read(x)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimSuffix(file, ".http")+".want", show(x.Prompt))

			got, err := codec.Rewrite(x, redact(x.Prompt, "SECRET", "[REDACTED:secret]"))
			if err != nil {
				t.Fatal(err)
			}
			if want := redacted(x); !bytes.Equal(got, want) {
				t.Errorf("rewritten:\n%q\nwant:\n%q", got, want)
			}
			if !bytes.Equal(x.Body, before) {
				t.Error("the body was changed in place")
			}
		})
	}
}

// redacted is what the body must become: SECRET stands nowhere in an escape.
func redacted(x *traffic.Exchange) []byte {
	with := "[REDACTED:secret]"
	switch x.Header.Get("Content-Type") {
	case "application/x-www-form-urlencoded", "application/x-www-form-urlencoded;charset=UTF-8":
		with = "%5BREDACTED%3Asecret%5D"
	case "application/connect+json":
		out := bytes.ReplaceAll(x.Body, []byte("SECRET"), []byte(with))
		binary.BigEndian.PutUint32(out[1:], uint32(len(out)-5))
		return out
	}
	return bytes.ReplaceAll(x.Body, []byte("SECRET"), []byte(with))
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\ngot:\n%s\nwant:\n%s", file, got, want)
	}
}
