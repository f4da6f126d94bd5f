package proxy_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/gnomon-proxy/gnomon/proxy"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// eagerConn sends the client hello in one write with CONNECT and swallows the
// answer to that.
type eagerConn struct {
	net.Conn
	head string
	t    *testing.T
}

func (c *eagerConn) Write(p []byte) (int, error) {
	if c.head == "" {
		return c.Conn.Write(p)
	}
	_, err := c.Conn.Write(append([]byte(c.head), p...))
	c.head = ""
	readHead(c.t, c.Conn)
	return len(p), err
}

func TestHelloWithConnect(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	for range 20 {
		raw := r.dial("")
		c := tls.Client(&eagerConn{raw, "CONNECT ai.test:443 HTTP/1.1\r\nHost: ai.test:443\r\n\r\n", t}, &tls.Config{ServerName: "ai.test", RootCAs: r.roots})
		if err := c.Handshake(); err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
}

// TestHelloWithConnectTunnelled is the same for a tunnel.
func TestHelloWithConnectTunnelled(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	raw := r.dial("")
	c := tls.Client(&eagerConn{raw, "CONNECT other.test:443 HTTP/1.1\r\nHost: other.test:443\r\n\r\n", t}, &tls.Config{ServerName: "other.test", InsecureSkipVerify: true})
	if err := c.Handshake(); err != nil {
		t.Fatal(err)
	}
}

func TestManyHandshakes(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 30 {
				c, err := net.Dial("tcp", r.addr)
				if err != nil {
					t.Error(err)
					return
				}
				io.WriteString(c, "CONNECT ai.test:443 HTTP/1.1\r\nHost: ai.test:443\r\n\r\n")
				if _, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: "CONNECT"}); err != nil {
					t.Error(err)
				}
				if err := tls.Client(c, &tls.Config{ServerName: "ai.test", RootCAs: r.roots}).Handshake(); err != nil {
					t.Error(err)
				}
				t.Cleanup(func() { c.Close() })
			}
		})
	}
	wg.Wait()
	await(t, "all handshakes", func() bool { return r.server.Stats().Handshakes.Load() >= 240 }) // the last message of one is the client's
	if got := r.server.Stats(); got.Handshakes.Load() != 240 || got.Minted.Load() != 1 {
		t.Errorf("%d handshakes and %d leaves, want 240 and 1", got.Handshakes.Load(), got.Minted.Load())
	}
}

func TestResumption(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	cache := tls.NewLRUClientSessionCache(4)
	for i := range 20 {
		c := tls.Client(r.connect("ai.test:443"), &tls.Config{ServerName: "ai.test", RootCAs: r.roots, ClientSessionCache: cache})
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: ai.test\r\nConnection: close\r\n\r\n")
		if _, err := io.ReadAll(c); err != nil { // the ticket comes with the answer
			t.Fatal(err)
		}
		if got := c.ConnectionState().DidResume; got != (i > 0) {
			t.Fatalf("handshake %d resumed: %v", i, got)
		}
	}
	if n := r.server.Stats().Resumed.Load(); n != 19 {
		t.Errorf("%d resumed, want 19", n)
	}
}

