package proxy_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/proxy"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestSlowBody drips a body that is held: no byte is late by itself, but the
// whole would take for ever.
func TestSlowBody(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), func(c *proxy.Config) { proxy.SetHoldTimeout(c, 200*time.Millisecond) })
	drip := func(w io.Writer) {
		for tick := time.NewTicker(50 * time.Millisecond); ; <-tick.C {
			if _, err := io.WriteString(w, "x"); err != nil {
				tick.Stop()
				return
			}
		}
	}
	t.Run("HTTP/1.1", func(t *testing.T) {
		c := r.intercepted("ai.test")
		io.WriteString(c, "POST / HTTP/1.1\r\nHost: ai.test\r\nContent-Length: 1000000\r\n\r\n")
		go drip(c)
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(resp.Body); resp.StatusCode != 408 || !resp.Close || !strings.Contains(string(b), `"slow"`) || err != nil {
			t.Errorf("got %d (close: %v) %q %v", resp.StatusCode, resp.Close, b, err)
		}
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("the connection was kept")
		}
	})
	t.Run("HTTP/2", func(t *testing.T) {
		pr, pw := io.Pipe()
		defer pr.Close()
		go drip(pw)
		req, _ := http.NewRequest("POST", "https://ai.test/", pr)
		resp, err := r.client(true).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != 408 {
			t.Errorf("got %d", resp.StatusCode)
		}
	})
	for _, s := range r.stages.sightings(t, 2) {
		if s.Code != 408 {
			t.Errorf("recorded %d", s.Code)
		}
	}
	if n := r.server.Held(); n != 0 {
		t.Errorf("%d bytes are still lent", n)
	}
}

// TestPromptsBesideHog has one client hold all that it can: small prompts are
// scanned all the same.
func TestPromptsBesideHog(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), func(c *proxy.Config) { c.MaxScanBytes, c.ScanMemory = 1<<20, 1<<20 })
	r.stages.onFailure = traffic.FailOpen
	hog(t, r)
	for i := range 3 {
		if _, body := r.post(r.client(i%2 == 0), "https://ai.test/", "a SECRET"+strings.Repeat("x", 63<<10)); !strings.HasPrefix(body, "a [REDACTED:secret]x") {
			t.Errorf("sent %.20q unscanned", body)
		}
	}
	if n := r.pipeline.Stats.Failures()[traffic.ReasonScanMemory]; n != 0 {
		t.Errorf("%d failures", n)
	}
}

// TestShortPromptsBesideHogs has one client hold the reserve too: the shortest
// prompts are scanned even then.
func TestShortPromptsBesideHogs(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), func(c *proxy.Config) { c.MaxScanBytes, c.ScanMemory = 1<<20, 1<<20 })
	r.stages.onFailure = traffic.FailOpen
	hog(t, r)
	full := r.server.Held()
	for range 4 {
		pr, pw := io.Pipe()
		t.Cleanup(func() { pw.CloseWithError(io.ErrUnexpectedEOF) })
		req, _ := http.NewRequest("POST", "https://b.ai.test/", pr)
		go func() {
			if resp, err := r.client(true).Do(req); err == nil {
				resp.Body.Close()
			}
		}()
		pw.Write(bytes.Repeat([]byte("x"), 100<<10))
	}
	await(t, "the reserve is taken too", func() bool { return r.server.Held() >= full+200<<10 })
	if _, body := r.post(r.client(true), "https://ai.test/", "a SECRET"); body != "a [REDACTED:secret]" {
		t.Errorf("sent %.20q unscanned", body)
	}
}
