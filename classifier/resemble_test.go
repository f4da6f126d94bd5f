package classifier_test

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

func TestResemblance(t *testing.T) {
	c := embedded(t)
	for _, tt := range []struct {
		name     string
		flow     traffic.Flow
		want     float64
		features int
	}{
		{"chat completion", traffic.Flow{Host: "10.0.0.7", Path: "/v1/chat/completions"}, 0.35, 1},
		{"under a prefix", traffic.Flow{Host: "intranet.example", Path: "/proxy/7/v1/embeddings"}, 0.3, 1},
		{"Gemini verb", traffic.Flow{Host: "x.example", Path: "/v1beta/models/gemini-2.5-pro:streamGenerateContent"}, 0.35, 1},
		{"inner path", traffic.Flow{Host: "x.example", Path: "/sdapi/v1/txt2img"}, 0.3, 1},
		{"a weaker path", traffic.Flow{Host: "x.example", Path: "/mcp/session"}, 0.2, 1},
		{"path and agent", traffic.Flow{Host: "x.example", Path: "/v1/chat/completions", UserAgent: "OpenAI/Python 1.2"}, 0.75, 2},
		{"name of a server", traffic.Flow{Host: "ollama.corp.example"}, 0.35, 1},
		{"part of a name", traffic.Flow{Host: "team-llm-prod.corp.example"}, 0.3, 1},
		{"a name with a dash", traffic.Flow{Host: "open-webui.example"}, 0.35, 1},
		{"ai alone", traffic.Flow{Host: "www.something.ai"}, 0.2, 1},
		{"all three", traffic.Flow{Host: "llm.example", Path: "/api/generate", UserAgent: "OpenAI/Python 1.2"}, 0.95, 3},
		{"nothing", traffic.Flow{Host: "www.example.com", Path: "/index.html", UserAgent: "Mozilla/5.0"}, 0, 0},
		{"part of a word", traffic.Flow{Host: "claudette.example", Path: "/preschatter/v1/completionsx"}, 0, 0},
		{"empty", traffic.Flow{}, 0, 0},
		{"odd", traffic.Flow{Host: "--.-..", Path: "////"}, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, features := c.Resemblance(&tt.flow)
			if got != tt.want || len(features) != tt.features {
				t.Errorf("Resemblance = %v %q, want %v by %d features", got, features, tt.want, tt.features)
			}
		})
	}
}

// TestNameIsNoVerdict: a name alone makes no AI service.
func TestNameIsNoVerdict(t *testing.T) {
	c := embedded(t)
	x := &traffic.Exchange{Flow: traffic.Flow{Host: "ollama.corp.example", Method: "POST", Path: "/v1/models", UserAgent: "curl/8"}}
	if v, _ := c.Request(x); v.AI() {
		t.Errorf("verdict = %+v", v)
	}
}

func TestResemblanceAllocs(t *testing.T) {
	c := embedded(t)
	f := &traffic.Flow{Host: "static.cdn-7.example.com", Path: "/assets/js/app/main.min.js", UserAgent: "Mozilla/5.0 (X11; Linux x86_64)"}
	if n := testing.AllocsPerRun(1000, func() { c.Resemblance(f) }); n != 0 {
		t.Errorf("Resemblance allocates %v times, want 0", n)
	}
}

func BenchmarkResemblance(b *testing.B) {
	c := embedded(b)
	f := &traffic.Flow{Host: "static.cdn-7.example.com", Path: "/assets/js/app/main.min.js"}
	b.ReportAllocs()
	for b.Loop() {
		c.Resemblance(f)
	}
}
