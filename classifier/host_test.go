package classifier_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/classifier"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

var key = traffic.Key{1, 2, 3}

// embedded returns a Classifier over the rules of the program.
func embedded(t testing.TB) *classifier.Classifier {
	t.Helper()
	set := rules.Embedded()
	c, err := classifier.New(set.Services, set.Signals, key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// of returns a Classifier over services of one host rule each.
func of(t *testing.T, hosts ...rules.HostRule) *classifier.Classifier {
	t.Helper()
	var services []rules.Service
	for i, h := range hosts {
		id := fmt.Sprintf("s%d", i)
		services = append(services, rules.Service{Name: id, ID: id, Hosts: []rules.HostRule{h}})
	}
	c, err := classifier.New(services, nil, key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestExamples(t *testing.T) {
	set := rules.Embedded()
	for _, err := range classifier.Check(set.Services) {
		t.Error(err)
	}
	for _, s := range set.Services {
		if len(s.Match) == 0 || len(s.NoMatch) == 0 {
			t.Errorf("%v: service %q: want examples that match and that don't", s.Source, s.Name)
		}
	}
}

// TestCheckFails shows that Check can fail.
func TestCheckFails(t *testing.T) {
	host := []rules.HostRule{{Host: "ai.example"}}
	for _, tt := range []struct {
		name string
		s    []rules.Service
		want int
	}{
		{"good", []rules.Service{{ID: "a", Hosts: host, Match: []string{"x.ai.example"}, NoMatch: []string{"notai.example"}}}, 0},
		{"match", []rules.Service{{ID: "a", Hosts: host, Match: []string{"notai.example"}}}, 1},
		{"no match", []rules.Service{{ID: "a", Hosts: host, NoMatch: []string{"x.ai.example"}}}, 1},
		{"two owners", []rules.Service{{ID: "a", Hosts: host}, {ID: "b", Hosts: host}}, 1},
		{"upper case", []rules.Service{{ID: "a", Hosts: []rules.HostRule{{Host: "AI.example"}}}}, 1},
		{"top level", []rules.Service{{ID: "a", Hosts: []rules.HostRule{{Host: "ai"}}}}, 1},
		{"quiet without paths", []rules.Service{{ID: "a", Hosts: []rules.HostRule{{Host: "ai.example", Quiet: true}}}}, 1},
		{"disabled", []rules.Service{{ID: "a", Disabled: true, Match: []string{"x.example"}}}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := classifier.Check(tt.s); len(got) != tt.want {
				t.Errorf("Check = %v, want %d faults", got, tt.want)
			}
		})
	}
}

func TestHost(t *testing.T) {
	c := embedded(t)
	for _, tt := range []struct {
		host, id string
		how      traffic.How
		scope    traffic.Scope
	}{
		{"api.openai.com", "openai-api", traffic.HowCatalogue, ""},
		{"eu.api.openai.com", "openai-api", traffic.HowCatalogue, ""},
		{"auth.openai.com", "openai-api", traffic.HowCatalogue, traffic.ScopeWebsite},
		{"chatgpt.com", "chatgpt", traffic.HowCatalogue, ""},
		{"sdmntprwestus.oaiusercontent.com", "chatgpt", traffic.HowCatalogue, ""},
		{"sora.chatgpt.com", "sora", traffic.HowCatalogue, ""},
		{"api.anthropic.com", "anthropic-api", traffic.HowCatalogue, ""},
		{"mcp-proxy.anthropic.com", "claude-code", traffic.HowCatalogue, ""},
		{"claude.ai", "claude", traffic.HowCatalogue, ""},
		{"api.githubcopilot.com", "github-copilot", traffic.HowCatalogue, ""},
		{"api.business.githubcopilot.com", "github-copilot", traffic.HowCatalogue, ""},
		{"api.kimi.com", "kimi-code", traffic.HowCatalogue, ""},
		{"chat.mistral.ai", "mistral-le-chat", traffic.HowCatalogue, ""},
		{"huggingface.co", "hugging-face", traffic.HowCatalogue, ""},
		{"contoso.openai.azure.com", "azure-openai", traffic.HowCatalogue, ""},
		{"models.inference.ai.azure.com", "github-models", traffic.HowCatalogue, ""},
		{"bedrock-runtime.sa-east-1.amazonaws.com", "amazon-bedrock", traffic.HowCatalogue, ""},
		{"bedrock-runtime-fips.us-east-1.amazonaws.com", "amazon-bedrock", traffic.HowCatalogue, ""},
		{"vpce-1.bedrock-agent-runtime.us-east-1.vpce.amazonaws.com", "amazon-bedrock", traffic.HowCatalogue, ""},
		{"bedrock-runtime.eu-west-1.amazonaws.com", "amazon-bedrock", traffic.HowCatalogueUnverified, ""},
		{"me-west1-aiplatform.googleapis.com", "vertex-ai", traffic.HowCatalogue, ""},
		{"inference.generativeai.eu-frankfurt-1.oci.oraclecloud.com", "oracle-generative-ai", traffic.HowCatalogueUnverified, ""},
		{"302.ai", "302-ai", traffic.HowCatalogueUnverified, ""},
		{"duckduckgo.com", "duck-ai", traffic.HowSharedHost, traffic.ScopePath},
		{"substrate.office.com", "microsoft-365-copilot", traffic.HowSharedHost, traffic.ScopePath},
		{"acme.snowflakecomputing.com", "snowflake-cortex", traffic.HowSharedHost, traffic.ScopePath},
		{"www.canva.com", "canva-magic-studio", traffic.HowCatalogue, traffic.ScopeWebsite},
		{"ollama.com", "ollama", traffic.HowCatalogue, traffic.ScopeWebsite},
		{"chatgpt.livekit.cloud", "chatgpt-voice", traffic.HowCatalogue, ""},
		{"acme.livekit.cloud", "livekit-cloud", traffic.HowCatalogueUnverified, traffic.ScopeWebsite},
		{"mcp.acme.example", "remote-mcp-servers-examples", traffic.HowCatalogueUnverified, traffic.ScopeWebsite},
		{"mcp.zapier.com", "zapier-ai", traffic.HowCatalogue, ""},
		{"x.com", "", "", ""}, // quiet: Grok by path only
		{"grok.x.com", "grok", traffic.HowCatalogue, ""},
		{"github.com", "", "", ""},
		{"graph.microsoft.com", "", "", ""},
	} {
		t.Run(tt.host, func(t *testing.T) {
			v := c.Host(tt.host)
			if v.ID != tt.id || v.How != tt.how || v.Scope != tt.scope {
				t.Errorf("Host = %q %q %q, want %q %q %q", v.ID, v.How, v.Scope, tt.id, tt.how, tt.scope)
			}
			if v.AI() && (v.Confidence <= 0 || v.Confidence > 1 || len(v.Features) == 0 || v.Surface == "") {
				t.Errorf("confidence %v, features %q, surface %q", v.Confidence, v.Features, v.Surface)
			}
		})
	}
}

func TestHostNames(t *testing.T) {
	c := of(t, rules.HostRule{Host: "openai.com"})
	long := strings.Repeat("a", 64<<10)
	for _, tt := range []struct {
		name, host string
		want       bool
	}{
		{"plain", "openai.com", true},
		{"upper case", "API.OpenAI.Com", true},
		{"final dots", "openai.com..", true},
		{"full-width", "ｏｐｅｎａｉ.com", true},
		{"ideographic full stop", "openai。com", true},
		{"long subdomain", long + ".openai.com", true},
		{"empty", "", false},
		{"dots", "...", false},
		{"leading dot", ".com", false},
		{"suffix without a dot", "notopenai.com", false},
		{"further domain", "openai.com.evil.example", false},
		{"top level", "com", false},
		{"cyrillic o", "оpenai.com", false},
		{"punycode of it", "xn--penai-vnf.com", false},
		{"long label", long, false},
		{"long tail", "openai.com." + long, false},
		{"long unicode subdomain", strings.Repeat("ü", 32<<10) + ".openai.com", true},
		{"bad UTF-8 before", "\xff.openai.com", true},
		{"NUL", "openai.com\x00", false},
		{"bad UTF-8", "openai\xff.com", false},
		{"address", "2001:db8::1", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := c.Host(tt.host)
			if v.AI() != tt.want {
				t.Errorf("AI = %v, want %v", v.AI(), tt.want)
			}
		})
	}
}

// TestLongestRule: of several rules for one host the longest wins, plain
// labels beat patterns, paths go before the whole.
func TestLongestRule(t *testing.T) {
	c := of(t,
		rules.HostRule{Host: "a.example"},                            // s0
		rules.HostRule{Host: "b.a.example"},                          // s1
		rules.HostRule{Host: "*.a.example"},                          // s2
		rules.HostRule{Host: "c.*.a.example"},                        // s3
		rules.HostRule{Host: "a.example", Paths: []string{"/p/"}},    // s4
		rules.HostRule{Host: "b.a.example", Paths: []string{"/q/*"}}, // s5
		rules.HostRule{Host: "d.example", Exact: true},               // s6
		rules.HostRule{Host: "e.d.example", Paths: []string{"/x"}},   // s7
		rules.HostRule{Host: "f.**"},                                 // s8
	)
	for _, tt := range []struct{ host, path, want string }{
		{"a.example", "", "s0"},
		{"b.a.example", "", "s1"},
		{"z.b.a.example", "", "s1"},
		{"k.a.example", "", "s2"},
		{"c.k.a.example", "", "s3"},
		{"c.b.a.example", "", "s3"}, // longer, though its tail is a pattern
		{"a.example", "/p/1", "s4"},
		{"a.example", "/p", "s0"},
		{"a.example", "/x/../p/1", "s4"},
		{"a.example", "/%70/1", "s4"},
		{"a.example", "//p//1", "s4"},
		{"b.a.example", "/q/1", "s5"},
		{"b.a.example", "/p/1", "s1"}, // the longer rule covers all of it
		{"b.a.example", "/r", "s1"},
		{"d.example", "", "s6"},
		{"z.d.example", "", ""},
		{"e.d.example", "", "s7"},
		{"e.d.example", "/x", "s7"},
		{"e.d.example", "/x:run", "s7"},
		{"e.d.example", "/x/y", "s7"},
		{"e.d.example", "/xy", ""},
		{"e.d.example", "x", ""},
		{"f.anything.example", "", "s8"},
		{"f.a.example", "", "s2"},
		{"g.f.example", "", ""},
		{"f", "", ""},
	} {
		t.Run(tt.host+tt.path, func(t *testing.T) {
			v := c.Host(tt.host)
			if tt.path != "" {
				v, _ = c.Request(&traffic.Exchange{Flow: traffic.Flow{Host: tt.host, Path: tt.path}})
			}
			if v.ID != tt.want {
				t.Errorf("ID = %q, want %q", v.ID, tt.want)
			}
		})
	}
}

// TestCatalogueHosts: every host of the catalogue goes to its own service,
// with the confidence that its rule says.
func TestCatalogueHosts(t *testing.T) {
	c := embedded(t)
	hosts := 0
	for _, s := range rules.Embedded().Services {
		for _, h := range s.Hosts {
			if strings.Contains(h.Host, "*") || len(h.Paths) > 0 {
				continue
			}
			hosts++
			want := traffic.HowCatalogue
			if h.Unverified {
				want = traffic.HowCatalogueUnverified
			}
			for _, name := range []string{h.Host, "x-1." + h.Host} {
				if v := c.Host(name); name == h.Host && (v.ID != s.ID || v.How != want) || name != h.Host && !h.Exact && v.ID != s.ID {
					t.Errorf("Host(%q) = %q %q, want %q %q", name, v.ID, v.How, s.ID, want)
				}
			}
		}
	}
	if hosts < 900 {
		t.Errorf("%d hosts in the catalogue, want at least 900", hosts)
	}
}

// TestServiceTable checks the catalogue against the table that it was made
// from: names, and for each domain the service that owns it.
func TestServiceTable(t *testing.T) {
	shared := os.Getenv("SHARED")
	if shared == "" {
		shared = "../../shared"
	} else if !filepath.IsAbs(shared) {
		shared = filepath.Join("..", shared)
	}
	table := filepath.Join(shared, "facts", "services.tsv")
	f, err := os.Open(table)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("no table of services: set SHARED to the folder that holds facts/services.tsv (%v)", err)
	}
	defer f.Close()
	c := embedded(t)
	// A host in two services goes to the one named after it.
	other := map[string]string{
		"Claude Code api.anthropic.com":                       "Anthropic API",
		"Moonshot API api.kimi.com":                           "Kimi Code",
		"Remote MCP servers (examples) api.githubcopilot.com": "GitHub Copilot",
		"OpenAI Codex chatgpt.com":                            "ChatGPT",
		"HuggingChat huggingface.co":                          "Hugging Face",
	}
	services := 0
	for sc := bufio.NewScanner(f); sc.Scan(); {
		col := strings.Split(sc.Text(), "\t")
		if strings.HasPrefix(col[0], "#") || col[0] == "service" {
			continue
		}
		services++
		for domain := range strings.SplitSeq(col[5], ",") {
			want := col[0]
			if o := other[want+" "+domain]; o != "" {
				want = o
			}
			v := c.Host(domain)
			if v.Service != want || v.Known() == false {
				t.Errorf("Host(%q) = %q, want %q", domain, v.Service, want)
			}
			unverified := len(col) > 8 && strings.Contains(","+col[8]+",", ","+domain+",")
			if (v.How == traffic.HowCatalogueUnverified) != unverified && v.How != traffic.HowSharedHost {
				t.Errorf("Host(%q).How = %q, unverified %v", domain, v.How, unverified)
			}
		}
	}
	if services != 555 {
		t.Errorf("%d services in the table, want 555", services)
	}
}

func TestPlainHosts(t *testing.T) {
	c := embedded(t)
	data, err := os.ReadFile("testdata/plain-hosts.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		n++
		if v := c.Host(line); v.AI() {
			t.Errorf("Host(%q) = %q", line, v.Service)
		}
	}
	if n < 300 {
		t.Errorf("%d plain hosts, want at least 300", n)
	}
}

// TestRandomHosts: names that nobody owns are never AI, whatever their ends.
func TestRandomHosts(t *testing.T) {
	c := embedded(t)
	r := rand.New(rand.NewPCG(1, 2))
	tlds := []string{"com", "ai", "io", "net", "org", "dev", "app", "co", "cn", "de", "googleapis.com", "amazonaws.com", "azure.com", "cloud", "office.com"}
	for range 100_000 {
		b := make([]byte, 9+r.IntN(12))
		for i := range b {
			b[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[r.IntN(36)]
		}
		name := string(b) + "." + tlds[r.IntN(len(tlds))]
		if r.IntN(2) == 0 {
			name = "www." + name
		}
		if v := c.Host(name); v.AI() {
			t.Errorf("Host(%q) = %q", name, v.Service)
		}
	}
}

func TestHostAllocs(t *testing.T) {
	c := embedded(t)
	for _, host := range []string{
		"api.openai.com", "www.example.com", "bedrock-runtime.sa-east-1.amazonaws.com", "duckduckgo.com", "mcp.acme.example",
		"a.b.c.d.e.f.g.h.i.example", strings.Repeat("a.", 32<<10) + "com",
	} {
		if n := testing.AllocsPerRun(1000, func() { c.Host(host) }); n != 0 {
			t.Errorf("Host(%.40q) allocates %v times, want 0", host, n)
		}
	}
}

func FuzzHost(f *testing.F) {
	for _, s := range []string{"api.openai.com", "ＯＰＥＮＡＩ。com", "xn--", "..", "bedrock-runtime.x.amazonaws.com", "[::1]:443", "mcp.", "\xff\x00.ai"} {
		f.Add(s, "/client/v4/accounts/x/ai/")
	}
	c := embedded(f)
	f.Fuzz(func(t *testing.T, host, path string) {
		v := c.Host(host)
		if w := c.Host(strings.ToUpper(host)); isASCII(host) && w.ID != v.ID {
			t.Errorf("Host(%q) = %q, in upper case %q", host, v.ID, w.ID)
		}
		c.Request(&traffic.Exchange{Flow: traffic.Flow{Host: host, Path: path}})
		c.Request(&traffic.Exchange{Flow: traffic.Flow{Host: "api.cloudflare.com", Path: path}})
	})
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}

func BenchmarkHost(b *testing.B) {
	c := embedded(b)
	for _, bb := range []struct{ name, host string }{
		{"hit", "api.openai.com"},
		{"miss", "www.example.com"},
		{"pattern", "bedrock-runtime.sa-east-1.amazonaws.com"},
		{"shared", "duckduckgo.com"},
		{"deep miss", "s3.us-east-1.amazonaws.com"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Host(bb.host)
			}
		})
	}
}
