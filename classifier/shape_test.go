package classifier_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/classifier"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// request builds an exchange with an unknown host. headers are "Name: value".
func request(host, path, body string, headers ...string) *traffic.Exchange {
	path, query, _ := strings.Cut(path, "?")
	q, _ := url.ParseQuery(query)
	x := &traffic.Exchange{Flow: traffic.Flow{Host: host, Method: "POST", Path: path}, Header: http.Header{}, Query: q, Body: []byte(body)}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		x.Header.Add(name, value)
	}
	x.Flow.UserAgent = x.Header.Get("User-Agent")
	return x
}

const chat = `{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"P"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}],"stream":true}`

func TestRequestShape(t *testing.T) {
	c := embedded(t)
	for _, tt := range []struct {
		name, path, body string
		headers          []string
	}{
		{"OpenAI chat anywhere", "/gateway/x", chat, nil},
		{"OpenAI chat, minimal", "/v1/chat/completions", `{"messages":[{"role":"user","content":"P"}]}`, nil},
		{"OpenAI chat, written with escapes", "/x", `{"m\u006fdel":"m","\u006dessages":[{"role":"user","content":"P"}]}`, nil},
		{"OpenAI chat in a list", "/x", `[` + chat + `]`, nil},
		{"OpenAI chat cut off", "/x", `{"model":"m","messages":[{"role":"user","content":"` + strings.Repeat("word ", 500), nil},
		{"OpenAI chat cut off before the model", "/x", `{"messages":[{"role":"user","content":"` + strings.Repeat("word ", 500), nil},
		{"OpenAI responses", "/v1/responses", `{"model":"m","input":"P"}`, nil},
		{"OpenAI responses anywhere", "/x", `{"model":"m","input":[{"role":"user","content":"P"}]}`, nil},
		{"OpenAI completions", "/v1/completions", `{"model":"m","prompt":"P"}`, nil},
		{"OpenAI embeddings", "/v1/embeddings", `{"model":"m","input":["P"]}`, nil},
		{"OpenAI library, no body yet", "/v1/chat/completions", "", []string{"User-Agent: OpenAI/Python 1.99.1"}},
		{"Anthropic", "/v1/messages", `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"P"}]}`, []string{"anthropic-version: 2023-06-01"}},
		{"Anthropic, no body yet", "/proxy/v1/messages", "", []string{"Anthropic-Version: 2023-06-01"}},
		{"Anthropic count_tokens", "/v1/messages/count_tokens", `{"model":"m","messages":[{"role":"user","content":"P"}]}`, nil},
		{"Gemini", "/v1beta/models/gemini-9:generateContent", `{"contents":[{"parts":[{"text":"P"}]}]}`, nil},
		{"Gemini anywhere", "/x", `{"contents":[{"role":"user","parts":[{"text":"P"}]}],"generationConfig":{}}`, nil},
		{"Gemini Code Assist", "/v1internal:streamGenerateContent", `{"model":"m","project":"p","request":{"contents":[{"role":"user","parts":[{"text":"P"}]}]}}`, nil},
		{"Bedrock converse", "/model/m/converse", `{"messages":[{"role":"user","content":[{"text":"P"}]}],"inferenceConfig":{"maxTokens":9}}`, nil},
		{"Ollama generate", "/api/generate", `{"model":"llama3","prompt":"P"}`, nil},
		{"Ollama chat", "/api/chat", `{"model":"llama3","messages":[{"role":"user","content":"P"}]}`, nil},
		{"TGI", "/generate", `{"inputs":"P","parameters":{"max_new_tokens":20,"temperature":1}}`, nil},
		{"llama.cpp", "/completion", `{"prompt":"P","n_predict":9,"temperature":0.7,"top_k":40}`, nil},
		{"two settings beside a long text", "/x", `{"prompt":"` + strings.Repeat("word ", 200) + `","temperature":1,"top_p":1}`, nil},
		{"Cohere chat", "/v1/chat", `{"message":"P","chat_history":[{"role":"USER","message":"p"}]}`, nil},
		{"Cohere embed", "/v2/embed", `{"model":"m","texts":["P"],"input_type":"search_query"}`, nil},
		{"Cohere rerank", "/v2/rerank", `{"model":"m","query":"q","documents":["d"]}`, nil},
		{"MCP 2025-11-25", "/mcp", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{"q":"P"}}}`, []string{"Accept: application/json, text/event-stream", "MCP-Protocol-Version: 2025-11-25"}},
		{"MCP 2026-07-28", "/x", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{}}}`, []string{"MCP-Protocol-Version: 2026-07-28", "Mcp-Method: tools/call", "Mcp-Name: t"}},
		{"MCP, body and path alone", "/mcp", `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, nil},
		{"MCP initialize", "/mcp", `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","clientInfo":{"name":"c","version":"1"},"capabilities":{}}}`, nil},
		{"AI SDK version 5", "/api/chat", `{"id":"x","messages":[{"id":"1","role":"user","parts":[{"type":"text","text":"P"}]}]}`, nil},
		{"AI SDK version 4", "/api/chat", `{"messages":[{"role":"user","content":"P"}]}`, nil},
		{"ChatGPT web", "/backend-api/conversation", `{"action":"next","messages":[{"id":"u","author":{"role":"user"},"content":{"content_type":"text","parts":["P"]}}],"model":"auto","parent_message_id":"p"}`, nil},
		{"Claude web", "/x", `{"prompt":"P","attachments":[],"files":["u"],"model":"m","timezone":"UTC","rendering_mode":"messages"}`, nil},
		{"Dify", "/v1/chat-messages", `{"inputs":{},"query":"P","response_mode":"streaming","user":"u"}`, nil},
		{"Flowise", "/api/v1/prediction/0a1b", `{"question":"P","history":[{"role":"user","content":"p"}]}`, nil},
		{"ComfyUI", "/prompt", `{"client_id":"c","prompt":{"6":{"class_type":"CLIPTextEncode","inputs":{"text":"P"}}}}`, nil},
		{"Stable Diffusion web UI", "/sdapi/v1/txt2img", `{"prompt":"P","negative_prompt":"n","steps":20}`, nil},
		{"speech", "/v1/text-to-speech/v", `{"text":"P","voice_settings":{"stability":1}}`, []string{"xi-api-key: k"}},
		{"code completion", "/v1/engines/e/completions", `{"prompt":"P","suffix":"s","max_tokens":9,"stream":true,"n":1}`, nil},
		{"Groq key", "/openai/v1/chat/completions", "", []string{"Authorization: Bearer gsk_x"}},
		{"Azure deployment", "/openai/deployments/d/chat/completions?api-version=2026-01-01", "", []string{"api-key: 0123456789abcdef0123456789abcdef"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, _ := c.Request(request("llm.corp.example", tt.path, tt.body, tt.headers...))
			if v.How != traffic.HowRequestShape {
				t.Fatalf("How = %q, features %q", v.How, v.Features)
			}
			if v.ID != "unknown:llm.corp.example" || v.Service != "llm.corp.example" || v.Confidence < 0.5 || v.Confidence > 1 {
				t.Errorf("verdict = %+v", v)
			}
			if len(v.Features) < 2 {
				t.Errorf("features = %q: one alone must not do", v.Features)
			}
		})
	}
}

