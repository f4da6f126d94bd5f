package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
	"github.com/gnomon-proxy/gnomon/internal/testredis"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/redis"
)

// askWith sends a prompt with an address of mail, which the embedded rules let pass.
func askWith(t *testing.T, client *http.Client) int {
	t.Helper()
	resp, err := client.Post("https://api.openai.com/v1/chat/completions", "application/json",
		strings.NewReader(`{"model":"gpt-4o","messages":[{"role":"user","content":"write to ann.miller@corp-mail.com"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

// noContacts is a policy that blocks a class of findings.
const noContacts = "policies:\n  - {name: no-contacts, when: {class: [contact]}, action: block, message: no addresses}\n"

// folder makes a folder of rules.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// must runs a command that has to succeed.
func (s *site) must(args ...string) string {
	s.t.Helper()
	out, err := s.gnomon(args...)
	if err != nil {
		s.t.Fatalf("gnomon %s: %v: %s", strings.Join(args, " "), err, s.String())
	}
	return out
}

// refused runs a command that has to fail with a code and to say why.
func (s *site) refused(code int, why string, args ...string) {
	s.t.Helper()
	_, err := s.gnomon(args...)
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != code || !strings.Contains(s.String(), why) {
		s.t.Errorf("gnomon %s: %v, want exit code %d and %q: %s", strings.Join(args, " "), err, code, why, s.String())
	}
}

// TestPublishRules: what is published at one place decides the next request at
// every gateway, is whole or not there, outlives Redis, and can be withdrawn.
func TestPublishRules(t *testing.T) {
	server := testredis.Start(t)
	services, err := testnet.Start(testnet.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer services.Close()
	store := redisUser(server)
	a, b, admin := newSite(t, services, store), newSite(t, services, store), newSite(t, services, store)
	own := newSite(t, services, store)
	own.env = append(own.env, "GNOMON_RULES_SHARED=false")
	at, _ := a.start(services)
	a.shareKey(b, admin, own)
	bt, endB := b.start(services)
	ot, _ := own.start(services)
	if x, y := askWith(t, at), askWith(t, bt); x != 200 || y != 200 {
		t.Fatalf("before anything is published: answers %d and %d, want 200", x, y)
	}
	if out := admin.must("rules", "published"); !strings.Contains(out, "no rules were ever published") {
		t.Errorf("rules published: %s", out)
	}

	begun := time.Now()
	admin.must("rules", "publish", folder(t, map[string]string{"policies/a.yaml": noContacts}), "--reason", "no addresses")
	ended := time.Now()
	b.await("the gateway obeys", func() bool { return askWith(t, bt) == 403 })
	t.Logf("the other gateway decides by it %v after the command has ended, which took %v", time.Since(ended), ended.Sub(begun)) // the aim is a second
	a.await("the gateway obeys", func() bool { return askWith(t, at) == 403 })
	if got := askWith(t, ot); got != 200 {
		t.Errorf("with rules_shared off: answer %d, want 200", got)
	}
	out := ""
	admin.await("both have it", func() bool {
		out = admin.must("rules", "published", "--json")
		return strings.Count(out, `"version":1,"refused":0,"problem":""`) == 2
	})
	if !strings.HasPrefix(out, `{"version":1,`) || !strings.Contains(out, `"reason":"no addresses"`) || !strings.Contains(out, "rules_shared is off") {
		t.Errorf("rules published: %s", out)
	}
	if text := b.metrics(); !strings.Contains(text, "gnomon_rules_version 1\n") || !strings.Contains(text, "gnomon_rules_refused 0\n") {
		t.Error("the metrics lack the version in force")
	}

	// What is wrong changes nothing.
	admin.refused(exitConfig, "a.yaml:2:6", "rules", "publish", folder(t, map[string]string{"policies/a.yaml": "policies:\n  - {nmae: x}\n"}))
	admin.refused(exitConfig, `match "other.example"`, "rules", "publish", folder(t, map[string]string{
		"services/a.yaml": "services:\n  - {name: A, id: a, vendor: A, category: chat assistant, hosts: [{host: a.example}], match: [other.example], no_match: [b.example]}\n",
	}))
	admin.refused(exitFailure, "published meanwhile", "rules", "publish", folder(t, map[string]string{"policies/a.yaml": noContacts}), "--after", "0")
	if out := admin.must("rules", "published", "--json"); !strings.HasPrefix(out, `{"version":1,`) {
		t.Errorf("after what was refused: %s", out)
	}

	// Without Redis a gateway starts with what it has taken, and not without it.
	endB(syscall.SIGTERM)
	server.Kill()
	bt, endB = b.start(services)
	if got := askWith(t, bt); got != 403 {
		t.Errorf("started without Redis: answer %d, want 403", got)
	}
	endB(syscall.SIGTERM)
	taken := filepath.Join(b.dir, publishedDir, "policies", "a.yaml")
	if err := os.WriteFile(taken, []byte("policies: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.refused(exitFailure, "not those that were taken", "run")
	server.Restart()
	redisUser(server)
	bt, _ = b.start(services)
	if got := askWith(t, bt); got != 403 {
		t.Errorf("with rules that were changed on its disk: answer %d, want 403", got)
	}

	admin.must("rules", "withdraw", "--reason", "too strict")
	for _, one := range []struct {
		s *site
		c *http.Client
	}{{a, at}, {b, bt}} {
		one.s.await("they are withdrawn", func() bool { return askWith(t, one.c) == 200 })
	}
	admin.refused(exitUsage, "no published rules to withdraw", "rules", "withdraw")

	// The same over the API of one gateway.
	token := strings.TrimSpace(a.must("access", "token", "create", "ci", "--role", "admin"))
	for _, tt := range []struct {
		rules string
		code  int
		want  string
	}{
		{"policies:\n  - {nmae: x}\n", 400, `nothing was changed: policies/a.yaml:2:6: unknown key`},
		{noContacts, 200, `"version":3,`},
	} {
		body, err := json.Marshal(map[string]any{"files": map[string]string{"policies/a.yaml": tt.rules}})
		if err != nil {
			t.Fatal(err)
		}
		if code, text := a.api(http.MethodPut, "/api/v1/rules/published", string(body), token); code != tt.code || !strings.Contains(text, tt.want) {
			t.Errorf("over the API: %d %s, want %d and %s", code, text, tt.code, tt.want)
		}
	}
	b.await("the gateway obeys what the API of the other one published", func() bool { return askWith(t, bt) == 403 })
	if code, text := b.api(http.MethodGet, "/api/v1/status", "", token); code != 200 || !strings.Contains(text, `"rules_version":3,"rules_refused":0`) {
		t.Errorf("status: %d %s", code, text)
	}
}

// api asks the API of the gateway that runs.
func (s *site) api(method, path, body, token string) (code int, text string) {
	s.t.Helper()
	var info runInfo
	b, err := os.ReadFile(filepath.Join(s.dir, runFile))
	if err == nil {
		err = json.Unmarshal(b, &info)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+info.Console+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(got)
}

// TestPublishHostile: who can write to Redis alone can't change the rules; a gateway
// that can't take a version keeps the one before it and says so.
func TestPublishHostile(t *testing.T) {
	server := testredis.Start(t)
	services, err := testnet.Start(testnet.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer services.Close()
	store := "redis://" + server.Addr
	b, admin := newSite(t, services, store), newSite(t, services, store)
	// Its own policy asks for a detector that a version below takes away.
	b.env = append(b.env, "GNOMON_RULES_DIR="+folder(t, map[string]string{
		"detectors/own.yaml": "detectors:\n  - {name: own-word, class: custom, confidence: 0.9, keywords: [zanzibar], pattern: 'zanzibar', match: [zanzibar], no_match: [tanzania]}\n",
		"policies/own.yaml":  "policies:\n  - {name: own, when: {detector: [own-word]}, action: alert}\n",
	}))
	bt, end := b.start(services)
	b.shareKey(admin)
	strict := folder(t, map[string]string{"policies/a.yaml": noContacts})
	lax := folder(t, map[string]string{"policies/a.yaml": "policies:\n  - {name: no-contacts, when: {class: [contact]}, action: allow}\n"})
	admin.must("rules", "publish", lax)
	admin.must("rules", "publish", strict)
	b.await("the gateway obeys", func() bool { return askWith(t, bt) == 403 })

	// The first version again, put on record by somebody without the key.
	o, err := redis.ParseURL(store)
	if err != nil {
		t.Fatal(err)
	}
	st, err := redis.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	inv, err := inventory.New(t.Context(), inventory.Config{Dir: t.TempDir(), Store: st, AnyKey: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = inv.Write(t.Context(), "mallory", func(book *inventory.Book) ([]inventory.Note, error) {
		return []inventory.Note{{Topic: inventory.TopicRules, Data: book.History(inventory.TopicRules, "")[0].Data}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b.await("it is said", func() bool { return strings.Contains(b.String(), "no gateway sealed, or old ones again") })
	if got := askWith(t, bt); got != 403 {
		t.Errorf("after an old version was put there again: answer %d, want 403", got)
	}

	// Another version, of which somebody changes what lies in Redis.
	end(syscall.SIGTERM)
	admin.must("rules", "publish", lax)
	server.Do("EVAL", "for _, k in ipairs(redis.call('KEYS', '*:published:*')) do redis.call('SETRANGE', k, 100, 'xyz') end", "0")
	bt, _ = b.start(services)
	b.await("it is said", func() bool { return strings.Contains(b.String(), "published rules can't be taken") })
	if got := askWith(t, bt); got != 403 {
		t.Errorf("with a version that was changed in Redis: answer %d, want 403", got)
	}
	admin.await("it is on record", func() bool {
		return strings.Contains(admin.must("rules", "published", "--json"), `"version":2,"refused":3,`)
	})

	// A new gateway has none to go on with.
	added := newSite(t, services, store)
	b.shareKey(added)
	added.refused(exitFailure, "version 3 of the published rules", "run")

	// A version that its own rules don't go with.
	admin.must("rules", "publish", folder(t, map[string]string{"detectors/a.yaml": "detectors:\n  - {name: own-word, disabled: true}\n"}))
	admin.await("it is on record", func() bool {
		return strings.Contains(admin.must("rules", "published"), "own-word")
	})
	if got := askWith(t, bt); got != 403 {
		t.Errorf("with a version that it can't take: answer %d, want 403", got)
	}
	if text := b.metrics(); !strings.Contains(text, "gnomon_rules_version 2\n") || !strings.Contains(text, "gnomon_rules_refused 4\n") {
		t.Error("the metrics don't say that a version can't be taken")
	}
	admin.must("rules", "publish", lax)
	b.await("the gateway obeys the next one", func() bool { return askWith(t, bt) == 200 })
}

// TestPublishAlone: with a store of one gateway there is nobody to publish for.
func TestPublishAlone(t *testing.T) {
	s := &site{t: t, dir: filepath.Join(t.TempDir(), "state")}
	s.env = append(os.Environ(), "GNOMON_STATE_DIR="+s.dir)
	s.refused(exitUsage, "send it SIGHUP", "rules", "publish", t.TempDir())
}
