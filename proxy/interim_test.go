package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
)

func TestEarlyHints(t *testing.T) {
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		for i := range 2 {
			w.Header().Set("Link", fmt.Sprintf("</%d.css>; rel=preload", i))
			w.WriteHeader(http.StatusEarlyHints)
		}
		w.Header().Del("Link")
		w.Header().Set("X-Answer", "1")
		io.WriteString(w, "answer")
	}), nil)
	for _, h2 := range []bool{false, true} {
		for name, body := range map[string]io.Reader{
			"none": nil, "short": strings.NewReader("hi"), "long": strings.NewReader(strings.Repeat("x", 200<<10)), "of unknown length": io.MultiReader(strings.NewReader("hi")),
		} {
			t.Run(fmt.Sprintf("%s, h2=%v", name, h2), func(t *testing.T) {
				var got []string
				req, _ := http.NewRequest("POST", "https://ai.test/", body)
				req = req.WithContext(httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
					got = append(got, fmt.Sprint(code, " ", h))
					return nil
				}}))
				resp, answer := r.do(r.client(h2), req)
				if want := "[103 map[Link:[</0.css>; rel=preload]] 103 map[Link:[</1.css>; rel=preload]]]"; fmt.Sprint(got) != want {
					t.Errorf("got %v, want %s", got, want)
				}
				if answer != "answer" || resp.Header.Get("Link") != "" || resp.Header.Get("X-Answer") != "1" {
					t.Errorf("answered %q with %v", answer, resp.Header)
				}
			})
		}
	}
}

// TestInterimsOnTheWire has a service send them to a client that can't take
// them, and without end.
func TestInterimsOnTheWire(t *testing.T) {
	const hint, ok = "HTTP/1.1 103 Early Hints\r\nLink: x\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	for way, head := range map[string]string{"short": ways["short"], "chunked": ways["chunked"]} {
		r := saying(t, "HTTP/1.1 100 Continue\r\n\r\n"+hint+ok)
		c := bufio.NewReader(r.dial("POST http://raw.ai.test/ HTTP/1.1\r\nHost: raw.ai.test\r\nUser-Agent: test\r\n" + head))
		if got, want := readHead(t, c), "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"; got != want {
			t.Errorf("%s: got %q, want %q", way, got, want)
		}
		if got := readHead(t, c); got != "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" {
			t.Errorf("%s: got %q", way, got)
		}
		old := r.dial("POST http://raw.ai.test/ HTTP/1.0\r\nHost: raw.ai.test\r\nContent-Length: 2\r\n\r\nhi")
		if got := wholeAnswer(old); !strings.Contains(got, " 200 OK\r\n") || strings.Contains(got, "103") {
			t.Errorf("HTTP/1.0: got %q", got)
		}
		r = saying(t, strings.Repeat(hint, 10_000)+ok)
		got, _ := io.ReadAll(io.LimitReader(r.dial("POST http://raw.ai.test/ HTTP/1.1\r\nHost: raw.ai.test\r\nConnection: close\r\n"+head), 1<<20))
		if n := strings.Count(string(got), " 103 "); n > 100 || !strings.Contains(string(got), "HTTP/1.1 502 ") {
			t.Errorf("%s: %d interim answers, %.40q", way, n, got[max(0, len(got)-200):])
		}
	}
}
