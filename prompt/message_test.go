package prompt_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/prompt"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestMessages reads WebSocket messages and replaces the word SECRET in them.
func TestMessages(t *testing.T) {
	codec := prompt.New()
	for _, tt := range []struct{ name, host, path, body, want string }{
		{"Copilot", "copilot.microsoft.com", "/c/api/chat",
			`{"event":"send","conversationId":"c1","content":[{"type":"text","text":"P SECRET"}],"mode":"chat"}`,
			"format=copilot.web model= conversation=c1 organisation= stream=false signed=false unread=[]\ntext|||[1]|\"P SECRET\"\n"},
		{"Microsoft 365, two records", "substrate.office.com", "/m365Copilot/Chathub/oid@tid",
			`{"type":4,"target":"chat","invocationId":"0","arguments":[{"source":"officeweb","tone":"magic","message":{"author":"user","text":"P SECRET"}}]}` + "\x1e" +
				`{"type":1,"target":"Metrics","arguments":[{"Timestamps":{}}]}` + "\x1e",
			"format=microsoft365.signal model=magic conversation= organisation=tid stream=false signed=false unread=[]\nmetadata|||[1]|\"officeweb\"\nmetadata||model|[1]|\"magic\"\ntext|user||[1]|\"P SECRET\"\n"},
		{"realtime item", "api.openai.com", "/v1/realtime",
			`{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"P SECRET"}]}}`,
			"format=openai.realtime model=gpt-realtime conversation= organisation= stream=false signed=false unread=[]\ntext|user||[1]|\"P SECRET\"\nmetadata||model|[]|\"gpt-realtime\"\n"},
		{"realtime session", "api.openai.com", "/v1/realtime",
			`{"type":"session.update","session":{"instructions":"be SECRET"}}`,
			"format=openai.realtime model=gpt-realtime conversation= organisation= stream=false signed=false unread=[]\nsystem|system||[1]|\"be SECRET\"\nmetadata||model|[]|\"gpt-realtime\"\n"},
		{"Gemini live", "generativelanguage.googleapis.com", "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent",
			`{"clientContent":{"turns":[{"role":"user","parts":[{"text":"P SECRET"}]}]}}`,
			"format=gemini.generate model= conversation= organisation= stream=false signed=false unread=[]\ntext|user||[1]|\"P SECRET\"\n"},
		{"unknown JSON", "neo.character.ai", "/ws/",
			`{"payload":{"turn":{"candidates":[{"raw_content":"P SECRET"}]}}}`,
			"format=json model= conversation= organisation= stream=false signed=false unread=[]\ntext|||[1]|\"P SECRET\"\n"},
		{"text", "ai.example.com", "/ws", "P SECRET",
			"format=text model= conversation= organisation= stream=false signed=false unread=[]\ntext|||[]|\"P SECRET\"\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := &traffic.Exchange{
				Flow:   traffic.Flow{Method: "GET", Host: tt.host, Path: tt.path},
				Header: http.Header{"Upgrade": {"websocket"}, "Content-Type": {"application/connect+json"}}, // those of the upgrade say nothing
				Query:  map[string][]string{"model": {"gpt-realtime"}},
				Body:   []byte(tt.body), From: traffic.FromClient,
			}
			if tt.host != "api.openai.com" {
				x.Query = nil
			}
			read(t, codec, x)
			if got := show(x.Prompt); got != tt.want {
				t.Errorf("got:\n%swant:\n%s", got, tt.want)
			}
			got, err := codec.Rewrite(x, redact(x.Prompt, "SECRET", "[R]"))
			if want := strings.ReplaceAll(tt.body, "SECRET", "[R]"); err != nil || string(got) != want {
				t.Errorf("rewritten %q, %v, want %q", got, err, want)
			}
		})
	}
}
