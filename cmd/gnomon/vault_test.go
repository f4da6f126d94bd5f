package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
	"github.com/gnomon-proxy/gnomon/internal/testredis"
)

const pseudonymPolicy = `policies:
  - name: pseudonyms
    when: {class: [contact]}
    action: pseudonymise
    match:
      - {findings: [{class: contact}]}
`

var emailToken = regexp.MustCompile(`\[EMAIL_[A-Z][0-9A-Z]{5}\]`)

// pseudonymising returns a site whose gateway pseudonymises contacts.
func pseudonymising(t *testing.T, services *testnet.Net, store string) *site {
	t.Helper()
	s := newSite(t, services, store)
	dir := filepath.Join(t.TempDir(), "rules", "policies")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "own.yaml"), []byte(pseudonymPolicy), 0o600); err != nil {
		t.Fatal(err)
	}
	s.env = append(s.env, "GNOMON_RULES_DIR="+filepath.Dir(dir))
	return s
}

// twoGateways are two such gateways over one Redis, with a client of each.
type twoGateways struct {
	redis    *testredis.Server
	services *testnet.Net
	a, b     *site
	at, bt   *http.Client
}

func twoPseudonymising(t *testing.T) *twoGateways {
	t.Helper()
	p := &twoGateways{redis: testredis.Start(t)}
	var err error
	if p.services, err = testnet.Start(testnet.Options{Dir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.services.Close() })
	store := redisUser(p.redis)
	p.a, p.b = pseudonymising(t, p.services, store), pseudonymising(t, p.services, store)
	p.at, _ = p.a.start(p.services)
	p.a.shareKey(p.b)
	p.bt, _ = p.b.start(p.services)
	return p
}

// tell says something to a model with somebody's key and returns what it says
// back, which is "You said: " and the same.
func tell(t *testing.T, client *http.Client, key, text string, stream bool) (answer string) {
	t.Helper()
	body, _ := json.Marshal(map[string]any{"model": "gpt-4o", "stream": stream, "messages": []any{map[string]string{"role": "user", "content": text}}})
	code, said := fetch(t, client, http.MethodPost, "https://api.openai.com/v1/chat/completions", string(body),
		"Content-Type", "application/json", "Authorization", "Bearer sk-"+key)
	if code != http.StatusOK {
		t.Fatalf("%d: %s", code, said)
	}
	type message struct{ Content string }
	for line := range strings.Lines(said) {
		line, event := strings.CutPrefix(line, "data: ")
		if stream && (!event || strings.HasPrefix(line, "[DONE]")) {
			continue
		}
		var d struct {
			Choices []struct{ Message, Delta message }
		}
		if err := json.Unmarshal([]byte(line), &d); err != nil || len(d.Choices) != 1 {
			t.Fatalf("%v: %q", err, line)
		}
		answer += d.Choices[0].Message.Content + d.Choices[0].Delta.Content
	}
	return answer
}

// sent returns the token in the last request that arrived at the service.
func sent(t *testing.T, services *testnet.Net, value string) string {
	t.Helper()
	all := services.Received()
	body := string(all[len(all)-1].Body)
	token := emailToken.FindString(body)
	if token == "" || strings.Contains(body, value) {
		t.Fatalf("arrived: %s", body)
	}
	return token
}

// TestPseudonyms holds what pseudonymise is for: the service sees tokens, who
// sent the values sees them, and nobody else does.
func TestPseudonyms(t *testing.T) {
	services, err := testnet.Start(testnet.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer services.Close()
	s := pseudonymising(t, services, storeSQLite)
	client, end := s.start(services)
	const value = "anna.smith@contoso.com"
	var token string
	for _, stream := range []bool{false, true} {
		want := "You said: write to " + value + " and again " + value
		if got := tell(t, client, "ann", want[len("You said: "):], stream); got != want {
			t.Errorf("stream %v: ann reads %q, want %q", stream, got, want)
		}
		got := sent(t, services, value)
		if token != "" && got != token {
			t.Errorf("the value was sent as %s, then as %s", token, got)
		}
		token = got
		if got := tell(t, client, "ann", "no values: "+strings.ToLower(token), stream); got != "You said: no values: "+value {
			t.Errorf("stream %v: in the next turn ann reads %q", stream, got)
		}
		if got := tell(t, client, "bob", "guess "+token, stream); got != "You said: guess "+token {
			t.Errorf("stream %v: bob reads %q", stream, got)
		}
		if got := tell(t, client, "bob", "mine is bob@contoso.com, guess "+token, stream); got != "You said: mine is bob@contoso.com, guess "+token {
			t.Errorf("stream %v: bob reads %q", stream, got)
		}
	}
	for _, want := range []string{`gnomon_decisions_total{action="pseudonymise"} 4`, "gnomon_vault_values 2", "gnomon_vault_conversations 2", "gnomon_vault_restored_total 8"} {
		s.await("the metrics have "+want, func() bool { return strings.Contains(s.metrics(), want+"\n") }) // counted when an answer has ended
	}
	end(syscall.SIGTERM)
	for _, secret := range []string{"contoso", token[1:14]} {
		if strings.Contains(s.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// TestPseudonymsShared has one gateway replace a value and another one restore
// it, over a real Redis, with it and without.
func TestPseudonymsShared(t *testing.T) {
	p := twoPseudonymising(t)
	server, services, at, bt := p.redis, p.services, p.at, p.bt

	const value = "anna.smith@contoso.com"
	if got := tell(t, at, "ann", "write to "+value, true); got != "You said: write to "+value {
		t.Errorf("ann reads %q", got)
	}
	token := sent(t, services, value)
	p.b.await("the other gateway restores", func() bool {
		return tell(t, bt, "ann", "who is "+token+"?", true) == "You said: who is "+value+"?"
	})
	if got := tell(t, bt, "ann", "who is "+token+"?", false); got != "You said: who is "+value+"?" {
		t.Errorf("ann reads %q", got)
	}
	if got := tell(t, bt, "bob", "who is "+token+"?", true); got != "You said: who is "+token+"?" {
		t.Errorf("bob reads %q", got)
	}
	if got := tell(t, bt, "ann", "mail "+value, true); got != "You said: mail "+value || sent(t, services, value) != token {
		t.Errorf("ann reads %q; the other gateway sends %s, the first sent %s", got, sent(t, services, value), token)
	}
	for _, key := range strings.Fields(server.Do("EVAL", "local s = '' for _, k in ipairs(redis.call('KEYS', '*vault:*')) do s = s .. k .. ' ' .. table.concat(redis.call('HGETALL', k), ' ') end return s", "0")) {
		if strings.Contains(key, "contoso") || strings.Contains(key, token[1:8]) {
			t.Errorf("Redis holds %q", key)
		}
	}

	server.Kill()
	for _, client := range []*http.Client{at, bt} {
		for _, v := range []string{value, "new@contoso.com"} {
			if got := tell(t, client, "ann", "mail "+v, true); got != "You said: mail "+v {
				t.Errorf("without Redis ann reads %q", got)
			}
			sent(t, services, v)
		}
	}
}
