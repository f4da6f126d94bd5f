package proxy

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// serveGuarded starts net/http behind guards and returns its address.
func serveGuarded(t *testing.T, h http.Handler) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h, MaxHeaderBytes: 64 << 10, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() { defer close(done); s.Serve(guardListener{ln}) }()
	t.Cleanup(func() { s.Close(); <-done })
	return ln.Addr().String()
}

type guardListener struct{ net.Listener }

func (l guardListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newHeadGuard(c), nil
}

// echo answers with what it got.
func echo(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "body: "+err.Error(), http.StatusBadRequest)
		return
	}
	fmt.Fprintf(w, "%s %s %d", r.Method, r.URL, len(b))
}

// talk sends what is given, ends its side, and returns all that comes back.
func talk(t *testing.T, addr, send string, piece int) string {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(2 * time.Minute))
	go func() {
		for b := []byte(send); len(b) > 0; {
			n := min(piece, len(b))
			if _, err := c.Write(b[:n]); err != nil {
				return
			}
			b = b[n:]
		}
		c.(*net.TCPConn).CloseWrite()
	}()
	got, err := io.ReadAll(c)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !strings.Contains(err.Error(), "reset") {
		t.Fatal(err)
	}
	return string(got)
}

// malformed are requests to the host "a" that are refused.
var malformed = []struct{ name, in string }{
	{"length with transfer coding", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
	{"transfer coding with length", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
	{"two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
	{"same length twice", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello"},
	{"list of lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello"},
	{"signed length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello"},
	{"negative length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\nhello"},
	{"hexadecimal length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nhello"},
	{"empty length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\n"},
	{"length overflow", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551621\r\n\r\nhello"},
	{"unknown transfer coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"},
	{"gzip, chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
	{"chunked, identity", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"},
	{"chunked twice", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
	{"vertical tab before chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n"},
	{"transfer coding in 1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
	{"bare LF ends line", "GET / HTTP/1.1\nHost: a\r\n\r\n"},
	{"bare LF in headers", "GET / HTTP/1.1\r\nHost: a\r\nX: y\nZ: z\r\n\r\n"},
	{"bare LF ends head", "GET / HTTP/1.1\r\nHost: a\r\n\n"},
	{"bare CR in value", "GET / HTTP/1.1\r\nHost: a\r\nX: y\rZ: z\r\n\r\n"},
	{"bare CR in request line", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n"},
	{"folded line", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n"},
	{"folded first line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
	{"NUL in value", "GET / HTTP/1.1\r\nHost: a\r\nX: y\x00z\r\n\r\n"},
	{"control in value", "GET / HTTP/1.1\r\nHost: a\r\nX: y\x01z\r\n\r\n"},
	{"DEL in value", "GET / HTTP/1.1\r\nHost: a\r\nX: y\x7fz\r\n\r\n"},
	{"space before colon", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\nhello"},
	{"empty name", "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n"},
	{"no colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n"},
	{"invalid name", "GET / HTTP/1.1\r\nHost: a\r\nX(y): z\r\n\r\n"},
	{"name with high byte", "GET / HTTP/1.1\r\nHost: a\r\nX\xe9: z\r\n\r\n"},
	{"method not a token", "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n"},
	{"no target", "GET  HTTP/1.1\r\nHost: a\r\n\r\n"},
	{"space in target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"},
	{"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
	{"tab in request line", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"},
	{"HTTP/0.9", "GET /\r\n\r\n"},
	{"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
	{"unknown version", "GET / HTTP/1.2\r\nHost: a\r\n\r\n"},
	{"lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n"},
	{"no host", "GET / HTTP/1.1\r\n\r\n"},
	{"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
	{"CONNECT with length", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nContent-Length: 5\r\n\r\nhello"},
	{"CONNECT chunked", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
	{"two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
	{"CR first", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
	{"TLS", "\x16\x03\x01\x00\xf8\x01\x00\x00\x0a\x03\x03\x00\n"},
}

func TestGuardRefuses(t *testing.T) {
	const ok = "GET /first HTTP/1.1\r\nHost: a\r\n\r\n"
	for _, tt := range malformed {
		t.Run(tt.name, func(t *testing.T) {
			addr := serveGuarded(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/first" {
					t.Errorf("%s %s reached the handler", r.Method, r.URL)
				}
				echo(w, r)
			}))
			for _, piece := range []int{1, 7, 1 << 20} {
				if got := talk(t, addr, tt.in+ok, piece); !strings.HasPrefix(got, "HTTP/1.1 400 ") || strings.Count(got, "HTTP/1.1 ") != 1 {
					t.Errorf("in pieces of %d: answer %.80q, want one 400", piece, got)
				}
				got := talk(t, addr, ok+tt.in+ok, piece)
				if strings.Count(got, "HTTP/1.1 200 ") != 1 || strings.Count(got, "HTTP/1.1 400 ") != 1 {
					t.Errorf("behind a good request, in pieces of %d: answers %.300q, want 200, then 400", piece, got)
				}
			}
		})
	}
}

func TestGuardRefusesBodies(t *testing.T) {
	const head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, tt := range []struct{ name, in string }{
		{"no size", "\r\nhello\r\n0\r\n\r\n"},
		{"size not hexadecimal", "g\r\nhello\r\n0\r\n\r\n"},
		{"size with prefix", "0x5\r\nhello\r\n0\r\n\r\n"},
		{"signed size", "+5\r\nhello\r\n0\r\n\r\n"},
		{"size overflow", "10000000000000005\r\nhello\r\n0\r\n\r\n"},
		{"bare LF behind size", "5\nhello\r\n0\r\n\r\n"},
		{"bare CR in extension", "5;a\rb\r\nhello\r\n0\r\n\r\n"},
		{"bare LF in extension", "5;a\nb\r\nhello\r\n0\r\n\r\n"},
		{"endless extension", "5;" + strings.Repeat("a", 400) + "\r\nhello\r\n0\r\n\r\n"},
		{"space behind size", "5 \r\nhello\r\n0\r\n\r\n"},
		{"data too long", "5\r\nhello!\r\n0\r\n\r\n"},
		{"bare LF behind data", "5\r\nhello\n0\r\n\r\n"},
		{"trailer folded", "5\r\nhello\r\n0\r\nA: b\r\n c\r\n\r\n"},
		{"trailer with length", "5\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\n"},
		{"trailer with bare LF", "5\r\nhello\r\n0\r\nA: b\n\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			addr := serveGuarded(t, http.HandlerFunc(echo))
			for _, piece := range []int{1, 1 << 20} {
				got := talk(t, addr, head+tt.in+"GET / HTTP/1.1\r\nHost: a\r\n\r\n", piece)
				if !strings.HasPrefix(got, "HTTP/1.1 400 ") || strings.Contains(got, "HTTP/1.1 200") {
					t.Errorf("in pieces of %d: answer %.200q, want 400 alone", piece, got)
				}
			}
		})
	}
}

func TestGuardPasses(t *testing.T) {
	chunked := "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nTrailer: X\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nX: y\r\n\r\n"
	for _, tt := range []struct{ name, in, want string }{
		{"get", "GET /a HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a 0"},
		{"empty line first", "\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a 0"},
		{"empty line between", "GET /a HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a 0|GET /b 0"},
		{"1.0 without host", "GET /a HTTP/1.0\r\n\r\n", "GET /a 0"},
		{"body", "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /c HTTP/1.1\r\nHost: a\r\n\r\n", "POST /b 5|GET /c 0"},
		{"chunked", chunked + chunked, "POST /c 11|POST /c 11"},
		{"big chunk", "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n" + strings.Repeat("z", 100000) + "\r\n0\r\n\r\n" + chunked, "POST /c 100000|POST /c 11"},
		{"absolute target", "GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://a/x 0"},
		{"high bytes in value", "GET /a HTTP/1.1\r\nHost: a\r\nX: caf\xc3\xa9\t!\r\n\r\n", "GET /a 0"},
		{"declined upgrade", "GET /u HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nGET /v HTTP/1.1\r\nHost: a\r\n\r\n", "GET /u 0|GET /v 0"},
		{"declined CONNECT", "CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\nCONNECT y:1 HTTP/1.1\r\nHost: y:1\r\n\r\n", "no|no"},
		{"head of 20 KiB", "GET /a HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 20<<10) + "\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a 0|GET /b 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			addr := serveGuarded(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodConnect {
					w.WriteHeader(http.StatusForbidden)
					io.WriteString(w, "no")
					return
				}
				echo(w, r)
			}))
			for _, piece := range []int{1, 5, 1 << 20} {
				if piece == 1 && len(tt.in) > 10000 {
					continue
				}
				br := bufio.NewReader(strings.NewReader(talk(t, addr, tt.in, piece)))
				var got []string
				for {
					resp, err := http.ReadResponse(br, nil)
					if err != nil {
						break
					}
					b, _ := io.ReadAll(resp.Body)
					got = append(got, string(b))
				}
				if s := strings.Join(got, "|"); s != tt.want {
					t.Errorf("in pieces of %d: answers %q, want %q", piece, s, tt.want)
				}
			}
		})
	}
}

// A bad request behind a declined CONNECT is no tunnelled data, whatever an
// earlier request was answered. Net/http alone would take it.
func TestGuardGoesOnAfterDecline(t *testing.T) {
	const smuggled = "POST /smuggled HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nGET "
	addr := serveGuarded(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/smuggled":
			t.Error("smuggled request reached the handler")
		case r.URL.Path == "/first":
		default:
			w.WriteHeader(http.StatusProxyAuthRequired)
		}
	}))
	for _, ask := range []string{"CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"} {
		for _, first := range []string{"", "GET /first HTTP/1.1\r\nHost: a\r\n\r\n", "POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"} {
			for _, piece := range []int{1, 1 << 20} {
				got := talk(t, addr, first+ask+smuggled, piece)
				if !strings.Contains(got, "HTTP/1.1 407 ") || !strings.Contains(got, "HTTP/1.1 400 ") {
					t.Errorf("%.10q, %.10q in pieces of %d: answers %.200q, want 407, then 400", first, ask, piece, got)
				}
			}
		}
	}
}

// Before there is an answer no more than a byte at a time passes, even to who
// reads more than net/http's background read.
func TestGuardHoldsBackUntilAnswered(t *testing.T) {
	const connect, behind = "CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n", "hello"
	for _, step := range []int{0, 96} { // bytes one by one, and many at a time
		g := newHeadGuard(&chopped{data: []byte(connect + behind), step: step}).(*headGuard)
		buf := make([]byte, 4096)
		got := ""
		for len(got) < len(connect) {
			n, err := g.Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			got += string(buf[:n])
		}
		if got != connect {
			t.Fatalf("step %d: first %q, want the head alone", step, got)
		}
		for _, want := range behind[:2] {
			if n, err := g.Read(buf); n != 1 || rune(buf[0]) != want || err != nil {
				t.Fatalf("step %d: read %q, %v, want %q", step, buf[:n], err, want)
			}
		}
		io.WriteString(g, "HTTP/1.1 ") // cut anywhere
		io.WriteString(g, "200 OK\r\n\r\n")
		rest, err := io.ReadAll(g)
		if string(rest) != behind[2:] || err != nil {
			t.Errorf("step %d: then %q, %v, want %q", step, rest, err, behind[2:])
		}
	}
}

func TestGuardUnwraps(t *testing.T) {
	a, b := pair(t)
	g := newHeadGuard(a).(*headGuard)
	if g.NetConn() != a {
		t.Error("NetConn is not the connection below")
	}
	if err := g.CloseWrite(); err != nil {
		t.Error(err)
	}
	if n, err := b.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the other end reads %d bytes, %v, want the end", n, err)
	}
	if err := newHeadGuard(&chopped{}).(*headGuard).CloseWrite(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("CloseWrite without one below: %v", err)
	}
}

func TestGuardStepsAside(t *testing.T) {
	for _, tt := range []struct{ name, ask, answer string }{
		{"CONNECT", "CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n", "HTTP/1.1 200 Connection established\r\n\r\n"},
		{"CONNECT behind a request", "GET / HTTP/1.1\r\nHost: a\r\n\r\nCONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n", "HTTP/1.1 200 Connection established\r\n\r\n"},
		{"Upgrade", "GET /u HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"},
		{"interim answer first", "CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			addr := serveGuarded(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/" {
					return
				}
				c, rw, err := w.(http.Hijacker).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer c.Close()
				io.WriteString(c, tt.answer)
				ahead, _ := rw.Reader.Peek(rw.Reader.Buffered())
				io.Copy(c, io.MultiReader(bytes.NewReader(ahead), c))
			}))
			sent := "\x16\x03\x01\r\n\r\n\n\x00 not HTTP at all" + strings.Repeat("0123456789", 5000)
			for _, piece := range []int{1000, 1 << 20} {
				got := talk(t, addr, tt.ask+sent, piece)
				if _, back, _ := strings.Cut(got, tt.answer); back != sent {
					t.Errorf("in pieces of %d: %d bytes came back (%.40q), want %d", piece, len(back), back, len(sent))
				}
			}
		})
	}
}

func TestGuardDetach(t *testing.T) {
	addr := serveGuarded(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		ahead, _ := rw.Reader.Peek(rw.Reader.Buffered())
		below, held := c.(*headGuard).detach()
		if _, ok := below.(*net.TCPConn); !ok {
			t.Errorf("below is a %T, want *net.TCPConn", below)
		}
		io.WriteString(below, "HTTP/1.1 200 OK\r\n\r\n")
		io.Copy(below, io.MultiReader(bytes.NewReader(ahead), bytes.NewReader(held), below))
	}))
	got := talk(t, addr, "CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\nhello from the client", 1<<20)
	if want := "HTTP/1.1 200 OK\r\n\r\nhello from the client"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestGuardLeavesLongHeadsTo431(t *testing.T) {
	addr := serveGuarded(t, http.HandlerFunc(echo))
	for _, in := range []string{
		"GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 70<<10) + "\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 300<<10) + "\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("X: xxxxxxxxxx\r\n", 30<<10) + "\r\n",
	} {
		if got := talk(t, addr, in, 1<<20); !strings.HasPrefix(got, "HTTP/1.1 431 ") {
			t.Errorf("head of %d bytes: answer %.60q, want 431", len(in), got)
		}
	}
}

// The client's hang-up must still be seen while the handler works.
func TestGuardShowsHangUp(t *testing.T) {
	seen := make(chan error, 1)
	addr := serveGuarded(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
			seen <- context.Cause(r.Context())
		case <-time.After(time.Minute):
			seen <- nil
		}
	}))
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(c, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
	c.Close()
	if err := <-seen; err == nil {
		t.Error("the handler's context outlived the client")
	}
}

// chopped is a connection that is read in pieces.
type chopped struct {
	net.Conn
	data []byte
	step int
	i    int
}

func (c *chopped) Read(p []byte) (int, error) {
	if len(c.data) == 0 {
		return 0, io.EOF
	}
	n := 1
	if c.step > 0 {
		c.i++
		n = 1 + (c.i*c.step)%97
	}
	n = copy(p, c.data[:min(n, len(c.data))])
	c.data = c.data[n:]
	return n, nil
}

func (c *chopped) Write(p []byte) (int, error) { return len(p), nil }

// FuzzGuard reads what passes the guard with net/http's parser, which must find
// exactly the requests that the guard has counted. With step 0 the input comes
// byte by byte, so that both must agree on the end of each head and body too.
func FuzzGuard(f *testing.F) {
	for _, s := range []string{
		"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n0\r\nA: b\r\n\r\nGET / HTTP/1.0\r\n\r\n",
		"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\n\r\nCONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n\x16\x03\x01",
	} {
		f.Add([]byte(s), uint8(0))
		f.Add([]byte(s), uint8(31))
	}
	f.Fuzz(func(t *testing.T, data []byte, step uint8) {
		g := newHeadGuard(&chopped{data: bytes.Clone(data), step: int(step)}).(*headGuard)
		br := bufio.NewReader(g)
		parsed := 0
		for {
			r, err := http.ReadRequest(br)
			if err != nil {
				break
			}
			parsed++
			if parsed > g.heads {
				t.Fatalf("net/http reads request %d, the guard counted %d", parsed, g.heads)
			}
			if r.ContentLength > 0 && len(r.TransferEncoding) > 0 {
				t.Fatal("a length and a transfer coding passed")
			}
			if step == 0 && g.heads != parsed {
				t.Fatalf("net/http has read %d requests, the guard has passed %d", parsed, g.heads)
			}
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return // cut off or refused within the body: nothing follows
			}
			if step == 0 && g.state != atHead && g.state != pending {
				t.Fatalf("net/http is at the end of a body, the guard is in state %d", g.state)
			}
			io.WriteString(g, "HTTP/1.1 403 Forbidden\r\n\r\n")
		}
		// net/http may refuse what the guard takes (a bad URL, say); then the
		// connection ends. It never finds fewer without saying so.
		if rest := br.Buffered(); parsed < g.heads-1 && rest == 0 && g.state != refused {
			t.Fatalf("net/http read %d requests, the guard counted %d", parsed, g.heads)
		}
	})
}

func BenchmarkGuard(b *testing.B) {
	head := "POST /v1/chat/completions HTTP/1.1\r\nHost: api.example.com\r\nUser-Agent: sdk/1.2.3\r\nAccept: application/json\r\nContent-Type: application/json\r\nAuthorization: Bearer sk-test-0000000000000000\r\n"
	for _, bb := range []struct{ name, in string }{
		{"head", head + "Content-Length: 0\r\n\r\n"},
		{"4KiB", head + "Content-Length: 4096\r\n\r\n" + strings.Repeat("x", 4096)},
		{"1MiB", head + "Content-Length: 1048576\r\n\r\n" + strings.Repeat("x", 1<<20)},
		{"1MiB-chunked", head + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("2000\r\n"+strings.Repeat("x", 8192)+"\r\n", 128) + "0\r\n\r\n"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			src := &looped{data: []byte(bb.in)}
			g := newHeadGuard(src)
			buf := make([]byte, 4<<10)
			b.SetBytes(int64(len(bb.in)))
			b.ReportAllocs()
			for b.Loop() {
				for n := 0; n < len(bb.in); {
					k, err := g.Read(buf)
					if err != nil {
						b.Fatal(err)
					}
					n += k
				}
			}
		})
	}
}