func TestMisdirected(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	for _, tt := range []struct {
		name, head string
		want       int
	}{
		{"agreeing", "GET / HTTP/1.1\r\nHost: ai.test\r\n\r\n", 200},
		{"case, dot and port", "GET / HTTP/1.1\r\nHost: AI.test.:443\r\n\r\n", 200},
		{"absolute", "GET https://ai.test/ HTTP/1.1\r\nHost: ai.test\r\n\r\n", 200},
		{"other host", "GET / HTTP/1.1\r\nHost: other.test\r\n\r\n", 421},
		{"other port", "GET / HTTP/1.1\r\nHost: ai.test:8443\r\n\r\n", 421},
		{"absolute to another", "GET https://other.test/ HTTP/1.1\r\nHost: ai.test\r\n\r\n", 421},
		{"absolute to another, Host too", "GET https://other.test/ HTTP/1.1\r\nHost: other.test\r\n\r\n", 421},
		{"absolute, Host names another", "GET https://ai.test/ HTTP/1.1\r\nHost: other.test\r\n\r\n", 421},
		{"absolute, other scheme", "GET http://ai.test/ HTTP/1.1\r\nHost: ai.test\r\n\r\n", 421},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := r.intercepted("ai.test")
			before := r.server.Stats().Mismatches.Load()
			io.WriteString(c, tt.head)
			resp, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != tt.want {
				t.Errorf("got %d, want %d", resp.StatusCode, tt.want)
			}
			if n := r.server.Stats().Mismatches.Load() - before; (n == 1) != (tt.want == 421) {
				t.Errorf("%d mismatches counted", n)
			}
		})
	}
	t.Run("HTTP/2", func(t *testing.T) {
		req, _ := http.NewRequest("GET", "https://ai.test/", nil)
		req.Host = "other.test"
		if resp, _ := r.do(r.client(true), req); resp.StatusCode != 421 {
			t.Errorf("got %d, want 421", resp.StatusCode)
		}
	})
}

func TestOtherNameInHello(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	c := tls.Client(r.connect("ai.test:443"), &tls.Config{ServerName: "other.test", InsecureSkipVerify: true})
	if err := c.Handshake(); err == nil {
		t.Error("a client hello for another name than CONNECT was served")
	}
	s := r.server.Stats()
	await(t, "it is counted", func() bool { return s.Mismatches.Load() > 0 }) // the alert comes a moment before
	if s.Mismatches.Load() != 1 || s.Failed.All()["mismatch"] != 1 {
		t.Errorf("%d mismatches, failed %v", s.Mismatches.Load(), s.Failed.All())
	}
}

func TestNoNameInHello(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	c := tls.Client(r.connect("ai.test:443"), &tls.Config{InsecureSkipVerify: true})
	if err := c.Handshake(); err != nil {
		t.Fatal(err)
	}
	if err := c.ConnectionState().PeerCertificates[0].VerifyHostname("ai.test"); err != nil {
		t.Errorf("the leaf does not follow CONNECT: %v", err)
	}
}

func TestNotTLS(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	t.Run("HTTP on port 80", func(t *testing.T) {
		c := r.connect("http.ai.test:80")
		io.WriteString(c, "POST /v1 HTTP/1.1\r\nHost: http.ai.test\r\nContent-Length: 6\r\nConnection: close\r\n\r\nSECRET")
		if b, _ := io.ReadAll(c); !strings.HasSuffix(string(b), "[REDACTED:secret]") {
			t.Errorf("got %q", b)
		}
	})
	t.Run("something else", func(t *testing.T) {
		c := r.connect("ai.test:443")
		io.WriteString(c, "SSH-2.0-x\r\n")
		if b, _ := io.ReadAll(c); len(b) > 0 {
			t.Errorf("got %q", b)
		}
		if n := r.server.Stats().NotTLS.Load(); n != 1 {
			t.Errorf("%d counted, want 1", n)
		}
	})
}

func TestTunnelBytes(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				io.Copy(c, c) // answers to the end, then ends
			}()
		}
	}()
	r := start(t, http.HandlerFunc(echo), func(c *proxy.Config) { c.Resolve["site.test"] = ln.Addr().String() })
	c := r.connect("site.test:443")
	data := bytes.Repeat([]byte("0123456789abcdef"), 512<<10) // 8 MiB: bulk enough to be spliced
	go func() {
		c.Write(data)
		c.(*net.TCPConn).CloseWrite()
	}()
	got, err := io.ReadAll(c)
	if err != nil || !bytes.Equal(got, data) {
		t.Fatalf("%d bytes came back (%v), want %d equal ones", len(got), err, len(data))
	}
	s := r.stages.sightings(t, 1)[0]
	if s.Up != int64(len(data)) || s.Down != int64(len(data)) || s.Coverage != (traffic.Coverage{Depth: traffic.MetadataOnly, Reason: traffic.ReasonTunnelled}) {
		t.Errorf("sighting has %d up, %d down, coverage %+v", s.Up, s.Down, s.Coverage)
	}
}

