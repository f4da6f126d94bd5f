package proxy_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// vaultOf is a vault, tokens and codec in one: there is one token, [X], and it
// stands for value.
type vaultOf struct {
	value string
	on    func() bool
}

func (v *vaultOf) Empty() bool                               { return !v.on() }
func (v *vaultOf) Open(traffic.Speaker, bool) traffic.Tokens { return v }
func (v *vaultOf) Hide(*traffic.Finding, []byte) string      { return "[X]" }
func (v *vaultOf) Names() []string                           { return []string{"X"} }
func (v *vaultOf) Value(string) []byte                       { return []byte(v.value) }
func (v *vaultOf) Restored(int)                              {}
func (v *vaultOf) Restorer(*traffic.Exchange, http.Header, traffic.Tokens) traffic.Restorer {
	return &tokenRestorer{value: v.value}
}
func (v *vaultOf) MessageRestorer(traffic.MessageRestorer, traffic.Tokens) traffic.MessageRestorer {
	return messagesOf{v.value}
}

type tokenRestorer struct {
	value string
	held  []byte
}

func (r *tokenRestorer) Append(dst, p []byte) []byte {
	text := append(r.held, p...)
	if bytes.Contains(p, []byte("PANIC")) {
		panic("a fault with SECRET in it")
	}
	text = bytes.ReplaceAll(text, []byte("[X]"), []byte(r.value))
	n := len(text)
	for _, begin := range []string{"[X", "["} {
		if bytes.HasSuffix(text, []byte(begin)) {
			n -= len(begin)
			break
		}
	}
	r.held = bytes.Clone(text[n:])
	return append(dst, text[:n]...)
}

func (r *tokenRestorer) End(dst []byte) []byte { return append(dst, r.held...) }

type messagesOf struct{ value string }

func (m messagesOf) Restore(text []byte) [][]byte {
	if bytes.Contains(text, []byte("two")) {
		return [][]byte{[]byte("first"), text}
	}
	return [][]byte{bytes.ReplaceAll(text, []byte("[X]"), []byte(m.value))}
}

// pseudonymising returns a rig whose answers are restored.
func pseudonymising(t *testing.T, h http.Handler) *rig {
	r := start(t, h, nil)
	v := &vaultOf{value: "the value", on: func() bool { return true }}
	r.pipeline.UseVault(v)
	r.pipeline.Reload(&traffic.Stages{Classifier: r.stages, Codec: r.stages, Scanner: r.stages, Policy: r.stages, Answers: v})
	return r
}

// packed are the codings of answers.
var packed = map[string]func(io.Writer) io.WriteCloser{
	"":        func(w io.Writer) io.WriteCloser { return plainWriter{w} },
	"gzip":    func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
	"br":      func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) },
	"deflate": func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) },
	"zstd": func(w io.Writer) io.WriteCloser {
		e, _ := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
		return e
	},
}

type plainWriter struct{ io.Writer }

func (plainWriter) Close() error { return nil }
func (plainWriter) Flush() error { return nil }

// TestRestoredAnswer reads a stream event by event while the service waits for
// the client to have read each: nothing is held back, whatever the coding.
func TestRestoredAnswer(t *testing.T) {
	for coding, pack := range packed {
		for _, h2 := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s h2=%v", coding, h2), func(t *testing.T) {
				next := make(chan struct{})
				r := pseudonymising(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
					h := w.Header()
					h.Set("Content-Type", "text/event-stream")
					h.Set("Etag", `"abc"`)
					h.Set("Content-Digest", "sha-256=:x:")
					h.Set("X-Request-Id", "id-1")
					h.Set("Trailer", "X-Sum, Digest")
					if coding != "" {
						h.Set("Content-Encoding", coding)
					}
					z := pack(w)
					for _, s := range []string{"a [X] b [", "X] c [X", "] d [", "y"} {
						io.WriteString(z, s)
						z.(interface{ Flush() error }).Flush()
						http.NewResponseController(w).Flush()
						select {
						case <-next:
						case <-req.Context().Done():
						}
					}
					z.Close()
					h.Set("X-Sum", "7")
					h.Set("Digest", "x")
				}))
				resp, err := r.client(h2).Post("https://ai.test/v1/chat", "application/json", strings.NewReader("SECRET"))
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				if resp.Header.Get("Etag") != "" || resp.Header.Get("Content-Digest") != "" || resp.Header.Get("Content-Encoding") != "" || resp.Header.Get("X-Request-Id") != "id-1" || resp.ContentLength != -1 {
					t.Errorf("length %d, fields %v", resp.ContentLength, resp.Header)
				}
				for _, want := range []string{"a the value b ", "the value c ", "the value d ", "[y"} {
					got := make([]byte, len(want))
					if _, err := io.ReadFull(resp.Body, got); err != nil || string(got) != want {
						t.Fatalf("%q, %v; want %q", got, err, want)
					}
					next <- struct{}{}
				}
				if rest, err := io.ReadAll(resp.Body); len(rest) > 0 || err != nil {
					t.Errorf("then %q, %v", rest, err)
				}
				if resp.Trailer.Get("X-Sum") != "7" || resp.Trailer.Get("Digest") != "" {
					t.Errorf("trailer %v", resp.Trailer)
				}
			})
		}
	}
}

