package classifier_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// jwt returns an unsigned token with the given payload.
func jwt(payload string) string {
	enc := base64.RawURLEncoding.EncodeToString
	return enc([]byte(`{"alg":"RS256"}`)) + "." + enc([]byte(payload)) + "." + enc([]byte("signature"))
}

func openAIToken(plan, account string) string {
	return jwt(fmt.Sprintf(`{"https://api.openai.com/auth":{"chatgpt_plan_type":%q,"chatgpt_account_id":%q},"https://api.openai.com/profile":{"email":"ann@corp.example"}}`, plan, account))
}

func TestAccount(t *testing.T) {
	c := embedded(t)
	hash := func(k string) string { return key.Hash(traffic.PrintKind, []byte(k)) }
	const (
		sk   = "sk-proj-0123456789abcdef"
		page = "Sec-Fetch-Mode: cors"
		ua   = "User-Agent: Mozilla/5.0 (X11; Linux x86_64)"
	)
	for _, tt := range []struct {
		name, host, path string
		headers          []string
		want             traffic.Account
	}{
		{"OpenAI key", "api.openai.com", "/v1/responses", []string{"Authorization: Bearer " + sk}, traffic.Account{Kind: "api_key", Key: hash(sk)}},
		{"OpenAI key, odd scheme", "api.openai.com", "/v1/responses", []string{"Authorization: bearer  " + sk}, traffic.Account{Kind: "api_key", Key: hash(sk)}},
		{"OpenAI organisation", "api.openai.com", "/v1/responses", []string{"Authorization: Bearer " + sk, "OpenAI-Organization: org-1"}, traffic.Account{Kind: "api_key", Organisation: "org-1", Key: hash(sk)}},
		{"Anthropic key", "api.anthropic.com", "/v1/messages", []string{"X-Api-Key: sk-ant-api03-x"}, traffic.Account{Kind: "api_key", Key: hash("sk-ant-api03-x")}},
		{"Anthropic OAuth", "api.anthropic.com", "/v1/messages", []string{"Authorization: Bearer sk-ant-oat01-x"}, traffic.Account{Kind: "personal"}},
		{"Gemini key header", "generativelanguage.googleapis.com", "/v1beta/models/g:generateContent", []string{"X-Goog-Api-Key: AIza1"}, traffic.Account{Kind: "api_key", Key: hash("AIza1")}},
		{"Gemini key query", "generativelanguage.googleapis.com", "/v1beta/models/g:generateContent?key=AIza1", nil, traffic.Account{Kind: "api_key", Key: hash("AIza1")}},
		{"Azure key", "contoso.openai.azure.com", "/openai/deployments/d/chat/completions?api-version=1", []string{"Api-Key: 0123"}, traffic.Account{Kind: "api_key", Organisation: "contoso", Key: hash("0123")}},
		{"Azure Entra", "contoso.openai.azure.com", "/openai/v1/responses", []string{"Authorization: Bearer " + jwt(`{"tid":"t-1"}`)}, traffic.Account{Kind: "corporate", Organisation: "contoso"}},
		{"Vertex project", "us-central1-aiplatform.googleapis.com", "/v1/projects/p-1/locations/l/publishers/google/models/g:generateContent", []string{"Authorization: Bearer ya29.x"}, traffic.Account{Kind: "personal", Organisation: "p-1"}},
		{"Bedrock signature", "bedrock-runtime.us-east-1.amazonaws.com", "/model/m/converse", []string{"Authorization: AWS4-HMAC-SHA256 Credential=AKIA0123456789ABCDEF/20261121/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=0"}, traffic.Account{Kind: "api_key", Key: hash("AKIA0123456789ABCDEF")}},
		{"Bedrock temporary", "bedrock-runtime.us-east-1.amazonaws.com", "/model/m/converse", []string{"Authorization: AWS4-HMAC-SHA256 Credential=ASIA0123456789ABCDEF/20261121/us-east-1/bedrock/aws4_request"}, traffic.Account{Kind: "api_key"}},
		{"ElevenLabs", "api.elevenlabs.io", "/v1/text-to-speech/v", []string{"xi-api-key: k"}, traffic.Account{Kind: "api_key", Key: hash("k")}},
		{"AssemblyAI, bare key", "api.assemblyai.com", "/v2/transcript", []string{"Authorization: 0123456789abcdef0123456789abcdef"}, traffic.Account{Kind: "api_key", Key: hash("0123456789abcdef0123456789abcdef")}},
		{"DeepL free", "api-free.deepl.com", "/v2/translate", []string{"Authorization: DeepL-Auth-Key u:fx"}, traffic.Account{Kind: "api_key", Plan: "free", Key: hash("u:fx")}},
		{"ChatGPT plus", "chatgpt.com", "/backend-api/f/conversation", []string{"Authorization: Bearer " + openAIToken("plus", "a-1"), ua, page}, traffic.Account{Kind: "personal", Organisation: "a-1", Plan: "plus"}},
		{"ChatGPT team", "chatgpt.com", "/backend-api/f/conversation", []string{"Authorization: Bearer " + openAIToken("team", "a-1"), "ChatGPT-Account-Id: w-1", ua, page}, traffic.Account{Kind: "corporate", Organisation: "w-1", Plan: "team"}},
		{"ChatGPT edu", "chatgpt.com", "/backend-api/conversation", []string{"Authorization: Bearer " + openAIToken("EDU", "a-1")}, traffic.Account{Kind: "corporate", Organisation: "a-1", Plan: "edu"}},
		{"ChatGPT, new plan", "chatgpt.com", "/backend-api/conversation", []string{"Authorization: Bearer " + openAIToken("galactic", "a-1")}, traffic.Account{Organisation: "a-1", Plan: "galactic"}},
		{"ChatGPT anonymous", "chatgpt.com", "/backend-anon/f/conversation", []string{ua, page}, traffic.Account{Kind: "anonymous"}},
		{"Codex", "chatgpt.com", "/backend-api/codex/responses", []string{"Authorization: Bearer " + openAIToken("pro", "a-1"), "Chatgpt-Account-Id: a-1", "User-Agent: codex_cli_rs/0.1"}, traffic.Account{Kind: "personal", Organisation: "a-1", Plan: "pro"}},
		{"Claude", "claude.ai", "/api/organizations/0a1b-2c/chat_conversations/c/completion", []string{ua, page}, traffic.Account{Organisation: "0a1b-2c"}},
		{"M365", "substrate.office.com", "/m365Copilot/Chathub/oid-1@tid-1", nil, traffic.Account{Kind: "corporate", Organisation: "tid-1"}},
		{"Copilot plan in the host", "api.business.githubcopilot.com", "/chat/completions", nil, traffic.Account{Kind: "corporate", Plan: "business"}},
		{"Copilot plan in the token", "api.githubcopilot.com", "/chat/completions", []string{"Authorization: Bearer tid=1;exp=2;sku=copilot_for_business_seat;st=dotcom"}, traffic.Account{Kind: "corporate", Plan: "copilot_for_business_seat"}},
		{"Copilot free", "api.individual.githubcopilot.com", "/chat/completions", []string{"Authorization: Bearer tid=1;sku=free_limited_copilot;exp=2"}, traffic.Account{Kind: "personal", Plan: "individual"}},
		{"Cloudflare", "api.cloudflare.com", "/client/v4/accounts/acc1/ai/run/@cf/m", []string{"Authorization: Bearer cf"}, traffic.Account{Kind: "api_key", Organisation: "acc1", Key: hash("cf")}},
		{"Notion", "www.notion.so", "/api/v3/runInferenceTranscript", []string{"X-Notion-Space-Id: s-1", ua, page}, traffic.Account{Organisation: "s-1"}},
		{"session of a page", "chat.deepseek.com", "/api/v0/chat/completion", []string{"Authorization: Bearer opaque", ua, page}, traffic.Account{}},
		{"key from a page", "api.openai.com", "/v1/responses", []string{"Authorization: Bearer " + sk, ua, page}, traffic.Account{Kind: "api_key", Key: hash(sk)}},
		{"unknown host", "llm.corp.example", "/v1/chat/completions", []string{"Authorization: Bearer k", "User-Agent: OpenAI/Python 1"}, traffic.Account{Kind: "api_key", Key: hash("k")}},
		{"organisation too long", "api.openai.com", "/v1/responses", []string{"OpenAI-Organization: " + strings.Repeat("x", 200)}, traffic.Account{}},
		{"organisation with a line break", "api.openai.com", "/v1/responses", []string{"OpenAI-Organization: a\r\nb"}, traffic.Account{}},
		{"damaged token", "chatgpt.com", "/backend-api/conversation", []string{"Authorization: Bearer eyJhbGciOi.%%%.x"}, traffic.Account{}},
		{"huge token", "api.openai.com", "/v1/responses", []string{"Authorization: Bearer eyJ" + strings.Repeat("a", 1<<20)}, traffic.Account{}},
		{"nothing", "api.openai.com", "/v1/responses", nil, traffic.Account{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, got := c.Request(request(tt.host, tt.path, "", tt.headers...))
			if !v.AI() {
				t.Fatal("not AI")
			}
			if got != tt.want {
				t.Errorf("account = %+v, want %+v", got, tt.want)
			}
			if strings.Contains(fmt.Sprintf("%+v %+v", v, got), sk) {
				t.Error("the key itself is in the result")
			}
		})
	}
}

