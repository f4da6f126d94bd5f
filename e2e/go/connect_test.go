package e2e_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
)

func TestHandshakes(t *testing.T) {
	const all, atOnce = 240, 8
	var ok atomic.Int32
	var wg sync.WaitGroup
	config := tlsConfig(t, testnet.HostAnthropic, "h2", "http/1.1")
	for range atOnce {
		wg.Go(func() {
			for range all / atOnce {
				if err := handshake(config); err != nil {
					t.Log(err)
					continue
				}
				ok.Add(1)
			}
		})
	}
	wg.Wait()
	if n := ok.Load(); n != all {
		t.Errorf("%d of %d handshakes", n, all)
	}
}

// handshake opens a tunnel, makes TLS in it and closes.
func handshake(config *tls.Config) error {
	c, err := net.Dial("tcp", gw.Proxy)
	if err != nil {
		return err
	}
	defer c.Close()
	fmt.Fprintf(c, "CONNECT %s:443 HTTP/1.1\r\nHost: %[1]s:443\r\n\r\n", config.ServerName)
	resp, err := http.ReadResponse(bufio.NewReader(oneByte{c}), &http.Request{Method: http.MethodConnect})
	if err != nil || resp.StatusCode != 200 {
		return fmt.Errorf("CONNECT: %v, %v", resp, err)
	}
	return tls.Client(c, config).Handshake()
}

// eager sends the first write of TLS together with the CONNECT.
type eager struct {
	net.Conn
	head   string
	opened bool
}

func (e *eager) Write(p []byte) (int, error) {
	if e.head == "" {
		return e.Conn.Write(p)
	}
	n, err := e.Conn.Write(append([]byte(e.head), p...))
	e.head = ""
	return min(n, len(p)), err
}

func (e *eager) Read(p []byte) (int, error) {
	if !e.opened {
		resp, err := http.ReadResponse(bufio.NewReader(oneByte{e.Conn}), &http.Request{Method: http.MethodConnect})
		if err != nil || resp.StatusCode != 200 {
			return 0, fmt.Errorf("CONNECT: %v, %v", resp, err)
		}
		e.opened = true
	}
	return e.Conn.Read(p)
}

func TestHelloTogetherWithConnect(t *testing.T) {
	for _, host := range []string{testnet.HostOpenAI, testnet.HostSite} { // intercepted and tunnelled
		for i := range 20 {
			e := &eager{Conn: dial(t), head: "CONNECT " + host + ":443 HTTP/1.1\r\nHost: " + host + ":443\r\n\r\n"}
			config := tlsConfig(t, host)
			config.InsecureSkipVerify = host == testnet.HostSite // of the stand-ins' CA
			if err := tls.Client(e, config).Handshake(); err != nil {
				t.Fatalf("%s, attempt %d: %v", host, i, err)
			}
		}
	}
}

func TestResumption(t *testing.T) {
	config := tlsConfig(t, testnet.HostOpenAI, "http/1.1")
	config.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	for i := range 3 {
		c := dial(t)
		connect(t, c, testnet.HostOpenAI+":443")
		s := tls.Client(c, config)
		io.WriteString(s, "GET /v1/models HTTP/1.1\r\nHost: "+testnet.HostOpenAI+"\r\nConnection: close\r\n\r\n")
		if _, err := io.ReadAll(s); err != nil { // the ticket comes with the answer
			t.Fatal(err)
		}
		if got := s.ConnectionState().DidResume; got != (i > 0) {
			t.Errorf("connection %d resumed: %v", i, got)
		}
		s.Close()
	}
}

// TestHostsDisagree asks for a host other than that of the tunnel.
func TestHostsDisagree(t *testing.T) {
	for _, tt := range []struct{ name, head string }{
		{"Host", "POST /v1/chat/completions HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 2\r\n\r\n{}"},
		{"other AI host", "GET /v1/models HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n"},
		{"absolute URI", "GET https://evil.example/v1/models HTTP/1.1\r\nHost: api.openai.com\r\n\r\n"},
		{"absolute URI and Host", "GET https://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			services.Reset()
			s := inside(t, testnet.HostOpenAI, "http/1.1")
			io.WriteString(s, tt.head)
			resp, err := http.ReadResponse(bufio.NewReader(s), nil)
			if err != nil || resp.StatusCode != http.StatusMisdirectedRequest {
				t.Errorf("answer %v, %v; want 421", resp, err)
			}
			if n := len(services.Received()); n != 0 {
				t.Errorf("%d requests arrived", n)
			}
		})
	}
	t.Run("HTTP/2", func(t *testing.T) {
		req, err := http.NewRequestWithContext(deadline(t), http.MethodGet, "https://"+testnet.HostOpenAI+"/v1/models", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "evil.example"
		resp, err := client(t, true).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("answer %d, want 421", resp.StatusCode)
		}
	})
}

func TestSNIDisagrees(t *testing.T) {
	services.Reset()
	c := dial(t)
	connect(t, c, testnet.HostOpenAI+":443")
	if err := tls.Client(c, tlsConfig(t, "evil.example")).Handshake(); err == nil {
		t.Error("a tunnel to one host let a handshake with another through")
	}
}

