package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/gnomon-proxy/gnomon/internal/leaks"
	"github.com/gnomon-proxy/gnomon/internal/testnet"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

const fakeKey = "AKIAZ7Q4MNPLK3WXR2TJ"

// office is a running gateway in front of stand-ins, with a client.
type office struct {
	*gateway
	services *testnet.Net
	client   *http.Client
	stop     func() error // ends the gateway, as SIGTERM does
}

// startOffice starts a gateway; change may be nil.
func startOffice(t *testing.T, change func(*Settings)) *office {
	t.Helper()
	services, err := testnet.Start(testnet.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	s := defaultSettings()
	s.StateDir = filepath.Join(t.TempDir(), "state")
	s.Proxy.Listen, s.Console.Listen = "127.0.0.1:0", "127.0.0.1:0"
	s.Proxy.UpstreamCAFiles = []string{services.CAFile}
	s.Proxy.AllowPrivate = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	s.Proxy.Resolve = services.Resolve()
	if change != nil {
		change(&s)
	}
	g, err := newGateway(t.Context(), s, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- g.run(ctx) }()
	client, err := testnet.Client(g.proxy.Addr().String(), caFile(g.settings), services.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{gateway: g, services: services, client: client}
	o.stop = func() error {
		client.CloseIdleConnections()
		cancel()
		err := <-ended
		o.stop = func() error { return nil }
		return err
	}
	t.Cleanup(func() {
		if err := o.stop(); err != nil {
			t.Errorf("ending the gateway: %v", err)
		}
		g.Close()
		services.Close()
	})
	return o
}

func (o *office) chat(t *testing.T, text string) (code int, body string) {
	t.Helper()
	return fetch(t, o.client, http.MethodPost, "https://api.openai.com/v1/chat/completions",
		fmt.Sprintf(`{"model":"gpt-4o","messages":[{"role":"user","content":%q}]}`, text), "Content-Type", "application/json")
}

// TestGateway is the main job from end to end: a secret in a prompt does not
// leave, the answer comes back, the inventory knows, a refusal takes effect on
// the next request, and nothing is lost or left behind at the end.
func TestGateway(t *testing.T) {
	defer leaks.Check(t)()
	o := startOffice(t, nil)
	if code, body := o.chat(t, "my key is "+fakeKey); code != 200 || !strings.Contains(body, "[REDACTED:secret]") {
		t.Errorf("answer = %d %s", code, body)
	}
	got := o.services.ReceivedBy(testnet.HostOpenAI)
	if len(got) != 1 || strings.Contains(string(got[0].Body), fakeKey) {
		t.Fatalf("the service received %d requests, the first: %s", len(got), got[0].Body)
	}
	if _, err := o.inventory.Decide(t.Context(), inventory.Change{Service: "openai-api", Verb: inventory.Refuse, By: "test"}); err != nil {
		t.Fatal(err)
	}
	code, body := o.chat(t, "hello")
	if code != 403 || !strings.Contains(body, "Gnomon blocked this request") || !strings.Contains(body, "refuse-refused-services") {
		t.Errorf("after the refusal: %d %s", code, body)
	}
	if err := o.stop(); err != nil {
		t.Fatal(err)
	}
	rows, err := o.inventory.Services(t.Context())
	if err != nil || len(rows) != 1 {
		t.Fatalf("inventory = %+v, %v", rows, err)
	}
	r := rows[0]
	if r.Requests != 2 || r.Findings[traffic.ClassSecret] != 1 || r.Decisions[traffic.ActionRedact] != 1 || r.Decisions[traffic.ActionBlock] != 1 || r.Status != traffic.StatusRefused {
		t.Errorf("row = %+v", r)
	}
	assertNoSecret(t, o.settings.StateDir)
	o.Close()
	o.services.Close()
	o.client.CloseIdleConnections()
}

// assertNoSecret looks through every file that the gateway wrote.
func assertNoSecret(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if strings.Contains(string(b), fakeKey) {
			t.Errorf("%s holds the secret", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestReload shows that a broken rule file changes nothing and a good one takes
// effect on the next request.
func TestReload(t *testing.T) {
	overlay := t.TempDir()
	policy := filepath.Join(overlay, "policies", "mine.yaml")
	if err := os.MkdirAll(filepath.Dir(policy), 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(policy, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := startOffice(t, func(s *Settings) { s.RulesDir = overlay })
	write("policies:\n  - name: half\n    action: blok\n")
	if err := o.reload(); err == nil || !strings.Contains(err.Error(), "mine.yaml:3:13") {
		t.Errorf("reload of a broken file: error = %v, want one with its place", err)
	}
	if code, _ := o.chat(t, "hello"); code != 200 {
		t.Errorf("with a broken overlay: %d, want the old rules", code)
	}
	write("policies:\n  - name: no-openai\n    when: {service: [OpenAI API]}\n    action: block\n    message: Not this one.\n")
	if err := o.reload(); err != nil {
		t.Fatal(err)
	}
	if code, body := o.chat(t, "hello"); code != 403 || !strings.Contains(body, "Not this one") {
		t.Errorf("after the reload: %d %s", code, body)
	}
}

// TestReloadSettings: the users and the intercepted hosts change together with
// the rules, or not at all.
func TestReloadSettings(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("pw"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	path := writeAuthFile(t, "ann:"+string(hash))
	o := startOffice(t, func(s *Settings) { s.Proxy.AuthFile = path })
	next := o.settings
	o.reread = func() (Settings, error) { return next, nil }
	knows := func(name string) bool {
		_, ok := o.auth.Load().Authenticate(name, "pw")
		return ok
	}
	if err := os.WriteFile(path, []byte("ann:broken\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	next.Proxy.Intercept = []string{"new.example"}
	if err := o.reload(); err == nil || !knows("ann") || (*o.intercept.Load())("new.example") {
		t.Errorf("a broken users file: error = %v; ann known: %v", err, knows("ann"))
	}
	if err := os.WriteFile(path, []byte("bob:"+string(hash)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := o.reload(); err != nil || knows("ann") || !knows("bob") || !(*o.intercept.Load())("new.example") {
		t.Errorf("a good one: error = %v; ann known: %v, bob: %v", err, knows("ann"), knows("bob"))
	}
}

func TestNeedRestart(t *testing.T) {
	old := defaultSettings()
	next := old
	next.RulesDir, next.Proxy.Intercept = "rules", []string{"a.example"}
	if got := needRestart(old, next); len(got) != 0 {
		t.Errorf("needRestart = %v for what a reload does", got)
	}
	next.Proxy.Listen, next.Proxy.AuthFile = "127.0.0.1:1", "users"
	if got, want := needRestart(old, next), []string{"proxy.listen", "proxy.auth_file"}; !slices.Equal(got, want) {
		t.Errorf("needRestart = %v, want %v", got, want)
	}
}

// TestConsoleIsNotReachableThroughTheProxy holds what allow_private can't
// loosen.
func TestConsoleIsNotReachableThroughTheProxy(t *testing.T) {
	o := startOffice(t, nil)
	resp, err := o.client.Get("http://" + o.console.Addr().String() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 403 {
		t.Errorf("the console answers %d through the proxy, want 403", resp.StatusCode)
	}
}

func TestRunInfoAndMetrics(t *testing.T) {
	o := startOffice(t, nil)
	o.chat(t, "hello")
	b, err := os.ReadFile(filepath.Join(o.settings.StateDir, runFile))
	if err != nil {
		t.Fatal(err)
	}
	var info runInfo
	if err := json.Unmarshal(b, &info); err != nil {
		t.Fatal(err)
	}
	if info.Proxy != o.proxy.Addr().String() || info.Console != o.console.Addr().String() || !filepath.IsAbs(info.CA) || info.PID != os.Getpid() {
		t.Errorf("run.json = %+v", info)
	}
	resp, err := http.Get("http://" + info.Console + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	metrics, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"gnomon_sightings_durable_total", `gnomon_decisions_total{action="allow"} 1`, "gnomon_proxy_handshakes_total 1", "gnomon_sightings_dropped_total 0"} {
		if !strings.Contains(string(metrics), want) {
			t.Errorf("/metrics lacks %q", want)
		}
	}
	if strings.Contains(string(metrics), "openai") {
		t.Error("/metrics names a host")
	}
}

func TestSecondGatewayIsRefused(t *testing.T) {
	o := startOffice(t, nil)
	g, err := newGateway(t.Context(), o.settings, o.log)
	if err == nil {
		g.Close()
		t.Fatal("a second gateway started on the same state directory")
	}
	if !strings.Contains(err.Error(), "another gateway is running") {
		t.Errorf("error = %v", err)
	}
}

func TestDemo(t *testing.T) {
	var out strings.Builder
	if err := runDemo(t.Context(), true, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"OpenAI API", "approved_with_conditions", "refused", "unreviewed", "redact", "block", "request_shape", "llm.acme-tools.example"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the demo does not show %q:\n%s", want, out.String())
		}
	}
}
