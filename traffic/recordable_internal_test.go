package traffic

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
)

func TestUserAgent(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"OpenAI/Python 1.2.3", "OpenAI/Python 1.2.3"},
		{"Mozilla/5.0 (X11; Linux x86_64; my secret) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0", "Mozilla/5.0 AppleWebKit/537.36 Chrome/120.0"},
		{"claude-cli/2.1.0 (external, cli)", "claude-cli/2.1.0"},
		{"hello \"world\" <script>", "hello"},
		{"(((", ""},
		{"", ""},
	} {
		if got := userAgent(tt.in); got != tt.want {
			t.Errorf("userAgent(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestModelName(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"gpt-4o", "gpt-4o"}, {"meta-llama/Llama-3.1-8B:free", "meta-llama/Llama-3.1-8B:free"},
		{"my boss is bad", ""}, {"<b>", ""}, {string(make([]byte, 200)), ""},
	} {
		if got := modelName(tt.in); got != tt.want {
			t.Errorf("modelName(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

// finder finds "SECRET".
type finder struct{}

func (finder) Scan(p *Prompt) []Finding {
	if bytes.Contains(p.Parts[0].Text, []byte("SECRET")) {
		return []Finding{{}}
	}
	return nil
}

func TestWithhold(t *testing.T) {
	var known harmless
	strict, lax := &Stages{Scanner: finder{}}, &Stages{Scanner: blind{}}
	fill := func() Sighting {
		return Sighting{Model: "SECRET-1", UserAgent: "curl/8", Path: "/v1/x", Account: Account{Organisation: "SECRET"},
			Tools: []string{"read", "SECRET"}, Servers: []string{"SECRET.test"}}
	}
	for i := range 3 { // also again, and after others have looked
		s := fill()
		s.withhold(strict, &known)
		if s.Model != "" || s.Account.Organisation != "" || s.UserAgent != "curl/8" || s.Path != "/v1/x" || len(s.Tools) != 1 || s.Tools[0] != "read" || len(s.Servers) != 0 {
			t.Errorf("time %d: kept %+v", i, s)
		}
		s = fill()
		if s.withhold(lax, &known); s.Model == "" || len(s.Tools) != 2 {
			t.Errorf("time %d: withheld what nobody found", i)
		}
	}
}

// blind finds nothing.
type blind struct{}

func (blind) Scan(*Prompt) []Finding { return nil }

func TestHarmlessIsBounded(t *testing.T) {
	var known harmless
	by := new(Stages)
	for i := range 3 * maxHarmless {
		known.add(by, strconv.Itoa(i))
		if !known.has(by, []byte(strconv.Itoa(i))) || known.has(new(Stages), []byte(strconv.Itoa(i))) {
			t.Fatalf("%d is not known, or to others too", i)
		}
	}
	if n := len(known.texts); n > maxHarmless {
		t.Errorf("%d texts are held, want at most %d", n, maxHarmless)
	}
}

func TestUseTool(t *testing.T) {
	var p Prompt
	for _, name := range []string{"", "a", "a", "mcp__jira__search", "b c", "b\n", string(bytes.Repeat([]byte("x"), 65))} {
		p.UseTool(name)
	}
	p.useAll(&Prompt{Tools: []string{"a", "late"}, Servers: []string{"mcp.test"}})
	if got := strings.Join(p.Tools, " "); got != "a mcp__jira__search late" || len(p.Servers) != 1 {
		t.Errorf("tools %q, servers %q", got, p.Servers)
	}
}