// TestLookAlikes: what has the same keys but asks no model.
func TestLookAlikes(t *testing.T) {
	c := embedded(t)
	browser := []string{"User-Agent: Mozilla/5.0 (X11; Linux x86_64)", "Sec-Fetch-Mode: cors", "Accept: */*", "Content-Type: application/json"}
	for _, tt := range []struct {
		name, path, body string
		headers          []string
	}{
		{"GraphQL", "/graphql", `{"query":"query Q($id:ID!){user(id:$id){name}}","operationName":"Q","variables":{"id":"1","input":{"text":"t"}}}`, browser},
		{"GraphQL with a long query", "/api/graphql", `{"query":"` + strings.Repeat("fragment F on T{a b c} ", 100) + `","variables":{}}`, browser},
		{"Algolia", "/1/indexes/*/queries", `{"requests":[{"indexName":"i","query":"shoes","params":"hitsPerPage=9"}]}`, []string{"X-Algolia-API-Key: k"}},
		{"Algolia, one index", "/1/indexes/i/query", `{"query":"shoes","hitsPerPage":9,"page":0}`, nil},
		{"Elasticsearch", "/logs/_search", `{"query":{"match":{"message":"error"}},"size":10,"from":0,"sort":[]}`, nil},
		{"Elasticsearch, kNN", "/i/_search", `{"knn":{"field":"v","query_vector":[0.1],"k":5},"query":{"match_all":{}}}`, nil},
		{"language server", "/lsp", `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":1,"clientInfo":{"name":"vscode"},"rootUri":null,"capabilities":{}}}`, nil},
		{"language server, completion", "/lsp", `{"jsonrpc":"2.0","id":2,"method":"textDocument/completion","params":{"textDocument":{"uri":"file:///a"}}}`, nil},
		{"Ethereum node", "/", `{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[{"to":"0x0","data":"0x1"},"latest"]}`, nil},
		{"Ethereum node, batch", "/", `[{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber"},{"jsonrpc":"2.0","id":2,"method":"eth_call","params":[]}]`, nil},
		{"Slack message", "/api/chat.postMessage", `{"channel":"C1","text":"hello all","thread_ts":"1.2"}`, []string{"Authorization: Bearer xoxb-1-2"}},
		{"Slack history", "/api/conversations.history", `{"ok":true,"messages":[{"type":"message","user":"U1","text":"hello","ts":"1"}]}`, browser},
		{"Teams", "/v1/threads/19:x/messages", `{"id":"-1","type":"Message","conversationid":"19:x","content":"<p>hi</p>","messagetype":"RichText/Html","imdisplayname":"Ann"}`, browser},
		{"Matrix", "/_matrix/client/v3/rooms/r/send/m.room.message/1", `{"msgtype":"m.text","body":"hello"}`, nil},
		{"chat between people", "/v1/messages", `{"messages":[{"from":"ann","to":"bob","text":"` + strings.Repeat("hello ", 200) + `"}],"conversation_id":"c"}`, browser},
		{"support desk with roles", "/api/tickets", `{"messages":[{"role":"agent","content":"hello"},{"role":"customer","content":"hi"}]}`, browser},
		{"members with roles", "/team", `{"members":[{"role":"user","content":"x"}],"model":"team"}`, browser},
		{"SMS gateway", "/v1/messages", `{"from":"1","to":"2","text":"hi","message_type":"text","channel":"sms"}`, nil},
		{"Sentry", "/api/1/envelope/", `{"event_id":"e","sdk":{"name":"sentry.javascript"},"message":"failed","tags":{"model":"x"}}`, browser},
		{"Segment", "/v1/batch", `{"batch":[{"type":"track","event":"Prompt Sent","messageId":"m","properties":{"model":"gpt","prompt":"hello"}}],"sentAt":"t"}`, browser},
		{"log intake", "/api/v2/logs", `[{"message":"POST /v1/chat/completions","model":"m","service":"s"}]`, nil},
		{"Stripe", "/v1/payment_intents", `amount=100&currency=eur&description=Chat+model`, []string{"Authorization: Bearer sk_live_x", "User-Agent: Stripe/v1 PythonBindings/9"}},
		{"OpenAPI description", "/specs", `{"openapi":"3.1.0","paths":{"/v1/chat/completions":{"post":{"requestBody":{"content":{"application/json":{"example":{"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":1}}}}}}}}`, nil},
		{"OpenAPI description as text", "/specs", `{"text":"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"temperature\":1}","name":"openapi.json"}`, nil},
		{"npm package", "/pkg", `{"name":"pkg","version":"1.0.0","description":"d","model":"x","main":"index.js","scripts":{"prompt":"x"}}`, nil},
		{"car configurator", "/api/configure", `{"model":"X5","text":"blue","seed":1,"options":[{"tools":true}]}`, browser},
		{"printer", "/jobs", `{"model":"LaserJet","input":"tray1","steps":3}`, nil},
		{"form with a question", "/survey", `{"question":"How are you?","answers":[]}`, browser},
		{"Stainless library of a bank", "/v1/cards", `{"type":"VIRTUAL","memo":"card"}`, []string{"User-Agent: Lithic/Python 0.1", "X-Stainless-Lang: python", "X-Stainless-Os: Linux"}},
		{"gRPC", "/helloworld.Greeter/SayHello", "\x00\x00\x00\x00\x07\n\x05world", []string{"Content-Type: application/grpc", "Te: trailers"}},
		{"dashboard stream", "/stream", "", []string{"Accept: text/event-stream"}},
		{"Google Maps", "/maps/api/geocode/json", "", []string{"X-Goog-Api-Key: AIzax"}},
		{"Azure API management", "/orders", `{"items":[1]}`, []string{"Ocp-Apim-Subscription-Key: k", "api-key: k"}},
		{"A path alone", "/v1/chat/completions", "", nil},
		{"A header alone", "/x", "", []string{"OpenAI-Organization: o"}},
		{"A user agent alone", "/x", "", []string{"User-Agent: OpenAI/Python 1.0"}},
		{"Roles alone", "/x", `{"messages":[{"role":"user","content":"P"}]}`, nil},
		{"Not JSON", "/x", `messages role user content model temperature`, nil},
		{"Keys too deep", "/x", strings.Repeat(`{"a":`, 5000) + chat, nil},
		{"Keys at a wrong depth", "/x", `{"data":` + chat + `}`, nil},
		{"null", "/x", `{"model":null,"messages":null,"prompt":null,"temperature":null,"top_p":null,"max_tokens":null}`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := request("app.corp.example", tt.path, tt.body, tt.headers...)
			if v, a := c.Request(x); v.AI() || a != (traffic.Account{}) {
				t.Errorf("confidence %v, features %q, account %+v", v.Confidence, v.Features, a)
			}
		})
	}
}

