package traffic_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// hider is a policy that pseudonymises, a vault and what restores from it.
type hider struct {
	fake
	opened []traffic.Speaker
	hidden map[traffic.Speaker][]string
	refuse bool // to keep values
}

func (h *hider) Decide(x *traffic.Exchange) traffic.Decision {
	d := h.fake.Decide(x)
	for range d.Redact {
		d.Action = traffic.ActionPseudonymise
		d.Styles = append(d.Styles, traffic.StyleToken)
	}
	return d
}

func (h *hider) Read(x *traffic.Exchange) (*traffic.Prompt, error) {
	p, err := h.fake.Read(x)
	if err == nil {
		_, rest, _ := bytes.Cut(x.Body, []byte("conversation="))
		p.Conversation = string(rest)
		if len(x.Body) == 0 { // as of a path
			p.Conversation = "of-path"
		}
	}
	return p, err
}

func (h *hider) Empty() bool { return len(h.hidden) == 0 }

func (h *hider) Open(s traffic.Speaker, make bool) traffic.Tokens {
	h.opened = append(h.opened, s)
	if !make && h.hidden[s] == nil {
		return nil
	}
	return &hidden{h, s}
}

func (h *hider) Restorer(*traffic.Exchange, http.Header, traffic.Tokens) traffic.Restorer {
	return nothing{}
}
func (h *hider) MessageRestorer(traffic.MessageRestorer, traffic.Tokens) traffic.MessageRestorer {
	return nil
}

type hidden struct {
	of *hider
	by traffic.Speaker
}

func (t *hidden) Hide(f *traffic.Finding, value []byte) string {
	if t.of.refuse {
		return ""
	}
	t.of.hidden[t.by] = append(t.of.hidden[t.by], string(value))
	return fmt.Sprintf("[T%d]", len(t.of.hidden[t.by]))
}
func (t *hidden) Names() []string     { return t.of.hidden[t.by] }
func (t *hidden) Value(string) []byte { return nil }
func (t *hidden) Restored(int)        {}

type nothing struct{}

func (nothing) Append(dst, p []byte) []byte { return append(dst, p...) }
func (nothing) End(dst []byte) []byte       { return dst }

func newHider() (*hider, *traffic.Pipeline) {
	h := &hider{hidden: make(map[traffic.Speaker][]string)}
	p := traffic.NewPipeline(&traffic.Stages{Classifier: h, Codec: h, Scanner: h, Policy: h, Answers: h}, h, h,
		func(string) bool { return false }, slog.New(slog.DiscardHandler))
	p.UseVault(h)
	return h, p
}

// say takes one request of somebody through a pipeline.
func say(p *traffic.Pipeline, user, client, body string) *traffic.Exchange {
	f := &traffic.Flow{Time: time.Now(), Host: "ai.test", User: user, Client: netip.MustParseAddr(client), Method: http.MethodPost, Path: "/v1/x"}
	x := p.Begin(f, http.Header{}, nil)
	if x.Body = []byte(body); body != "" {
		p.Inspect(x)
	}
	return x
}

func TestPseudonymise(t *testing.T) {
	h, p := newHider()
	x := say(p, "ann", "10.0.0.1", `{"n": "SECRET", "m": SECRET}`)
	if got := string(x.Rewritten); got != `{"n": "[T1]", "m": [T2]}` || x.Decision.Action != traffic.ActionPseudonymise {
		t.Errorf("%s %s", x.Decision.Action, got)
	}
	ann := traffic.Speaker{Who: "user ann", Service: "ai"}
	if got := h.hidden[ann]; !slices.Equal(got, []string{"SECRET", "SECRET"}) {
		t.Errorf("hidden: %q in %v", got, h.hidden)
	}
	if p.Restorer(x, http.Header{}) == nil {
		t.Error("nothing restores the answer")
	}
	if p.Restorer(say(p, "bob", "10.0.0.1", "hello"), http.Header{}) != nil {
		t.Error("bob's answer is restored, who has no tokens")
	}
	h.refuse = true
	if x := say(p, "ann", "10.0.0.1", "my SECRET"); string(x.Rewritten) != "my [REDACTED:secret]" {
		t.Errorf("what can't be kept is sent as %q", x.Rewritten)
	}
	h.signed = true
	if x := say(p, "ann", "10.0.0.1", "my SECRET"); x.Decision.Action != traffic.ActionBlock {
		t.Errorf("what can't be rewritten: %s", x.Decision.Action)
	}
}

// TestSpeaker tells whose tokens are whose.
func TestSpeaker(t *testing.T) {
	h, p := newHider()
	h.hidden[traffic.Speaker{}] = []string{"x"} // not empty
	for _, tt := range []struct {
		name, user, client, body string
		want                     traffic.Speaker
	}{
		{"user", "ann", "10.0.0.1", "hi", traffic.Speaker{Who: "user ann", Service: "ai"}},
		{"the same elsewhere", "ann", "10.0.0.2", "hi", traffic.Speaker{Who: "user ann", Service: "ai"}},
		{"conversation", "ann", "10.0.0.1", "hi conversation=c1", traffic.Speaker{Who: "user ann", Service: "ai", Conversation: "c1"}},
		{"nobody known", "", "10.0.0.1", "hi", traffic.Speaker{Who: "client 10.0.0.1 key ", Service: "ai"}},
		{"no body", "ann", "10.0.0.1", "", traffic.Speaker{Who: "user ann", Service: "ai", Conversation: "of-path"}},
	} {
		h.opened = nil
		p.Restorer(say(p, tt.user, tt.client, tt.body), http.Header{})
		if !slices.Contains(h.opened, tt.want) || len(h.opened) != 1 {
			t.Errorf("%s: opened %+v, want %+v", tt.name, h.opened, tt.want)
		}
	}
}

// TestTalk follows a WebSocket: what names the conversation once names it from
// then on, and what the service says is hidden from nobody.
func TestTalk(t *testing.T) {
	h, p := newHider()
	x := say(p, "ann", "10.0.0.1", "")
	x.Body = nil
	for _, m := range []string{"hello conversation=c7", "my SECRET"} {
		p.Message(x, traffic.FromClient, []byte(m))
	}
	if got := h.hidden[traffic.Speaker{Who: "user ann", Service: "ai", Conversation: "c7"}]; len(got) != 1 {
		t.Errorf("hidden: %v", h.hidden)
	}
	if out, _ := p.Message(x, traffic.FromServer, []byte("your SECRET")); string(out) != "your SECRET" {
		t.Errorf("the service's message becomes %q", out)
	}
	if len(h.hidden) != 1 {
		t.Errorf("what the service said is hidden: %v", h.hidden)
	}
}

// TestRestorerAllocs holds that an answer costs nothing while no tokens exist.
func TestRestorerAllocs(t *testing.T) {
	h, p := newHider()
	x := say(p, "ann", "10.0.0.1", "hello")
	answer := http.Header{}
	if n := testing.AllocsPerRun(1000, func() {
		if p.Restorer(x, answer) != nil {
			t.Fatal("restored")
		}
	}); n != 0 || len(h.opened) > 0 {
		t.Errorf("%v allocations, %d looks into the vault, want none", n, len(h.opened))
	}
}