func TestExpectContinue(t *testing.T) {
	services.Reset()
	const body = `{"model":"m","messages":[{"role":"user","content":"hi"}]}`
	s := inside(t, testnet.HostOpenAI, "http/1.1")
	fmt.Fprintf(s, "POST /v1/chat/completions HTTP/1.1\r\nHost: %s\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", testnet.HostOpenAI, len(body))
	r := bufio.NewReader(s)
	line, err := r.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "HTTP/1.1 100 ") {
		t.Fatalf("answer %q, %v; want 100", line, err)
	}
	r.ReadString('\n')
	io.WriteString(s, body)
	resp, err := http.ReadResponse(r, nil)
	if err != nil || resp.StatusCode != 200 || string(one(t).Body) != body {
		t.Errorf("answer %v, %v", resp, err)
	}
}

// TestForbiddenTargets wants neither the machine's own services nor a cloud's
// metadata to be reachable; loopback itself is allowed here for the stand-ins.
func TestForbiddenTargets(t *testing.T) {
	for _, target := range []string{
		gw.Console, "169.254.169.254:80", "169.254.169.254:443", "10.0.0.1:443", "192.168.1.1:80", "[::1]:443", "[fd00::1]:443",
		"[::ffff:169.254.169.254]:80", "0.0.0.0:443", "127.0.0.1:22",
	} {
		t.Run(target, func(t *testing.T) {
			if code := connect(t, dial(t), target); code < 400 || code >= 500 {
				t.Errorf("CONNECT: %d, want a refusal", code)
			}
			c := dial(t)
			fmt.Fprintf(c, "GET http://%s/ HTTP/1.1\r\nHost: %[1]s\r\nConnection: close\r\n\r\n", target)
			resp, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil || resp.StatusCode < 400 || resp.StatusCode >= 500 {
				t.Errorf("GET: %v, %v; want a refusal", resp, err)
			}
		})
	}
}

// TestAmbiguousHeads sends heads that two readers could read differently.
func TestAmbiguousHeads(t *testing.T) {
	const host = testnet.HostOpenAI
	for _, tt := range []struct{ name, fields string }{
		{"length and chunks", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{"two lengths", "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"},
		{"signed length", "Content-Length: +3\r\n\r\nabc"},
		{"folded line", "X-A: b\r\n c\r\nContent-Length: 0\r\n\r\n"},
		{"bare CR", "X-A: b\rX-C: d\r\nContent-Length: 0\r\n\r\n"},
		{"bare LF", "X-A: b\nContent-Length: 0\r\n\r\n"},
		{"space before colon", "Content-Length : 3\r\n\r\nabc"},
		{"odd coding", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"},
		{"chunked twice", "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"},
		{"NUL", "X-A: b\x00c\r\nContent-Length: 0\r\n\r\n"},
		{"two hosts", "Host: evil.example\r\nContent-Length: 0\r\n\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			services.Reset()
			s := inside(t, host, "http/1.1")
			refused(t, s, "POST /v1/chat/completions HTTP/1.1\r\nHost: "+host+"\r\n"+tt.fields)
			refused(t, dial(t), "POST http://"+host+"/v1/chat/completions HTTP/1.1\r\nHost: "+host+"\r\n"+tt.fields)
			if n := len(services.Received()); n != 0 {
				t.Errorf("%d requests arrived", n)
			}
		})
	}
	t.Run("CONNECT with a body", func(t *testing.T) {
		refused(t, dial(t), "CONNECT "+host+":443 HTTP/1.1\r\nHost: "+host+":443\r\nContent-Length: 5\r\n\r\nhello")
	})
}

// refused wants 400 or 501 and the end of the connection.
func refused(t *testing.T, c net.Conn, head string) {
	t.Helper()
	io.WriteString(c, head)
	b, err := io.ReadAll(c)
	if line, _, _ := bytes.Cut(b, []byte("\r\n")); !bytes.HasPrefix(line, []byte("HTTP/1.1 400 ")) && !bytes.HasPrefix(line, []byte("HTTP/1.1 501 ")) {
		t.Errorf("answer %q (%v), want 400", line, err)
	}
	if n := bytes.Count(b, []byte("HTTP/1.1 ")); n > 1 {
		t.Errorf("%d answers to one request", n)
	}
}

func TestLongHead(t *testing.T) {
	head := "GET /v1/models HTTP/1.1\r\nHost: " + testnet.HostOpenAI + "\r\nX-Long: " + strings.Repeat("x", 2<<20) + "\r\n\r\n"
	for name, c := range map[string]net.Conn{"plain": dial(t), "inside": inside(t, testnet.HostOpenAI, "http/1.1")} {
		go io.WriteString(c, strings.Replace(head, "GET /", "GET "+map[string]string{"plain": "http://" + testnet.HostOpenAI + "/", "inside": "/"}[name], 1))
		line, err := bufio.NewReader(c).ReadString('\n')
		if !strings.HasPrefix(line, "HTTP/1.1 431 ") {
			t.Errorf("%s: answer %q, %v; want 431", name, line, err)
		}
	}
}
