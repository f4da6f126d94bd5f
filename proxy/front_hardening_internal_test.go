package proxy

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// A deadline that the watch for hang-ups took away must not be thought of as
// still set: the body of a request that came meanwhile would never be too slow.
func TestFrontDeadlineAfterWatch(t *testing.T) {
	s := serveFronted(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		time.Sleep(100 * time.Millisecond)
	}))
	s.cfg.holdTimeout = 2 * time.Second
	c := s.connect()
	post := "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"
	io.WriteString(c, post)
	time.Sleep(10 * time.Millisecond)
	io.WriteString(c, "{}")
	time.Sleep(50 * time.Millisecond)
	io.WriteString(c, post) // while the first is under way, and no body
	br := bufio.NewReader(c)
	for i, want := range []int{200, 408} {
		c.SetReadDeadline(time.Now().Add(time.Minute))
		resp, err := http.ReadResponse(br, nil)
		if err != nil {
			t.Fatalf("answer %d: %v", i, err)
		}
		io.Copy(io.Discard, resp.Body)
		if resp.StatusCode != want {
			t.Errorf("answer %d: %d, want %d", i, resp.StatusCode, want)
		}
	}
}

// A head that comes in small pieces is looked at once, not once for each piece:
// that took a second of CPU time for 16 KiB.
func TestFrontHeadInPieces(t *testing.T) {
	head := "GET / HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("X: y\r\n", 2000) + "\r\n"
	f := newFrontFor("")
	for i := range head {
		f.in = []byte(head[:i])
		if got := f.order.parse(f); got != headPart {
			t.Fatalf("%d bytes: state %d, want %d", i, got, headPart)
		}
		if n := strings.Count(head[:i], "\n"); f.part.head.lines != n || f.part.seen != i {
			t.Fatalf("%d bytes: %d lines looked at up to %d, want %d", i, f.part.head.lines, f.part.seen, n)
		}
	}
	f.in = []byte(head)
	if got := f.order.parse(f); got != headWhole || f.at != len(head) {
		t.Errorf("the whole head: state %d, behind it at %d, want %d at %d", got, f.at, headWhole, len(head))
	}
}

// A connection that idles holds nothing of its last request that is long.
func TestFrontIdlesLight(t *testing.T) {
	s := serveFronted(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := range 500 {
			w.Header().Set(fmt.Sprintf("X-%d", i), "y")
		}
	}))
	c := s.connect()
	fmt.Fprintf(c, "GET /%s HTTP/1.1\r\nHost: a\r\nUser-Agent: %[1]s\r\nAuthorization: me\r\n%s\r\n",
		strings.Repeat("x", 2*frontKeep), strings.Repeat("X: y\r\n", 2*manyFields))
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(resp.Header) < 500 {
		t.Fatalf("%d fields came", len(resp.Header))
	}
	s.idle(t)
	s.fronts.mu.Lock()
	defer s.fronts.mu.Unlock()
	for f := range s.fronts.all {
		for name, h := range map[string]*fields{"request": &f.fields, "answer": &f.answered} {
			if h.text != "" || len(h.header) > 0 || cap(h.list) > manyFields {
				t.Errorf("of the %s: %d bytes, %d fields, room for %d", name, len(h.text), len(h.header), cap(h.list))
			}
		}
		if f.target != "" || f.url.Path != "" || f.agent != "" || f.order.target != "" {
			t.Error("the target or the agent is still held")
		}
	}
}

// idle waits until the connections that a front serves idle: their answer comes
// a moment before.
func (s *fronted) idle(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		s.fronts.mu.Lock()
		busy := len(s.fronts.all) == 0
		for f := range s.fronts.all {
			busy = busy || f.phase.Load() != phaseIdle
		}
		s.fronts.mu.Unlock()
		if !busy {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the connection does not idle")
		}
	}
}

// What says where a message ends has no place in a trailer (RFC 9110, section
// 6.5.1), whatever the service sends.
func TestFrontTrailerFrames(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
			return
		}
		io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\nX-End: yes\r\n\r\n")
	}()
	s := serveFronted(t, http.NotFoundHandler(), func(c *Config) { c.Resolve["a"] = ln.Addr().String() })
	got := s.talk("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 1<<20)
	if want := "\r\n\r\n0\r\nX-End: yes\r\n\r\n"; !strings.HasSuffix(got, want) {
		t.Errorf("the answer is %q, want its end %q", got, want)
	}
}

// silent is a service that gets a request and says nothing until the gateway
// hangs up, which it tells.
func silent(t *testing.T) (addr string, asked, left chan struct{}) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	asked, left = make(chan struct{}), make(chan struct{})
	go func() {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
			return
		}
		close(asked)
		c.Read(make([]byte, 1))
		close(left)
	}()
	return ln.Addr().String(), asked, left
}

