package console_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/leaks"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func TestMain(m *testing.M) { leaks.Main(m) }

// hostile is a name that a stranger may choose.
const hostile = `<script>alert(1)</script>"><img src=x onerror=alert(2)>`

// gateway is a console over an inventory in which two services were seen.
type gateway struct {
	inv    *inventory.Inventory
	store  inventory.Store
	srv    *console.Server
	url    string
	socket string
	client *http.Client
}

func start(t *testing.T, change func(*console.Config)) *gateway {
	t.Helper()
	dir := t.TempDir()
	store, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	inv, err := inventory.New(t.Context(), inventory.Config{Dir: dir, Store: store, Catalogue: func() []rules.Service {
		return []rules.Service{{Name: "Claude", ID: "claude"}}
	}})
	if err != nil {
		t.Fatal(err)
	}
	saver := inv.Saver(t.Context())
	for _, v := range []traffic.Verdict{
		{Service: "OpenAI API", ID: "openai-api", Vendor: "OpenAI", How: traffic.HowCatalogue},
		{Service: hostile, ID: "unknown:" + hostile, Vendor: hostile, How: traffic.HowRequestShape},
	} {
		now := time.Now()
		saver.Record(&traffic.Sighting{
			ID: traffic.NewID(now), Time: now, Client: netip.MustParseAddr("192.0.2.1"), Verdict: v, Requests: 1,
			Classes: map[traffic.Class]int{traffic.ClassSecret: 2}, Coverage: traffic.Coverage{Depth: traffic.Inspected},
			Decision: traffic.Decision{Action: traffic.ActionRedact},
		})
	}
	saver.Record(&traffic.Sighting{
		Time: time.Now(), Client: netip.MustParseAddr("192.0.2.1"), Blind: "doh", Host: hostile, Requests: 7,
		Coverage: traffic.Coverage{Depth: traffic.Blind, Reason: "doh"},
	})
	if err := saver.Flush(); err != nil {
		t.Fatal(err)
	}
	cfg := console.Config{Listen: "127.0.0.1:0", Socket: filepath.Join(dir, "gnomon.sock"), Inventory: inv, Version: "test"}
	if change != nil {
		change(&cfg)
	}
	srv, err := console.NewServer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- srv.Run(ctx) }()
	g := &gateway{inv: inv, store: store, srv: srv, url: "http://" + srv.Addr().String(), socket: cfg.Socket, client: &http.Client{Transport: &http.Transport{}}}
	t.Cleanup(func() {
		g.client.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		if _, err := os.Stat(cfg.Socket); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the socket is left behind: %v", err)
		}
	})
	return g
}

// ask sends a request and returns the answer with its body read.
func (g *gateway) ask(t *testing.T, method, path, body string, change func(*http.Request)) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, g.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(req)
	}
	resp, err := g.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

// login trades a new link for a cookie, as the page's script does.
func (g *gateway) login(t *testing.T) (with func(*http.Request)) {
	t.Helper()
	_, token, ok := strings.Cut(g.srv.Link(), "/#token=")
	if !ok {
		t.Fatalf("link = %q", g.srv.Link())
	}
	resp, body := g.ask(t, "POST", "/api/v1/login", `{"token":"`+token+`"}`, nil)
	if resp.StatusCode != 200 || len(resp.Cookies()) != 1 {
		t.Fatalf("login: %d %s", resp.StatusCode, body)
	}
	c := resp.Cookies()[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" {
		t.Errorf("cookie = %v, want HttpOnly and SameSite=Strict", c)
	}
	return func(r *http.Request) { r.AddCookie(c) }
}

func TestLinkWorksOnce(t *testing.T) {
	g := start(t, nil)
	link := g.srv.Link()
	if !regexp.MustCompile(`^http://127\.0\.0\.1:\d+/#token=[\w-]{43}$`).MatchString(link) {
		t.Errorf("link = %q", link)
	}
	_, token, _ := strings.Cut(link, "#token=")
	for i, want := range []int{200, 401} {
		if resp, body := g.ask(t, "POST", "/api/v1/login", `{"token":"`+token+`"}`, nil); resp.StatusCode != want {
			t.Errorf("use %d of a link: %d %s, want %d", i+1, resp.StatusCode, body, want)
		}
	}
}

