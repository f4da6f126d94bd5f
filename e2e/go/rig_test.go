// Package e2e_test probes a real gateway from outside for what forward proxies
// commonly get wrong.
package e2e_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/e2e/go/gateway"
	"github.com/gnomon-proxy/gnomon/internal/testnet"
)

// secret has the form of an AWS key id; placeholder is what has to arrive.
const (
	secret      = "AKIAZ7Q4MNPLK3WXR2TJ"
	placeholder = "[REDACTED:secret]"
)

// chatURL is where most probes go.
const chatURL = "https://" + testnet.HostOpenAI + "/v1/chat/completions"

// slack is what upper bounds on time are relaxed by: they catch hangs and
// buffering, not a busy machine.
const slack = 40

// One Internet and one gateway serve all probes.
var (
	services *testnet.Net
	gw       *gateway.Gateway
)

func TestMain(m *testing.M) {
	code, err := runProbes(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "probes:", err)
		code = 1
	}
	os.Exit(code)
}

func runProbes(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "gnomon-probes-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	if services, err = testnet.Start(testnet.Options{Dir: dir}); err != nil {
		return 1, err
	}
	defer services.Close()
	gw, err = gateway.Start(filepath.Join(dir, "gateway"), services, gateway.Options{
		Proxy: "  intercept: [\"*.bad.example\", " + testnet.HostUnknownAI + ", " + testnet.HostHTTP1 + "]\n",
	})
	if err != nil {
		return 1, err
	}
	code = m.Run()
	return code, gw.Stop()
}

// client returns a client through the gateway.
func client(t *testing.T, h2 bool) *http.Client {
	t.Helper()
	c, err := testnet.NewClient(testnet.ClientOptions{Proxy: gw.Proxy, CAFiles: []string{gw.CAFile, services.CAFile}, HTTP1: !h2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// both runs a probe over HTTP/1.1 and HTTP/2.
func both(t *testing.T, f func(t *testing.T, c *http.Client, proto string)) {
	t.Helper()
	for _, h2 := range []bool{false, true} {
		proto := "HTTP/1.1"
		if h2 {
			proto = "HTTP/2.0"
		}
		t.Run(strings.ReplaceAll(proto, "/", "-"), func(t *testing.T) {
			services.Reset()
			f(t, client(t, h2), proto)
		})
	}
}

// post sends a JSON body and returns the answer.
func post(t *testing.T, c *http.Client, url, body string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(deadline(t), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("reading answer after %d bytes: %v", len(b), err)
	}
	return resp, string(b)
}

// one returns the only request that arrived.
func one(t *testing.T) testnet.Received {
	t.Helper()
	all := services.Received()
	if len(all) != 1 {
		t.Fatalf("%d requests arrived, want 1", len(all))
	}
	return all[0]
}

func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// dial opens a TCP connection to the proxy.
func dial(t *testing.T) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", gw.Proxy)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(60 * time.Second))
	return c
}

// connect sends a CONNECT and returns the status of the answer.
func connect(t *testing.T, c net.Conn, target string) int {
	t.Helper()
	fmt.Fprintf(c, "CONNECT %s HTTP/1.1\r\nHost: %[1]s\r\n\r\n", target)
	resp, err := http.ReadResponse(bufio.NewReader(oneByte{c}), &http.Request{Method: http.MethodConnect})
	if err != nil {
		t.Fatalf("answer to CONNECT %s: %v", target, err)
	}
	return resp.StatusCode
}

// oneByte reads a byte at a time, so that nothing behind a head is swallowed.
type oneByte struct{ net.Conn }

func (o oneByte) Read(p []byte) (int, error) { return o.Conn.Read(p[:min(len(p), 1)]) }

// secure makes a TLS connection inside the tunnel that c is.
func secure(t *testing.T, c net.Conn, host string, alpn ...string) *tls.Conn {
	t.Helper()
	s := tls.Client(c, tlsConfig(t, host, alpn...))
	if err := s.HandshakeContext(deadline(t)); err != nil {
		t.Fatalf("handshake for %s: %v", host, err)
	}
	return s
}

func tlsConfig(t *testing.T, host string, alpn ...string) *tls.Config {
	t.Helper()
	roots := x509.NewCertPool()
	pem, err := os.ReadFile(gw.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	roots.AppendCertsFromPEM(pem)
	return &tls.Config{ServerName: host, RootCAs: roots, NextProtos: alpn}
}

// inside returns a TLS connection to a host through the gateway.
func inside(t *testing.T, host string, alpn ...string) *tls.Conn {
	t.Helper()
	c := dial(t)
	if code := connect(t, c, host+":443"); code != 200 {
		t.Fatalf("CONNECT %s: %d", host, code)
	}
	return secure(t, c, host, alpn...)
}
