package prompt_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/prompt"
)

// TestTools reads which tools and remote MCP servers a request names.
func TestTools(t *testing.T) {
	for _, tt := range []struct {
		name, path, body string
		tools, servers   []string
	}{
		{"none", "/v1/chat/completions", `{"model":"m","messages":[{"role":"user","name":"ann","content":"hi"}]}`, nil, nil},
		{
			"OpenAI chat", "/v1/chat/completions",
			`{"tools":[{"type":"function","function":{"name":"get_weather","parameters":{"properties":{"name":{"type":"string"}}}}}],
			 "messages":[{"role":"assistant","tool_calls":[{"function":{"name":"send_mail","arguments":"{\"name\":\"x\"}"}},{"function":{"name":"get_weather","arguments":"{}"}}]}]}`,
			[]string{"get_weather", "send_mail"}, nil,
		},
		{
			"OpenAI responses", "/v1/responses",
			`{"tools":[{"type":"mcp","server_label":"deepwiki","server_url":"https://user:pw@mcp.DeepWiki.com:8443/sse?k=1","headers":{"a":"b"}},
			  {"type":"mcp","server_label":"dropbox","connector_id":"connector_dropbox"},{"type":"function","name":"f"}],
			 "input":[{"type":"function_call","name":"g","arguments":"{}"}]}`,
			[]string{"f", "g"}, []string{"mcp.deepwiki.com", "dropbox"},
		},
		{
			"Anthropic", "/v1/messages",
			`{"tools":[{"name":"Bash","input_schema":{"type":"object"}},{"type":"web_search_20250305","name":"web_search"}],
			 "mcp_servers":[{"type":"url","url":"https://example.org/mcp","name":"x","authorization_token":"t"},{"name":"local","url":"nonsense"}],
			 "messages":[{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"Edit","input":{"name":"no"}}]}]}`,
			[]string{"Bash", "web_search", "Edit"}, []string{"example.org", "local"},
		},
		{
			"Gemini", "/v1beta/models/g:generateContent",
			`{"tools":[{"functionDeclarations":[{"name":"find"}]}],"contents":[{"parts":[{"functionCall":{"name":"go","args":{}}}]}]}`,
			[]string{"find", "go"}, nil,
		},
		{
			"Bedrock", "/model/anthropic.claude/converse",
			`{"toolConfig":{"tools":[{"toolSpec":{"name":"a","inputSchema":{"json":{}}}}]},"messages":[{"role":"assistant","content":[{"toolUse":{"name":"b","input":{}}}]}]}`,
			[]string{"a", "b"}, nil,
		},
		{"MCP call", "/mcp", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"query","arguments":{"q":"x"}}}`, []string{"query"}, []string{"api.test"}},
		{"MCP hello", "/mcp", `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}`, nil, []string{"api.test"}},
		{"MCP prompt", "/mcp", `{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"review"}}`, nil, []string{"api.test"}},
		{"A2A", "/a2a", `{"jsonrpc":"2.0","id":1,"method":"message/send","params":{"message":{"role":"user","parts":[{"text":"hi"}]}}}`, nil, nil},
		{"no names", "/v1/chat/completions", `{"tools":[{"function":{"name":"drop tables; --"}},{"function":{"name":"` + strings.Repeat("a", 65) + `"}},{"function":{"name":""}}]}`, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := post(tt.path, "application/json", tt.body)
			x.Flow.Host = "api.test"
			p, err := prompt.New().Read(x)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(p.Tools, tt.tools) || !slices.Equal(p.Servers, tt.servers) {
				t.Errorf("tools %q, servers %q, want %q and %q", p.Tools, p.Servers, tt.tools, tt.servers)
			}
		})
	}
}

// TestToolsAreBounded declares more tools than are kept.
func TestToolsAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, `{"function":{"name":"t%d"}},{"server_url":"https://h%d.test/"},`, i, i)
	}
	p, err := prompt.New().Read(post("/v1/chat/completions", "application/json", `{"tools":[`+b.String()+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Tools) != 32 || len(p.Servers) != 32 {
		t.Errorf("%d tools and %d servers, want 32 of each", len(p.Tools), len(p.Servers))
	}
}
