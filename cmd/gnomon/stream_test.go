package main

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/leaks"
)

// TestEventStreams: what the gateway records reaches a file and a webhook, with
// pseudonyms and without the secret; what the webhook does not take waits for
// the next start.
func TestEventStreams(t *testing.T) {
	defer leaks.Check(t)()
	dir := t.TempDir()
	var mu sync.Mutex
	var bodies []string
	down := true
	hook := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		if down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		bodies = append(bodies, string(b))
	}))
	defer hook.Close()
	ca := filepath.Join(dir, "hook.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: hook.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	archive, state := filepath.Join(dir, "events.jsonl"), filepath.Join(dir, "state")
	streams := func(s *Settings) {
		s.StateDir = state
		s.Events = []EventSettings{
			{Name: "archive", To: "file://" + archive, Format: "ocsf", Kinds: []string{"finding"}},
			{Name: "hook", To: hook.URL, CAFile: ca, Kinds: []string{"finding"}},
		}
	}
	o := startOffice(t, streams)
	if code, _ := o.chat(t, "my key is "+fakeKey); code != 200 {
		t.Fatalf("answer %d", code)
	}
	if err := o.stop(); err != nil {
		t.Fatal(err)
	}
	got := metricsOf(o)
	if !strings.Contains(got, `gnomon_stream_sent_total{stream="archive"} 1`) || !strings.Contains(got, `gnomon_stream_queued_total{stream="hook"} 1`) ||
		!strings.Contains(got, `gnomon_stream_up{stream="hook"} 0`) {
		t.Errorf("figures\n%s", got)
	}
	o.Close()
	checkArchive(t, archive)

	mu.Lock()
	down = false
	mu.Unlock()
	again := startOffice(t, streams)
	defer again.Close()
	awaitCond(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(bodies) > 0 })
	if err := again.stop(); err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	if err := json.Unmarshal([]byte(bodies[0]), &list); err != nil || len(list) != 1 || list[0]["action"] != "redact" || list[0]["people"] != nil {
		t.Errorf("the webhook got %s, %v", bodies[0], err)
	}
	if strings.Contains(bodies[0], fakeKey) || strings.Contains(bodies[0], "127.0.0.1") {
		t.Errorf("the webhook got a secret or an address: %s", bodies[0])
	}
	assertNoSecret(t, dir)
	again.Close()
	again.services.Close()
	again.client.CloseIdleConnections()
	o.services.Close()
	o.client.CloseIdleConnections()
}

func metricsOf(o *office) string {
	w := httptest.NewRecorder()
	o.serveMetrics(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

// checkArchive reads the file of the OCSF stream.
func checkArchive(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var classes []float64
	for line := range bytes.Lines(b) {
		var e map[string]any
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		classes = append(classes, e["class_uid"].(float64))
		src, _ := e["src_endpoint"].(map[string]any)
		if uid, _ := src["uid"].(string); !strings.HasPrefix(uid, "c-") {
			t.Errorf("the client is %v, no pseudonym", src)
		}
	}
	if len(classes) != 2 || classes[0] != 4002 || classes[1] != 2006 {
		t.Errorf("classes %v, want a request and its finding: %s", classes, b)
	}
}

// awaitCond waits until cond holds; the limit is there to catch hangs only.
func awaitCond(t *testing.T, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for begun := time.Now(); !cond(); <-tick.C {
		if time.Since(begun) > time.Minute {
			t.Fatal("not within a minute")
		}
	}
}