// TestRestoredLength restores an answer of known length: it becomes longer.
func TestRestoredLength(t *testing.T) {
	r := pseudonymising(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "19")
		if strings.HasSuffix(req.URL.Path, "part") {
			w.Header().Set("Content-Range", "bytes 0-18/100")
			w.WriteHeader(http.StatusPartialContent)
		}
		io.WriteString(w, `{"a":"[X]","b":"["}`)
	}))
	for _, h2 := range []bool{false, true} {
		c := r.client(h2)
		for range 3 { // also over a connection that served one
			if resp, got := r.post(c, "https://ai.test/v1/chat", "SECRET"); got != `{"a":"the value","b":"["}` || resp.ContentLength != -1 {
				t.Errorf("%d %q", resp.ContentLength, got)
			}
			if resp, got := r.post(c, "https://ai.test/v1/part", "SECRET"); got != `{"a":"[X]","b":"["}` || resp.ContentLength != 19 {
				t.Errorf("a part of an answer: %d %q", resp.ContentLength, got)
			}
		}
	}
}

// TestRestoredBreak ends an answer in the middle: what came goes on, what was
// held back too, and the client sees that it is not whole.
func TestRestoredBreak(t *testing.T) {
	for _, last := range []string{"b [X", "PANIC"} {
		for _, h2 := range []bool{false, true} {
			next := make(chan struct{})
			r := pseudonymising(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream")
				for _, s := range []string{"a [X] ", last} {
					io.WriteString(w, s)
					http.NewResponseController(w).Flush()
					<-next
				}
				panic(http.ErrAbortHandler)
			}))
			resp, err := r.client(h2).Post("https://ai.test/v1/chat", "application/json", strings.NewReader("SECRET"))
			if err != nil {
				t.Fatal(err)
			}
			got := make([]byte, len("a the value "))
			if _, err := io.ReadFull(resp.Body, got); err != nil {
				t.Fatal(err)
			}
			close(next)
			rest, err := io.ReadAll(resp.Body)
			if err == nil {
				t.Errorf("%q: an answer that broke off looks whole: %q", last, rest)
			}
			if !h2 && last != "PANIC" && string(rest) != last { // over HTTP/2 a reset may overtake it
				t.Errorf("%q arrived of %q", rest, last)
			}
			if strings.Contains(string(rest), "PANIC") {
				t.Errorf("%q goes on after a fault", rest)
			}
			resp.Body.Close()
		}
	}
}

// TestNotRestored passes answers as they are where nothing can be restored.
func TestNotRestored(t *testing.T) {
	r := pseudonymising(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		if strings.HasSuffix(req.URL.Path, "odd") {
			w.Header().Set("Content-Encoding", "odd")
		}
		w.Header().Set("Etag", `"abc"`)
		io.WriteString(w, "[X]")
	}))
	c := r.client(false)
	if resp, got := r.post(c, "https://ai.test/v1/odd", "SECRET"); got != "[X]" || resp.Header.Get("Content-Encoding") != "odd" || resp.Header.Get("Etag") == "" {
		t.Errorf("unknown coding: %q %v", got, resp.Header)
	}
	if _, got := r.post(c, "https://ai.test/v1/x", ""); got != "the value" {
		t.Errorf("a request without a body: %q", got)
	}
	if _, got := r.post(c, "https://extra.test/v1/x", "SECRET"); got != "[X]" {
		t.Errorf("an answer of what is not AI: %q", got)
	}
}

// TestRestoredMessages restores what comes over a WebSocket, and passes on what
// has to go before a message.
func TestRestoredMessages(t *testing.T) {
	r := pseudonymising(t, http.HandlerFunc(webSocketEcho))
	c := r.intercepted("ai.test")
	io.WriteString(c, "GET /ws HTTP/1.1\r\n"+strings.Replace(upgradeHead, "%", "ai.test", 1))
	readHead(t, c)
	for _, m := range []struct {
		say  string
		hear []string
	}{
		{"hello", []string{"echo hello"}},
		{"[X] it is", []string{"echo the value it is"}},
		{"two", []string{"first", "echo two"}},
	} {
		if err := writeFrame(c, m.say, true); err != nil {
			t.Fatal(err)
		}
		for _, want := range m.hear {
			if _, text, err := readFrame(c); err != nil || text != want {
				t.Errorf("said %q, heard %q (%v), want %q", m.say, text, err, want)
			}
		}
	}
}