func TestResponseShape(t *testing.T) {
	c := embedded(t)
	const sse = "Content-Type: text/event-stream"
	for _, tt := range []struct {
		name, path, prefix string
		headers            []string
		want               bool
	}{
		{"OpenAI stream", "/x", "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"delta\":{\"content\":\"A\"}}]}\n\n", []string{sse}, true},
		{"OpenAI stream cut", "/x", "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"delta\":{\"con", []string{sse}, true},
		{"OpenAI answer", "/x", `{"id":"c","object":"chat.completion","choices":[{"message":{"role":"assistant","content":"A"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}`, nil, true},
		{"OpenAI headers and answer", "/x", `{"object":"list","data":[{"object":"embedding","embedding":[0.1]}]}`, []string{"Openai-Processing-Ms: 12"}, true},
		{"OpenAI header alone", "/x", "", []string{"Openai-Processing-Ms: 12"}, false},
		{"Anthropic stream", "/x", "event: message_start\r\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":1}}}\r\n\r\n", []string{sse}, true},
		{"Anthropic answer", "/x", `{"id":"m","type":"message","role":"assistant","content":[{"type":"text","text":"A"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}`, nil, true},
		{"Gemini answer", "/x", `{"candidates":[{"content":{"parts":[{"text":"A"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1}}`, nil, true},
		{"Gemini list", "/x", `[{"candidates":[{"content":{"parts":[{"text":"A"}]}}],"usageMetadata":{"promptTokenCount":1}}`, nil, true},
		{"Ollama", "/x", "{\"model\":\"llama3\",\"created_at\":\"t\",\"response\":\"A\",\"done\":false}\n{\"model\":\"llama3\"", []string{"Content-Type: application/x-ndjson"}, true},
		{"Ollama's models", "/api/tags", `{"models":[{"name":"llama3","details":{"quantization_level":"Q4_0"}}]}`, nil, true},
		{"list of models", "/v1/models", `{"object":"list","data":[{"id":"m","object":"model","owned_by":"o"}]}`, nil, true},
		{"MCP", "/mcp", "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[{\"name\":\"t\",\"inputSchema\":{}}]}}\n\n", []string{sse, "Mcp-Session-Id: s"}, true},
		{"dashboard stream", "/x", "event: tick\ndata: {\"type\":\"cpu\",\"usage\":{\"cpu\":1},\"object\":\"host\"}\n\n", []string{sse}, false},
		{"list of an API", "/x", `{"object":"list","data":[{"id":"ch_1","object":"charge"}],"has_more":false}`, nil, false},
		{"JSON-RPC of a node", "/x", `{"jsonrpc":"2.0","id":1,"result":"0x1"}`, nil, false},
		{"page", "/x", "<!doctype html><title>data: [DONE]</title>", nil, false},
		{"survey", "/x", `{"choices":[{"text":"yes"},{"text":"no"}],"role":"assistant"}`, nil, false},
		{"nothing", "/v1/chat/completions", "", nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := request("llm.corp.example", tt.path, "")
			a := &traffic.Answer{Code: 200, Header: http.Header{}, Prefix: []byte(tt.prefix)}
			for _, h := range tt.headers {
				name, value, _ := strings.Cut(h, ": ")
				a.Header.Set(name, value)
			}
			v, _ := c.Response(x, a)
			if v.AI() != tt.want || tt.want && (v.How != traffic.HowResponseShape || len(v.Features) < 2) {
				t.Errorf("verdict %q, confidence %v, features %q, want AI %v", v.How, v.Confidence, v.Features, tt.want)
			}
		})
	}
}

