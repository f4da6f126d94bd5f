package proxy

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/proxy/pki"
)

// leanOrigin is a service that speaks as a test tells it to.
type leanOrigin struct {
	addr     string
	conns    atomic.Int64
	upstream *upstream
}

// corkConn holds writes back while told to, to have several go out as one.
type corkConn struct {
	net.Conn
	corked bool
	held   []byte
}

func (c *corkConn) Write(p []byte) (int, error) {
	if c.corked {
		c.held = append(c.held, p...)
		return len(p), nil
	}
	return c.Conn.Write(p)
}

func (c *corkConn) uncork() {
	c.corked = false
	c.Conn.Write(c.held)
	c.held = nil
}

// newLeanOrigin serves each connection with serve, which gets its number, from
// 1. The connection is closed when it returns.
func newLeanOrigin(t *testing.T, serve func(n int64, c net.Conn, below *corkConn)) *leanOrigin {
	t.Helper()
	ca, err := pki.LoadOrCreate(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	minter, err := pki.NewMinter(ca)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := minter.Certificate("lean.test")
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &leanOrigin{addr: ln.Addr().String()}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			n := o.conns.Add(1)
			go func() {
				defer c.Close()
				below := &corkConn{Conn: c}
				s := tls.Server(below, &tls.Config{Certificates: []tls.Certificate{*cert}})
				if s.Handshake() == nil {
					serve(n, s, below)
					s.Close()
				}
			}()
		}
	}()
	cfg := DefaultConfig()
	cfg.Resolve = map[string]string{"lean.test": o.addr}
	cfg.AllowPrivate = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	d, err := newDialer(&cfg, nil, new(Counts))
	if err != nil {
		t.Fatal(err)
	}
	o.upstream = newUpstream(d, []*x509.Certificate{ca.Certificate})
	t.Cleanup(func() {
		ln.Close()
		o.upstream.close()
	})
	return o
}

// request makes one as the gateway's server hands it over.
func leanRequest(t *testing.T, method, target string, body string) *http.Request {
	t.Helper()
	length := ""
	if body != "" {
		length = fmt.Sprintf("Content-Length: %d\r\n", len(body))
	}
	return readRequest(t, method+" "+target+" HTTP/1.1\r\nHost: lean.test\r\n"+length+"\r\n"+body)
}

func readRequest(t *testing.T, raw string) *http.Request {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	if err != nil {
		t.Fatal(err)
	}
	r.URL.Scheme, r.URL.Host = "https", "lean.test"
	keepPath(r.URL, r.RequestURI)
	stripHopByHop(r.Header)
	if _, sent := r.Header["User-Agent"]; !sent {
		r.Header["User-Agent"] = nil
	}
	r.RequestURI = ""
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return r.WithContext(ctx)
}

// lean sends r the lean way.
func (o *leanOrigin) lean(r *http.Request) (*http.Response, error) {
	payload, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if !leanTakes(r) {
		return nil, errors.New("lean does not take it")
	}
	var wire wireRequest
	wire.build(r, payload, nil)
	return o.upstream.lean.roundTrip(r, &wire, new(leanBody))
}

// get does so and reads the answer.
func (o *leanOrigin) get(t *testing.T, r *http.Request) (string, *http.Response) {
	t.Helper()
	resp, err := o.lean(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), resp
}

// next reads one request off a connection and returns its bytes.
func next(c *bufio.Reader) ([]byte, error) {
	var raw bytes.Buffer
	for {
		line, err := c.ReadBytes('\n')
		if raw.Write(line); err != nil {
			return nil, err
		}
		if len(line) == 2 {
			break
		}
	}
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw.Bytes())))
	if err != nil {
		return nil, err
	}
	if r.ContentLength > 0 {
		_, err = io.CopyN(&raw, c, r.ContentLength)
	}
	return raw.Bytes(), err
}

const okAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// TestLeanBytes compares what lean sends with what the Transport does.
func TestLeanBytes(t *testing.T) {
	got := make(chan []byte, 1)
	o := newLeanOrigin(t, func(_ int64, c net.Conn, _ *corkConn) {
		for br := bufio.NewReader(c); ; {
			raw, err := next(br)
			if err != nil {
				return
			}
			got <- raw
			io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
		}
	})
	long := strings.Repeat("a prompt of some length. ", 2600)
	for name, raw := range map[string]string{
		"GET":                 "GET / HTTP/1.1\r\nHost: lean.test\r\n\r\n",
		"HEAD":                "HEAD /x HTTP/1.1\r\nHost: lean.test\r\nUser-Agent: curl/8\r\n\r\n",
		"own method":          "PROPFIND /x HTTP/1.1\r\nHost: lean.test\r\n\r\n",
		"other case of host":  "GET / HTTP/1.1\r\nHost: LEAN.test.\r\n\r\n",
		"port":                "GET / HTTP/1.1\r\nHost: lean.test:443\r\n\r\n",
		"query":               "GET /a%20b/%7Bc%7D?x=1&y=%20%zz&z HTTP/1.1\r\nHost: lean.test\r\n\r\n",
		"empty query":         "GET /a? HTTP/1.1\r\nHost: lean.test\r\n\r\n",
		"path kept":           "GET /a|b{c}//d/../e?q={} HTTP/1.1\r\nHost: lean.test\r\n\r\n",
		"two slashes":         "GET //a/b HTTP/1.1\r\nHost: lean.test\r\n\r\n",
		"POST":                "POST /v1/chat HTTP/1.1\r\nHost: lean.test\r\nUser-Agent: OpenAI/Python 1.2\r\nAuthorization: Bearer x\r\nContent-Type: application/json\r\nContent-Length: 15\r\nAccept: */*\r\nAccept-Encoding: gzip, br\r\nX-Stainless-Os: Linux\r\n\r\n{\"prompt\":\"hi\"}",
		"POST without a body": "POST / HTTP/1.1\r\nHost: lean.test\r\nContent-Length: 0\r\n\r\n",
		"no length either":    "POST / HTTP/1.1\r\nHost: lean.test\r\n\r\n",
		"DELETE":              "DELETE /x HTTP/1.1\r\nHost: lean.test\r\n\r\n",
		"GET with a body":     "GET / HTTP/1.1\r\nHost: lean.test\r\nContent-Length: 3\r\n\r\nabc",
		"fields twice":        "GET / HTTP/1.1\r\nHost: lean.test\r\nB: 2\r\na: 1\r\nB: 1\r\nCookie: a=b\r\nCookie: c=d\r\nA_b: \xc3\xa4\r\nEmpty:\r\n\r\n",
		"hop by hop":          "GET / HTTP/1.1\r\nHost: lean.test\r\nConnection: keep-alive, x-mine\r\nX-Mine: 1\r\nTe: trailers\r\nKeep-Alive: 5\r\n\r\n",
		"long body":           fmt.Sprintf("POST / HTTP/1.1\r\nHost: lean.test\r\nContent-Length: %d\r\n\r\n%s", len(long), long),
		"long head":           "POST / HTTP/1.1\r\nHost: lean.test\r\nContent-Length: 1\r\nX: " + long[:40<<10] + "\r\n\r\nx",
	} {
		t.Run(name, func(t *testing.T) {
			resp, err := o.upstream.h1.RoundTrip(readRequest(t, raw))
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			want := <-got
			if _, err := o.lean(readRequest(t, raw)); err != nil {
				t.Fatal(err)
			}
			if b := <-got; !bytes.Equal(b, want) {
				t.Errorf("sent\n%.500q, want\n%.500q", b, want)
			}
		})
	}
}

// TestLeanTakes names what is left to the Transport.
func TestLeanTakes(t *testing.T) {
	for name, raw := range map[string]string{
		"HTTP/1.0":           "GET / HTTP/1.0\r\nHost: lean.test\r\n\r\n",
		"close":              "GET / HTTP/1.1\r\nHost: lean.test\r\nConnection: close\r\n\r\n",
		"chunked":            "POST / HTTP/1.1\r\nHost: lean.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"trailers":           "POST / HTTP/1.1\r\nHost: lean.test\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n0\r\n\r\n",
		"expect":             "POST / HTTP/1.1\r\nHost: lean.test\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
		"international host": "GET / HTTP/1.1\r\nHost: l\xc3\xa4n.test\r\n\r\n",
		"zone":               "GET / HTTP/1.1\r\nHost: [fe80::1%25eth0]\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			if leanTakes(readRequest(t, raw)) {
				t.Error("taken")
			}
		})
	}
	r := leanRequest(t, "GET", "/", "")
	r.Header.Set("Upgrade", "h2c")
	if leanTakes(r) {
		t.Error("Upgrade: taken")
	}
}