// A client that has sent its next request already is seen to hang up too.
func TestFrontHangUpBehindRequests(t *testing.T) {
	addr, asked, left := silent(t)
	s := serveFronted(t, http.NotFoundHandler(), func(c *Config) { c.Resolve["a"] = addr })
	c := s.connect()
	const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	io.WriteString(c, get)
	<-asked
	for range 3 { // each a read of its own
		time.Sleep(2 * hangUpDelay)
		io.WriteString(c, get)
	}
	time.Sleep(2 * hangUpDelay)
	c.Close()
	select {
	case <-left:
	case <-time.After(time.Minute):
		t.Error("the service does not learn that the client is gone")
	}
}

// The gateway ends when its grace is over, whatever its clients sent ahead, and
// however long a service says nothing.
func TestFrontEndsInTime(t *testing.T) {
	addr, asked, left := silent(t)
	s := serveFronted(t, http.NotFoundHandler(), func(c *Config) { c.Resolve["a"], c.Grace = addr, 50*time.Millisecond })
	c := s.connect()
	const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	io.WriteString(c, get)
	<-asked
	io.WriteString(c, get+"GET / HTTP/1.1\r\nX: "+strings.Repeat("x", 64<<10)) // more than is read ahead
	time.Sleep(3 * hangUpDelay)
	s.shutdown()
	select {
	case <-left:
	case <-time.After(time.Minute):
		t.Error("the request outlives the gateway")
	}
}

// A body may be stopped as its last byte comes, when the watch for hang-ups reads
// already: nobody else may read then.
func TestFrontLingersAlone(t *testing.T) {
	s := serveFronted(t, http.NotFoundHandler())
	client, server := net.Pipe()
	f := &front{server: s.Server, conn: server, gone: func() {}}
	f.body.f = f
	f.watch.init(f)
	f.body.begin(1)
	go client.Write([]byte("x"))
	if n, err := f.body.Read(make([]byte, 8)); n != 1 || err != io.EOF {
		t.Fatalf("Read = %d, %v", n, err)
	}
	looks := func() bool {
		f.watch.mu.Lock()
		defer f.watch.mu.Unlock()
		return f.watch.reading
	}
	for end := time.Now().Add(time.Minute); !looks(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the watch does not begin")
		}
	}
	f.SetReadDeadline(time.Unix(1, 0)) // as unblock does
	go client.Write([]byte("more"))
	if f.body.end(true) {
		t.Error("the connection takes another request")
	}
	if looks() {
		t.Error("the watch reads on beside it")
	}
	client.Close()
	server.Close()
}

// Many clients at one time, some of which hang up half-way, get the answers to
// their own requests and nothing of another's: heads and buffers are used again.
func TestFrontKeepsApart(t *testing.T) {
	s := serveFronted(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		id := r.Header.Get("X-Id")
		if err == nil && (r.URL.Query().Get("id") != id || r.UserAgent() != id || r.Header.Get("Authorization") != "Bearer "+id || strings.Trim(string(b), id+"|") != "") {
			t.Errorf("request %q came as %q with %.99q", id, r.URL, b)
		}
		w.Header().Set("X-Id", id)
		w.Header().Set("Set-Cookie", id)
		if len(id)%2 == 0 { // of unknown length
			io.WriteString(w, id)
			w.(http.Flusher).Flush()
		}
		w.Write(b)
	}))
	var clients sync.WaitGroup
	for i := range 100 {
		clients.Go(func() {
			c := s.connect()
			br := bufio.NewReader(c)
			for k := range 20 {
				id := fmt.Sprintf("%x-%x", 1<<(i%24)+i, k*k*k)
				body := strings.Repeat(id+"|", 1+k*i)
				req := fmt.Sprintf("POST /?id=%s HTTP/1.1\r\nX-Id: %[1]s\r\nHost: a\r\nUser-Agent: %[1]s\r\nAuthorization: Bearer %[1]s\r\nContent-Length: %d\r\n\r\n%s", id, len(body), body)
				if (i+k)%7 == 0 {
					io.WriteString(c, req[:len(req)*(i%5)/4])
					c.Close()
					c = s.connect()
					br.Reset(c)
					continue
				}
				io.WriteString(c, req)
				resp, err := http.ReadResponse(br, nil)
				if err != nil {
					t.Errorf("%s: %v", id, err)
					return
				}
				b, err := io.ReadAll(resp.Body)
				want := body
				if len(id)%2 == 0 {
					want = id + body
				}
				if err != nil || string(b) != want || resp.Header.Get("X-Id") != id || resp.Header.Get("Set-Cookie") != id {
					t.Errorf("%s got %v %v %.99q", id, err, resp.Header, b)
				}
			}
		})
	}
	clients.Wait()
}
