package proxy

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

// plain reads an answer with plainHead; nil where it leaves that to net/http.
func plain(method, in string) (*http.Response, *leanConn) {
	c := &leanConn{conn: &chopped{data: []byte(in), step: 1 << 20}}
	c.br = bufio.NewReaderSize(strings.NewReader(in), 8<<10)
	c.br.Peek(1)
	head, _ := c.br.Peek(c.br.Buffered())
	back := &leanBody{c: c, fields: new(fields)}
	return c.plainHead(&http.Request{Method: method}, head, back), c
}

func TestPlainHead(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     bool
	}{
		{"usual", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", true},
		{"no reason", "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi", true},
		{"no content", "HTTP/1.1 204 No Content\r\n\r\n", true},
		{"close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", true},
		{"until close", "HTTP/1.1 200 OK\r\n\r\nhi", false},
		{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false},
		{"both", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi", false},
		{"signed length", "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nhi", false},
		{"listed", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close, x\r\n\r\nhi", false},
		{"interim", "HTTP/1.1 103 Early Hints\r\n\r\n", false},
		{"1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", false},
		{"folded", "HTTP/1.1 200 OK\r\nX: y\r\n z\r\nContent-Length: 2\r\n\r\nhi", false},
		{"bare LF", "HTTP/1.1 200 OK\r\nX: y\nContent-Length: 2\r\n\r\nhi", false},
		{"four digits", "HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nhi", false},
		{"sign", "HTTP/1.1 +20 OK\r\nContent-Length: 2\r\n\r\nhi", false},
		{"part", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", false},
	} {
		if got, _ := plain("GET", tt.in); (got != nil) != tt.want {
			t.Errorf("%s: taken %v, want %v", tt.name, got != nil, tt.want)
		}
	}
}

// FuzzPlainHead compares what plainHead reads with what net/http does.
func FuzzPlainHead(f *testing.F) {
	for _, s := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nset-cookie: a\r\nSet-Cookie: b\r\nX:\t y \r\n\r\nhi",
		"HTTP/1.1 404 \r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
		"HTTP/1.1 304 Not Modified\r\nContent-Length: 20\r\nEtag: x\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 20\r\nKeep-Alive: timeout=5\r\nConnection: keep-alive\r\n\r\ncut",
	} {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, in string, head bool) {
		method := http.MethodGet
		if head {
			method = http.MethodHead
		}
		got, c := plain(method, in)
		if got == nil {
			if n := min(len(in), 8<<10); c.br.Buffered() != n && n > 0 {
				t.Fatalf("%d bytes were taken", n-c.br.Buffered())
			}
			return
		}
		br := bufio.NewReader(strings.NewReader(in))
		want, err := http.ReadResponse(br, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("net/http does not take it: %v", err)
		}
		if got.StatusCode != want.StatusCode || got.Close != want.Close || got.Body != http.NoBody && got.ContentLength != want.ContentLength {
			t.Fatalf("read %+v, net/http %+v", got, want)
		}
		delete(want.Header, "Connection")
		if !reflect.DeepEqual(map[string][]string(got.Header), map[string][]string(want.Header)) {
			t.Fatalf("fields %v, net/http %v", got.Header, want.Header)
		}
		wantBody, wantErr := io.ReadAll(want.Body)
		var gotBody []byte
		var gotErr error
		if got.Body != http.NoBody {
			b := got.Body.(*leanBody)
			for gotErr == nil {
				p := make([]byte, 100)
				var n int
				n, gotErr = b.read(p)
				gotBody = append(gotBody, p[:n]...)
			}
			if gotErr == io.EOF {
				gotErr = nil
			}
		}
		if !bytes.Equal(gotBody, wantBody) || (gotErr == nil) != (wantErr == nil) {
			t.Fatalf("body %q %v, net/http %q %v", gotBody, gotErr, wantBody, wantErr)
		}
		if gotErr == nil && c.br.Buffered() != br.Buffered() && len(in) < 4<<10 {
			t.Fatalf("%d bytes follow, net/http %d", c.br.Buffered(), br.Buffered())
		}
	})
}
