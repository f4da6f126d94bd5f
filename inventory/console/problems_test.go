package console_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
)

func checkProblem(t *testing.T, what string, resp *http.Response, body string, code int) {
	t.Helper()
	var p struct {
		Type, Title, Detail string
		Status              int
	}
	err := json.Unmarshal([]byte(body), &p)
	if resp.StatusCode != code || err != nil || resp.Header.Get("Content-Type") != "application/problem+json" || p.Status != code || p.Title != http.StatusText(code) || p.Type != "about:blank" || p.Detail == "" {
		t.Errorf("%s: %d %v %q; want the problem %d", what, resp.StatusCode, resp.Header, body, code)
	}
}

// TestUnrouted: all that goes wrong is a problem document, also what no route
// does.
func TestUnrouted(t *testing.T) {
	g := whole(t)
	admin := g.token(t, "admin", access.Admin)
	with := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { admin(r); r.Header.Set(name, value) }
	}
	const decision = `{"verb": "refuse", "reason": "x"}`
	for _, tt := range []struct {
		method, path, body string
		in                 func(*http.Request)
		code               int
		allow              string
	}{
		{"GET", "/api/v1/nothing", "", admin, 404, ""},
		{"GET", "/api/v1/", "", admin, 404, ""},
		{"GET", "/api/v2/services", "", admin, 404, ""},
		{"GET", "/nothing.php", "", nil, 404, ""},
		{"GET", "/assets/openapi.json", "", nil, 404, ""},
		{"GET", "/metrics/x", "", nil, 404, ""},
		{"GET", "/metrics", "", nil, 404, ""},
		{"GET", "/api/v1/services/../tokens", "", admin, 404, ""},
		{"GET", "/api/v1/services/..", "", admin, 404, ""},
		{"GET", "/api/v1/services/../", "", admin, 404, ""},
		{"GET", "/api/v1//services", "", admin, 404, ""},
		{"GET", "/api/v1/./services", "", nil, 404, ""},
		{"POST", "/api/v1/services/../services/openai-api/decision", decision, admin, 404, ""},
		{"GET", "/assets/../metrics", "", nil, 404, ""},
		{"POST", "/api/v1/rotations", "", admin, 400, ""}, // only where nothing need be said the body may be left out
		{"POST", "/", "", nil, 405, "GET, HEAD"},
		{"DELETE", "/api/v1/services", "", admin, 405, "GET, HEAD"},
		{"GET", "/api/v1/reload", "", admin, 405, "POST"},
		{"PATCH", "/api/v1/services/openai-api/fields", "", admin, 405, "PUT"},
		{"TRACE", "/api/v1/tokens", "", admin, 405, "GET, HEAD, POST"},
		{"GET", "/api/v1/services", "", nil, 401, ""},
		{"DELETE", "/api/v1/services", "", nil, 401, ""},
		{"GET", "/api/v1/nothing", "", nil, 401, ""},
		{"POST", "/api/v1/services/openai-api/decision", decision, with("Content-Type", "text/plain"), 415, ""},
		{"POST", "/api/v1/services/openai-api/decision", decision, with("Content-Type", "application/x-www-form-urlencoded"), 415, ""},
		{"POST", "/api/v1/services/openai-api/decision", decision, with("Content-Type", "application/json; charset=\""), 415, ""},
		{"POST", "/api/v1/services/openai-api/decision", "{", with("Content-Type", "application/json; charset=utf-8"), 400, ""},
		{"POST", "/api/v1/services/openai-api/decision", decision, with("If-Match", "x"), 400, ""},
		{"POST", "/api/v1/services/openai-api/decision", decision, with("If-Match", ""), 400, ""},
		{"POST", "/api/v1/services/openai-api/decision", decision, with("Sec-Fetch-Site", "cross-site"), 403, ""},
		{"POST", "/api/v1/services/openai-api/decision", decision, with("Origin", "https://evil.test"), 403, ""},
		{"POST", "/api/v1/services/openai-api/decision", `{"reason": "` + strings.Repeat("x", 200<<10) + `"}`, admin, 413, ""},
		{"GET", "/api/v1/services?limit=1&limit=2", "", admin, 400, ""},
		{"GET", "/api/v1/tables/nothing", "", admin, 404, ""},
		{"GET", "/api/v1/subjects/nothing/x", "", admin, 404, ""},
	} {
		resp, body := g.ask(t, tt.method, tt.path, tt.body, tt.in)
		checkProblem(t, tt.method+" "+tt.path, resp, body, tt.code)
		if got := resp.Header.Get("Allow"); got != tt.allow {
			t.Errorf("%s %s: Allow: %q, want %q", tt.method, tt.path, got, tt.allow)
		}
	}
	if d, err := g.inv.Service(t.Context(), "openai-api"); err != nil || len(d.History) > 0 {
		t.Errorf("a request that was refused decided something: %+v, %v", d.History, err)
	}
	local := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", g.socket)
	}}}
	defer local.CloseIdleConnections()
	for path, code := range map[string]int{"/": 404, "/api/v1/nothing": 404, "/api/v1/link": 404} {
		o := *g
		o.client = local
		resp, body := o.ask(t, "GET", path, "", nil)
		checkProblem(t, "the socket: "+path, resp, body, code)
	}
}

