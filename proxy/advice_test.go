package proxy_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestRefusalAdvice shows that the page tells people what would help.
func TestRefusalAdvice(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	r.stages.onFailure = traffic.FailClosed
	const data, service, unread = "Take the named data out", "Use a service that your organisation has approved", "could be read"
	for _, tt := range []struct{ name, url, body, encoding, want string }{
		{"refused service", "https://refused.test/", "x", "", service},
		{"data", "https://ai.test/", "BLOCK SECRET", "", data},
		{"unread", "https://ai.test/", "x", "unheard-of", unread},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req, _ := http.NewRequest("POST", tt.url, strings.NewReader(tt.body))
			req.Header.Set("Accept", "text/html")
			if tt.encoding != "" {
				req.Header.Set("Content-Encoding", tt.encoding)
			}
			resp, page := r.do(r.client(true), req)
			if resp.StatusCode != 403 {
				t.Fatalf("got %d", resp.StatusCode)
			}
			for _, advice := range []string{data, service, unread} {
				if got := strings.Contains(page, advice); got != (advice == tt.want) {
					t.Errorf("the page says %q: %v, want %q", advice, got, tt.want)
				}
			}
		})
	}
}
