package proxy_test

import (
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/proxy"
)

func TestNewRefuses(t *testing.T) {
	ca := authority(t)
	for _, tt := range []struct {
		name string
		tune func(*proxy.Config)
		want string
	}{
		{"open proxy", func(c *proxy.Config) { c.Listen = "0.0.0.0:0" }, "open proxy"},
		{"address", func(c *proxy.Config) { c.Listen = "localhost" }, "address:port"},
		{"resolve", func(c *proxy.Config) { c.Resolve = map[string]string{"a.test": "b.test"} }, "proxy.resolve a.test"},
		{"memory", func(c *proxy.Config) { c.ScanMemory = 1 }, "proxy.scan_memory"},
		{"limit", func(c *proxy.Config) { c.MaxScanBytes = 0 }, "proxy.max_scan_bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := proxy.DefaultConfig()
			cfg.Listen = "127.0.0.1:0"
			tt.tune(&cfg)
			s, err := proxy.New(cfg, ca, nil, slog.New(slog.DiscardHandler))
			if err == nil {
				s.Close()
				t.Fatal("New accepted it")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q does not name %q", err, tt.want)
			}
		})
	}
}

func TestClients(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), func(c *proxy.Config) { c.Clients = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	c := r.dial("CONNECT ai.test:443 HTTP/1.1\r\nHost: ai.test:443\r\n\r\n")
	if head := readHead(t, c); !strings.HasPrefix(head, "HTTP/1.1 403 ") {
		t.Errorf("got %q", head)
	}
	if n := r.server.Stats().Denied.All()["client"]; n != 1 {
		t.Errorf("%d denied, want 1", n)
	}
}

// oneUser knows alice, whose password is "wonder:land".
type oneUser struct{}

func (oneUser) Authenticate(user, password string) ([]string, bool) {
	return []string{"staff"}, user == "alice" && password == "wonder:land"
}

func TestAuth(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), func(c *proxy.Config) { c.Auth = oneUser{} })
	for _, tt := range []struct{ name, header, want string }{
		{"none", "", "HTTP/1.1 407 "},
		{"wrong", "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("alice:wrong")) + "\r\n", "HTTP/1.1 407 "},
		{"no base64", "Proxy-Authorization: Basic %%%\r\n", "HTTP/1.1 407 "},
		{"other scheme", "Proxy-Authorization: Bearer x\r\n", "HTTP/1.1 407 "},
		{"right", "Proxy-Authorization: basic " + base64.StdEncoding.EncodeToString([]byte("alice:wonder:land")) + "\r\n", "HTTP/1.1 200 "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := r.dial("CONNECT ai.test:443 HTTP/1.1\r\nHost: ai.test:443\r\n" + tt.header + "\r\n")
			head := readHead(t, c)
			if !strings.HasPrefix(head, tt.want) {
				t.Errorf("got %q, want %q", head, tt.want)
			}
			if strings.Contains(tt.want, "407") && !strings.Contains(head, "Proxy-Authenticate: Basic") {
				t.Errorf("no challenge in %q", head)
			}
		})
	}
	t.Run("plain HTTP", func(t *testing.T) {
		token := base64.StdEncoding.EncodeToString([]byte("alice:wonder:land"))
		c := r.dial("POST http://http.ai.test/v1 HTTP/1.1\r\nHost: http.ai.test\r\nProxy-Authorization: Basic " + token + "\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
		if b, _ := io.ReadAll(c); !strings.HasPrefix(string(b), "HTTP/1.1 200 ") {
			t.Errorf("got %q", b)
		}
		s := r.stages.sightings(t, 1)[0]
		if s.User != "alice" || len(s.Groups) != 1 {
			t.Errorf("sighting of user %q in %q", s.User, s.Groups)
		}
	})
}

