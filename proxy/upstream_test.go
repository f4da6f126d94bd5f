package proxy_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/proxy"
)

// origins signs certificates as a test wants them.
type origins struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newOrigins(t *testing.T) *origins {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "origins"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, _ := x509.ParseCertificate(der)
	return &origins{t, key, cert}
}

// serve starts a server with one certificate and counts the bytes of requests.
func (o *origins) serve(tune func(*x509.Certificate), key crypto.Signer, trusted bool) (addr string, requests *atomic.Int64) {
	o.t.Helper()
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{"bad.ai.test"}, NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	if tune != nil {
		tune(tmpl)
	}
	if key == nil {
		key = o.key
	}
	parent, signer := o.cert, crypto.Signer(o.key)
	if !trusted {
		parent, signer = tmpl, key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, key.Public(), signer)
	if err != nil {
		o.t.Fatal(err)
	}
	requests = new(atomic.Int64)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	s.StartTLS()
	o.t.Cleanup(s.Close)
	return s.Listener.Addr().String(), requests
}

func TestBadCertificates(t *testing.T) {
	o := newOrigins(t)
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		tune    func(*x509.Certificate)
		key     crypto.Signer
		trusted bool
		code    int
		want    string
	}{
		{name: "good", trusted: true, code: 200},
		{name: "expired", tune: func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) }, trusted: true, code: 502, want: "expired"},
		{name: "not yet valid", tune: func(c *x509.Certificate) { c.NotBefore = time.Now().Add(30 * time.Minute) }, trusted: true, code: 502, want: "not yet valid"},
		{name: "self-signed", code: 502, want: "unknown authority"},
		{name: "wrong name", tune: func(c *x509.Certificate) { c.DNSNames = []string{"good.ai.test"} }, trusted: true, code: 502, want: "different name"},
		{name: "client only", tune: func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }, trusted: true, code: 502, want: "not valid for a server"},
		{name: "weak RSA", key: weak, trusted: true, code: 502, want: "weak key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			addr, requests := o.serve(tt.tune, tt.key, tt.trusted)
			r := start(t, http.HandlerFunc(echo), func(c *proxy.Config) {
				c.Resolve["bad.ai.test"] = addr
				c.UpstreamRoots = append(c.UpstreamRoots, o.cert)
			})
			req, _ := http.NewRequest("POST", "https://bad.ai.test/", strings.NewReader("prompt"))
			req.Header.Set("Accept", "text/html")
			for _, h2 := range []bool{true, false} {
				req := req.Clone(t.Context())
				req.Body, _ = req.GetBody()
				resp, body := r.do(r.client(h2), req)
				if resp.StatusCode != tt.code || !strings.Contains(body, tt.want) {
					t.Errorf("h2=%v: got %d %q, want %d naming %q", h2, resp.StatusCode, body, tt.code, tt.want)
				}
			}
			if tt.code == 502 && requests.Load() > 0 {
				t.Error("the request was sent all the same")
			}
		})
	}
}

// TestBadUpstreams are services that break off, say nothing sensible or speak
// no TLS.
func TestBadUpstreams(t *testing.T) {
	for _, tt := range []struct {
		name, says string
		tls        bool
	}{
		{"no TLS", "HTTP/1.1 200 OK\r\n\r\n", true},
		{"garbage", "garbage\r\n\r\n", false},
		{"nothing", "", false},
		{"switches unasked", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
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
					c.Read(make([]byte, 4096))
					io.WriteString(c, tt.says)
					c.Close()
				}
			}()
			r := start(t, http.HandlerFunc(echo), func(c *proxy.Config) { c.Resolve["bad.ai.test"] = ln.Addr().String() })
			url := "http://bad.ai.test/"
			if tt.tls {
				url = "https://bad.ai.test/"
			}
			if resp, body := r.post(r.client(false), url, "x"); resp.StatusCode != 502 || !strings.Contains(body, `"gnomon_gateway"`) {
				t.Errorf("got %d %q", resp.StatusCode, body)
			}
		})
	}
}

// TestPostOnce shows that a request that may have been acted upon is not sent
// twice.
func TestPostOnce(t *testing.T) {
	var posts atomic.Int64
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if posts.Add(1) > 1 {
			panic(http.ErrAbortHandler) // with the request read
		}
	}), nil)
	c := r.client(false)
	r.post(c, "https://ai.test/", "first")
	if resp, _ := r.post(c, "https://ai.test/", "second"); resp.StatusCode != 502 {
		t.Errorf("got %d, want 502", resp.StatusCode)
	}
	if n := posts.Load(); n != 2 {
		t.Errorf("%d requests reached the origin, want 2", n)
	}
}

// TestStaleConnection has the origin close an idle connection: the next request
// must not suffer.
func TestStaleConnection(t *testing.T) {
	var close atomic.Bool
	closed := make(chan struct{})
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		echo(w, r)
		if close.CompareAndSwap(false, true) {
			w.(http.Flusher).Flush()
			c, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				c.Close()
			}
			defer func() { closedOnce(closed) }()
		}
	}), nil)
	c := r.client(false)
	c.Post("https://ai.test/", "text/plain", strings.NewReader("first"))
	<-closed
	for i := range 3 {
		if resp, body := r.post(c, "https://ai.test/", fmt.Sprint(i)); resp.StatusCode != 200 || body != fmt.Sprint(i) {
			t.Errorf("request %d: %d %q", i, resp.StatusCode, body)
		}
	}
}

func closedOnce(c chan struct{}) { close(c) }
