package stream_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/leaks"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/stream"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		crash(dir)
	}
	leaks.Main(m)
}

// await waits until cond holds; limit is there to catch hangs only.
func await(t testing.TB, what string, cond func() bool) {
	t.Helper()
	const limit = time.Minute
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for begun := time.Now(); !cond(); <-tick.C {
		if time.Since(begun) > limit {
			t.Fatalf("%s: not within %v", what, limit)
		}
	}
}

// events makes n events with ids from first on.
func events(first, n int) []inventory.Event {
	out := make([]inventory.Event, n)
	for i := range out {
		out[i] = samples()[6]
		out[i].ID = fmt.Sprintf("id-%06d", first+i)
	}
	return out
}

// open opens a stream in dir.
func open(t testing.TB, cfg stream.Config) *stream.Stream {
	t.Helper()
	cfg.From = from
	if cfg.Name == "" {
		cfg.Name = "test"
	}
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	s, err := stream.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// start runs a stream; stop ends it, and closes it.
func start(t testing.TB, s *stream.Stream) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("Run: %v", err)
			}
			if err := s.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

func record(s *stream.Stream, list []inventory.Event) { stream.NewGroup(s).Record(list) }

// secretFile makes a file with a token.
func secretFile(t testing.TB, token string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// receiver is a stand-in for somebody else's service. take returns the ids of
// the events in a body; answer decides what is said, 0 meaning that the
// connection is cut.
type receiver struct {
	*httptest.Server
	roots  *x509.CertPool
	take   func(body []byte) ([]string, error)
	answer func(n int, ids []string) (status int, body string)

	mu       sync.Mutex
	requests []*http.Request
	bodies   [][]byte
	ids      map[string]int // events that were answered with 200
}

func newReceiver(t testing.TB, take func([]byte) ([]string, error)) *receiver {
	t.Helper()
	r := &receiver{take: take, ids: make(map[string]int), answer: func(int, []string) (int, string) { return 200, "{}" }}
	r.Server = httptest.NewTLSServer(r)
	r.roots = x509.NewCertPool()
	r.roots.AddCert(r.Certificate())
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	in := io.Reader(req.Body)
	if req.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(req.Body)
		if err != nil {
			http.Error(w, "gzip", 400)
			return
		}
		in = z
	}
	body, err := io.ReadAll(in)
	if err != nil {
		http.Error(w, "body", 500)
		return
	}
	ids, err := r.take(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusTeapot) // the test fails on it
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests, r.bodies = append(r.requests, req), append(r.bodies, body)
	status, text := r.answer(len(r.requests), ids)
	if status == 0 {
		panic(http.ErrAbortHandler)
	}
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	if status == 200 {
		for _, id := range ids {
			r.ids[id]++
		}
	}
	w.WriteHeader(status)
	io.WriteString(w, text)
}

func (r *receiver) got() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.ids)
}

// jsonIDs reads a JSON array of events in our own format.
func jsonIDs(body []byte) (ids []string, err error) {
	var list []struct{ ID string }
	err = json.Unmarshal(body, &list)
	for _, e := range list {
		ids = append(ids, e.ID)
	}
	return ids, err
}

// splunkIDs reads what the event collector takes: objects one after the other.
func splunkIDs(body []byte) (ids []string, err error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	for dec.More() {
		var e struct {
			Time       json.Number
			Host       string
			Source     string
			SourceType string
			Event      struct{ ID string }
			Fields     map[string]any
		}
		dec.UseNumber()
		dec.DisallowUnknownFields()
		raw := json.RawMessage{}
		if err := dec.Decode(&raw); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, err
		}
		if e.Time == "" || e.Host != "egress-1" || e.Source != "gnomon" || e.SourceType != "gnomon:json" || e.Fields["service"] == nil {
			return nil, fmt.Errorf("envelope %s", raw)
		}
		ids = append(ids, e.Event.ID)
	}
	return ids, nil
}

// otlpIDs reads a request to /v1/logs, strictly.
func otlpIDs(body []byte) (ids []string, err error) {
	var req struct {
		ResourceLogs []struct {
			Resource  struct{ Attributes []otlpField }
			ScopeLogs []struct {
				Scope      struct{ Name, Version string }
				LogRecords []otlpRecord
			}
		}
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&req); err != nil {
		return nil, err
	}
	for _, resource := range req.ResourceLogs {
		for _, scope := range resource.ScopeLogs {
			for _, r := range scope.LogRecords {
				for _, a := range r.Attributes {
					if a.Key == "gnomon.event.id" {
						ids = append(ids, *a.Value.String)
					}
				}
			}
		}
	}
	return ids, nil
}
