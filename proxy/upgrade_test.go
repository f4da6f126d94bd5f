package proxy_test

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// readFrame reads one WebSocket frame of less than 126 bytes and unmasks it.
func readFrame(r io.Reader) (opcode byte, payload string, err error) {
	head := make([]byte, 2)
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, "", err
	}
	var mask [4]byte
	if head[1]&0x80 != 0 {
		if _, err := io.ReadFull(r, mask[:]); err != nil {
			return 0, "", err
		}
	}
	b := make([]byte, head[1]&0x7f)
	_, err = io.ReadFull(r, b)
	for i := range b {
		b[i] ^= mask[i%4]
	}
	return head[0] & 0x0f, string(b), err
}

// writeFrame writes a text, masked as a client must.
func writeFrame(w io.Writer, text string, masked bool) error {
	if !masked {
		_, err := w.Write(append([]byte{0x81, byte(len(text))}, text...))
		return err
	}
	b := append([]byte{0x81, 0x80 | byte(len(text)), 1, 2, 3, 4}, text...)
	for i := range text {
		b[6+i] ^= byte(1 + i%4)
	}
	_, err := w.Write(b)
	return err
}

// webSocketEcho answers each text with the same text.
func webSocketEcho(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/denied" {
		http.Error(w, "not you", http.StatusUnauthorized)
		return
	}
	c, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer c.Close()
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "+
		base64.StdEncoding.EncodeToString(sum[:])+"\r\nX-Origin: "+r.Header.Get("X-Client")+"\r\n\r\n")
	for {
		op, text, err := readFrame(rw)
		if err != nil || op != 1 {
			return
		}
		if writeFrame(c, "echo "+text, false) != nil {
			return
		}
	}
}

const upgradeHead = "Host: %\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nX-Client: me\r\n\r\n"

func TestWebSocket(t *testing.T) {
	r := start(t, http.HandlerFunc(webSocketEcho), nil)
	for _, tt := range []struct {
		name string
		dial func() io.ReadWriter
	}{
		{"through CONNECT", func() io.ReadWriter {
			c := r.intercepted("ai.test")
			io.WriteString(c, "GET /ws HTTP/1.1\r\n"+strings.Replace(upgradeHead, "%", "ai.test", 1))
			return c
		}},
		{"plain", func() io.ReadWriter {
			return r.dial("GET http://http.ai.test/ws HTTP/1.1\r\n" + strings.Replace(upgradeHead, "%", "http.ai.test", 1))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := tt.dial()
			head := readHead(t, c)
			if !strings.HasPrefix(head, "HTTP/1.1 101 ") || !strings.Contains(head, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") || !strings.Contains(head, "X-Origin: me") {
				t.Fatalf("got %q", head)
			}
			for _, m := range []struct{ say, hear string }{{"hello", "echo hello"}, {"my SECRET", "echo my [REDACTED:secret]"}} {
				if err := writeFrame(c, m.say, true); err != nil {
					t.Fatal(err)
				}
				if _, text, err := readFrame(c); err != nil || text != m.hear {
					t.Errorf("said %q, heard %q (%v), want %q", m.say, text, err, m.hear)
				}
			}
			writeFrame(c, "BLOCK", true)
			if op, text, err := readFrame(c); err != nil || op != 8 || text[:2] != "\x03\xf0" { // 1008
				t.Errorf("after a blocked message: opcode %d, %q (%v), want a close with 1008", op, text, err)
			}
		})
	}
	seen := r.stages.sightings(t, 6)
	actions := map[traffic.Action]int{}
	for _, s := range seen {
		actions[s.Decision.Action]++
	}
	if actions[traffic.ActionRedact] != 2 || actions[traffic.ActionBlock] != 2 {
		t.Errorf("sightings by action: %v", actions)
	}
	if st := r.server.Stats(); st.WebSockets.Load() != 2 || st.Dropped.Load() != 2 {
		t.Errorf("%d connections and %d dropped, want 2 and 2", st.WebSockets.Load(), st.Dropped.Load())
	}
}

func TestWebSocketNotSwitched(t *testing.T) {
	r := start(t, http.HandlerFunc(webSocketEcho), nil)
	c := r.intercepted("ai.test")
	io.WriteString(c, "GET /denied HTTP/1.1\r\n"+strings.Replace(upgradeHead, "%", "ai.test", 1))
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := io.ReadAll(resp.Body); resp.StatusCode != 401 || string(b) != "not you\n" {
		t.Errorf("got %d %q", resp.StatusCode, b)
	}
}

func TestWebSocketRefused(t *testing.T) {
	r := start(t, http.HandlerFunc(webSocketEcho), nil)
	c := r.intercepted("refused.test")
	io.WriteString(c, "GET /ws HTTP/1.1\r\n"+strings.Replace(upgradeHead, "%", "refused.test", 1))
	if head := readHead(t, c); !strings.HasPrefix(head, "HTTP/1.1 403 ") {
		t.Errorf("got %q", head)
	}
}
