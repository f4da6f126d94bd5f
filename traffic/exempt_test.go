package traffic_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// exempter exempts alice from a rule at every service, or from its status.
type exempter struct{ rule string }

func (e exempter) Exempt(list []traffic.Exemption, f *traffic.Flow, _ string) []traffic.Exemption {
	if f.User == "alice" {
		list = append(list, traffic.Exemption{ID: "x-1", Rule: e.rule})
	}
	return list
}

// TestExempt sends requests of two people to a service that is refused: an
// exception lets one of them pass, tells the policy so, and is noted.
func TestExempt(t *testing.T) {
	for _, tt := range []struct {
		user, rule string
		way        traffic.Way // to the service's website
		status     traffic.Status
		blocked    bool
	}{
		{"alice", "", traffic.WayTunnel, traffic.StatusConditional, false},
		{"alice", "some-rule", traffic.WayRefuse, traffic.StatusRefused, true},
		{"bob", "", traffic.WayRefuse, traffic.StatusRefused, true},
	} {
		t.Run(tt.user+" "+tt.rule, func(t *testing.T) {
			f := &fake{status: traffic.StatusRefused}
			p := newPipeline(f)
			p.SetExempter(exempter{tt.rule})
			if got := p.Connect(&traffic.Flow{Host: "site.test", User: tt.user}).Way; got != tt.way {
				t.Errorf("way = %q, want %q", got, tt.way)
			}
			x := p.Begin(&traffic.Flow{Time: time.Now(), Host: "ai.test", Method: http.MethodPost, User: tt.user}, http.Header{}, nil)
			if x.Status != tt.status || (x.Decision.Action == traffic.ActionBlock) != tt.blocked {
				t.Errorf("status %q, %q; want %q", x.Status, x.Decision.Action, tt.status)
			}
			alice := tt.user == "alice"
			if got := x.Exempt("some-rule"); got != (alice && tt.rule == "some-rule") || x.Exempt("another") || x.Exempt("") {
				t.Errorf("exempt from the rule: %v", got)
			}
			if _, d := p.Message(x, traffic.FromClient, []byte("BLOCK")); d.Action != traffic.ActionBlock {
				t.Errorf("another rule that refuses: %q", d.Action)
			}
			p.End(x, traffic.Answer{Code: 200})
			s := f.got[len(f.got)-1]
			if got := slices.Contains(s.Features, "exception:x-1"); got != alice || len(s.Features) > 1 {
				t.Errorf("noted: %q", s.Features)
			}
		})
	}
}
