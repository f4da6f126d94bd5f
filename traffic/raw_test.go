package traffic_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// asking reads queries as a part of their own, named q, and has a part for
// credentials.
type asking struct{ *fake }

func (a asking) Read(x *traffic.Exchange) (*traffic.Prompt, error) {
	p, err := a.fake.Read(x)
	if x.RawQuery != "" && err == nil {
		p.Parts = append(p.Parts,
			traffic.Part{Name: "q", Text: []byte(x.RawQuery), End: len(x.RawQuery), Query: true},
			traffic.Part{Name: "key", Text: []byte(x.RawQuery), End: len(x.RawQuery), Query: true, Credential: true})
	}
	return p, err
}

func (a asking) Rewrite(x *traffic.Exchange, edits []traffic.Edit) ([]byte, error) {
	for _, e := range edits {
		if x.Prompt.Parts[e.Part].Start < 0 {
			return nil, &traffic.UnreadError{Reason: traffic.ReasonFormat}
		}
	}
	x.RewrittenQuery = "gone"
	return nil, nil
}

func newAsking(f *fake) *traffic.Pipeline {
	p := newPipeline(f)
	a := asking{f}
	p.Reload(&traffic.Stages{Classifier: f, Codec: a, Scanner: f, Policy: f})
	return p
}

func begin(p *traffic.Pipeline, query string) *traffic.Exchange {
	x := p.Begin(&traffic.Flow{Time: time.Now(), Host: "ai.test", Method: http.MethodGet, Path: "/new"}, http.Header{}, nil)
	x.RawQuery = query
	return x
}

// TestInspectQuery finds a secret in a query where it is none of the service's
// own, and says where.
func TestInspectQuery(t *testing.T) {
	p := newAsking(&fake{})
	x := begin(p, "q=SECRET")
	p.InspectQuery(x)
	if len(x.Findings) != 1 || x.Findings[0].Place != "query q" || x.RewrittenQuery != "gone" || x.Rewritten != nil {
		t.Errorf("findings %+v, query %q", x.Findings, x.RewrittenQuery)
	}
	p.Fail(x, traffic.ReasonScanMemory) // of the body
	if x.Decision.Action != traffic.ActionRedact || x.Coverage.Depth != traffic.Blind {
		t.Errorf("beside a body that was not read: %+v %+v", x.Decision, x.Coverage)
	}
	x = begin(p, "q=hello")
	p.InspectQuery(x)
	if len(x.Findings) != 0 || x.RewrittenQuery != "" || x.Decision.Action != traffic.ActionAllow {
		t.Errorf("clean: %+v %q %+v", x.Findings, x.RewrittenQuery, x.Decision)
	}
}

// TestNoQueryAllocs promises that a request without a query costs nothing.
func TestNoQueryAllocs(t *testing.T) {
	p := newAsking(&fake{})
	x := begin(p, "")
	if n := testing.AllocsPerRun(1000, func() { p.InspectQuery(x) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

// TestInspectRaw takes a body whose head names a coding that it is not in.
func TestInspectRaw(t *testing.T) {
	for _, tt := range []struct {
		name, body, decoded string
		fail                traffic.FailMode
		action              traffic.Action
		depth               traffic.Depth
	}{
		{"JSON", `["hello"]`, "", "", traffic.ActionAllow, traffic.Inspected},
		{"JSON, closed", ` {"a":"hello"}`, "", traffic.FailClosed, traffic.ActionAllow, traffic.Inspected},
		{"JSON with a secret", `["SECRET"]`, "", "", traffic.ActionRedact, traffic.Inspected},
		{"packed", "\x1f\x8b\x00", "", "", traffic.ActionAllow, traffic.Blind},
		{"packed, closed", "\x1f\x8b\x00", "", traffic.FailClosed, traffic.ActionBlock, traffic.Blind},
		{"text with a secret", "a SECRET", "", "", traffic.ActionBlock, traffic.Blind},
		{"not JSON with a secret", `["SECRET"`, "", "", traffic.ActionBlock, traffic.Blind},
		{"decoded in part", "\x1f\x8b\x00", "a SECRET", "", traffic.ActionBlock, traffic.Blind},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newAsking(&fake{onFailure: tt.fail})
			x := begin(p, "")
			x.Body = []byte(tt.body)
			p.InspectRaw(x, []byte(tt.decoded), traffic.ReasonEncoding)
			if x.Decision.Action != tt.action || x.Coverage.Depth != tt.depth {
				t.Errorf("got %s, %+v; want %s, %s", x.Decision.Action, x.Coverage, tt.action, tt.depth)
			}
			if want := map[bool]string{true: traffic.ReasonEncoding}[tt.depth == traffic.Blind]; x.Coverage.Reason != want {
				t.Errorf("reason %q, want %q", x.Coverage.Reason, want)
			}
		})
	}
}