// TestLimitsAreTold: who asks learns how much more is possible.
func TestLimitsAreTold(t *testing.T) {
	g := start(t, func(c *console.Config) { c.Limits = console.Limits{PerSecond: 0.001, Burst: 3, Failures: 1e6} })
	in := g.token(t, "v", access.Viewer)
	for _, want := range []string{`"identity";r=2;t=1000`, `"identity";r=1;t=2000`, `"identity";r=0;t=3000`} {
		resp, body := g.ask(t, "GET", "/api/v1/me", "", in)
		if got := resp.Header.Get("RateLimit"); resp.StatusCode != 200 || got != want || resp.Header.Get("RateLimit-Policy") != `"identity";q=3;w=3000` {
			t.Errorf("%d %s, RateLimit: %s, %s; want %s", resp.StatusCode, body, got, resp.Header.Get("RateLimit-Policy"), want)
		}
	}
	resp, body := g.ask(t, "GET", "/api/v1/me", "", in)
	checkProblem(t, "the fourth", resp, body, 429)
	if resp.Header.Get("Retry-After") == "" {
		t.Error("nothing says when to try again")
	}
}

// TestTokensElsewhere: a token that another process made or revoked works, or no
// longer does, from the next request on: nobody waits for a poll.
func TestTokensElsewhere(t *testing.T) {
	g := start(t, nil)
	other, err := inventory.New(t.Context(), inventory.Config{Dir: filepath.Dir(g.socket), Store: g.store})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		secret, err := access.Create(t.Context(), other, "ann", "ci", access.Viewer, "", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		in := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+secret) }
		if resp, body := g.ask(t, "GET", "/api/v1/me", "", in); resp.StatusCode != 200 {
			t.Fatalf("a new token: %d %s", resp.StatusCode, body)
		}
		if err := access.Revoke(t.Context(), other, "ann", "ci", "lost"); err != nil {
			t.Fatal(err)
		}
		resp, body := g.ask(t, "GET", "/api/v1/me", "", in)
		checkProblem(t, "a revoked token", resp, body, 401)
	}
}

// TestImportsMayBeLong: lists that people made elsewhere have room, all else has
// less.
func TestImportsMayBeLong(t *testing.T) {
	g := whole(t)
	in := g.token(t, "rev", access.Reviewer)
	long := `{"decisions": [` + strings.TrimSuffix(strings.Repeat(`{"service": "openai-api", "verb": "start-review"},`, 5000), ",") + `], "preview": true}`
	if resp, body := g.ask(t, "POST", "/api/v1/decisions", long, in); resp.StatusCode != 200 && resp.StatusCode != 400 || strings.Contains(body, "longer than") {
		t.Errorf("%d KiB of decisions: %d %.300s", len(long)>>10, resp.StatusCode, body)
	}
	resp, body := g.ask(t, "POST", "/api/v1/decisions", strings.Repeat(" ", 5<<20), in)
	checkProblem(t, "5 MiB", resp, body, 413)
}