func TestDoors(t *testing.T) {
	g := start(t, func(c *console.Config) {
		c.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "gnomon_up 1\n") })
	})
	in := g.login(t)
	forged := func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "gnomon_session", Value: "x"}) }
	host := func(name string) func(*http.Request) { return func(r *http.Request) { in(r); r.Host = name } }
	for _, tt := range []struct {
		name, method, path, body string
		change                   func(*http.Request)
		want                     int
	}{
		{"health", "GET", "/healthz", "", nil, 200},
		{"ready", "GET", "/readyz", "", nil, 200},
		{"metrics", "GET", "/metrics", "", nil, 200},
		{"api without cookie", "GET", "/api/v1/services", "", nil, 401},
		{"api with a made-up cookie", "GET", "/api/v1/services", "", forged, 401},
		{"decision without cookie", "POST", "/api/v1/services/claude/decision", `{"verb":"approve"}`, nil, 401},
		{"no link on the network", "POST", "/api/v1/link", "", nil, 401},
		{"no link on the network, logged in", "POST", "/api/v1/link", "", in, 404},
		{"api", "GET", "/api/v1/services", "", in, 200},
		{"page", "GET", "/", "", in, 200},
		{"nothing there", "GET", "/etc/passwd", "", in, 404},
		{"assets are not listed", "GET", "/assets/", "", in, 404},
		{"no template", "GET", "/assets/page.html", "", in, 404},
		{"script", "GET", "/assets/console.js", "", nil, 200},
		{"localhost", "GET", "/api/v1/services", "", host("localhost:" + strings.Split(g.srv.Addr().String(), ":")[1]), 200},
		{"rebound name", "GET", "/api/v1/services", "", host("evil.test"), 421},
		{"rebound name, right port", "GET", "/metrics", "", host("evil.test:" + strings.Split(g.srv.Addr().String(), ":")[1]), 421},
		{"cross-origin", "POST", "/api/v1/services/claude/decision", `{"verb":"approve"}`, func(r *http.Request) { in(r); r.Header.Set("Origin", "http://evil.test") }, 403},
		{"cross-site", "POST", "/api/v1/reload", `{}`, func(r *http.Request) { in(r); r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		{"unknown field", "POST", "/api/v1/services/claude/decision", `{"verb":"approve","admin":true}`, in, 400},
		{"no JSON", "POST", "/api/v1/services/claude/decision", `verb=approve`, in, 400},
		{"too large", "POST", "/api/v1/login", `{"token":"` + strings.Repeat("x", 200<<10) + `"}`, nil, 413},
		{"unknown service", "GET", "/api/v1/services/cluade", "", in, 404},
		{"field twice", "POST", "/api/v1/services/claude/decision", `{"verb":"refuse","verb":"approve"}`, in, 400},
		{"field twice, in other letters", "POST", "/api/v1/services/claude/decision", `{"verb":"refuse","Verb":"approve"}`, in, 400},
		{"field twice, further down", "POST", "/api/v1/decisions", `{"decisions":[{"service":"claude","verb":"refuse"},{"service":"claude","verb":"refuse","verb":"approve"}]}`, in, 400},
		{"until a day that has passed", "POST", "/api/v1/services/claude/decision", `{"verb":"approve","until":"2020-01-31"}`, in, 400},
		{"review on a day that has passed", "POST", "/api/v1/decisions", `{"decisions":[{"service":"claude","verb":"approve","review":"2020-01-31"}]}`, in, 400},
		{"unknown verb", "POST", "/api/v1/services/claude/decision", `{"verb":"bless"}`, in, 400},
		{"decision", "POST", "/api/v1/services/claude/decision", `{"verb":"approve","reason":"contract"}`, in, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp, body := g.ask(t, tt.method, tt.path, tt.body, tt.change)
			if resp.StatusCode != tt.want {
				t.Errorf("%s %s: %d %s, want %d", tt.method, tt.path, resp.StatusCode, body, tt.want)
			}
			if kind := resp.Header.Get("Content-Type"); (tt.want == 400 || tt.want == 403) && kind != "application/problem+json" {
				t.Errorf("%s %s: refused by %s %s, want a problem document", tt.method, tt.path, kind, body)
			}
		})
	}
	if got := g.inv.Status("claude"); got != traffic.StatusApproved {
		t.Errorf("status after all this = %s, want approved", got)
	}
	resp, _ := g.ask(t, "POST", "/api/v1/logout", "", in)
	if again, _ := g.ask(t, "GET", "/api/v1/services", "", in); resp.StatusCode != 200 || again.StatusCode != 401 {
		t.Errorf("logout: %d, then %d; want 200, then 401", resp.StatusCode, again.StatusCode)
	}
}

// TestHostileNames shows names that were chosen by a stranger.
func TestHostileNames(t *testing.T) {
	g := start(t, func(c *console.Config) {
		c.Pinned = func() []console.Pin { return []console.Pin{{Client: "192.0.2.1", Host: hostile}} }
	})
	in := g.login(t)
	resp, page := g.ask(t, "GET", "/", "", in)
	for _, bad := range []string{"<script>alert", "<img", "onerror=alert(2)>\""} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if n := strings.Count(page, "<script"); n != 1 {
		t.Errorf("the page has %d scripts, want its own", n)
	}
	if !strings.Contains(page, "What could not be seen") || !strings.Contains(page, `<td class="n">7</td>`) {
		t.Error("the page does not show the blind spots")
	}
	if !strings.Contains(page, "&lt;script&gt;alert(1)") || !strings.Contains(page, "OpenAI API") || !strings.Contains(page, "secret 2") {
		t.Error("the page does not show the services")
	}
	policy := resp.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy %q lacks %q", policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	if _, api := g.ask(t, "GET", "/api/v1/services", "", in); strings.Contains(api, "<") {
		t.Error("the API sends a bare <")
	}
}