// TestRequestKeepsCatalogue: a host that the catalogue knows stays what it is,
// whatever the body.
func TestRequestKeepsCatalogue(t *testing.T) {
	c := embedded(t)
	v, _ := c.Request(request("api.openai.com", "/v1/anything", `{"query":"q"}`))
	if v.ID != "openai-api" || v.How != traffic.HowCatalogue {
		t.Errorf("verdict = %q %q", v.ID, v.How)
	}
	x := request("api.openai.com", "/v1/anything", "")
	x.Verdict = v
	if w, _ := c.Response(x, &traffic.Answer{Header: http.Header{}}); w.ID != v.ID {
		t.Errorf("after the answer: %q", w.ID)
	}
}

func TestShapeAllocs(t *testing.T) {
	c := embedded(t)
	x := request("app.corp.example", "/graphql", `{"query":"query Q{a}","variables":{"a":[1,2,{"b":"c"}]},"operationName":"Q"}`,
		"User-Agent: Mozilla/5.0", "Accept: */*", "Cookie: a=b", "Content-Type: application/json")
	if n := testing.AllocsPerRun(1000, func() { c.Request(x) }); n != 0 {
		t.Errorf("Request allocates %v times for what is not AI, want 0", n)
	}
}

// TestNewErrors: a bad signal is refused with its place.
func TestNewErrors(t *testing.T) {
	many := make([]string, 0, 300)
	for i := range 300 {
		many = append(many, fmt.Sprintf("key%d", i))
	}
	for _, tt := range []struct {
		name string
		s    rules.Signal
		want string
	}{
		{"kind", rules.Signal{Kind: "smell", Values: []string{"x"}}, "unknown kind"},
		{"weight", rules.Signal{Kind: "path", Values: []string{"/x"}}, "weight"},
		{"no values", rules.Signal{Kind: "body", Weight: 0.1}, "want values"},
		{"empty key", rules.Signal{Kind: "body", Weight: 0.1, Values: []string{"a..b"}}, "empty key"},
		{"at least", rules.Signal{Kind: "body", Weight: 0.1, Values: []string{"a"}, AtLeast: 2}, "at_least"},
		{"too many terms", rules.Signal{Kind: "body", Weight: 0.1, Values: many}, "terms"},
		{"account without a host", rules.Signal{Kind: "account", Values: []string{"/x/{org}"}}, "want a host"},
		{"disabled", rules.Signal{Kind: "smell", Disabled: true}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.s.Source = rules.Position{File: "s.yaml", Line: 7, Column: 5}
			_, err := classifier.New(nil, []rules.Signal{tt.s}, key)
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "s.yaml:7:5: ")):
				t.Errorf("error = %v, want %q with its place", err, tt.want)
			}
		})
	}
}

