package testnet_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/gopacket/pcapgo"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
)

func start(t *testing.T) *testnet.Net {
	t.Helper()
	n, err := testnet.Start(testnet.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// direct returns a client that finds the stand-ins without a proxy.
func direct(t *testing.T, n *testnet.Net, h2 bool) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(n.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	tr := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, n.Addr)
		},
		TLSClientConfig: &tls.Config{RootCAs: roots}, Protocols: new(http.Protocols),
	}
	tr.Protocols.SetHTTP1(!h2)
	tr.Protocols.SetHTTP2(h2)
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func TestFormats(t *testing.T) {
	n := start(t)
	const chat = `{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"ping"}]}]`
	for _, tt := range []struct{ name, url, body, want, header string }{
		{"chat", "https://api.openai.com/v1/chat/completions", chat + "}", `"content":"You said: ping"`, "Openai-Organization"},
		{"chat stream", "https://api.openai.com/v1/chat/completions", chat + `,"stream":true}`, "data: [DONE]\n\n", "Openai-Organization"},
		{"responses", "https://api.openai.com/v1/responses", `{"model":"m","input":"ping"}`, "You said: ping", "Openai-Organization"},
		{"responses stream", "https://api.openai.com/v1/responses", `{"model":"m","input":"ping","stream":true}`, "event: response.completed\n", "Openai-Organization"},
		{"embeddings", "https://api.openai.com/v1/embeddings", `{"model":"m","input":["ping"]}`, `"embedding":[0.25,-0.5,4]`, "Openai-Organization"},
		{"messages", "https://api.anthropic.com/v1/messages", chat + "}", "You said: ping", "Anthropic-Organization-Id"},
		{"messages stream", "https://api.anthropic.com/v1/messages", chat + `,"stream":true}`, "event: message_stop\n", "Anthropic-Organization-Id"},
		{"count", "https://api.anthropic.com/v1/messages/count_tokens", chat + "}", `"input_tokens"`, "Anthropic-Organization-Id"},
		{"gemini", "https://generativelanguage.googleapis.com/v1beta/models/g:generateContent", `{"contents":[{"parts":[{"text":"ping"}]}]}`, "You said: ping", ""},
		{"gemini array", "https://generativelanguage.googleapis.com/v1beta/models/g:streamGenerateContent", `{"contents":[{"parts":[{"text":"ping"}]}]}`, "}]", ""},
		{"gemini events", "https://generativelanguage.googleapis.com/v1beta/models/g:streamGenerateContent?alt=sse", `{"contents":[{"parts":[{"text":"ping"}]}]}`, "data: {", ""},
	} {
		for proto, h2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2.0": true} {
			t.Run(tt.name+" "+proto, func(t *testing.T) {
				n.Reset()
				resp, err := direct(t, n, h2).Post(tt.url, "application/json", strings.NewReader(tt.body))
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				got, err := io.ReadAll(resp.Body)
				if err != nil || resp.StatusCode != 200 || !strings.Contains(string(got), tt.want) {
					t.Errorf("answer = %d %s (%v), want 200 with %s", resp.StatusCode, got, err, tt.want)
				}
				if tt.header != "" && resp.Header.Get(tt.header) == "" {
					t.Errorf("no header %s", tt.header)
				}
				rec := n.Received()
				if len(rec) != 1 || string(rec[0].Body) != tt.body || rec[0].Proto != proto {
					t.Errorf("received = %+v, want the body over %s", rec, proto)
				}
			})
		}
	}
}

func TestBadCertificates(t *testing.T) {
	n := start(t)
	for _, h := range []string{testnet.HostSelfSigned, testnet.HostExpired, testnet.HostWrongName} {
		if resp, err := direct(t, n, false).Get("https://" + h + "/"); err == nil {
			resp.Body.Close()
			t.Errorf("certificate of %s was accepted", h)
		}
	}
}

func TestRealtime(t *testing.T) {
	n := start(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, "wss://api.openai.com/v1/realtime?model=m", &websocket.DialOptions{HTTPClient: direct(t, n, false)})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow()
	if err := ws.Write(ctx, websocket.MessageText, []byte(`{"type":"x","text":"please leak"}`)); err != nil {
		t.Fatal(err)
	}
	var all []byte
	for range 2 {
		_, b, err := ws.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	if !bytes.Contains(all, []byte("session.created")) || !bytes.Contains(all, []byte(testnet.LeakedKey)) {
		t.Errorf("messages = %s", all)
	}
}

func TestHangup(t *testing.T) {
	n := start(t)
	for _, h2 := range []bool{false, true} {
		before := n.Hangups()
		resp, err := direct(t, n, h2).Get("https://api.openai.com/knob/silent")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		if _, err := n.WaitHangup(ctx, before); err != nil {
			t.Errorf("h2=%v: hang-up not seen: %v", h2, err)
		}
		cancel()
	}
}

func TestControl(t *testing.T) {
	n := start(t)
	resp, err := direct(t, n, true).Get("https://www.intranet.example/page?q=1")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	resp, err = http.Get(n.Control + "/_received?host=" + testnet.HostSite)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got []testnet.Received
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || len(got) != 1 || got[0].URI != "/page?q=1" {
		t.Errorf("received = %+v, %v", got, err)
	}
}

// TestTraffic sends the office through a proxy that only tunnels.
func TestTraffic(t *testing.T) {
	n := start(t)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		up, err := net.Dial("tcp", n.Addr)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer up.Close()
		w.WriteHeader(http.StatusOK)
		c, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer c.Close()
		go func() { io.Copy(up, buf); up.Close() }()
		io.Copy(c, up)
	}))
	defer proxy.Close()
	codes := make(chan testnet.Outcome, 100)
	err := testnet.Traffic(t.Context(), testnet.TrafficOptions{
		Proxy: proxy.Listener.Addr().String(), CAFiles: []string{n.CAFile}, Done: func(o testnet.Outcome) { codes <- o },
	})
	if err != nil {
		t.Fatal(err)
	}
	close(codes)
	users := map[string]bool{}
	for o := range codes {
		users[o.User] = true
		if o.Code != 200 {
			t.Errorf("%s to %s%s: %d %s", o.User, o.Host, o.Path, o.Code, o.Answer)
		}
	}
	if len(users) != 10 || len(n.ReceivedBy(testnet.HostUnknownAI)) == 0 {
		t.Errorf("%d users, want 10; unknown service used %d times", len(users), len(n.ReceivedBy(testnet.HostUnknownAI)))
	}
}

func TestCapture(t *testing.T) {
	b, err := testnet.Capture(time.Unix(1e9, 0))
	if err != nil {
		t.Fatal(err)
	}
	r, err := pcapgo.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	packets := 0
	for ; ; packets++ {
		if _, _, err := r.ReadPacketData(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if packets < 60 {
		t.Errorf("%d packets, want 60 at least", packets)
	}
}

func TestEncodings(t *testing.T) {
	for _, e := range []string{"gzip", "deflate", "br", "zstd"} {
		b, err := testnet.Encode(e, []byte("hello"))
		if err != nil {
			t.Fatal(err)
		}
		r := testnet.Received{Header: http.Header{"Content-Encoding": {e}}, Body: b}
		if got, err := r.Decoded(); err != nil || string(got) != "hello" {
			t.Errorf("%s: %q, %v", e, got, err)
		}
	}
}
