package proxy_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/proxy"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// saying starts a gateway before a service at raw.ai.test and raw.test that
// answers every request with the same bytes and hangs up.
func saying(t *testing.T, says string) *rig {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r, err := http.ReadRequest(bufio.NewReader(c))
				if err != nil {
					return
				}
				io.Copy(io.Discard, r.Body)
				io.WriteString(c, says)
				c.(*net.TCPConn).CloseWrite()
				io.Copy(io.Discard, c)
			}()
		}
	}()
	return start(t, http.HandlerFunc(echo), func(c *proxy.Config) { c.Resolve["raw.ai.test"] = ln.Addr().String() })
}

// ask sends a request in the clear and returns the bytes of its answer.
func ask(t *testing.T, r *rig, head string) string {
	t.Helper()
	return wholeAnswer(r.dial("POST http://raw.ai.test/ HTTP/1.1\r\nHost: raw.ai.test\r\nUser-Agent: test\r\n" + head))
}

func wholeAnswer(c io.Reader) string {
	var raw bytes.Buffer
	if resp, err := http.ReadResponse(bufio.NewReader(io.TeeReader(c, &raw)), nil); err == nil {
		io.Copy(io.Discard, resp.Body)
	}
	return raw.String()
}

// ways are a request that lean takes, one that it does not, and a WebSocket.
var ways = map[string]string{
	"short":     "Content-Length: 2\r\n\r\nhi",
	"chunked":   "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
	"WebSocket": "",
}

func askWay(t *testing.T, r *rig, way string) string {
	t.Helper()
	if way == "WebSocket" {
		return wholeAnswer(r.dial("GET http://raw.ai.test/ HTTP/1.1\r\n" + strings.Replace(upgradeHead, "%", "raw.ai.test", 1)))
	}
	return ask(t, r, ways[way])
}

// TestBadStatus has a service answer with what is no status: the client gets a
// 502 and the record the request.
func TestBadStatus(t *testing.T) {
	for _, says := range []string{"HTTP/1.1 099 x\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 000 x\r\n\r\n", "HTTP/1.1 099 x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"} {
		for way := range ways {
			r := saying(t, says)
			if got := askWay(t, r, way); !strings.HasPrefix(got, "HTTP/1.1 502 ") || !strings.Contains(got, `"invalid"`) {
				t.Errorf("%s after %q: got %q", way, says, got)
			}
			if s := r.stages.sightings(t, 1)[0]; s.Code != 502 {
				t.Errorf("%s: recorded %d", way, s.Code)
			}
			if n := r.server.Stats().Upstream.All()["invalid"]; n != 1 {
				t.Errorf("%s: counted %d", way, n)
			}
		}
	}
}

// TestUnansweredIsRecorded shows the code that the client got in the record.
func TestUnansweredIsRecorded(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), func(c *proxy.Config) { c.Resolve["raw.ai.test"] = "127.0.0.1:1" })
	if got := ask(t, r, ways["short"]); !strings.HasPrefix(got, "HTTP/1.1 502 ") {
		t.Errorf("got %q", got)
	}
	if s := r.stages.sightings(t, 1)[0]; s.Code != 502 {
		t.Errorf("recorded %d", s.Code)
	}
}

// TestCutAnswer has an answer of a known length break off: the client must see
// the head, what came, and that it is not all.
func TestCutAnswer(t *testing.T) {
	for way := range ways {
		r := saying(t, "HTTP/1.1 200 OK\r\nX-Head: 1\r\nContent-Length: 100\r\n\r\nthe first part")
		got := askWay(t, r, way)
		if !strings.HasPrefix(got, "HTTP/1.1 200 ") || !strings.Contains(got, "X-Head: 1") || !strings.HasSuffix(got, "\r\n\r\nthe first part") || !strings.Contains(got, "Content-Length: 100") {
			t.Errorf("%s: got %q", way, got)
		}
	}
}

// TestCutChunks has an answer of unknown length break off.
func TestCutChunks(t *testing.T) {
	for way := range ways {
		r := saying(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
		if got := askWay(t, r, way); !strings.HasSuffix(got, "5\r\nfirst\r\n") {
			t.Errorf("%s: got %q", way, got)
		}
	}
}

func TestLongAnswerHead(t *testing.T) {
	for way := range ways {
		r := saying(t, "HTTP/1.1 200 OK\r\nX-Long: "+strings.Repeat("x", 2<<20)+"\r\nContent-Length: 0\r\n\r\n")
		if got := askWay(t, r, way); !strings.HasPrefix(got, "HTTP/1.1 502 ") {
			t.Errorf("%s: got %d bytes %.40q", way, len(got), got)
		}
	}
}

// TestHopByHopOfClosing has a service list a field beside "close".
func TestHopByHopOfClosing(t *testing.T) {
	r := saying(t, "HTTP/1.1 200 OK\r\nX-Stays: 1\r\nX-Secret: 1\r\nConnection: X-Secret, close\r\nContent-Length: 22\r\n\r\n\r\nConnection: x-stays,\r\n")
	got := ask(t, r, ways["short"])
	if !strings.HasPrefix(got, "HTTP/1.1 200 ") || strings.Contains(got, "X-Secret") || !strings.Contains(got, "X-Stays: 1") || strings.Contains(got, "\r\nConnection: X") {
		t.Errorf("got %q", got)
	}
}

// TestTrace shows that TRACE, whose answer would show a page its cookies, goes
// nowhere.
func TestTrace(t *testing.T) {
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { t.Error("reached the origin") }), nil)
	c := r.dial("TRACE http://http.ai.test/ HTTP/1.1\r\nHost: http.ai.test\r\nCookie: a=b\r\n\r\n")
	if head := readHead(t, c); !strings.HasPrefix(head, "HTTP/1.1 501 ") {
		t.Errorf("got %q", head)
	}
	req, _ := http.NewRequest("TRACE", "https://ai.test/", nil)
	if resp, _ := r.do(r.client(true), req); resp.StatusCode != 501 {
		t.Errorf("got %d", resp.StatusCode)
	}
}

// TestForbiddenIsBlocked: what the gateway itself does not connect to was tried, and
// is no use that was allowed.
func TestForbiddenIsBlocked(t *testing.T) {
	for way := range ways {
		r := start(t, http.HandlerFunc(echo), func(c *proxy.Config) { c.Resolve["raw.ai.test"] = "10.255.255.1:80" })
		if got := askWay(t, r, way); !strings.HasPrefix(got, "HTTP/1.1 403 ") {
			t.Errorf("%s: got %q", way, got)
		}
		if s := r.stages.sightings(t, 1)[0]; s.Code != 403 || s.Decision.Action != traffic.ActionBlock || !strings.Contains(s.Decision.Reason, "does not connect there") {
			t.Errorf("%s: recorded %d, %+v", way, s.Code, s.Decision)
		}
	}
}
