package proxy

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/proxy/pki"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// allow is every stage at once: all is AI, nothing is found, all may pass.
type allow struct{}

func (allow) Host(host string) traffic.Verdict {
	return traffic.Verdict{Service: host, ID: host, How: traffic.HowCatalogue}
}
func (a allow) Request(x *traffic.Exchange) (traffic.Verdict, traffic.Account) {
	return a.Host(x.Flow.Host), traffic.Account{}
}
func (allow) Response(x *traffic.Exchange, _ *traffic.Answer) (traffic.Verdict, traffic.Account) {
	return x.Verdict, x.Account
}
func (allow) Read(*traffic.Exchange) (*traffic.Prompt, error)           { return &traffic.Prompt{}, nil }
func (allow) Rewrite(*traffic.Exchange, []traffic.Edit) ([]byte, error) { return nil, nil }
func (allow) Refuse(*traffic.Exchange) (r traffic.Refusal)              { return r }
func (allow) Scan(*traffic.Prompt) []traffic.Finding                    { return nil }
func (allow) Decide(*traffic.Exchange) traffic.Decision {
	return traffic.Decision{Action: traffic.ActionAllow}
}
func (allow) Status(string) traffic.Status { return "" }
func (allow) Record(*traffic.Sighting)     {}

// fronted runs a gateway before an origin for the host "a", which speaks plain
// HTTP inside CONNECT.
type fronted struct {
	*Server
	t testing.TB
}

func serveFronted(t testing.TB, h http.Handler, tune ...func(*Config)) *fronted {
	t.Helper()
	origin := httptest.NewServer(h)
	t.Cleanup(origin.Close)
	ca, err := pki.LoadOrCreate(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	cfg := DefaultConfig()
	cfg.Listen, cfg.Grace = "127.0.0.1:0", time.Second
	cfg.AllowPrivate = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	cfg.Resolve = map[string]string{"a": origin.Listener.Addr().String()}
	for _, f := range tune {
		f(&cfg)
	}
	log := slog.New(slog.DiscardHandler)
	p := traffic.NewPipeline(&traffic.Stages{Classifier: allow{}, Codec: allow{}, Scanner: allow{}, Policy: allow{}},
		allow{}, allow{}, func(string) bool { return true }, log)
	s, err := New(cfg, ca, p, log)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return &fronted{s, t}
}

// connect returns a connection to "a" through the gateway.
func (s *fronted) connect() *net.TCPConn {
	s.t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(2 * time.Minute))
	io.WriteString(c, "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n")
	if _, err := io.ReadFull(c, make([]byte, len(established))); err != nil {
		s.t.Fatal(err)
	}
	return c.(*net.TCPConn)
}

// talk sends what is given in pieces, ends its side when the gateway has
// answered n times, and returns all that comes back.
func (s *fronted) talk(send string, piece int) string {
	s.t.Helper()
	c := s.connect()
	go func() {
		for b := []byte(send); len(b) > 0; {
			n := min(piece, len(b))
			if _, err := c.Write(b[:n]); err != nil {
				return
			}
			b = b[n:]
		}
	}()
	got := make([]byte, 0, 64<<10)
	for buf := make([]byte, 4<<10); ; {
		n, err := c.Read(buf)
		if got = append(got, buf[:n]...); err != nil || bytes.Contains(got, []byte("/last ")) {
			return string(got)
		}
	}
}

// What the head guard refuses is refused too where it comes to a connection
// that net/http does not serve, also in pieces and behind a good request.
func TestFrontRefuses(t *testing.T) {
	const ok, last = "GET /first HTTP/1.1\r\nHost: a\r\n\r\n", "GET /last HTTP/1.1\r\nHost: a\r\n\r\n"
	s := serveFronted(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/first" {
			t.Errorf("%s %s reached the service", r.Method, r.URL)
		}
		echo(w, r)
	}))
	for _, tt := range malformed {
		if tt.in[0] < 'A' || tt.in[0] > 'Z' {
			continue // intercept closes what begins like that
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, piece := range []int{1, 7, 1 << 20} {
				if got := s.talk(tt.in+last, piece); !strings.HasPrefix(got, "HTTP/1.1 400 ") || strings.Count(got, "HTTP/1.1 ") != 1 {
					t.Errorf("in pieces of %d: answer %.80q, want one 400", piece, got)
				}
			}
			got := s.talk(ok+tt.in+last, 1<<20)
			if strings.Count(got, "HTTP/1.1 200 ") != 1 || strings.Count(got, "HTTP/1.1 400 ") != 1 {
				t.Errorf("behind a good request: answers %.300q, want 200, then 400", got)
			}
		})
	}
}