func TestGuardAllocs(t *testing.T) {
	in := "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\n" + strings.Repeat("x", 9000)
	g := newHeadGuard(&looped{data: []byte(in)})
	buf := make([]byte, 4<<10)
	if n := testing.AllocsPerRun(100, func() {
		for n := 0; n < len(in); {
			k, err := g.Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			n += k
		}
	}); n != 0 {
		t.Errorf("a request in whole reads allocates %v times, want 0", n)
	}
}

// looped sends the same data for ever, one copy never sharing a read with the
// next.
type looped struct {
	net.Conn
	data []byte
	at   int
}

func (l *looped) Read(p []byte) (int, error) {
	n := copy(p, l.data[l.at:])
	l.at = (l.at + n) % len(l.data)
	return n, nil
}

// TestGuardLateBody has a deadline pass in the body of a second request: net/http's
// own one, by which it ends the background read of the first, ends nothing else;
// any other lets nothing pass behind it.
func TestGuardLateBody(t *testing.T) {
	const head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n"
	for _, tt := range []struct {
		deadline time.Time
		rest     string
	}{
		{time.Unix(1, 0), "yz"},
		{longPast, ""},
		{time.Now(), ""},
	} {
		near, far := pair(t)
		g := newHeadGuard(near)
		io.WriteString(far, head+"abc"+head+"x")
		if _, err := io.ReadFull(g, make([]byte, 2*len(head)+4)); err != nil {
			t.Fatal(err)
		}
		g.SetReadDeadline(tt.deadline)
		if n, err := g.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("%d bytes, %v, want that the time is over", n, err)
		}
		g.SetReadDeadline(time.Time{})
		io.WriteString(far, "yz")
		far.Close()
		if rest, err := io.ReadAll(g); string(rest) != tt.rest || err != nil {
			t.Errorf("deadline %v: then %q, %v, want %q", tt.deadline, rest, err, tt.rest)
		}
	}
}