func FuzzBody(f *testing.F) {
	for _, s := range []string{
		chat, chat[:40], `[{"contents":[{"parts":[{"text":"P"}]}]}]`, `{"a":"\\\"","b":{"c":[[[[]]]]},"messages":[1,"x",null,{}]}`,
		`{"\u006d":1`, `}{][`, "data: {\"choices\":[{\"delta\":{}}]}\n\ndata: [DONE]\n", "event: message_start\ndata:", "\"", "{\"",
		"{\"model\":\"m\"}\n{\"response\":\"r\",\"done\":true}",
	} {
		f.Add([]byte(s))
	}
	c := embedded(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		x := request("h.example", "/x", string(body))
		whole, _ := c.Request(x)
		if whole.AI() && len(whole.Features) < 2 {
			t.Errorf("AI by one feature: %q", whole.Features)
		}
		c.Response(x, &traffic.Answer{Header: http.Header{}, Prefix: body})
	})
}

func BenchmarkRequestShape(b *testing.B) {
	c := embedded(b)
	for _, bb := range []struct{ name, body string }{
		{"chat 64K", `{"model":"m","messages":[{"role":"user","content":"` + strings.Repeat(`a \"word\" `, 6<<10) + `"}]}`},
		{"rows 64K", `{"rows":[` + strings.Repeat(`{"id":123,"name":"Ann Example","tags":["a","b"]},`, 1300) + `{}]}`},
		{"small", `{"query":"query Q{a}","variables":{"a":1}}`},
	} {
		b.Run(bb.name, func(b *testing.B) {
			x := request("app.corp.example", "/x", bb.body, "User-Agent: Mozilla/5.0", "Accept: */*")
			b.SetBytes(int64(len(bb.body)))
			b.ReportAllocs()
			for b.Loop() {
				c.Request(x)
			}
		})
	}
}