func TestPorts(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	for _, tt := range []struct{ head, want string }{
		{"CONNECT other.test:25 HTTP/1.1\r\nHost: other.test:25\r\n\r\n", "HTTP/1.1 403 "},
		{"CONNECT other.test:8443 HTTP/1.1\r\nHost: other.test:8443\r\n\r\n", "HTTP/1.1 403 "},
		{"GET http://other.test:25/ HTTP/1.1\r\nHost: other.test:25\r\n\r\n", "HTTP/1.1 403 "},
		{"POST http://127.0.0.1:28999/x HTTP/1.1\r\nHost: 127.0.0.1:28999\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 403 "},
		{"GET http://other.test:8080/ HTTP/1.1\r\nHost: other.test:8080\r\n\r\n", "HTTP/1.1 403 "},
		{"GET http://other.test:6379/ HTTP/1.1\r\nHost: other.test:6379\r\n\r\n", "HTTP/1.1 403 "},
		{"GET ftp://other.test/ HTTP/1.1\r\nHost: other.test\r\n\r\n", "HTTP/1.1 400 "},
		{"CONNECT other.test HTTP/1.1\r\nHost: other.test\r\n\r\n", "HTTP/1.1 400 "},
		{"CONNECT other.test:70000 HTTP/1.1\r\nHost: other.test:70000\r\n\r\n", "HTTP/1.1 400 "},
		{"GET /other HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 "},
		{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 400 "},
		{"CONNECT ai.test:443 HTTP/1.1\r\nHost: ai.test:443\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.1 400 "},
		{"GET http://ai.test/ HTTP/1.1\r\nHost: ai.test\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 400 "},
	} {
		t.Run(tt.head[:strings.Index(tt.head, " HTTP")], func(t *testing.T) {
			if head := readHead(t, r.dial(tt.head)); !strings.HasPrefix(head, tt.want) {
				t.Errorf("got %q, want %q", head, tt.want)
			}
		})
	}
}

// TestPlainPort lets plain HTTP use port 80 whatever is set; that nobody listens
// there is another matter.
func TestPlainPort(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), func(c *proxy.Config) { c.ConnectPorts = []uint16{443, 28999} })
	for _, url := range []string{"http://127.0.0.254/", "http://127.0.0.254:28999/"} {
		head := readHead(t, r.dial("GET "+url+" HTTP/1.1\r\nHost: "+url[7:len(url)-1]+"\r\n\r\n"))
		if strings.HasPrefix(head, "HTTP/1.1 403 ") {
			t.Errorf("%s: %q", url, head)
		}
	}
	if n := r.server.Stats().Denied.All()["port"]; n != 0 {
		t.Errorf("%d denied for their port", n)
	}
}

func TestHugeHead(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	c := r.dial("GET http://other.test/ HTTP/1.1\r\nHost: other.test\r\n")
	go io.WriteString(c, "X: "+strings.Repeat("x", 100<<10)+"\r\n\r\n")
	if head := readHead(t, c); !strings.HasPrefix(head, "HTTP/1.1 431 ") {
		t.Errorf("got %q", head)
	}
}

func TestMaxConns(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), func(c *proxy.Config) { c.MaxConns = 2 })
	first := r.dial("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	readHead(t, first)
	second := r.dial("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	readHead(t, second)
	third := r.dial("")
	if n, err := third.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("a third connection was served")
	}
	if n := r.server.Stats().Turned.Load(); n != 1 {
		t.Errorf("%d turned away, want 1", n)
	}
	first.Close() // gives its place back
	await(t, "the place is given back", func() bool { return r.server.Stats().Active.Load() == 1 })
	readHead(t, r.dial("GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
}

func TestLocalPages(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	resp, err := http.Get("http://" + r.addr + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, _ := io.ReadAll(resp.Body); !strings.Contains(string(b), `href="/ca.pem"`) || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("home page %q, policy %q", b, resp.Header.Get("Content-Security-Policy"))
	}
	resp, err = http.Get("http://" + r.addr + "/ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, _ := io.ReadAll(resp.Body); !strings.HasPrefix(string(b), "-----BEGIN CERTIFICATE-----") || strings.Contains(string(b), "PRIVATE") {
		t.Errorf("ca.pem is %q", b)
	}
}
