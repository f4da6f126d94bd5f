package traffic_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// fake is every stage at once: "ai.test" is an AI service, "SECRET" is a
// secret, "BLOCK" makes the policy refuse and "PANIC" a reader fail.
type fake struct {
	status    traffic.Status
	onFailure traffic.FailMode
	signed    bool
	got       []*traffic.Sighting
}

func (f *fake) Host(host string) traffic.Verdict {
	switch host {
	case "ai.test":
		return traffic.Verdict{Service: "AI", ID: "ai", How: traffic.HowCatalogue, Confidence: 1}
	case "site.test":
		return traffic.Verdict{Service: "Site", ID: "site", How: traffic.HowCatalogue, Scope: traffic.ScopeWebsite}
	case "shared.test":
		return traffic.Verdict{Service: "Shared", ID: "shared", How: traffic.HowSharedHost, Scope: traffic.ScopePath}
	}
	return traffic.Verdict{}
}

func (f *fake) Request(x *traffic.Exchange) (traffic.Verdict, traffic.Account) {
	v := f.Host(x.Flow.Host)
	if !v.AI() && bytes.Contains(x.Body, []byte("messages")) {
		v = traffic.Verdict{Service: x.Flow.Host, ID: "unknown:" + x.Flow.Host, How: traffic.HowRequestShape}
	}
	return v, traffic.Account{Kind: traffic.AccountAPIKey}
}

func (f *fake) Response(x *traffic.Exchange, a *traffic.Answer) (traffic.Verdict, traffic.Account) {
	acc := x.Account
	acc.Organisation = a.Header.Get("openai-organization")
	return x.Verdict, acc
}

func (f *fake) Read(x *traffic.Exchange) (*traffic.Prompt, error) {
	if bytes.Contains(x.Body, []byte("PANIC")) {
		panic("reader")
	}
	if bytes.Contains(x.Body, []byte("BINARY")) {
		return nil, &traffic.UnreadError{Reason: traffic.ReasonFormat}
	}
	if bytes.Contains(x.Body, []byte("PICTURE")) { // its name is read, it is not
		return &traffic.Prompt{Unread: []string{traffic.ReasonFormat}, Parts: []traffic.Part{
			{Kind: traffic.PartMetadata, Text: x.Body, End: len(x.Body)}, {Kind: traffic.PartImage}}}, nil
	}
	if bytes.Contains(x.Body, []byte("DOCUMENT")) { // and words beside it
		return &traffic.Prompt{Unread: []string{traffic.ReasonFormat, traffic.ReasonEncrypted}, Parts: []traffic.Part{
			{Text: []byte("words")}, {Kind: traffic.PartFile, Text: x.Body, Start: -1, End: -1, Place: func(int) string { return "page 1" }}}}, nil
	}
	return &traffic.Prompt{Model: "m", Signed: f.signed, Parts: []traffic.Part{{Text: x.Body, End: len(x.Body)}}}, nil
}

func (f *fake) Rewrite(x *traffic.Exchange, edits []traffic.Edit) ([]byte, error) {
	var out []byte
	last := 0
	for _, e := range edits {
		out = append(append(out, x.Body[last:e.Start]...), e.With...)
		last = e.End
	}
	return append(out, x.Body[last:]...), nil
}

func (f *fake) Refuse(x *traffic.Exchange) traffic.Refusal {
	return traffic.Refusal{Code: 403, Body: []byte(x.Decision.Reason)}
}

func (f *fake) Scan(p *traffic.Prompt) (out []traffic.Finding) {
	if len(p.Parts) > 0 && bytes.Contains(p.Parts[0].Text, []byte("DENSE")) {
		p.Unread = append(p.Unread, traffic.ReasonScanWork)
	}
	for i, part := range p.Parts {
		for at := 0; ; {
			k := bytes.Index(part.Text[at:], []byte("SECRET"))
			if k < 0 {
				break
			}
			out = append(out, traffic.Finding{Detector: "test", Class: traffic.ClassSecret, Part: i, Start: at + k, End: at + k + 6, Print: "p"})
			at += k + 6
		}
	}
	return out
}

