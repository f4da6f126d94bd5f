package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/console"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
	"github.com/gnomon-proxy/gnomon/inventory/declared"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// people matches the names of what counts people, or what is nearly one.
var people = regexp.MustCompile(`^(users?|clients?|people|persons?|accounts?|keys?|pseudonyms?)$`)

// fewPeople returns where in v a number of people is below 5.
func fewPeople(v any, at string) (found []string) {
	switch v := v.(type) {
	case map[string]any:
		if value, _ := v["value"].(string); v["name"] == "active_users" && len(value) == 1 && strings.Contains("1234", value) {
			found = append(found, at+".active_users")
		}
		for name, one := range v {
			if n, ok := one.(float64); ok && people.MatchString(name) && n > 0 && n < 5 {
				found = append(found, fmt.Sprintf("%s.%s=%v", at, name, n))
			}
			found = append(found, fewPeople(one, at+"."+name)...)
		}
	case []any:
		for i, one := range v {
			found = append(found, fewPeople(one, fmt.Sprintf("%s[%d]", at, i))...)
		}
	}
	return found
}

// TestViewerSeesNoFewPeople looks for numbers of few people in all that a viewer
// may read, where one or two people use each service.
func TestViewerSeesNoFewPeople(t *testing.T) {
	var g *gateway
	g = start(t, func(c *console.Config) {
		c.Limits = console.Limits{PerSecond: 1e6, Burst: 1e6, Failures: 1e6}
		c.K = 5
		c.Drift = func(context.Context, time.Time) ([]declared.Difference, []string, error) {
			return []declared.Difference{{Kind: declared.NotApproved, ID: "openai-api", Users: 1}}, nil, nil
		}
		c.Risks = func(ctx context.Context, _, _ string) (*assess.Register, error) {
			r, err := risksOf(ctx, g.inv)
			r.K = c.K
			return r, err
		}
	})
	saver := g.inv.Saver(t.Context())
	now := time.Now()
	saver.Record(&traffic.Sighting{
		ID: traffic.NewID(now), Time: now, User: "ann", Client: netip.MustParseAddr("192.0.2.1"), Requests: 1, Model: "m-1",
		Verdict: traffic.Verdict{Service: "OpenAI API", ID: "openai-api", How: traffic.HowCatalogue}, Coverage: traffic.Coverage{Depth: traffic.Inspected},
	})
	if err := saver.Flush(); err != nil {
		t.Fatal(err)
	}
	viewer, auditor := g.token(t, "viewer", access.Viewer), g.token(t, "auditor", access.Auditor)
	paths := []string{"/subjects/model?top=5"}
	for name, who := range matrix {
		if method, path, _ := strings.Cut(name, " "); method == "GET" && strings.Contains(who, "v") {
			named := "openai-api"
			if strings.HasPrefix(path, "/subjects/") {
				named = "m-1"
			}
			paths = append(paths, strings.NewReplacer("{kind}", "model", "{name}", named, "{framework}", "iso42001").Replace(path))
		}
	}
	shown := func(path string, bearer func(*http.Request)) []string {
		resp, body := g.ask(t, "GET", "/api/v1"+path, "", bearer)
		var v any
		if resp.StatusCode != 200 || json.Unmarshal([]byte(body), &v) != nil {
			return nil // not made here, or no JSON
		}
		return fewPeople(v, path)
	}
	for _, path := range paths {
		for _, at := range shown(path, viewer) {
			t.Errorf("a viewer sees %s", at)
		}
	}
	for _, path := range []string{"/services", "/services/openai-api", "/subjects/model", "/subjects/model/m-1", "/drift"} {
		if len(shown(path, auditor)) == 0 {
			t.Errorf("%s shows an auditor no number of people: the test looks for the wrong names", path)
		}
	}
}
