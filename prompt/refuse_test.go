package prompt_test

import (
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/prompt"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func TestRefuse(t *testing.T) {
	const text = `Gnomon blocked this request: \"Ask\" the data office (rule no-secrets).`
	codec := prompt.New()
	for _, tt := range []struct {
		name, path, kind, body string
		vendor                 string
		code                   int
		want                   string
	}{
		{"OpenAI", "/v1/chat/completions", "application/json", `{}`, "", 403,
			`{"error":{"code":"blocked_by_policy","message":"` + text + `","param":null,"type":"permission_error"}}`},
		{"OpenAI without a body", "/v1/responses", "", "", "", 403,
			`{"error":{"code":"blocked_by_policy","message":"` + text + `","param":null,"type":"permission_error"}}`},
		{"Anthropic", "/v1/messages", "application/json", `{}`, "", 403,
			`{"error":{"message":"` + text + `","type":"permission_error"},"type":"error"}`},
		{"Gemini", "/v1beta/models/m:streamGenerateContent", "application/json", `{}`, "", 403,
			`{"error":{"code":403,"message":"` + text + `","status":"PERMISSION_DENIED"}}`},
		{"Bedrock", "/model/m/converse", "application/json", `{}`, "", 403,
			`{"__type":"AccessDeniedException","message":"` + text + `"}`},
		{"Ollama", "/api/generate", "application/json", `{}`, "", 403, `{"error":"` + text + `"}`},
		{"another path of a vendor", "/v1/models", "", "", "Google LLC", 403,
			`{"error":{"code":403,"message":"` + text + `","status":"PERMISSION_DENIED"}}`},
		{"unknown", generic, "application/json", `{"q":"x"}`, "", 403,
			`{"error":{"code":"blocked_by_policy","message":"` + text + `","param":null,"type":"permission_error"},"message":"` + text + `"}`},
		{"MCP call", "/mcp", "application/json", `{"jsonrpc":"2.0","id":"a-1","method":"tools/call"}`, "", 200,
			`{"error":{"code":-32003,"message":"` + text + `"},"id":"a-1","jsonrpc":"2.0"}`},
		{"MCP call anywhere", generic, "application/json", `{"jsonrpc":"2.0","id":7,"method":"tools/call"}`, "", 200,
			`{"error":{"code":-32003,"message":"` + text + `"},"id":7,"jsonrpc":"2.0"}`},
		{"MCP notification", "/mcp", "application/json", `{"jsonrpc":"2.0","method":"x"}`, "", 403,
			`{"error":{"code":"blocked_by_policy","message":"` + text + `","param":null,"type":"permission_error"},"message":"` + text + `"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := post(tt.path, tt.kind, tt.body)
			x.Verdict.Vendor = tt.vendor
			x.Decision = traffic.Decision{Action: traffic.ActionBlock, Rule: "no-secrets", Reason: `"Ask" the data office.`}
			r := codec.Refuse(x)
			if string(r.Body) != tt.want || r.Code != tt.code || r.ContentType != "application/json" {
				t.Errorf("got %d %s %s\nwant %d %s", r.Code, r.ContentType, r.Body, tt.code, tt.want)
			}
		})
	}
}

func TestRefuseStreams(t *testing.T) {
	codec := prompt.New()
	x := post("/aiserver.v1.ChatService/StreamUnifiedChatWithTools", "application/connect+proto", "\x00\x00\x00\x00\x00")
	r := codec.Refuse(x)
	if r.Code != 200 || r.ContentType != "application/connect+proto" || r.Body[0] != 2 || int(binary.BigEndian.Uint32(r.Body[1:])) != len(r.Body)-5 {
		t.Fatalf("got %d %s %q", r.Code, r.ContentType, r.Body)
	}
	var end struct {
		Error struct{ Code, Message string }
	}
	if err := json.Unmarshal(r.Body[5:], &end); err != nil || end.Error.Code != "permission_denied" ||
		end.Error.Message != "Gnomon blocked this request: the policy of your organisation does not allow it." {
		t.Errorf("end of stream %+v, %v", end, err)
	}
	x = post("/google.ai/Generate", "application/grpc", "")
	if r := codec.Refuse(x); r.Code != 403 || !strings.HasPrefix(r.ContentType, "text/plain") {
		t.Errorf("gRPC: got %d %s", r.Code, r.ContentType)
	}
}
