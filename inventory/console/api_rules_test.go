package console_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/console/access"
)

// shelf takes whatever is published.
type shelf struct{}

func (shelf) SetPublished(context.Context, string, [32]byte, []byte) error { return nil }
func (shelf) KeepPublished(context.Context, string, bool) error            { return nil }
func (shelf) Published(context.Context, string, [32]byte) ([]byte, error)  { return nil, nil }

// TestPublish: rules are published under the name of who asks, and not over those
// that somebody else has published since they were read.
func TestPublish(t *testing.T) {
	g := whole(t)
	admin := g.token(t, "ann", access.Admin)
	const path = "/api/v1/rules/published"
	const body = `{"files":{"policies/own.yaml":"policies: []"},"reason":"a test"}`
	resp, text := g.ask(t, "GET", path, "", admin)
	if resp.StatusCode != 200 || !strings.HasPrefix(text, `{"version":0,`) {
		t.Fatalf("before anything is published: %d %s", resp.StatusCode, text)
	}
	read := resp.Header.Get("ETag")
	if resp, text = g.ask(t, "PUT", path, body, admin); resp.StatusCode != 200 || !strings.Contains(text, `"version":1,`) || !strings.Contains(text, `"by":"token:ann"`) {
		t.Fatalf("published: %d %s", resp.StatusCode, text)
	}
	for _, tt := range []struct {
		name, path, body, tag string
		code                  int
		want                  string
	}{
		{"somebody was first", path, body, read, 412, "by token:ann"},
		{"withdrawn by who did not know", path + "/withdrawal", `{"reason":"x"}`, read, 412, "by token:ann"},
		{"a path that leads out", path, `{"files":{"policies/../../a.yaml":"x"}}`, "", 400, "no name of a rule file"},
		{"a table", path, `{"files":{"edm/a.edm":"x"}}`, "", 400, "with the command"},
		{"nothing", path, `{"files":{}}`, "", 400, "withdraw"},
		{"a long reason", path, `{"files":{"policies/own.yaml":"x"},"reason":"` + strings.Repeat("x", 3000) + `"}`, "", 400, "longer than"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			method := "PUT"
			if strings.HasSuffix(tt.path, "withdrawal") {
				method = "POST"
			}
			resp, text := g.ask(t, method, tt.path, tt.body, func(r *http.Request) {
				admin(r)
				if tt.tag != "" {
					r.Header.Set("If-Match", tt.tag)
				}
			})
			if resp.StatusCode != tt.code || !strings.Contains(text, tt.want) {
				t.Errorf("%d %s, want %d and %q", resp.StatusCode, text, tt.code, tt.want)
			}
		})
	}
	if _, text := g.ask(t, "GET", path, "", admin); !strings.HasPrefix(text, `{"version":1,`) {
		t.Errorf("after what was refused: %s", text)
	}
}

// TestPublishNowhere: to one gateway nothing is published, which is said.
func TestPublishNowhere(t *testing.T) {
	g := start(t, nil)
	admin := g.token(t, "ann", access.Admin)
	const path = "/api/v1/rules/published"
	if resp, text := g.ask(t, "GET", path, "", admin); resp.StatusCode != 200 || !strings.HasPrefix(text, `{"version":0,`) || strings.Contains(text, "null") {
		t.Errorf("what is published: %d %s", resp.StatusCode, text)
	}
	if resp, text := g.ask(t, "PUT", path, `{"files":{"policies/own.yaml":"policies: []"},"reason":"a test"}`, admin); resp.StatusCode != 409 || !strings.Contains(text, "rules_dir") {
		t.Errorf("publishing: %d %s", resp.StatusCode, text)
	}
}