func (f *fake) Decide(x *traffic.Exchange) traffic.Decision {
	d := traffic.Decision{Action: traffic.ActionAllow, OnFailure: f.onFailure}
	if x.Status == traffic.StatusRefused || bytes.Contains(x.Body, []byte("BLOCK")) {
		d.Action, d.Rule = traffic.ActionBlock, "no"
		return d
	}
	for i := range x.Findings {
		d.Action = traffic.ActionRedact
		d.Redact = append(d.Redact, i)
	}
	return d
}

func (f *fake) Status(string) traffic.Status { return f.status }

func (f *fake) Record(s *traffic.Sighting) { f.got = append(f.got, s) }

func newPipeline(f *fake) *traffic.Pipeline {
	return traffic.NewPipeline(&traffic.Stages{Classifier: f, Codec: f, Scanner: f, Policy: f}, f, f,
		func(h string) bool { return h == "extra.test" }, slog.New(slog.DiscardHandler))
}

// send takes one request through the pipeline as the proxy does.
func send(p *traffic.Pipeline, host, body string) *traffic.Exchange {
	x := p.Begin(&traffic.Flow{Time: time.Now(), Host: host, Method: http.MethodPost, Path: "/v1/x"}, http.Header{}, nil)
	if x.Decision.Action == traffic.ActionBlock {
		return x
	}
	x.Body = []byte(body)
	if x.Need == traffic.NeedShape {
		p.Shape(x)
	}
	if x.Need == traffic.NeedAll {
		p.Inspect(x)
	}
	return x
}

func TestInspect(t *testing.T) {
	for _, tt := range []struct {
		name, host, body string
		fake             fake
		action           traffic.Action
		rewritten        string
		coverage         traffic.Coverage
	}{
		{"clean", "ai.test", "hello", fake{}, traffic.ActionAllow, "", traffic.Coverage{Depth: traffic.Inspected}},
		{"secret", "ai.test", "a SECRET and a SECRET", fake{}, traffic.ActionRedact, "a [REDACTED:secret] and a [REDACTED:secret]", traffic.Coverage{Depth: traffic.Inspected}},
		{"blocked", "ai.test", "BLOCK SECRET", fake{}, traffic.ActionBlock, "", traffic.Coverage{Depth: traffic.Inspected}},
		{"refused service", "ai.test", "hello", fake{status: traffic.StatusRefused}, traffic.ActionBlock, "", traffic.Coverage{Depth: traffic.Inspected}},
		{"unreadable, open", "ai.test", "BINARY", fake{onFailure: traffic.FailOpen}, traffic.ActionAllow, "", traffic.Coverage{Depth: traffic.Blind, Reason: traffic.ReasonFormat}},
		{"more than is checked, open", "ai.test", "DENSE", fake{onFailure: traffic.FailOpen}, traffic.ActionAllow, "", traffic.Coverage{Depth: traffic.Inspected, Reason: traffic.ReasonScanWork}},
		{"more than is checked, closed", "ai.test", "DENSE", fake{onFailure: traffic.FailClosed}, traffic.ActionBlock, "", traffic.Coverage{Depth: traffic.Inspected, Reason: traffic.ReasonScanWork}},
		{"half a document, open", "ai.test", "DOCUMENT", fake{onFailure: traffic.FailOpen}, traffic.ActionAllow, "", traffic.Coverage{Depth: traffic.Inspected, Reason: traffic.ReasonEncrypted}},
		{"half a document, closed", "ai.test", "DOCUMENT", fake{onFailure: traffic.FailClosed}, traffic.ActionBlock, "", traffic.Coverage{Depth: traffic.Inspected, Reason: traffic.ReasonEncrypted}},
		{"a finding in a document", "ai.test", "DOCUMENT SECRET", fake{onFailure: traffic.FailOpen}, traffic.ActionBlock, "", traffic.Coverage{Depth: traffic.Inspected, Reason: traffic.ReasonEncrypted}},
		{"unreadable, closed", "ai.test", "BINARY", fake{onFailure: traffic.FailClosed}, traffic.ActionBlock, "", traffic.Coverage{Depth: traffic.Blind, Reason: traffic.ReasonFormat}},
		{"only a file name read", "ai.test", "PICTURE", fake{}, traffic.ActionAllow, "", traffic.Coverage{Depth: traffic.Blind, Reason: traffic.ReasonFormat}},
		{"fault of ours", "ai.test", "PANIC", fake{}, traffic.ActionAllow, "", traffic.Coverage{Depth: traffic.Blind, Reason: traffic.ReasonReaderFailure}},
		{"signed", "ai.test", "SECRET", fake{signed: true}, traffic.ActionBlock, "", traffic.Coverage{Depth: traffic.Inspected}},
		{"unknown AI", "other.test", "messages SECRET", fake{}, traffic.ActionRedact, "messages [REDACTED:secret]", traffic.Coverage{Depth: traffic.Inspected}},
		{"not AI", "other.test", "SECRET", fake{}, "", "", traffic.Coverage{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &tt.fake
			x := send(newPipeline(f), tt.host, tt.body)
			if x.Decision.Action != tt.action {
				t.Errorf("action = %q, want %q", x.Decision.Action, tt.action)
			}
			if string(x.Rewritten) != tt.rewritten {
				t.Errorf("rewritten = %q, want %q", x.Rewritten, tt.rewritten)
			}
			if x.Coverage != tt.coverage {
				t.Errorf("coverage = %+v, want %+v", x.Coverage, tt.coverage)
			}
		})
	}
}