func TestNotReady(t *testing.T) {
	g := start(t, func(c *console.Config) {
		c.Ready = func() error { return errors.New("the disk at /secret/place is full") }
	})
	resp, body := g.ask(t, "GET", "/readyz", "", nil)
	if resp.StatusCode != 503 || strings.Contains(body, "secret") {
		t.Errorf("readyz: %d %q, want 503 without the reason", resp.StatusCode, body)
	}
	if _, page := g.ask(t, "GET", "/", "", g.login(t)); !strings.Contains(page, "/secret/place") {
		t.Error("the page does not say what is wrong")
	}
}

func TestClient(t *testing.T) {
	reloads := 0
	g := start(t, func(c *console.Config) {
		c.Reload = func() error {
			if reloads++; reloads > 1 {
				return errors.New("rules/x.yaml:3:1: no such action")
			}
			return nil
		}
		c.Pinned = func() []console.Pin { return []console.Pin{{Client: "192.0.2.1", Host: "a.test"}} }
	})
	info, err := os.Stat(g.socket)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket: mode %v, %v; want 600", info.Mode(), err)
	}
	ctx := t.Context()
	c, err := console.Dial(ctx, g.socket)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	list, err := c.Services(ctx)
	if err != nil || len(list) != 2 {
		t.Errorf("services = %d, %v; want 2", len(list), err)
	}
	want, err := g.inv.Services(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := asJSON(t, list), asJSON(t, want); a != b {
		t.Errorf("over the socket\n%s\nin the process\n%s", a, b)
	}
	s, err := c.Decide(ctx, inventory.Change{Service: "unknown:" + hostile, Verb: inventory.Refuse, By: "ann"})
	if err != nil || s.Status != traffic.StatusRefused {
		t.Errorf("Decide = %+v, %v", s, err)
	} else if by := access.Operator(); runtime.GOOS == "linux" && s.Owner != by {
		t.Errorf("who says to be ann is %q, want %q, as the kernel knows", s.Owner, by)
	}
	if got := g.inv.Status("unknown:" + hostile); got != traffic.StatusRefused {
		t.Errorf("status = %s, want refused", got)
	}
	if d, err := c.Service(ctx, "OpenAI API"); err != nil || d.ID != "openai-api" || d.Requests != 1 {
		t.Errorf("Service = %+v, %v", d, err)
	}
	_, err = c.Service(ctx, "claud")
	if unknown, ok := errors.AsType[*inventory.UnknownError](err); !ok || len(unknown.Near) != 1 || unknown.Near[0] != "claude" {
		t.Errorf("error of an unknown service = %#v, want that of the inventory", err)
	}
	for _, name := range []string{"", ".", "..", "../reload", "a/b", "%2e"} {
		if _, err := c.Service(ctx, name); !errors.Is(err, inventory.ErrUnknown) {
			t.Errorf("Service(%q): %v, want ErrUnknown", name, err)
		}
	}
	_, err = c.Decide(ctx, inventory.Change{Service: "claude", Verb: inventory.Approve, Until: "tomorrow"})
	if invalid, ok := errors.AsType[*inventory.InvalidError](err); !ok || !strings.Contains(invalid.Problem, "YYYY-MM-DD") {
		t.Errorf("error of a wrong date = %#v", err)
	}
	if pins, err := c.Pinned(ctx); err != nil || len(pins) != 1 || pins[0].Host != "a.test" {
		t.Errorf("Pinned = %+v, %v", pins, err)
	}
	if spots, err := c.BlindSpots(ctx); err != nil || len(spots) != 1 || spots[0].Flows != 7 || spots[0].Clients != 1 || spots[0].Name != hostile {
		t.Errorf("BlindSpots = %+v, %v", spots, err)
	}
	if err := c.Reload(ctx); err != nil {
		t.Error(err)
	}
	if err := c.Reload(ctx); err == nil || !strings.Contains(err.Error(), "rules/x.yaml:3:1") {
		t.Errorf("failed reload: %v, want its place", err)
	}
	if st, err := c.Status(ctx); err != nil || st.Version != "test" || !st.Healthy {
		t.Errorf("Status = %+v, %v", st, err)
	}
	if link, err := c.Link(ctx); err != nil || !strings.Contains(link, "#token=") {
		t.Errorf("Link = %q, %v", link, err)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestSocket(t *testing.T) {
	long := filepath.Join(t.TempDir(), strings.Repeat("d", 120))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(long, "gnomon.sock") // longer than the kernel's limit
	if _, err := console.Dial(t.Context(), socket); !errors.Is(err, console.ErrNoGateway) {
		t.Errorf("Dial where nothing is: %v, want ErrNoGateway", err)
	}
	first, err := console.NewServer(console.Config{Socket: socket, Ready: func() error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := console.NewServer(console.Config{Socket: socket, Ready: func() error { return nil }}); err == nil {
		t.Error("a second server took the socket of a running one")
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(socket, nil, 0o600); err != nil { // as a dead process leaves it
		t.Fatal(err)
	}
	again, err := console.NewServer(console.Config{Socket: socket, Ready: func() error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}