// TestFrontPasses sends what the front takes and what it leaves to net/http,
// one behind the other.
func TestFrontPasses(t *testing.T) {
	const (
		last    = "GET /last HTTP/1.1\r\nHost: a\r\n\r\n"
		get     = "GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\n"
		post    = "POST /b HTTP/1.1\r\nhost:A:80\r\ncontent-length:5\r\n\r\nhello"
		chunked = "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
	)
	s := serveFronted(t, http.HandlerFunc(echo))
	for _, tt := range []struct{ name, in, want string }{
		{"two", get + get, "GET /a?b=c 0|GET /a?b=c 0"},
		{"bodies", post + post + get, "POST /b 5|POST /b 5|GET /a?b=c 0"},
		{"empty body", "PUT /b HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n" + get, "PUT /b 0|GET /a?b=c 0"},
		{"long body", "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + strings.Repeat("x", 300000) + post, "POST /b 300000|POST /b 5"},
		{"long head", "GET /b HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 12<<10) + "\r\n\r\n" + post, "GET /b 0|POST /b 5"},
		{"head too long", "GET /b HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 20<<10) + "\r\n\r\n" + post, "GET /b 0|POST /b 5"},
		{"chunked", get + chunked + post, "GET /a?b=c 0|POST /c 5|POST /b 5"},
		{"absolute", get + "GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a?b=c 0|GET /x 0"},
		{"empty line between", get + "\r\n" + get, "GET /a?b=c 0|GET /a?b=c 0"},
		{"unusual method", "BREW /x HTTP/1.1\r\nHost: a\r\n\r\n" + get, "BREW /x 0|GET /a?b=c 0"},
	} {
		for _, piece := range []int{1, 5, 1 << 20} {
			if piece < 10 && len(tt.in) > 4000 {
				continue
			}
			before := s.stats.Requests.Load()
			answers := s.talk(tt.in+last, piece)
			br, got := bufio.NewReader(strings.NewReader(answers)), ""
			for i := 0; ; i++ {
				resp, err := http.ReadResponse(br, nil)
				if err != nil {
					break
				}
				b, _ := io.ReadAll(resp.Body)
				got += string(b) + "|"
			}
			if want := tt.want + "|GET /last 0|"; got != want {
				t.Errorf("%s in pieces of %d: answers %q, want %q", tt.name, piece, got, want)
			}
			if n := s.stats.Requests.Load() - before; n != int64(strings.Count(tt.want, "|")+2) {
				t.Errorf("%s in pieces of %d: %d requests counted", tt.name, piece, n)
			}
		}
	}
}

// TestFrontTakes tells which requests the front serves itself: were one of the
// usual kind left to net/http, nobody would notice but those who pay the CPU.
func TestFrontTakes(t *testing.T) {
	const head = "Host: a\r\n"
	for _, tt := range []struct {
		name, in string
		want     headState
	}{
		{"get", "GET / HTTP/1.1\r\n" + head + "\r\n", headWhole},
		{"post", "POST /v1/chat/completions?x=y HTTP/1.1\r\n" + head + "Content-Length: 12\r\nAccept-Encoding: gzip, br\r\n\r\n", headWhole},
		{"keep-alive", "GET / HTTP/1.1\r\n" + head + "Connection: Keep-Alive\r\n\r\n", headWhole},
		{"close", "GET / HTTP/1.1\r\n" + head + "Connection: close\r\n\r\n", headWhole},
		{"part", "GET / HTTP/1.1\r\nHost: a\r\nX: y", headPart},
		{"bad part", "GET / HTTP/1.1\r\nHost : a\r\nX: y", headOther},
		{"listed fields", "GET / HTTP/1.1\r\n" + head + "Connection: x-secret\r\nX-Secret: 1\r\n\r\n", headOther},
		{"chunked", "POST / HTTP/1.1\r\n" + head + "Transfer-Encoding: chunked\r\n\r\n", headOther},
		{"expects", "POST / HTTP/1.1\r\n" + head + "Content-Length: 1\r\nExpect: 100-continue\r\n\r\n", headOther},
		{"upgrade", "GET / HTTP/1.1\r\n" + head + "Upgrade: websocket\r\n\r\n", headOther},
		{"trailers", "GET / HTTP/1.1\r\n" + head + "TE: trailers\r\n\r\n", headOther},
		{"absolute", "GET http://a/ HTTP/1.1\r\n" + head + "\r\n", headOther},
		{"two slashes", "GET //a/ HTTP/1.1\r\n" + head + "\r\n", headOther},
		{"asterisk", "OPTIONS * HTTP/1.1\r\n" + head + "\r\n", headOther},
		{"CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", headOther},
		{"TRACE", "TRACE / HTTP/1.1\r\n" + head + "\r\n", headOther},
		{"1.0", "GET / HTTP/1.0\r\n" + head + "\r\n", headOther},
		{"other host", "GET / HTTP/1.1\r\nHost: b\r\n\r\n", headOther},
		{"other port", "GET / HTTP/1.1\r\nHost: a:81\r\n\r\n", headOther},
		{"empty host", "GET / HTTP/1.1\r\nHost: \r\n\r\n", headOther},
		{"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", headOther},
		{"bad escape", "GET /%zz HTTP/1.1\r\n" + head + "\r\n", headOther},
	} {
		f := newFrontFor(tt.in)
		if got := f.order.parse(f); got != tt.want {
			t.Errorf("%s: state %d, want %d", tt.name, got, tt.want)
		}
	}
}

func newFrontFor(in string) *front {
	return &front{server: &Server{}, sess: &session{host: "a", port: 80, scheme: "http"}, in: []byte(in), ctx: context.Background()}
}

// FuzzFront compares what the front reads with what the head guard and net/http
// read, whenever the front takes a request at all.
func FuzzFront(f *testing.F) {
	for _, m := range malformed {
		f.Add([]byte(m.in))
	}
	for _, s := range []string{
		"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST /a%20b|c?d HTTP/1.1\r\nhost:a:80 \r\nX:\t y\t\r\nx: z\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /x HTTP/1.1\r\nHost: A\r\nConnection: close\r\nKeep-Alive: x\r\nPragma: no-cache\r\nX:\r\n\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		fr := newFrontFor(string(data))
		if fr.order.parse(fr) != headWhole {
			return
		}
		g := newHeadGuard(&chopped{data: bytes.Clone(data)}).(*headGuard)
		want, err := http.ReadRequest(bufio.NewReader(g))
		if err != nil || g.heads != 1 {
			t.Fatalf("the front takes what net/http and the guard don't: %v", err)
		}
		got := fr.order.request(fr)
		sess := fr.sess
		if !agrees(sess, want) {
			t.Fatal("the names disagree")
		}
		keepPath(want.URL, want.RequestURI)
		want.URL.Scheme, want.URL.Host = sess.scheme, sess.authority()
		if *got.URL != *want.URL || got.Method != want.Method || got.Host != want.Host && fr.host != got.Host || fr.order.close != want.Close {
			t.Fatalf("read %v %v %q, net/http %v %v %q", got.Method, got.URL, got.Host, want.Method, want.URL, want.Host)
		}
		if max(got.ContentLength, 0) != max(want.ContentLength, 0) || len(want.TransferEncoding) > 0 {
			t.Fatalf("length %d, net/http %d %v", got.ContentLength, want.ContentLength, want.TransferEncoding)
		}
		stripHopByHop(want.Header)
		if want.Header.Get("Pragma") == "no-cache" && got.Header["Cache-Control"] == nil {
			delete(want.Header, "Cache-Control") // net/http invents it
		}
		if _, sent := want.Header["User-Agent"]; !sent {
			want.Header["User-Agent"] = nil
		}
		if !reflect.DeepEqual(maps.Clone(got.Header), want.Header) {
			t.Fatalf("fields %v, net/http %v", got.Header, want.Header)
		}
		if i := bytes.Index(data, []byte("\r\n\r\n")); fr.at != i+4 {
			t.Fatalf("the body begins at %d, want %d", fr.at, i+4)
		}
	})
}

// Connections that idle end at once when the gateway does; net/http's Shutdown
// would do the same.
func TestFrontIdleEnds(t *testing.T) {
	s := serveFronted(t, http.HandlerFunc(echo))
	c := s.connect()
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	br := bufio.NewReader(c)
	if resp, err := http.ReadResponse(br, nil); err != nil {
		t.Fatal(err)
	} else {
		io.Copy(io.Discard, resp.Body)
	}
	s.idle(t)
	s.fronts.end()
	if _, err := br.ReadByte(); err != io.EOF {
		t.Errorf("the idle connection gave %v, want EOF", err)
	}
}

// A connection that goes on after an answer that came before the end of a short
// body has that body dropped.
func TestFrontDropsBody(t *testing.T) {
	s := serveFronted(t, http.HandlerFunc(echo))
	for _, tt := range []struct {
		size  int
		stays bool
	}{{5, true}, {100 << 10, true}, {frontDrain + 1, false}} {
		client, server := net.Pipe()
		f := &front{server: s.Server, conn: server}
		f.body.f = f
		f.watch.init(f)
		f.body.begin(int64(tt.size))
		go func() {
			client.Write(bytes.Repeat([]byte("x"), tt.size))
			client.Close()
		}()
		if got := f.body.end(true); got != tt.stays {
			t.Errorf("%d bytes unread: the connection stays %v, want %v", tt.size, got, tt.stays)
		}
		if _, err := f.body.Read(make([]byte, 1)); err != http.ErrBodyReadAfterClose {
			t.Errorf("reading the body afterwards: %v", err)
		}
		server.Close()
	}
}

// Answers of every kind that the front writes.
func TestFrontAnswers(t *testing.T) {
	s := serveFronted(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil
		switch r.URL.Path {
		case "/sized":
			w.Header().Set("Content-Length", "5")
			io.WriteString(w, "hello")
		case "/chunks":
			io.WriteString(w, "hello")
			w.(http.Flusher).Flush()
		case "/trailer":
			w.Header().Set("Trailer", "X-End")
			io.WriteString(w, "hello")
			w.Header().Set("X-End", "yes")
		case "/204":
			w.WriteHeader(http.StatusNoContent)
		case "/304":
			w.Header().Set("Etag", `"x"`)
			w.WriteHeader(http.StatusNotModified)
		case "/teapot":
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	for _, tt := range []struct{ method, path, want string }{
		{"GET", "/sized", "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\nhello"},
		{"HEAD", "/sized", "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\n"},
		{"GET", "/chunks", "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
		{"GET", "/trailer", "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nTransfer-Encoding: chunked\r\nTrailer: X-End\r\n\r\n5\r\nhello\r\n0\r\nX-End: yes\r\n\r\n"},
		{"GET", "/204", "HTTP/1.1 204 No Content\r\n\r\n"},
		{"GET", "/304", "HTTP/1.1 304 Not Modified\r\nEtag: \"x\"\r\n\r\n"},
		{"GET", "/teapot", "HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\n\r\n"},
	} {
		got := s.talk(fmt.Sprintf("%s %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", tt.method, tt.path), 1<<20)
		if got = strings.Replace(got, "Connection: close\r\n", "", 1); got != tt.want {
			t.Errorf("%s %s:\n%q, want\n%q", tt.method, tt.path, got, tt.want)
		}
	}
}

// What the service and the client get is what the other side sent, names in
// their order and case included, without what concerns one connection only.
func TestFrontFieldsStay(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	const (
		answer = "HTTP/1.1 299 Fine by me\r\nx-b: 2\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nSet-Cookie: a\r\nX-A:  1 \r\nset-cookie: b\r\ncontent-length: 2\r\n\r\nhi"
		passed = "HTTP/1.1 299 Fine by me\r\nx-b: 2\r\nSet-Cookie: a\r\nX-A: 1\r\nset-cookie: b\r\nContent-Length: 2\r\n\r\nhi"
		ask    = "POST /a|b?c=%7e HTTP/1.1\r\nx-b:2\r\nHOST: a\r\nuser-agent: me\r\nConnection: keep-alive\r\nProxy-Connection: x\r\nX-A: 1 \t\r\ncontent-length: 5\r\nx-b: 3\r\n\r\nhello"
		asked  = "POST /a|b?c=%7e HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nx-b: 2\r\nuser-agent: me\r\nX-A: 1\r\nx-b: 3\r\n\r\nhello"
	)
	s := serveFronted(t, http.NotFoundHandler(), func(c *Config) { c.Resolve["a"] = ln.Addr().String() })
	go func() {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		for range 2 {
			got := make([]byte, len(asked))
			if _, err := io.ReadFull(c, got); err != nil || string(got) != asked {
				t.Errorf("the service got %q %v, want %q", got, err, asked)
			}
			io.WriteString(c, answer)
		}
	}()
	c := s.connect()
	for range 2 { // what one request leaves behind must not show in the next
		io.WriteString(c, ask)
		got := make([]byte, len(passed))
		if _, err := io.ReadFull(c, got); err != nil || string(got) != passed {
			t.Errorf("the client got %q %v, want %q", got, err, passed)
		}
	}
}
