package proxy_test

import (
	"net/http"
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

func TestIntercept(t *testing.T) {
	for _, tt := range []struct {
		name, proto string
		h2          bool
	}{
		{"HTTP/1.1", "HTTP/1.1", false},
		{"HTTP/2", "HTTP/2.0", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := start(t, http.HandlerFunc(echo), nil)
			resp, body := r.post(r.client(tt.h2), "https://ai.test/v1/chat?x=1", `{"prompt":"my SECRET is here"}`)
			if want := `{"prompt":"my [REDACTED:secret] is here"}`; body != want {
				t.Errorf("origin got %q, want %q", body, want)
			}
			if resp.Proto != tt.proto || resp.Header.Get("Origin-Proto") != tt.proto {
				t.Errorf("client speaks %s, origin %s, want both %s", resp.Proto, resp.Header.Get("Origin-Proto"), tt.proto)
			}
			if got := resp.Header.Get("Origin-Path"); got != "/v1/chat?x=1" {
				t.Errorf("origin got the path %q", got)
			}
			s := r.stages.sightings(t, 1)[0]
			if s.Host != "ai.test" || s.Path != "/v1/chat" || s.Code != 200 || s.Findings["test"] != 1 || s.Decision.Action != traffic.ActionRedact || s.Coverage.Depth != traffic.Inspected {
				t.Errorf("sighting %+v", s)
			}
			if s.Up != 30 || s.Down != 41 {
				t.Errorf("sighting has %d bytes up and %d down, want 30 and 41", s.Up, s.Down)
			}
		})
	}
}

func TestTunnel(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	c := r.client(true)
	// The client trusts only the gateway's authority: the origin's certificate must reach it.
	if _, err := c.Get("https://other.test/"); err == nil {
		t.Error("a host that is not AI was decrypted")
	}
	if n := r.server.Stats().Tunnels.Load(); n != 1 {
		t.Errorf("%d tunnels, want 1", n)
	}
}

func TestRefuse(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	resp, body := r.post(r.client(true), "https://ai.test/", "BLOCK this")
	if resp.StatusCode != 403 || body != `{"error":{"message":"Not this one."}}` {
		t.Errorf("got %d %q", resp.StatusCode, body)
	}
}
