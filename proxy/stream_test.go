package proxy_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// recordCounter counts the TLS records of application data that are read from a
// connection: each write of the gateway makes at least one.
type recordCounter struct {
	net.Conn
	n    atomic.Int64
	head []byte
	left int
}

func (c *recordCounter) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	for b := p[:n]; len(b) > 0; {
		if c.left > 0 {
			k := min(c.left, len(b))
			c.left, b = c.left-k, b[k:]
			continue
		}
		c.head = append(c.head, b[0])
		b = b[1:]
		if len(c.head) == 5 {
			if c.head[0] == 23 {
				c.n.Add(1)
			}
			c.left, c.head = int(binary.BigEndian.Uint16(c.head[3:])), nil
		}
	}
	return n, err
}

func TestOneWritePerEvent(t *testing.T) {
	next := make(chan struct{})
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(200)
		w.(http.Flusher).Flush()
		for i := 0; ; i++ {
			select {
			case <-next:
			case <-r.Context().Done():
				return
			}
			fmt.Fprintf(w, "data: {\"delta\":%d}\n\n", i)
			w.(http.Flusher).Flush()
		}
	}), nil)
	rec := &recordCounter{Conn: r.connect("ai.test:443")}
	c := tls.Client(rec, &tls.Config{ServerName: "ai.test", RootCAs: r.roots})
	io.WriteString(c, "GET /stream HTTP/1.1\r\nHost: ai.test\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(c), nil) // comes before any event
	if err != nil {
		t.Fatal(err)
	}
	br := bufio.NewReader(resp.Body)
	for i := range 20 {
		before := rec.n.Load()
		next <- struct{}{}
		line, err := br.ReadString('\n') // held back it would never come: the next event waits for us
		if want := fmt.Sprintf("data: {\"delta\":%d}\n", i); err != nil || line != want {
			t.Fatalf("got %q (%v), want %q", line, err, want)
		}
		br.ReadString('\n')
		if n := rec.n.Load() - before; n != 1 {
			t.Fatalf("event %d came in %d writes, want 1", i, n)
		}
	}
}

func TestHangUpOnSilentStream(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("h2=%v", h2), func(t *testing.T) {
			began, gone := make(chan struct{}), make(chan struct{})
			r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body)
				w.Header().Set("Content-Type", "text/event-stream")
				w.WriteHeader(200)
				w.(http.Flusher).Flush()
				close(began)
				<-r.Context().Done()
				close(gone)
			}), nil)
			ctx, cancel := context.WithCancel(t.Context())
			req, _ := http.NewRequestWithContext(ctx, "POST", "https://ai.test/", strings.NewReader("hello"))
			resp, err := r.client(h2).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			<-began
			cancel()
			select {
			case <-gone:
			case <-time.After(time.Minute):
				t.Error("the origin did not see the client hang up")
			}
		})
	}
}

func TestContinue(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	c := r.intercepted("ai.test")
	io.WriteString(c, "POST / HTTP/1.1\r\nHost: ai.test\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r\n")
	if head := readHead(t, c); !strings.HasPrefix(head, "HTTP/1.1 100 ") {
		t.Fatalf("got %q", head)
	}
	io.WriteString(c, "SECRET")
	if head := readHead(t, c); !strings.HasPrefix(head, "HTTP/1.1 200 ") {
		t.Errorf("got %q", head)
	}
}

func TestTrailers(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("h2=%v", h2), func(t *testing.T) {
			r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Trailer", "Grpc-Status")
				b, _ := io.ReadAll(r.Body)
				w.Write(b)
				w.Header().Set("Grpc-Status", "0")
				w.Header().Set("Got", r.Trailer.Get("Checksum"))
				w.Header().Set(http.TrailerPrefix+"Late", r.Trailer.Get("Checksum"))
			}), nil)
			req, _ := http.NewRequest("POST", "https://ai.test/", io.MultiReader(strings.NewReader("hello"))) // of unknown length
			req.Trailer = http.Header{"Checksum": nil}
			req.Body = &lastly{ReadCloser: req.Body, do: func() { req.Trailer.Set("Checksum", "abc") }}
			resp, body := r.do(r.client(h2), req)
			if body != "hello" || resp.Trailer.Get("Grpc-Status") != "0" || resp.Trailer.Get("Late") != "abc" {
				t.Errorf("got %q with the trailers %v", body, resp.Trailer)
			}
		})
	}
}

// lastly is a body that does something before its end is seen.
type lastly struct {
	io.ReadCloser
	do func()
}

func (l *lastly) Read(p []byte) (int, error) {
	n, err := l.ReadCloser.Read(p)
	if err == io.EOF {
		l.do()
	}
	return n, err
}

// TestBidirectional talks to and fro in one request, as gRPC streams do.
func TestBidirectional(t *testing.T) {
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/grpc")
		w.WriteHeader(200)
		w.(http.Flusher).Flush()
		b := make([]byte, 64)
		for {
			n, err := r.Body.Read(b)
			if n > 0 {
				w.Write(b[:n])
				w.(http.Flusher).Flush()
			}
			if err != nil {
				break
			}
		}
		w.Header().Set(http.TrailerPrefix+"Grpc-Status", "0")
	}), nil)
	pr, pw := io.Pipe()
	req, _ := http.NewRequest("POST", "https://ai.test/svc/Method", pr)
	req.Header.Set("Content-Type", "application/grpc")
	req.Header.Set("Te", "trailers")
	resp, err := r.client(true).Do(req) // the answer's head comes while the request is open
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	for i := range 5 {
		msg := fmt.Sprintf("message %d", i)
		io.WriteString(pw, msg)
		b := make([]byte, len(msg))
		if _, err := io.ReadFull(resp.Body, b); err != nil || string(b) != msg {
			t.Fatalf("got %q (%v), want %q", b, err, msg)
		}
	}
	pw.Close()
	io.Copy(io.Discard, resp.Body)
	if resp.Trailer.Get("Grpc-Status") != "0" {
		t.Errorf("trailers %v", resp.Trailer)
	}
	if s := r.stages.sightings(t, 1)[0]; s.Coverage.Reason != "unsupported_format" {
		t.Errorf("coverage %+v", s.Coverage)
	}
}

