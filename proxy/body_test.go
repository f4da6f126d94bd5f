package proxy_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/proxy"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, s)
	w.Close()
	return b.String()
}

// unzipEcho answers with the decoded body, and how it came in headers.
func unzipEcho(w http.ResponseWriter, r *http.Request) {
	wire, _ := io.ReadAll(r.Body)
	w.Header().Set("Wire-Length", fmt.Sprint(len(wire)))
	w.Header().Set("Said-Length", fmt.Sprint(r.ContentLength))
	w.Header().Set("Said-Digest", r.Header.Get("Content-Digest"))
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(wire))
		if err != nil {
			w.WriteHeader(400)
			return
		}
		wire, _ = io.ReadAll(z)
	}
	w.Write(wire)
}

func TestBodies(t *testing.T) {
	r := start(t, http.HandlerFunc(unzipEcho), func(c *proxy.Config) { c.MaxScanBytes, c.ScanMemory = 1<<20, 64<<20 })
	pad := strings.Repeat("x", 1<<20)
	big := strings.Repeat("not much of interest. ", 30000)
	for _, tt := range []struct {
		name, encoding, body, want string
		chunked                    bool
		code                       int
	}{
		{name: "plain", body: "a SECRET", want: "a [REDACTED:secret]"},
		{name: "chunked", body: "a SECRET", want: "a [REDACTED:secret]", chunked: true},
		{name: "gzip", encoding: "gzip", body: gzipped("a SECRET"), want: "a [REDACTED:secret]"},
		{name: "gzip, chunked", encoding: "gzip", body: gzipped("a SECRET"), want: "a [REDACTED:secret]", chunked: true},
		{name: "gzip, highly compressed", encoding: "gzip", body: gzipped(big + "SECRET"), want: big + "[REDACTED:secret]"},
		{name: "gzip, clean", encoding: "gzip", body: gzipped("clean"), want: "clean"},
		{name: "empty", body: "", want: ""},
		{name: "over the limit, redacted in front", body: "SECRET" + pad + "SECRET", want: "[REDACTED:secret]" + pad + "SECRET"},
		{name: "over the limit, chunked", body: "SECRET" + pad, want: "[REDACTED:secret]" + pad, chunked: true},
		{name: "over the limit, clean", body: "clean" + pad, want: "clean" + pad},
		{name: "exactly the limit", body: pad[:1<<20-6] + "SECRET", want: pad[:1<<20-6] + "[REDACTED:secret]"},
		{name: "gzip over the limit when decoded", encoding: "gzip", body: gzipped("SECRET" + pad), code: 403},
		{name: "gzip over the limit, clean", encoding: "gzip", body: gzipped("clean" + pad), want: "clean" + pad},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var body io.Reader = strings.NewReader(tt.body)
			if tt.chunked {
				body = io.MultiReader(body)
			}
			req, _ := http.NewRequest("POST", "https://ai.test/", body)
			if tt.encoding != "" {
				req.Header.Set("Content-Encoding", tt.encoding)
			}
			req.Header.Set("Content-Digest", "sha-256=:x:")
			resp, got := r.do(r.client(false), req)
			if tt.code != 0 {
				if resp.StatusCode != tt.code {
					t.Errorf("got %d, want %d", resp.StatusCode, tt.code)
				}
				return
			}
			if got != tt.want {
				t.Errorf("origin read %d bytes (%.40q), want %d (%.40q)", len(got), got, len(tt.want), tt.want)
			}
			said, wire := resp.Header.Get("Said-Length"), resp.Header.Get("Wire-Length")
			if tt.chunked && said != "-1" || !tt.chunked && said != wire {
				t.Errorf("origin was told %s bytes and got %s", said, wire)
			}
			if clean := !strings.Contains(tt.want, "REDACTED"); clean != (resp.Header.Get("Said-Digest") != "") {
				t.Errorf("digest sent: %q", resp.Header.Get("Said-Digest"))
			}
		})
	}
}

func TestUninspectable(t *testing.T) {
	for _, tt := range []struct {
		name, encoding, body, reason string
		memory                       int64
	}{
		{"unknown coding", "secret-coding", "x", traffic.ReasonEncoding, 64 << 20},
		{"damaged gzip", "gzip", "this is not gzip", traffic.ReasonEncoding, 64 << 20},
		{"over the limit", "", strings.Repeat("x", 2<<20), traffic.ReasonOverLimit, 64 << 20},
		{"no memory", "", strings.Repeat("x", 300<<10), traffic.ReasonScanMemory, 1 << 20},
	} {
		for _, mode := range []traffic.FailMode{traffic.FailOpen, traffic.FailClosed} {
			t.Run(tt.name+" "+string(mode), func(t *testing.T) {
				var got atomic.Int64
				r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					n, _ := io.Copy(io.Discard, r.Body)
					got.Add(n)
				}), func(c *proxy.Config) {
					c.MaxScanBytes, c.ScanMemory = 1<<20, tt.memory
				})
				r.stages.onFailure = mode
				if tt.reason == traffic.ReasonScanMemory {
					hog(t, r) // takes all there is
				}
				req, _ := http.NewRequest("POST", "https://ai.test/", strings.NewReader(tt.body))
				req.Header.Set("Content-Encoding", tt.encoding)
				resp, _ := r.do(r.client(true), req)
				if mode == traffic.FailOpen && (resp.StatusCode != 200 || got.Load() != int64(len(tt.body))) {
					t.Errorf("got %d and the origin %d bytes, want 200 and %d", resp.StatusCode, got.Load(), len(tt.body))
				}
				if mode == traffic.FailClosed && (resp.StatusCode != 403 || got.Load() > 0) {
					t.Errorf("got %d and the origin %d bytes, want 403 and none", resp.StatusCode, got.Load())
				}
				if n := r.pipeline.Stats.Failures()[tt.reason]; n != 1 {
					t.Errorf("%d failures of %s counted, want 1", n, tt.reason)
				}
			})
		}
	}
}

