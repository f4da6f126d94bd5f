package stream_test

import (
	"os"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/stream"
	"github.com/gnomon-proxy/gnomon/traffic"
)

var from = &stream.Source{Vendor: "Gnomon", Product: "Gnomon", Version: "0.1.0", Host: "egress-1", PID: 4711}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 789e6, time.UTC)

// nasty holds what each format has to escape, and what no line may hold.
const nasty = "a|b=c\\d\"e]f[g\nh\r\ti\x00j\x85k\u2028l ^ <m> é漢 'n' &o;"

// samples are events of all kinds: an inspected request, a refused one with
// names that a stranger chose, passive sightings, and a blind spot.
func samples() []inventory.Event {
	people := []inventory.Person{{ID: "u-7f3a90cc01ab", Sealed: []byte("sealed-name")}}
	return []inventory.Event{
		{
			ID: "019a0000000100000000000000000001", Time: noon, Sensor: traffic.SensorProxy, Client: "c-1f0e9d8c7b6a", User: "u-7f3a90cc01ab", Groups: []string{"finance", "emea"},
			Host: "api.openai.com", Method: "POST", Path: "/v1/threads/{}/messages", UserAgent: "openai-python/1.40", ServiceID: "openai-api", Service: "OpenAI API",
			Vendor: "OpenAI", Category: "llm_api", Surface: traffic.SurfaceAPI, How: traffic.HowCatalogue, Confidence: 0.99, Features: []string{"host"},
			Account: inventory.Account{Kind: "corporate", Organisation: "org-acme", Plan: "team", Key: "8d969eef6ecad3c2"}, Model: "gpt-4o",
			Findings: map[string]int{"secret.aws_access_key": 1, "contact.email": 2}, Classes: map[traffic.Class]int{traffic.ClassSecret: 1, traffic.ClassContact: 2},
			Prints: []string{"0011223344556677"}, Action: traffic.ActionRedact, Rule: "redact-secrets", Depth: traffic.Inspected,
			Requests: 1, Up: 1834, Down: 9120, Code: 200, Took: 1500 * time.Millisecond, People: people,
			Agent: "openai-python", Tools: []string{"search", "read_file"}, Servers: []string{"mcp.example.com"},
		},
		{
			ID: "019a0000000200000000000000000002", Time: noon.Add(time.Second), Sensor: traffic.SensorProxy, Client: "c-1f0e9d8c7b6a",
			Host: "evil.test", Method: "BREW", Path: "/" + nasty, UserAgent: nasty, ServiceID: "unknown:evil.test", Service: nasty, Vendor: nasty, Category: nasty, How: traffic.HowRequestShape,
			Account: inventory.Account{Organisation: nasty}, Model: nasty, Findings: map[string]int{nasty: 1}, Classes: map[traffic.Class]int{traffic.ClassCustom: 1},
			Action: traffic.ActionBlock, Rule: nasty, Depth: traffic.MetadataOnly, Why: traffic.ReasonOverLimit, Requests: 1, Up: 1, Code: 403, Groups: []string{nasty},
		},
		{
			ID: "019a0000000300000000000000000003", Time: noon.Add(2 * time.Second), Sensor: traffic.SensorDNS, Origin: "eth0", Client: "c-aa0e9d8c7b6a", Host: "claude.ai",
			ServiceID: "claude", Service: "Claude", Vendor: "Anthropic", Category: "chat", Surface: traffic.SurfaceWeb, How: traffic.HowCatalogue, Depth: traffic.MetadataOnly, Why: traffic.ReasonPassive, Requests: 1,
		},
		{
			ID: "019a0000000400000000000000000004", Time: noon.Add(3 * time.Second), Sensor: traffic.SensorTLS, Host: "gemini.google.com",
			ServiceID: "gemini", Service: "Gemini", Vendor: "Google", How: traffic.HowCatalogue, Depth: traffic.MetadataOnly, Why: traffic.ReasonPassive, Requests: 1, Up: 70000, Down: 120000, Took: 42 * time.Second,
		},
		{
			ID: "019a0000000500000000000000000005", Time: noon.Add(4 * time.Second), Sensor: traffic.SensorDNS, Client: "c-aa0e9d8c7b6a", Host: "dns.google", Blind: "doh", Depth: traffic.Blind, Requests: 3,
		},
		{
			ID: "019a0000000600000000000000000006", Time: noon.Add(5 * time.Second), Sensor: traffic.SensorLog, Origin: "access.log", Client: "c-bb0e9d8c7b6a", Host: "api.anthropic.com", Method: "CONNECT",
			ServiceID: "anthropic-api", Service: "Anthropic API", Vendor: "Anthropic", How: traffic.HowCatalogue, Depth: traffic.MetadataOnly, Why: traffic.ReasonPassive, Requests: 1, Code: 200,
		},
		{
			ID: "019a0000000700000000000000000007", Time: noon.Add(6 * time.Second), Sensor: traffic.SensorProxy, Client: "c-bb0e9d8c7b6a", User: "u-000000000001", Host: "api.anthropic.com", Method: "POST", Path: "/v1/messages",
			ServiceID: "anthropic-api", Service: "Anthropic API", Vendor: "Anthropic", How: traffic.HowCatalogue, Model: "claude-opus", Action: traffic.ActionAllow, Depth: traffic.Inspected, Requests: 1, Up: 10, Down: 20, Code: 529,
		},
	}
}

// encode returns the samples in a format.
func encode(t *testing.T, f stream.Format, events []inventory.Event) []byte {
	t.Helper()
	var out []byte
	for i := range events {
		var err error
		if out, err = f.Append(out, &stream.Record{Event: &events[i], From: from}); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// golden compares with a file; UPDATE_GOLDEN=1 writes it anew.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}
