package proxy_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// queryStages finds and replaces SECRET in queries, too.
type queryStages struct{ *stages }

func (s queryStages) Read(x *traffic.Exchange) (*traffic.Prompt, error) {
	p, err := s.stages.Read(x)
	if x.RawQuery != "" {
		p.Parts = append(p.Parts, traffic.Part{Name: "q", Text: []byte(x.RawQuery), End: len(x.RawQuery), Query: true})
	}
	return p, err
}

func (s queryStages) Rewrite(x *traffic.Exchange, edits []traffic.Edit) (out []byte, err error) {
	inBody := 0
	for _, e := range edits {
		if x.Prompt.Parts[e.Part].Query {
			x.RewrittenQuery = strings.ReplaceAll(x.RawQuery, "SECRET", "gone")
		} else {
			inBody++
		}
	}
	if inBody > 0 {
		out = bytes.ReplaceAll(x.Body, []byte("SECRET"), []byte("gone"))
	}
	return out, nil
}

func (s queryStages) Decide(x *traffic.Exchange) traffic.Decision {
	if strings.Contains(x.RawQuery, "BLOCK") && len(x.Findings) > 0 {
		return traffic.Decision{Action: traffic.ActionBlock, Rule: "no-block", Reason: "Not this one."}
	}
	return s.stages.Decide(x)
}

// TestQuery follows queries to the service, on each way there: what is found is
// replaced there, everything else goes on byte for byte, also in the next request
// for the same URL.
func TestQuery(t *testing.T) {
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		b, _ := io.ReadAll(req.Body)
		io.WriteString(w, req.RequestURI+" "+string(b))
	}), nil)
	q := queryStages{r.stages}
	r.pipeline.Reload(&traffic.Stages{Classifier: q, Codec: q, Scanner: q, Policy: q})
	one := func(br *bufio.Reader, w io.Writer, head, body string) (int, string) {
		t.Helper()
		if !strings.Contains(head, "Content-Type") {
			head += "Content-Type: text/plain\r\n"
		}
		io.WriteString(w, head+"Host: ai.test\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
		resp, err := http.ReadResponse(br, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(b)
	}
	c := r.intercepted("ai.test")
	br := bufio.NewReader(c)
	for _, tt := range []struct {
		head, body, want string
		code             int
	}{
		{"GET /a?b=%7e|&q=SECRET HTTP/1.1\r\n", "", "/a?b=%7e|&q=gone ", 200},
		{"GET /a?b=%7e|&q=SECRET HTTP/1.1\r\n", "", "/a?b=%7e|&q=gone ", 200},
		{"GET /a?b=%7e|&q=clean HTTP/1.1\r\n", "", "/a?b=%7e|&q=clean ", 200},
		{"POST /a|b?q=SECRET HTTP/1.1\r\n", "a SECRET", "/a|b?q=gone a gone", 200},
		{"POST /a?q=SECRET HTTP/1.1\r\n", "clean", "/a?q=gone clean", 200},
		{"GET /a?BLOCK&q=clean HTTP/1.1\r\n", "", "/a?BLOCK&q=clean ", 200},
		{"GET /a?BLOCK&q=SECRET HTTP/1.1\r\n", "", `{"error":{"message":"Not this one."}}`, 403},
		{"POST /a?q=SECRET HTTP/1.1\r\nContent-Encoding: gzip\r\n", `["a SECRET"]`, `/a?q=gone ["a gone"]`, 200},
		{"POST /a?q=SECRET HTTP/1.1\r\nContent-Type: application/grpc\r\n", `["a SECRET"]`, `/a?q=gone ["a gone"]`, 200},
		{"POST /a?q=SECRET HTTP/1.1\r\nContent-Encoding: aes128gcm\r\n", `["a SECRET"]`, `/a?q=gone ["a gone"]`, 200},
	} {
		code, got := one(br, c, tt.head, tt.body)
		if code != tt.code || got != tt.want {
			t.Errorf("%q: %d %q, want %d %q", tt.head, code, got, tt.code, tt.want)
		}
	}
	for _, h2 := range []bool{false, true} { // and by net/http
		req, _ := http.NewRequest("GET", "https://ai.test/a?b=%7e&q=SECRET", nil)
		req.Header.Set("Te", "trailers")
		if _, got := r.do(r.client(h2), req); got != "/a?b=%7e&q=gone " {
			t.Errorf("HTTP/2 %v: %q", h2, got)
		}
	}
	req, _ := http.NewRequest("POST", "https://ai.test/a", strings.NewReader(`["a SECRET"]`)) // its length is told
	req.Header.Set("Content-Type", "application/grpc")
	if _, got := r.do(r.client(true), req); got != `/a ["a gone"]` {
		t.Errorf("a false label over HTTP/2: %q", got)
	}
	for _, s := range r.stages.sightings(t, 13) {
		if strings.Contains(s.Path, "SECRET") || s.Coverage.Depth != traffic.Inspected {
			t.Errorf("recorded %q, coverage %+v", s.Path, s.Coverage)
		}
	}
}

// TestQueryOfWebSocket replaces what is found in the query of an upgrade.
func TestQueryOfWebSocket(t *testing.T) {
	got := make(chan string, 1)
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		got <- req.RequestURI
		w.WriteHeader(http.StatusTeapot)
	}), nil)
	q := queryStages{r.stages}
	r.pipeline.Reload(&traffic.Stages{Classifier: q, Codec: q, Scanner: q, Policy: q})
	c := r.intercepted("ai.test")
	io.WriteString(c, "GET /ws?q=SECRET HTTP/1.1\r\nHost: ai.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	if head := readHead(t, c); !strings.HasPrefix(head, "HTTP/1.1 418 ") {
		t.Fatalf("got %q", head)
	}
	if uri := <-got; uri != "/ws?q=gone" {
		t.Errorf("the service was asked for %q", uri)
	}
}
