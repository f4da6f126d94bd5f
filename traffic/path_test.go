package traffic_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func TestPathTemplate(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"/v1/chat/completions", "/v1/chat/completions"},
		{"/v1beta/models/gemini-2.5-flash:generateContent", "/v1beta/models/{id}:generateContent"},
		{"/v1internal:streamGenerateContent", "/v1internal:streamGenerateContent"},
		{"/openai/deployments/gpt-4o/chat/completions", "/openai/deployments/{id}/chat/completions"},
		{"/openai/deployments/janes-own/chat/completions", "/openai/deployments/{name}/chat/completions"},
		{"/model/anthropic.claude-3-5-sonnet-20240620-v1:0/invoke-with-response-stream", "/model/{id}/invoke-with-response-stream"},
		{"/backend-api/conversation", "/backend-api/conversation"},
		{"/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent", "/{id}"}, // longer than a segment is
		{"/google.ai.v1beta.PredictionService/GenerateContent", "/google.ai.v1beta.PredictionService/GenerateContent"},
		{"/v1.0/copilot/", "/v1.0/copilot/"},
		{"/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server"},
		{"/v1/files/file-8Jx2kQ9f3Lm/content", "/v1/files/{id}/content"},
		{"/api/organizations/3f2504e0-4f89-41d3-9a0c-0305e82c3301/chat_conversations", "/api/organizations/{id}/chat_conversations"},
		{"/users/12345/items", "/users/{id}/items"},
		{"/m365Copilot/Chathub/9f@4c", "/m365Copilot/Chathub/{id}"},
		{"/a/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", "/{name}/{id}"},
		{"/v1/threads/zqprompt03xyzzy/messages", "/v1/threads/{id}/messages"},
		{"/x?token=secret", "/{name}"},
		{"/v1/models/x:a1b2c3d4e5f6", "/v1/models/{id}"},
		{"/reset/jane.doe%40example.com", "/reset/{id}"},
		{"/users/jane", "/users/{name}"},
		{"/users/Jane.Doe/files", "/users/{name}/files"},
		{"/projects/merger-with-acme", "/projects/{name}"},
		{"/files/müller", "/files/{id}"},
		{"/files/M%C3%BCller.pdf", "/files/{id}"},
		{"/cHaT/cOmPlEtIoNs", "/{name}/{name}"}, // capitals could spell something
		{"/jane:generate", "/{name}:generate"},
		{"/generate:jane", "/{id}"},
		{"/4012888888881881", "/{id}"},
		{"/v1234/v12/v1beta2/v1beta23/vjane", "/{id}/v12/v1beta2/{id}/{name}"},
		{"/v1/" + strings.Repeat("chat/", 200), "/v1/" + strings.Repeat("chat/", 13) + "chat"},
		{strings.Repeat("/conversation", 16), strings.Repeat("/conversation", 15)},
		{"/v1/{}/{id}/{name}/{x}", "/v1/{id}/{id}/{name}/{id}"},
		{"//", "//"},
		{"", ""},
	} {
		t.Run(tt.in, func(t *testing.T) {
			if got := traffic.PathTemplate(tt.in); got != tt.want {
				t.Errorf("PathTemplate(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

// TestPathNames tries every given name as the segment of a path: none is kept,
// save those that are words of interfaces, too.
func TestPathNames(t *testing.T) {
	list, err := os.ReadFile("../dlp/given.txt")
	if err != nil {
		t.Fatal(err)
	}
	words := " add alpha beta branch delta dev edit general job line link media meta page server tab trace "
	tried := 0
	for name := range strings.FieldsSeq(string(list)) {
		title := strings.ToUpper(name[:1]) + name[1:]
		for _, path := range []string{"/users/" + name, "/users/" + title, "/files/" + title + "-" + title, "/v1/" + name + ".doe/messages"} {
			if got := traffic.PathTemplate(path); strings.Contains(strings.ToLower(got), name) && !strings.Contains(words, " "+name+" ") && !strings.Contains("/users/ /files/ /v1/{name}/messages", name) {
				t.Errorf("PathTemplate(%q) = %q", path, got)
			}
			tried++
		}
	}
	if tried < 10_000 {
		t.Errorf("only %d paths were tried", tried)
	}
}

// TestPathsOfCatalogue keeps the paths that the catalogue tells services by, save
// where a word in them is also the name of people, or has a meaning elsewhere.
func TestPathsOfCatalogue(t *testing.T) {
	set, err := rules.Load("")
	if err != nil {
		t.Fatal(err)
	}
	names, tried := []string{"cody", "einstein", "mother", "i", "2"}, 0
	for i := range set.Services {
		for _, h := range set.Services[i].Hosts {
			for _, p := range h.Paths {
				var want []string
				for seg := range strings.SplitSeq(strings.ReplaceAll(p, "*", "{id}"), "/") {
					if i := slices.Index(names, seg); i >= 0 {
						seg = "{name}"
						if seg == "{name}" && i == 4 {
							seg = "{id}"
						}
					}
					want = append(want, seg)
				}
				if got := traffic.PathTemplate(p); got != strings.Join(want, "/") && !strings.HasSuffix(p, ":") {
					t.Errorf("PathTemplate(%q) = %q", p, got)
				}
				tried++
			}
		}
	}
	if tried < 20 {
		t.Errorf("only %d paths in the catalogue", tried)
	}
}

func TestPathAllocs(t *testing.T) {
	for _, path := range []string{"/v1/chat/completions", "/v1beta/models/gemini-2.5-flash:generateContent", "/users/Jane.Doe/files"} {
		if n := testing.AllocsPerRun(100, func() { traffic.PathTemplate(path) }); n > 1 {
			t.Errorf("PathTemplate(%q) allocates %v times, want 1", path, n)
		}
	}
}

func FuzzPathTemplate(f *testing.F) {
	for _, s := range []string{"/v1/files/file-8Jx2kQ9f3Lm/content", "/a?token=x#y", "//", "/%zz/é/\x00", "/models/x:generateContent"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := traffic.PathTemplate(s)
		if strings.ContainsAny(got, "?#") {
			t.Errorf("PathTemplate(%q) = %q: keeps a query", s, got)
		}
		if len(got) > 256 {
			t.Errorf("PathTemplate of %d bytes has %d", len(s), len(got))
		}
		if traffic.PathTemplate(got) != got {
			t.Errorf("PathTemplate(%q) = %q, which has another template %q", s, got, traffic.PathTemplate(got))
		}
	})
}
