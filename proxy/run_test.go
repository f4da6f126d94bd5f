package proxy_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/internal/leaks"
)

// TestNothingOutlivesRun ends a gateway with every kind of connection open.
func TestNothingOutlivesRun(t *testing.T) {
	verify := leaks.Check(t)
	t.Run("gateway", func(t *testing.T) {
		r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/stream" {
				w.(http.Flusher).Flush()
				<-r.Context().Done()
			}
		}), nil)
		r.post(r.client(true), "https://ai.test/", "x")  // idle HTTP/2
		r.post(r.client(false), "https://ai.test/", "x") // idle HTTP/1.1
		r.connect("other.test:443")                      // tunnel
		r.connect("ai.test:443")                         // before its handshake
		r.dial("GET http://other.test/ HTTP/1.1\r\n")    // slow head
		c := r.intercepted("ai.test")                    // stream that never ends
		io.WriteString(c, "GET /stream HTTP/1.1\r\nHost: ai.test\r\n\r\n")
		readHead(t, c)
		if err := r.stop(); err != nil { // it would never return if it waited for all of them
			t.Errorf("Run: %v", err)
		}
	})
	verify()
}

// TestRunEndsLast: what is under way when the gateway ends is on record when Run
// returns, whoever serves it: the inventory ends next.
func TestRunEndsLast(t *testing.T) {
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ws" {
			webSocketEcho(w, r)
			return
		}
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}), nil)
	upgrade := func(c net.Conn, target, host string) {
		io.WriteString(c, "GET "+target+" HTTP/1.1\r\n"+strings.Replace(upgradeHead, "%", host, 1))
		readHead(t, c)
	}
	upgrade(r.intercepted("ai.test"), "/ws", "ai.test")
	upgrade(r.dial(""), "http://http.ai.test/ws", "http.ai.test")
	plain := r.dial("GET http://http.ai.test/ HTTP/1.1\r\nHost: http.ai.test\r\n\r\n")
	readHead(t, plain)
	fronted := r.intercepted("ai.test")
	io.WriteString(fronted, "GET / HTTP/1.1\r\nHost: ai.test\r\n\r\n")
	readHead(t, fronted)
	resp, err := r.client(true).Get("https://ai.test/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := r.stop(); err != nil {
		t.Errorf("Run: %v", err)
	}
	if got := r.pipeline.Stats.Sightings.Load(); got != 5 {
		t.Errorf("%d sightings on record at the end, want 5", got)
	}
}

// TestGrace lets a request under way end.
func TestGrace(t *testing.T) {
	began, end := make(chan struct{}), make(chan struct{})
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(began)
		<-end
		io.WriteString(w, "whole")
	}), nil)
	got := make(chan string, 1)
	client := r.client(true)
	go func() {
		resp, err := client.Post("https://ai.test/", "text/plain", strings.NewReader("x"))
		if err != nil {
			got <- err.Error()
			return
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		got <- string(b)
	}()
	<-began
	stopped := make(chan error, 1)
	go func() { stopped <- r.stop() }()
	for { // the listener ends first
		resp, err := http.Get("http://" + r.addr + "/")
		if err != nil {
			break
		}
		resp.Body.Close()
	}
	close(end)
	if s := <-got; s != "whole" {
		t.Errorf("got %q", s)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// TestIdleTunnel counts what a tunnel that idles costs: two descriptors, one
// for each side.
func TestIdleTunnel(t *testing.T) {
	const fds = "/proc/self/fd"
	if _, err := os.Stat(fds); err != nil {
		t.Skip("descriptors are counted on Linux only")
	}
	r := start(t, http.HandlerFunc(echo), nil)
	count := func() int {
		list, err := os.ReadDir(fds)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	r.connect("other.test:443")
	before := count()
	const n = 50
	for range n {
		r.connect("other.test:443")
	}
	await(t, "all tunnels stand", func() bool { return r.server.Stats().Tunnels.Load() >= n+1 })
	// Of each tunnel this process holds the client's end, the gateway's two and
	// the origin's.
	if got := count() - before; got > 4*n+8 {
		t.Errorf("%d descriptors for %d tunnels, want %d", got, n, 4*n)
	}
}

// TestAllocations counts what the gateway allocates for a small request. The
// origin and the client are in this process too: what they take is measured
// without the gateway and subtracted.
func TestAllocations(t *testing.T) {
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "{}") }), nil)
	direct, err := tls.Dial("tcp", r.origin, &tls.Config{ServerName: "ai.test", InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer direct.Close()
	without := allocations(t, direct)
	with := allocations(t, r.intercepted("ai.test"))
	t.Logf("%v allocations a request without the gateway, %v with it", without, with)
	if with-without > 50 && !raceEnabled { // the race detector allocates too
		t.Errorf("the gateway allocates %v times a request, want at most 50", with-without)
	}
}

func allocations(t *testing.T, c io.ReadWriter) float64 {
	const request = "POST /v1/chat/completions HTTP/1.1\r\nHost: ai.test\r\nUser-Agent: x\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"prompt\":\"hi\"}"
	buf := make([]byte, 4096)
	once := func() {
		io.WriteString(c, request)
		for got := ""; !strings.HasSuffix(got, "{}"); {
			n, err := c.Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			got += string(buf[:n])
		}
	}
	once()
	return testing.AllocsPerRun(200, once)
}
