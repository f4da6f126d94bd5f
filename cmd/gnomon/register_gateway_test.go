package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// besideGateway runs a command line beside what runs already and returns what it
// prints.
func besideGateway(t *testing.T, stateDir string, args ...string) string {
	t.Helper()
	t.Setenv("GNOMON_STATE_DIR", stateDir)
	var out bytes.Buffer
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&out)
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatalf("%q: %v\n%s", args, err, out.String())
	}
	return out.String()
}

// TestRegisterOfGateway sends an agent's requests through a gateway: its tools,
// its MCP server and its key are in the register; the key, pasted into a prompt,
// raises an alert; decisions on many services hold from the next request on.
func TestRegisterOfGateway(t *testing.T) {
	o := startOffice(t, nil)
	key := "sk-proj-" + "Zk4mXq8vTn2bRw6yLc9dHs3fJg7pAe5uKt1iVo0xCzBnMqWe" // of nobody
	post := func(body string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.openai.com/v1/responses", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+key)
		req.Header.Set("User-Agent", "codex_cli/1.0")
		resp, err := o.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	post(`{"model":"gpt-5","input":"hi","tools":[{"type":"function","name":"run_shell"},{"type":"mcp","server_label":"w","server_url":"https://mcp.wiki.example/sse"}]}`)
	awaitTrue(t, func() bool {
		return strings.Contains(besideGateway(t, o.settings.StateDir, "inventory", "tools"), "run_shell")
	})
	for _, tt := range []struct{ list, want string }{
		{"servers", "mcp.wiki.example"}, {"agents", "codex_cli"}, {"models", "gpt-5"}, {"keys", " 1 "}, {"accounts", "api_key"}, {"suppliers", "OpenAI"},
	} {
		if got := besideGateway(t, o.settings.StateDir, "inventory", tt.list); !strings.Contains(got, tt.want) {
			t.Errorf("inventory %s: no %q in\n%s", tt.list, tt.want, got)
		}
	}
	if got := besideGateway(t, o.settings.StateDir, "inventory", "keys", "--json"); strings.Contains(got, "seen_in_prompt") {
		t.Errorf("before it leaked: %s", got)
	}

	post(`{"model":"gpt-5","input":"my key is OPENAI_API_KEY=` + key + ` and it fails"}`)
	awaitTrue(t, func() bool {
		return strings.Contains(besideGateway(t, o.settings.StateDir, "inventory", "keys", "--json"), "seen_in_prompt")
	})
	for subject := range o.inventory.Book().Subjects(inventory.TopicAlert) {
		if !strings.HasPrefix(subject, "key_in_prompt=") || strings.Contains(subject, key) {
			t.Errorf("alert %q", subject)
		}
	}

	if got := besideGateway(t, o.settings.StateDir, "inventory", "refuse", "openai-api", "claude"); !strings.Contains(got, "decided on 2 services") {
		t.Errorf("refuse: %s", got)
	}
	if code := post(`{"model":"gpt-5","input":"hi"}`); code != http.StatusForbidden {
		t.Errorf("the request after the decision got %d, want 403", code)
	}
}

func awaitTrue(t *testing.T, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !cond(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it has not come to pass within two minutes")
		}
	}
}