func TestAnswerOrganisation(t *testing.T) {
	c := embedded(t)
	for _, tt := range []struct{ name, header, value, want string }{
		{"OpenAI", "openai-organization", "acme-inc", "acme-inc"},
		{"Anthropic", "anthropic-organization-id", "0a1b", "0a1b"},
		{"none", "x-request-id", "r", "org-asked"},
		{"too long", "openai-organization", strings.Repeat("x", 200), "org-asked"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := request("api.openai.com", "/v1/responses", "", "Authorization: Bearer sk-1", "OpenAI-Organization: org-asked")
			x.Verdict, x.Account = c.Request(x)
			a := &traffic.Answer{Header: http.Header{}}
			a.Header.Set(tt.header, tt.value)
			_, acc := c.Response(x, a)
			if acc.Organisation != tt.want || acc.Kind != traffic.AccountAPIKey || acc.Key == "" {
				t.Errorf("account = %+v, want organisation %q", acc, tt.want)
			}
		})
	}
}

func TestSurface(t *testing.T) {
	c := embedded(t)
	const mozilla = "User-Agent: Mozilla/5.0 (Windows NT 10.0) Chrome/140"
	for _, tt := range []struct {
		name, host string
		headers    []string
		want       traffic.Surface
	}{
		{"default of a platform", "api.openai.com", nil, "api"},
		{"default of an assistant", "chatgpt.com", nil, "web"},
		{"library", "api.openai.com", []string{"User-Agent: OpenAI/Python 1.0"}, "api"},
		{"Claude Code", "api.anthropic.com", []string{"User-Agent: claude-cli/2.1.0 (external, cli)"}, "cli"},
		{"Codex", "chatgpt.com", []string{"User-Agent: codex_cli_rs/0.1"}, "cli"},
		{"Codex in an editor", "chatgpt.com", []string{"User-Agent: codex_vscode/0.1"}, "ide"},
		{"Copilot", "api.githubcopilot.com", []string{"User-Agent: GitHubCopilotChat/0.9"}, "ide"},
		{"Cursor", "api2.cursor.sh", []string{"User-Agent: connect-es/1.6.1"}, "ide"},
		{"agent", "api.openai.com", []string{"User-Agent: langchain-js/1"}, "agent"},
		{"browser at a platform", "api.openai.com", []string{mozilla, "Sec-Fetch-Site: same-site"}, "web"},
		{"script that borrows a browser's name", "api.openai.com", []string{mozilla}, "api"},
		{"curl at an assistant", "chatgpt.com", []string{"User-Agent: curl/8"}, "api"},
		{"tool in a workspace", "www.grammarly.com", []string{mozilla, "Sec-Fetch-Site: none"}, "embedded"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if v, _ := c.Request(request(tt.host, "/v1/x", "", tt.headers...)); v.Surface != tt.want {
				t.Errorf("surface = %q, want %q", v.Surface, tt.want)
			}
		})
	}
}

func FuzzToken(f *testing.F) {
	for _, s := range []string{"Bearer " + openAIToken("plus", "a"), "Bearer eyJ..", "AWS4-HMAC-SHA256 Credential=AKIA/", "Bearer tid=1;sku=a_b;", "Basic eDp5", "Key", " ", "Bearer eyJh.e30.x"} {
		f.Add(s)
	}
	c := embedded(f)
	f.Fuzz(func(t *testing.T, auth string) {
		x := request("api.openai.com", "/v1/responses", "")
		x.Header["Authorization"] = []string{auth}
		x.Header["X-Api-Key"] = []string{auth}
		_, a := c.Request(x)
		if len(a.Organisation) > 128 || len(a.Plan) > 128 || strings.ContainsAny(a.Organisation+a.Plan, "\r\n \x00") {
			t.Errorf("account %+v from %q", a, auth)
		}
	})
}
