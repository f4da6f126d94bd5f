package proxy_test

import (
	"bufio"
	"encoding/base64"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/proxy"
)

// stalled are bodies whose rest never comes.
var stalled = map[string]string{
	"sized":   "Content-Length: 1000\r\n\r\na",
	"short":   "Content-Length: 10\r\n\r\na",
	"long":    "Content-Length: 1000000000\r\n\r\na",
	"chunked": "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
	"line":    "Transfer-Encoding: chunked\r\n\r\n5",
}

// TestStalledBody stalls the body of requests that are answered without it: the
// answer comes at once, and the connection does not stay.
func TestStalledBody(t *testing.T) {
	soon := func(c *proxy.Config) { proxy.SetHoldTimeout(c, 200*time.Millisecond) }
	auth := "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("alice:wonder:land")) + "\r\n"
	open := start(t, http.HandlerFunc(echo), soon)
	asks := start(t, http.HandlerFunc(echo), func(c *proxy.Config) { soon(c); c.Auth = oneUser{} })
	other := start(t, http.HandlerFunc(echo), func(c *proxy.Config) {
		soon(c)
		c.Clients = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	})
	for _, tt := range []struct {
		name string
		to   *rig
		head string
		want string
	}{
		{"no credentials", asks, "POST http://plain-http.test/x HTTP/1.1\r\nHost: plain-http.test\r\n", "407"},
		{"wrong password", asks, "POST http://plain-http.test/x HTTP/1.1\r\nHost: plain-http.test\r\nProxy-Authorization: Basic YTpi\r\n", "407"},
		{"own page", asks, "POST http://gnomon.proxy/me HTTP/1.1\r\nHost: gnomon.proxy\r\n" + auth, "404"},
		{"front page", open, "POST / HTTP/1.1\r\nHost: x\r\n", "400"},
		{"ftp", open, "POST ftp://plain-http.test/x HTTP/1.1\r\nHost: plain-http.test\r\n", "400"},
		{"port", open, "POST http://plain-http.test:22/x HTTP/1.1\r\nHost: plain-http.test:22\r\n", "403"},
		{"TRACE", open, "TRACE http://plain-http.test/x HTTP/1.1\r\nHost: plain-http.test\r\n", "501"},
		{"refused service", open, "POST http://refused.test/x HTTP/1.1\r\nHost: refused.test\r\n", "403"},
		{"other client", other, "POST http://plain-http.test/x HTTP/1.1\r\nHost: plain-http.test\r\n", "403"},
	} {
		for kind, rest := range stalled {
			c := tt.to.dial(tt.head + rest)
			t.Run(tt.name+", "+kind, func(t *testing.T) {
				t.Parallel()
				ends(t, c, tt.want)
			})
		}
	}
	for kind, rest := range stalled {
		c := open.intercepted("ai.test")
		io.WriteString(c, "POST / HTTP/1.1\r\nHost: other.test\r\n"+rest)
		t.Run("other host, "+kind, func(t *testing.T) {
			t.Parallel()
			ends(t, c, "421")
		})
	}
}

// ends wants an answer, and then the end of the connection: no other answer.
func ends(t *testing.T, c io.Reader, code string) {
	t.Helper()
	all, err := io.ReadAll(c) // its deadline is in two minutes
	if !strings.HasPrefix(string(all), "HTTP/1.1 "+code+" ") || err != nil || strings.Count(string(all), "HTTP/1.1 ") != 1 {
		t.Errorf("got %q %v, want one answer %s and the end", all, err, code)
	}
}

// TestRefusedBodyComes sends whole bodies with requests that are answered without
// them: the client gets to its answer, and uses the connection for a next
// request, which may have come with the first.
func TestRefusedBodyComes(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), func(c *proxy.Config) { c.Auth = oneUser{} })
	auth := "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("alice:wonder:land")) + "\r\n"
	const head = "POST http://plain-http.test/x HTTP/1.1\r\nHost: plain-http.test\r\n"
	for _, size := range []int{1, 1000, 300 << 10, 4 << 20} {
		t.Run(strconv.Itoa(size), func(t *testing.T) {
			body := strings.Repeat("x", size)
			c := r.dial(head + "Content-Length: " + strconv.Itoa(size) + "\r\n\r\n" + body +
				head + auth + "Content-Length: 5\r\n\r\nagain")
			br := bufio.NewReader(c)
			for _, want := range []struct {
				code int
				body string
			}{{407, ""}, {200, "again"}} {
				resp, err := http.ReadResponse(br, nil)
				if err != nil {
					t.Fatal(err)
				}
				b, err := io.ReadAll(resp.Body)
				if resp.StatusCode != want.code || err != nil || want.body != "" && string(b) != want.body {
					t.Errorf("got %d %q %v, want %d %q", resp.StatusCode, b, err, want.code, want.body)
				}
			}
		})
	}
}