func TestInspectCutBody(t *testing.T) {
	for _, mode := range []traffic.FailMode{traffic.FailOpen, traffic.FailClosed} {
		t.Run(string(mode), func(t *testing.T) {
			f := &fake{onFailure: mode}
			p := newPipeline(f)
			x := p.Begin(&traffic.Flow{Host: "ai.test", Method: "POST"}, nil, nil)
			x.Body, x.Cut = []byte("SECRET and more"), true
			p.Inspect(x)
			blocked := x.Decision.Action == traffic.ActionBlock
			if blocked != (mode == traffic.FailClosed) {
				t.Errorf("action = %q with on_failure %s", x.Decision.Action, mode)
			}
			if !blocked && string(x.Rewritten) != "[REDACTED:secret] and more" {
				t.Errorf("the part that was read is not redacted: %q", x.Rewritten)
			}
			if x.Coverage.Reason != traffic.ReasonOverLimit || p.Stats.Failures()[traffic.ReasonOverLimit] != 1 {
				t.Errorf("coverage = %+v, failures = %v: over the limit is not counted", x.Coverage, p.Stats.Failures())
			}
		})
	}
}

func TestConnect(t *testing.T) {
	for _, tt := range []struct {
		host   string
		status traffic.Status
		want   traffic.Way
	}{
		{"ai.test", "", traffic.WayIntercept},
		{"ai.test", traffic.StatusRefused, traffic.WayIntercept}, // so that the refusal can be read
		{"site.test", "", traffic.WayTunnel},
		{"site.test", traffic.StatusRefused, traffic.WayRefuse},
		{"shared.test", traffic.StatusRefused, traffic.WayTunnel}, // other people's mail
		{"extra.test", "", traffic.WayIntercept},
		{"example.com", "", traffic.WayTunnel},
	} {
		t.Run(tt.host+" "+string(tt.status), func(t *testing.T) {
			p := newPipeline(&fake{status: tt.status})
			if got := p.Connect(&traffic.Flow{Host: tt.host}).Way; got != tt.want {
				t.Errorf("way = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestEndRecordsOnce(t *testing.T) {
	f := &fake{}
	p := newPipeline(f)
	x := send(p, "ai.test", "SECRET")
	a := traffic.Answer{Code: 200, Header: http.Header{"Openai-Organization": {"org-1"}}, Up: 3, Down: 4}
	p.End(x, a)
	p.End(x, a)
	if len(f.got) != 1 {
		t.Fatalf("%d sightings, want 1", len(f.got))
	}
	s := f.got[0]
	if s.Account.Organisation != "org-1" || s.Model != "m" || s.Classes[traffic.ClassSecret] != 1 || s.Up != 3 || s.Down != 4 || s.Requests != 1 {
		t.Errorf("sighting = %+v", s)
	}
	p.End(send(p, "example.com", "nothing"), traffic.Answer{})
	if len(f.got) != 1 || p.Stats.Other.Load() != 1 {
		t.Errorf("a request that is not AI left %d sightings and the counter at %d", len(f.got)-1, p.Stats.Other.Load())
	}
}

func TestMessage(t *testing.T) {
	f := &fake{}
	p := newPipeline(f)
	x := p.Begin(&traffic.Flow{Host: "ai.test", Method: "GET"}, nil, nil)
	if out, d := p.Message(x, traffic.FromClient, []byte("a SECRET")); string(out) != "a [REDACTED:secret]" || d.Action != traffic.ActionRedact {
		t.Errorf("client message = %q, %q", out, d.Action)
	}
	if _, d := p.Message(x, traffic.FromClient, []byte("BLOCK")); d.Action != traffic.ActionBlock {
		t.Errorf("action = %q, want block", d.Action)
	}
	if out, d := p.Message(x, traffic.FromServer, []byte("a SECRET, BLOCK")); string(out) != "a SECRET, BLOCK" || d.Action != traffic.ActionAlert {
		t.Errorf("server message = %q, %q: messages of the service only raise alerts", out, d.Action)
	}
	if len(f.got) != 3 {
		t.Errorf("%d sightings, want 3", len(f.got))
	}
}

func TestObserve(t *testing.T) {
	f := &fake{}
	p := newPipeline(f)
	for _, host := range []string{"ai.test", "example.com"} {
		p.Observe(&traffic.Flow{Sensor: traffic.SensorDNS, Host: host, Up: 5})
	}
	if len(f.got) != 1 || f.got[0].Coverage != (traffic.Coverage{Depth: traffic.MetadataOnly, Reason: traffic.ReasonPassive}) || f.got[0].Up != 5 {
		t.Fatalf("sightings = %+v", f.got)
	}
	if f.got[0].Decision.Action != "" {
		t.Errorf("a passive sighting carries the decision %q", f.got[0].Decision.Action)
	}
}

// TestLogHasNoContent is the promise that no prompt reaches the log.
func TestLogHasNoContent(t *testing.T) {
	var out bytes.Buffer
	f := &fake{}
	p := traffic.NewPipeline(&traffic.Stages{Classifier: f, Codec: f, Scanner: f, Policy: f}, f, f, func(string) bool { return false },
		slog.New(slog.NewJSONHandler(&out, nil)))
	for _, body := range []string{"my SECRET words", "PANIC my SECRET words"} {
		x := send(p, "ai.test", body)
		p.End(x, traffic.Answer{Code: 200})
	}
	if strings.Contains(out.String(), "words") || strings.Contains(out.String(), "SECRET") {
		t.Errorf("content in the log: %s", out.String())
	}
	if n := strings.Count(out.String(), `"msg":"decision"`); n != 2 {
		t.Errorf("%d decision lines, want one for each request", n)
	}
}

func TestNewIDSorts(t *testing.T) {
	now := time.Now()
	a, b := traffic.NewID(now), traffic.NewID(now.Add(time.Millisecond))
	if a >= b || len(a) != 32 {
		t.Errorf("ids %s, %s do not sort by time", a, b)
	}
}
