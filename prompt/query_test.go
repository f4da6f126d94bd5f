package prompt_test

import (
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/prompt"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// asks returns a request without a body.
func asks(query string) *traffic.Exchange {
	x := post("/new", "", "")
	x.Flow.Method, x.RawQuery = "GET", query
	return x
}

func TestQuery(t *testing.T) {
	for _, tt := range []struct {
		query string
		want  string // texts, by their parameter
	}{
		{"q=my+card+is+4539%201488", "q: my card is 4539 1488"},
		{"a=1&q=caf%C3%A9+au+lait&b=", "q: café au lait"},
		{"limit=20&order=desc&after=msg_abc", ""},
		{"my+card+is+4539&x", ": my card is 4539"},
		{"ann%40example.com=1", ": ann@example.com"},
		{"q=%zz+and+%4", "q: %zz and %4"},
		{"v=" + `%7B%22text%22%3A%22one+%5C%22two%5C%22%22%7D`, `v: one "two"`},
		{"key=AIzaSyA-0123456789abcdefghijklmnopqrstu", "key: AIzaSyA-0123456789abcdefghijklmnopqrstu"},
		{"", ""},
	} {
		p := read(t, prompt.New(), asks(tt.query)).Prompt
		var got []string
		for _, part := range p.Parts {
			if !part.Query || part.Credential != (part.Name == "key") {
				t.Errorf("%q: part %+v", tt.query, part)
			}
			got = append(got, part.Name+": "+string(part.Text))
		}
		if got := strings.Join(got, "|"); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.query, got, tt.want)
		}
		if want := map[bool]string{true: "query"}[tt.want != ""]; tt.query != "" && p.Format != want {
			t.Errorf("%q: format %q, want %q", tt.query, p.Format, want)
		}
	}
}

// TestQueryRewrite wants every byte but those of the edited text as it was.
func TestQueryRewrite(t *testing.T) {
	codec := prompt.New()
	for _, tt := range []struct{ query, want string }{
		{"b=%7e|&q=my+KEY%20is&c=%zz&d", "b=%7e|&q=my+%5BK+%26%5D%20is&c=%zz&d"},
		{"q=%4BEY", "q=%5BK+%26%5D"},
		{"v=%7B%22text%22%3A%22a+KEY%22%7D&KEY+and+more", "v=%7B%22text%22%3A%22a+%5BK+%26%5D%22%7D&%5BK+%26%5D+and+more"},
		{strings.Repeat("q=a+KEY&", 300), strings.Repeat("q=a+%5BK+%26%5D&", 300)},
	} {
		x := asks(tt.query)
		read(t, codec, x)
		body, err := codec.Rewrite(x, redact(x.Prompt, "KEY", "[K &]"))
		if err != nil || body != nil || x.RewrittenQuery != tt.want {
			t.Errorf("%q: got %q, body %q, %v; want %q", tt.query, x.RewrittenQuery, body, err, tt.want)
		}
	}
}

// TestQueryBesideBody edits both, each where it stands.
func TestQueryBesideBody(t *testing.T) {
	codec := prompt.New()
	x := post("/v1/chat/completions", "application/json", `{"model":"m","messages":[{"role":"user","content":"a KEY"}]}`)
	x.RawQuery = "model=other-model&q=the+KEY"
	p := read(t, codec, x).Prompt
	if p.Model != "m" || p.Format != "openai.chat" {
		t.Errorf("the query overrules the body: %q %q", p.Model, p.Format)
	}
	body, err := codec.Rewrite(x, redact(p, "KEY", "K"))
	if want := strings.ReplaceAll(string(x.Body), "KEY", "K"); err != nil || string(body) != want || x.RewrittenQuery != "model=other-model&q=the+K" {
		t.Errorf("got %q %q %v", body, x.RewrittenQuery, err)
	}
	x.Header.Set("Content-Type", "application/grpc")
	x.Body = []byte("\x00\x00\x00\x00\x02\n\x00")
	if p, err = codec.Read(x); err == nil || p == nil || len(p.Parts) == 0 || !p.Parts[0].Query {
		t.Errorf("beside a body that can't be read: %+v, %v", p, err)
	}
}

func FuzzQuery(f *testing.F) {
	for _, s := range []string{"q=a+b%20c&d", "v=%7B%22a%22%3A%22hello%22%7D", "a=b=c&&=x&%", "\xfa\xfa\xfa\x80\x00\xff\xe4,,b=[]777777777", strings.Repeat("a=b c&", 300)} {
		f.Add(s)
	}
	codec := prompt.New()
	f.Fuzz(func(t *testing.T, query string) {
		x := asks(query)
		p, err := codec.Read(x)
		if err != nil {
			t.Fatal(err)
		}
		x.Prompt = p
		var same, gone []traffic.Edit
		for i, part := range p.Parts {
			if part.Start < 0 || part.End > len(query) || part.Start > part.End {
				t.Fatalf("part %+v of %q", part, query)
			}
			same = append(same, traffic.Edit{Part: i, Start: len(part.Text), End: len(part.Text)})
			gone = append(gone, traffic.Edit{Part: i, Start: 0, End: len(part.Text)})
		}
		if len(same) == 0 {
			return
		}
		if _, err := codec.Rewrite(x, same); err == nil && x.RewrittenQuery != query && len(p.Parts[0].Layers) == 1 {
			t.Fatalf("without edits %q became %q", query, x.RewrittenQuery)
		}
		codec.Rewrite(x, gone)
		if strings.Count(x.RewrittenQuery, "&") > strings.Count(query, "&") {
			t.Fatalf("%q became %q", query, x.RewrittenQuery)
		}
	})
}
