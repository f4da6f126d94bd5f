package console

import (
	"net/http/httptest"
	"testing"
	"time"
)

func TestSessionEnds(t *testing.T) {
	var s sessions
	now := time.Now()
	late := s.newLink(now)
	if _, ok := s.login(now.Add(linkLife), late); ok {
		t.Error("a link works after its time")
	}
	cookie, ok := s.login(now.Add(linkLife-time.Second), s.newLink(now))
	if !ok {
		t.Fatal("a link does not work within its time")
	}
	valid := func(at time.Time, cookie string) bool {
		who, ok := s.who(at, cookie)
		return ok && who == linkUser
	}
	if !valid(now.Add(sessionLife), cookie) || valid(now.Add(2*sessionLife), cookie) {
		t.Error("a session ends at the wrong time")
	}
	for _, bad := range []string{"", late, cookie + "x"} {
		if valid(now, bad) {
			t.Errorf("cookie %q is valid", bad)
		}
	}
}

func TestSessionsAreBounded(t *testing.T) {
	var s sessions
	now := time.Now()
	first := s.newLink(now)
	for i := range maxTokens {
		s.newLink(now.Add(time.Duration(i+1) * time.Millisecond))
	}
	if len(s.links) != maxTokens {
		t.Errorf("%d links, want %d", len(s.links), maxTokens)
	}
	if _, ok := s.login(now, first); ok {
		t.Error("the oldest link is still good")
	}
}

func TestMetricsDoor(t *testing.T) {
	for _, tt := range []struct {
		name, from, token, bearer string
		want                      bool
	}{
		{"this machine", "127.0.0.1:1", "", "", true},
		{"this machine, IPv6", "[::1]:1", "", "", true},
		{"elsewhere", "192.0.2.1:1", "", "", false},
		{"elsewhere, empty token", "192.0.2.1:1", "", "Bearer ", false},
		{"elsewhere, wrong token", "192.0.2.1:1", "good", "Bearer bad", false},
		{"elsewhere, token", "192.0.2.1:1", "good", "Bearer good", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &Server{cfg: Config{MetricsToken: tt.token}}
			r := httptest.NewRequest("GET", "/metrics", nil)
			r.RemoteAddr = tt.from
			if tt.bearer != "" {
				r.Header.Set("Authorization", tt.bearer)
			}
			if got := s.mayReadMetrics(r); got != tt.want {
				t.Errorf("mayReadMetrics = %v, want %v", got, tt.want)
			}
		})
	}
}