// TestLeanPayload names the bodies that are left to the Transport.
func TestLeanPayload(t *testing.T) {
	src := io.NopCloser(strings.NewReader(""))
	for _, tt := range []struct {
		name      string
		src       io.ReadCloser
		wire, out int // lengths
		rest      bool
		length    int64
		other     bool // somebody else has put a body in the place of ours
		want      bool
	}{
		{name: "none", want: true},
		{name: "whole", src: src, wire: 5, length: 5, want: true},
		{name: "rewritten", src: src, wire: 5, out: 9, length: 9, want: true},
		{name: "more to come", src: src, wire: 5, rest: true, length: 9},
		{name: "length unknown", src: src, wire: 5, length: -1},
		{name: "long", src: src, wire: leanBodyMax + 1, length: leanBodyMax + 1},
		{name: "another's", src: src, wire: 5, length: 5, other: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &http.Request{ContentLength: tt.length, Body: http.NoBody}
			b := body{src: tt.src, wire: make([]byte, tt.wire), rest: tt.rest}
			if tt.out > 0 {
				b.out = make([]byte, tt.out)
			}
			b.attach(r)
			if tt.other {
				r.Body = src
			}
			if _, got := b.payload(r); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

// TestLeanAnswers are answers of all kinds, and whether the connection serves
// another request after them.
func TestLeanAnswers(t *testing.T) {
	for _, tt := range []struct {
		name, method, says, want string
		fails                    bool // the answer, or its body
		reused                   bool
	}{
		{name: "length", says: okAnswer, want: "ok", reused: true},
		{name: "chunked", says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", want: "ok", reused: true},
		{name: "trailers", says: "HTTP/1.1 200 OK\r\nTrailer: T\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nT: 1\r\n\r\n", want: "ok T=1", reused: true},
		{name: "interim", says: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + okAnswer, want: "ok", reused: true},
		{name: "HEAD", method: "HEAD", says: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", reused: true},
		{name: "HEAD chunked", method: "HEAD", says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", reused: true},
		{name: "204", says: "HTTP/1.1 204 No Content\r\n\r\n", reused: true},
		{name: "304", says: "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n", reused: true},
		{name: "empty", says: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", reused: true},
		{name: "up to the end", says: "HTTP/1.1 200 OK\r\n\r\nok", want: "ok"},
		{name: "close", says: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", want: "ok"},
		{name: "HTTP/1.0", says: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", want: "ok"},
		{name: "too much", says: okAnswer + "!", want: "ok"},
		{name: "204 with a body", says: "HTTP/1.1 204 No Content\r\n\r\nbody"},
		{name: "second answer", says: okAnswer + okAnswer, want: "ok"},
		{name: "short", says: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", want: "ok", fails: true},
		{name: "short chunk", says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nok", want: "ok", fails: true},
		{name: "no last chunk", says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", want: "ok", fails: true},
		{name: "no trailer", says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n", want: "ok", fails: true},
		{name: "half a head", says: "HTTP/1.1 200 OK\r\nContent-", fails: true},
		{name: "nothing", fails: true},
		{name: "101", says: "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", fails: true},
		{name: "endless head", says: "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", leanHeadMax), fails: true},
		{name: "endless interim", says: strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", leanHeadMax/25), fails: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newLeanOrigin(t, func(n int64, c net.Conn, _ *corkConn) {
				br := bufio.NewReader(c)
				if _, err := next(br); err != nil {
					return
				}
				io.WriteString(c, tt.says)
				if tt.reused || n > 1 {
					if _, err := next(br); err == nil {
						io.WriteString(c, okAnswer)
					}
				}
			})
			method := tt.method
			if method == "" {
				method = "POST"
			}
			var got []byte
			resp, err := o.lean(leanRequest(t, method, "/", ""))
			if err == nil {
				if got, err = io.ReadAll(resp.Body); resp.Trailer.Get("T") != "" {
					got = append(got, " T="+resp.Trailer.Get("T")...)
				}
			}
			if string(got) != tt.want || (err != nil) != tt.fails {
				t.Errorf("got %q, %v", got, err)
			}
			if n := o.upstream.lean.idle.len(); (n == 1) != tt.reused {
				t.Errorf("%d idle connections, want reuse %v", n, tt.reused)
			}
			if tt.reused {
				if b, _ := o.get(t, leanRequest(t, "GET", "/", "")); b != "ok" || o.conns.Load() != 1 {
					t.Errorf("then %q over connection %d", b, o.conns.Load())
				}
			}
		})
	}
}

// TestLeanStale has a service that ends or spoils an idle connection in ways
// that must be found out before the next request, a POST, is sent.
func TestLeanStale(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(c net.Conn, below *corkConn)
	}{
		{"closed", func(c net.Conn, _ *corkConn) { c.Close() }},
		{"closed without notice", func(_ net.Conn, below *corkConn) { below.Conn.Close() }},
		{"reset", func(_ net.Conn, below *corkConn) {
			below.Conn.(*net.TCPConn).SetLinger(0)
			below.Conn.Close()
		}},
		{"unasked answer", func(c net.Conn, _ *corkConn) { io.WriteString(c, okAnswer) }},
		{"half a record", func(_ net.Conn, below *corkConn) { below.Conn.Write([]byte{23, 3, 3}) }},
		{"in the read ahead of TLS", nil},
		{"half a record in the read ahead", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			spoilt := make(chan struct{})
			o := newLeanOrigin(t, func(n int64, c net.Conn, below *corkConn) {
				br := bufio.NewReader(c)
				if _, err := next(br); err != nil {
					return
				}
				below.corked = tt.spoil == nil && n == 1
				io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst")
				if n == 1 {
					if tt.spoil != nil {
						tt.spoil(c, below)
					} else if strings.HasPrefix(tt.name, "half") {
						below.Write([]byte{23, 3, 3, 0})
						below.uncork()
					} else {
						io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad")
						below.uncork()
					}
					close(spoilt)
				}
				io.Copy(io.Discard, br) // up to the gateway's close
			})
			for i := range 2 {
				if b, _ := o.get(t, leanRequest(t, "POST", "/", "x")); b != "first" {
					t.Fatalf("request %d: got %q", i, b)
				}
				<-spoilt
			}
			if n := o.conns.Load(); n != 2 {
				t.Errorf("%d connections, want 2", n)
			}
		})
	}
}

// TestLeanRepeat shows what is sent again when a used connection fails.
func TestLeanRepeat(t *testing.T) {
	for _, tt := range []struct {
		name, method, says string
		again              bool
	}{
		{"GET", "GET", "", true},
		{"POST", "POST", "", false},
		{"PUT", "PUT", "", false},
		{"GET, answer begun", "GET", "HTTP/1.1 2", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var requests atomic.Int64
			o := newLeanOrigin(t, func(n int64, c net.Conn, _ *corkConn) {
				br := bufio.NewReader(c)
				for i := 0; ; i++ {
					if _, err := next(br); err != nil {
						return
					}
					requests.Add(1)
					if n == 1 && i == 1 { // with the request read
						io.WriteString(c, tt.says)
						return
					}
					io.WriteString(c, okAnswer)
				}
			})
			o.get(t, leanRequest(t, "POST", "/", "x"))
			_, err := o.lean(leanRequest(t, tt.method, "/", ""))
			want := int64(2)
			if tt.again {
				want = 3
			}
			if (err == nil) != tt.again || requests.Load() != want || o.conns.Load() != want-1 {
				t.Errorf("%v, %d requests over %d connections", err, requests.Load(), o.conns.Load())
			}
		})
	}
}

// TestLeanEarlyAnswer has a service answer a request that it never reads.
func TestLeanEarlyAnswer(t *testing.T) {
	const says = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nlong"
	large := func() *http.Request { return leanRequest(t, "POST", "/", strings.Repeat("x", leanBodyMax)) }
	t.Run("and close", func(t *testing.T) {
		o := newLeanOrigin(t, func(_ int64, c net.Conn, _ *corkConn) { io.WriteString(c, says) })
		if b, resp := o.get(t, large()); resp.StatusCode != 413 || b != "long" {
			t.Errorf("got %d %q", resp.StatusCode, b)
		}
	})
	t.Run("and stay", func(t *testing.T) {
		near, far := net.Pipe() // has no buffer that could take the request
		defer far.Close()
		p := newIdlePool(8, 8, time.Minute)
		defer p.close()
		sock := newPeekConn(near, false)
		go io.WriteString(far, says)
		r := large()
		var wire wireRequest
		payload, _ := io.ReadAll(r.Body)
		wire.build(r, payload, nil)
		resp, err := newLeanConn(p, leanTarget{"http", "lean.test"}, sock, sock).roundTrip(r, &wire, new(leanBody))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(resp.Body); resp.StatusCode != 413 || string(b) != "long" || err != nil {
			t.Errorf("got %d %q, %v", resp.StatusCode, b, err)
		}
		if n := p.len(); n != 0 {
			t.Errorf("%d idle connections, with half a request on it", n)
		}
	})
}

// TestLeanHangUp shows that the service learns at once that the client is gone.
func TestLeanHangUp(t *testing.T) {
	for _, tt := range []struct{ name, says string }{
		{"before the answer", ""},
		{"in the head", "HTTP/1.1 200 OK\r\n"},
		{"in the body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab"},
		{"on a silent stream", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			began, gone := make(chan struct{}), make(chan struct{})
			o := newLeanOrigin(t, func(_ int64, c net.Conn, _ *corkConn) {
				br := bufio.NewReader(c)
				next(br)
				io.WriteString(c, tt.says)
				close(began)
				br.ReadByte()
				close(gone)
			})
			r := leanRequest(t, "POST", "/", "x")
			ctx, cancel := context.WithCancel(r.Context())
			failed := make(chan error, 1)
			go func() {
				resp, err := o.lean(r.WithContext(ctx))
				if err == nil {
					_, err = io.ReadAll(resp.Body)
				}
				failed <- err
			}()
			<-began
			cancel()
			select {
			case <-gone:
			case <-time.After(time.Minute):
				t.Fatal("the service does not know it")
			}
			if err := <-failed; err == nil {
				t.Error("no error")
			}
			if n := o.upstream.lean.idle.len(); n != 0 {
				t.Errorf("%d idle connections", n)
			}
		})
	}
}

// TestLeanEarlyClose shows that a connection with an unread answer is not used
// again, and that a body that has ended is at its end.
func TestLeanEarlyClose(t *testing.T) {
	o := newLeanOrigin(t, func(n int64, c net.Conn, _ *corkConn) {
		for br := bufio.NewReader(c); ; {
			if _, err := next(br); err != nil {
				return
			}
			if n == 1 {
				io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
				continue // the body is to come
			}
			io.WriteString(c, okAnswer)
		}
	})
	resp, err := o.lean(leanRequest(t, "GET", "/", ""))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if _, err := resp.Body.Read(make([]byte, 1)); err != errBodyEnded {
		t.Errorf("reading a closed body: %v", err)
	}
	if n := o.upstream.lean.idle.len(); n != 0 {
		t.Errorf("%d idle connections, want none", n)
	}
	_, resp = o.get(t, leanRequest(t, "GET", "/", ""))
	if _, err := resp.Body.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("reading on: %v", err)
	}
	resp.Body.Close() // must not touch the connection, which is idle
	if b, _ := o.get(t, leanRequest(t, "GET", "/", "")); b != "ok" || o.conns.Load() != 2 {
		t.Errorf("got %q over connection %d, want the second", b, o.conns.Load())
	}
}

// TestLeanPlain is a service without TLS.
func TestLeanPlain(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	var conns atomic.Int64
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			conns.Add(1)
			go func() {
				for br := bufio.NewReader(c); ; {
					if _, err := next(br); err != nil {
						c.Close()
						return
					}
					io.WriteString(c, okAnswer)
				}
			}()
		}
	}()
	o := newLeanOrigin(t, nil)
	for i := range 3 {
		r := leanRequest(t, "GET", "/", "")
		r.URL = &url.URL{Scheme: "http", Host: ln.Addr().String(), Path: "/"}
		if b, _ := o.get(t, r); b != "ok" || conns.Load() != 1 {
			t.Errorf("request %d: %q over connection %d", i, b, conns.Load())
		}
	}
}
