package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestReadRawRequest(t *testing.T) {
	for _, tt := range []struct{ name, raw, url, wantURL, wantBody string }{
		{"origin form", "POST /v1/x?a=1 HTTP/1.1\r\nHost: api.example\r\nContent-Length: 2\r\n\r\nhi", "", "https://api.example/v1/x?a=1", "hi"},
		{"absolute form", "GET http://api.example/v1 HTTP/1.1\r\nHost: api.example\r\n\r\n", "", "http://api.example/v1", ""},
		{"bare line feeds", "POST / HTTP/1.1\nHost: api.example\n\nhi\n", "", "https://api.example/", "hi\n"},
		{"length that is wrong", "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 99\r\n\r\nhi", "", "https://a.example/", "hi"},
		{"no length", "POST / HTTP/1.1\r\nHost: a.example\r\n\r\nhi", "", "https://a.example/", "hi"},
		{"chunked", "POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", "", "https://a.example/", "hi"},
		{"URL from outside", "POST / HTTP/1.1\r\n\r\nhi", "https://b.example/c", "https://b.example/c", "hi"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := readRawRequest([]byte(tt.raw), tt.url)
			if err != nil {
				t.Fatal(err)
			}
			if r.url.String() != tt.wantURL || string(r.body) != tt.wantBody {
				t.Errorf("got %s with body %q, want %s with %q", r.url, r.body, tt.wantURL, tt.wantBody)
			}
		})
	}
}

func TestReadRawRequestErrors(t *testing.T) {
	for _, tt := range []struct{ name, raw, url, want string }{
		{"no head", "hello", "", "no empty line"},
		{"no request line", "hello\r\n\r\n", "", "head of the request"},
		{"no host", "GET / HTTP/1.1\r\n\r\n", "", "--url"},
		{"relative URL", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "/x", "absolute URL"},
		{"broken chunks", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz", "", "chunked"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := readRawRequest([]byte(tt.raw), tt.url); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestWithBody(t *testing.T) {
	for _, tt := range []struct{ name, raw, want string }{
		{"new length in its place", "POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 2\r\nX: 1\r\n\r\nhi", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX: 1\r\n\r\nhello"},
		{"chunked becomes a length", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"},
		{"line feeds stay", "POST / HTTP/1.1\nHost: a\n\nhi", "POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nhello"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := readRawRequest([]byte(tt.raw), "")
			if err != nil {
				t.Fatal(err)
			}
			if got := string(r.withBody([]byte("hello"))); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func FuzzReadRawRequest(f *testing.F) {
	f.Add([]byte("POST /v1/x HTTP/1.1\r\nHost: api.example\r\nContent-Length: 2\r\n\r\nhi"))
	f.Add([]byte("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n2\r\nhi\r\n0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := readRawRequest(raw, "")
		if err != nil {
			return
		}
		out := r.withBody([]byte("hello"))
		again, err := readRawRequest(out, "")
		if err != nil {
			t.Fatalf("%q with another body can't be read again: %v", raw, err)
		}
		if !bytes.Equal(again.body, []byte("hello")) || again.parsed.Method != r.parsed.Method {
			t.Errorf("%q with another body reads as %s %q", raw, again.parsed.Method, again.body)
		}
	})
}