func TestEmptyAnswers(t *testing.T) {
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/204":
			w.WriteHeader(204)
		case "/304":
			w.Header().Set("Etag", `"x"`)
			w.WriteHeader(304)
		case "/head":
			w.Header().Set("Content-Length", "1234")
		}
	}), nil)
	for _, tt := range []struct {
		method, path string
		code         int
		length       string
	}{{"GET", "/204", 204, ""}, {"GET", "/304", 304, ""}, {"HEAD", "/head", 200, "1234"}, {"GET", "/", 200, "0"}} {
		for _, h2 := range []bool{false, true} {
			req, _ := http.NewRequest(tt.method, "https://ai.test"+tt.path, nil)
			resp, body := r.do(r.client(h2), req)
			if resp.StatusCode != tt.code || resp.Header.Get("Content-Length") != tt.length || body != "" {
				t.Errorf("%s %s (h2=%v): %d, length %q, body %q", tt.method, tt.path, h2, resp.StatusCode, resp.Header.Get("Content-Length"), body)
			}
		}
	}
}

// TestHeadersStay compares every header on both ways.
func TestHeadersStay(t *testing.T) {
	var mu sync.Mutex
	var got http.Header
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		got = r.Header.Clone()
		mu.Unlock()
		w.Header()["Date"], w.Header()["Content-Type"] = nil, nil
		w.Header().Set("X-Answer", "a, b")
		w.Header().Set("Keep-Alive", "timeout=5")
		io.WriteString(w, "<html>")
	}), nil)
	c := r.intercepted("ai.test")
	io.WriteString(c, "POST /%7Ba%7D|{b}//c?q=%20+|x HTTP/1.1\r\nHost: ai.test\r\nAuthorization: Bearer k\r\nX-Two: 1\r\nX-Two: 2\r\nx-lower: v\r\n"+
		"Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nProxy-Authorization: Basic x\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nhi")
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, resp.Body)
	mu.Lock()
	defer mu.Unlock()
	want := http.Header{"Authorization": {"Bearer k"}, "X-Two": {"1", "2"}, "X-Lower": {"v"}, "Content-Length": {"2"}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("origin got the headers %v, want %v", got, want)
	}
	if want := (http.Header{"X-Answer": {"a, b"}, "Content-Length": {"6"}}); fmt.Sprint(resp.Header) != fmt.Sprint(want) {
		t.Errorf("client got the headers %v, want %v", resp.Header, want)
	}
}

func TestPathStays(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	for _, path := range []string{"/", "/a%2Fb/c%20d", "/{x}|y?z={1}|", "/a//b/../c", "/v1/models/m:generate?alt=sse", "/ü?q=ü", "/a;b=c?", "/%41"} {
		c := r.intercepted("ai.test")
		io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: ai.test\r\n\r\n")
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := resp.Header.Get("Origin-Path"); got != path {
			t.Errorf("origin got the path %q, want %q", got, path)
		}
	}
}

// TestTruncated shows that an answer that breaks off breaks off here too.
func TestTruncated(t *testing.T) {
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}), nil)
	for _, h2 := range []bool{false, true} {
		resp, err := r.client(h2).Get("https://ai.test/")
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(resp.Body); err == nil {
			t.Errorf("h2=%v: a truncated answer %q looks whole", h2, b)
		}
		resp.Body.Close()
	}
}

// TestAnswerBeforeEnd lets a service answer while the client still sends.
func TestAnswerBeforeEnd(t *testing.T) {
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).EnableFullDuplex()
		w.WriteHeader(401)
		io.WriteString(w, "no")
	}), nil)
	pr, pw := io.Pipe()
	defer pw.Close()
	req, _ := http.NewRequest("PUT", "https://extra.test/", pr)
	req.Header.Set("Content-Type", "application/octet-stream")
	resp, err := r.client(true).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 401 {
		t.Errorf("got %d", resp.StatusCode)
	}
}

// TestOriginConnections has many clients share few connections.
func TestOriginConnections(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	const clients = 8
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			c := r.client(false)
			for range 25 {
				resp, err := c.Post("https://ai.test/", "application/json", strings.NewReader("{}"))
				if err != nil {
					t.Error(err)
					return
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		})
	}
	wg.Wait()
	// The transport may dial for a request that then gets a connection which has
	// become free meanwhile: a few more than clients at the start, not one a request.
	if n := r.conns.Load(); n > 2*clients {
		t.Errorf("%d connections to the origin for %d clients", n, clients)
	}
}

func TestKeepAlive(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	c := r.client(false)
	reused := 0
	for range 5 {
		req, _ := http.NewRequest("POST", "https://ai.test/", strings.NewReader("x"))
		req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
			if i.Reused {
				reused++
			}
		}}))
		r.do(c, req)
	}
	if reused != 4 {
		t.Errorf("%d of 4 requests used the connection again", reused)
	}
}