// hog has the gateway hold as much as it may, in a request that does not end.
func hog(t *testing.T, r *rig) {
	t.Helper()
	pr, pw := io.Pipe()
	t.Cleanup(func() { pw.CloseWithError(io.ErrUnexpectedEOF) })
	req, _ := http.NewRequest("POST", "https://a.ai.test/", pr)
	go func() {
		if resp, err := r.client(true).Do(req); err == nil {
			resp.Body.Close()
		}
	}()
	pw.Write(bytes.Repeat([]byte("x"), 768<<10))
	// The write has returned when our own client took the bytes; the gateway
	// has them when it can't lend the rest any more.
	await(t, "the memory is taken", func() bool { return r.server.Held() >= 1<<20-16<<10 }) // the first 16 KiB are not counted
}

// TestMemoryComesBack shows that nothing stays lent.
func TestMemoryComesBack(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	for _, body := range []string{"a SECRET", "BLOCK", strings.Repeat("x", 3<<20)} {
		r.post(r.client(true), "https://ai.test/", body)
	}
	r.stages.sightings(t, 3)
	if n := r.server.Held(); n != 0 {
		t.Errorf("%d bytes are still lent", n)
	}
}

func TestLargeBodies(t *testing.T) {
	answer := bytes.Repeat([]byte("0123456789abcdef"), 512<<10) // 8 MiB
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		w.Header().Set("Got", fmt.Sprint(n))
		w.Write(answer)
	}), nil)
	for _, h2 := range []bool{false, true} {
		prompt := strings.Repeat("a word or two. ", 7<<20/15)
		began := time.Now()
		resp, body := r.post(r.client(h2), "https://ai.test/", prompt)
		if resp.Header.Get("Got") != fmt.Sprint(len(prompt)) || body != string(answer) {
			t.Errorf("h2=%v: origin got %s of %d bytes, the client %d of %d", h2, resp.Header.Get("Got"), len(prompt), len(body), len(answer))
		}
		t.Logf("h2=%v: %v", h2, time.Since(began))
	}
}

func TestUnknownService(t *testing.T) {
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/answers" {
			io.WriteString(w, `{"choices":[]}`)
			return
		}
		w.Write(b)
	}), nil)
	if _, body := r.post(r.client(true), "https://extra.test/", `{"messages":"SECRET"}`); body != `{"messages":"[REDACTED:secret]"}` {
		t.Errorf("known by its shape, but sent %q", body)
	}
	if _, body := r.post(r.client(true), "https://extra.test/", `{"other":"SECRET"}`); body != `{"other":"SECRET"}` {
		t.Errorf("not AI, but sent %q", body)
	}
	r.post(r.client(true), "https://extra.test/answers", `{}`)
	if s := r.stages.sightings(t, 2); s[1].Verdict.How != traffic.HowResponseShape {
		t.Errorf("the answer's shape was not seen: %+v", s[1].Verdict)
	}
	large := `{"messages":"` + strings.Repeat("x", 100<<10) + `SECRET"}`
	if _, body := r.post(r.client(true), "http://plain-http.test/", large); !strings.HasSuffix(body, `[REDACTED:secret]"}`) || len(body) != len(large)+11 {
		t.Errorf("over plain HTTP, larger than the shape: sent %d bytes", len(body))
	}
}

func TestRefusalPage(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	req, _ := http.NewRequest("GET", "https://refused.test/", nil)
	req.Header.Set("Accept", "text/html,*/*;q=0.8")
	resp, body := r.do(r.client(true), req)
	if resp.StatusCode != 403 || !strings.HasPrefix(body, "<!doctype html>") || !strings.Contains(body, "Not this one.") || !strings.Contains(body, "no-block") || strings.Contains(body, "<script") {
		t.Errorf("got %d %q", resp.StatusCode, body)
	}
	if csp := resp.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") {
		t.Errorf("policy %q", csp)
	}
}

// TestIncomplete shows that of a body that breaks off nothing is sent, though
// the policy lets pass what can't be inspected.
func TestIncomplete(t *testing.T) {
	var got atomic.Int64
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { got.Add(1) }), nil)
	r.stages.onFailure = traffic.FailOpen
	for name, body := range map[string]string{
		"malformed chunk": "Transfer-Encoding: chunked\r\n\r\n6\r\nSECRET\r\nzz\r\n\r\n",
		"too short":       "Content-Length: 100\r\n\r\nSECRET",
	} {
		t.Run(name, func(t *testing.T) {
			c := r.intercepted("ai.test")
			io.WriteString(c, "POST / HTTP/1.1\r\nHost: ai.test\r\n"+body)
			c.CloseWrite()
			b, _ := io.ReadAll(c)
			if len(b) > 0 && !strings.HasPrefix(string(b), "HTTP/1.1 400 ") {
				t.Errorf("got %q", b)
			}
		})
	}
	r.stages.sightings(t, 2)
	if n := got.Load(); n != 0 {
		t.Errorf("%d requests reached the origin", n)
	}
}
