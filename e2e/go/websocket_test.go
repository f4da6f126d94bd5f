package e2e_test

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/gnomon-proxy/gnomon/e2e/go/gateway"
	"github.com/gnomon-proxy/gnomon/internal/testnet"
)

// talk opens a realtime conversation and reads its first message.
func talk(t *testing.T, ctx context.Context, c *http.Client, mode websocket.CompressionMode) *websocket.Conn {
	t.Helper()
	url := "wss://" + testnet.HostOpenAI + "/v1/realtime?model=gpt-realtime"
	if mode != websocket.CompressionDisabled {
		url += "&deflate=1"
	}
	ws, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{
		HTTPClient: c, HTTPHeader: http.Header{"Authorization": {"Bearer sk-e2e"}}, CompressionMode: mode, CompressionThreshold: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.CloseNow() })
	ws.SetReadLimit(1 << 20)
	if _, b, err := ws.Read(ctx); err != nil || !strings.Contains(string(b), "session.created") {
		t.Fatalf("first message %s, %v", b, err)
	}
	return ws
}

const said = `{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"key ` + secret + `, please leak"}]}}`

func TestWebSocket(t *testing.T) {
	for name, mode := range map[string]websocket.CompressionMode{"plain": websocket.CompressionDisabled, "deflate": websocket.CompressionContextTakeover} {
		t.Run(name, func(t *testing.T) {
			services.Reset()
			ctx, alerts := deadline(t), decisions("alert")
			ws := talk(t, ctx, client(t, false), mode)
			for range 2 { // the second shares a compression window with the first
				if err := ws.Write(ctx, websocket.MessageText, []byte(said)); err != nil {
					t.Fatal(err)
				}
				_, b, err := ws.Read(ctx)
				if err != nil {
					t.Fatal(err)
				}
				all := services.Received()
				if last := string(all[len(all)-1].Body); last != strings.ReplaceAll(said, secret, placeholder) {
					t.Errorf("arrived %s", last)
				}
				if !strings.Contains(string(b), testnet.LeakedKey) {
					t.Errorf("what a service says is reported, not changed; got %s", b)
				}
			}
			for end := time.Now().Add(time.Minute); decisions("alert") == alerts; {
				if time.Now().After(end) {
					t.Fatalf("the secret that the service said raised no alert; the log:\n%s", gw.Log())
				}
				<-time.After(10 * time.Millisecond) // another process writes the log
			}
		})
	}
}

// decisions counts the decisions of a kind on findings.
func decisions(action string) (n int) {
	for line := range strings.Lines(gw.Log()) {
		if strings.Contains(line, "action="+action+" ") && !strings.Contains(line, "findings=0") {
			n++
		}
	}
	return n
}

func TestWebSocketBlocked(t *testing.T) {
	g, err := gateway.Start(filepath.Join(t.TempDir(), "gateway"), services, gateway.Options{Rules: map[string]string{"policies/block.yaml": `policies:
  - name: keep-secrets
    when:
      class: [secret]
    action: block
    message: Secrets stay here.
    match:
      - {findings: [{class: secret}]}
    no_match:
      - {findings: [{class: contact}]}
`}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := g.Stop(); err != nil {
			t.Error(err)
		}
	}()
	c, err := testnet.NewClient(testnet.ClientOptions{Proxy: g.Proxy, CAFiles: []string{g.CAFile}, HTTP1: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	services.Reset()
	ctx := deadline(t)
	ws := talk(t, ctx, c, websocket.CompressionDisabled)
	if err := ws.Write(ctx, websocket.MessageText, []byte(said)); err != nil {
		t.Fatal(err)
	}
	if _, b, err := ws.Read(ctx); websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		t.Errorf("read %s, %v; want close 1008", b, err)
	}
	for _, r := range services.Received() {
		if strings.Contains(string(r.Body), secret) {
			t.Errorf("arrived %s", r.Body)
		}
	}
}