func TestRefusedConnect(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	c := r.dial("CONNECT refused-site.test:443 HTTP/1.1\r\nHost: refused-site.test:443\r\n\r\n")
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(b), "HTTP/1.1 403 ") || !strings.Contains(string(b), "Not this one.") || !strings.Contains(string(b), "no-block") {
		t.Errorf("got %q", b)
	}
	if s := r.stages.sightings(t, 1)[0]; s.Decision.Action != traffic.ActionBlock {
		t.Errorf("sighting %+v", s)
	}
}

func TestUnreachable(t *testing.T) {
	const dead = "127.0.0.1:1" // where nobody listens; a port that was free a moment ago may be another test's now
	r := start(t, http.HandlerFunc(echo), func(c *proxy.Config) {
		c.Resolve["dead.test"], c.Resolve["dead.ai.test"] = dead, dead
		c.Resolve["inside.test"], c.Resolve["inside.ai.test"] = "10.0.0.1", "10.0.0.1"
		c.Resolve["self.test"] = "127.0.0.2"
		c.Self = []netip.AddrPort{netip.MustParseAddrPort("127.0.0.2:443")}
	})
	for _, tt := range []struct{ name, host, want string }{
		{"tunnel refused", "dead.test", "HTTP/1.1 502 "},
		{"tunnel to a private address", "inside.test", "HTTP/1.1 403 "},
		{"tunnel to ourselves", "self.test", "HTTP/1.1 403 "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := r.dial(fmt.Sprintf("CONNECT %s:443 HTTP/1.1\r\nHost: %[1]s:443\r\n\r\n", tt.host))
			if head := readHead(t, c); !strings.HasPrefix(head, tt.want) {
				t.Errorf("got %q, want %q", head, tt.want)
			}
		})
	}
	for host, want := range map[string]int{"dead.ai.test": 502, "inside.ai.test": 403} {
		t.Run(host, func(t *testing.T) {
			if resp, _ := r.post(r.client(true), "https://"+host+"/", "x"); resp.StatusCode != want {
				t.Errorf("got %d, want %d", resp.StatusCode, want)
			}
		})
	}
	t.Run("the proxy itself", func(t *testing.T) {
		_, port, _ := net.SplitHostPort(r.addr)
		head := readHead(t, r.dial("GET http://127.0.0.1:"+port+"/ HTTP/1.1\r\nHost: 127.0.0.1:"+port+"\r\n\r\n"))
		if !strings.HasPrefix(head, "HTTP/1.1 403 ") {
			t.Errorf("got %q", head)
		}
	})
}

func TestSilentClients(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	for range 50 {
		r.dial("GET http://other.test/ HTTP/1.1\r\n") // and no more
	}
	if err := r.stop(); err != nil { // they must not keep it from ending
		t.Fatal(err)
	}
}

// TestHiddenName is a tunnel to a harmless name in which an AI service is named.
func TestHiddenName(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	c := tls.Client(r.connect("other.test:443"), &tls.Config{ServerName: "ai.test", InsecureSkipVerify: true})
	if err := c.Handshake(); err == nil {
		t.Error("the tunnel was served")
	}
	s := r.stages.sightings(t, 1)[0]
	if s.Host != "ai.test" || s.Decision.Action != traffic.ActionBlock || r.server.Stats().Mismatches.Load() != 1 {
		t.Errorf("sighting %+v", s)
	}
	other := tls.Client(r.connect("other.test:443"), &tls.Config{ServerName: "cdn.test", InsecureSkipVerify: true})
	if err := other.Handshake(); err != nil {
		t.Errorf("a harmless other name was refused: %v", err)
	}
}
