package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/console"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
)

// TestPagesOfLists walks through lists that can grow, a row or two at a time:
// all rows, each once, in an order that does not hang on where they are from.
func TestPagesOfLists(t *testing.T) {
	var g *gateway
	g = start(t, func(c *console.Config) {
		c.Pinned = func() []console.Pin {
			return []console.Pin{{Client: "192.0.2.2", Host: "a.test"}, {Client: "192.0.2.1", Host: "b.test"}, {Client: "192.0.2.1", Host: "a.test"}}
		}
		c.Streams = func() []console.Stream { return []console.Stream{{Name: "siem"}, {Name: "archive"}, {Name: "other"}} }
		c.Risks = func(ctx context.Context, _, _ string) (*assess.Register, error) { return risksOf(ctx, g.inv) }
		c.Limits = console.Limits{PerSecond: 1e6, Burst: 1e6, Failures: 1e6}
	})
	in := g.token(t, "r", access.Reviewer)
	for _, name := range []string{"sales", "it", "law"} {
		if resp, body := g.ask(t, "PUT", "/api/v1/declared/"+name, `{"services":[{"service":"openai-api"}]}`, in); resp.StatusCode != 200 {
			t.Fatalf("%d %s", resp.StatusCode, body)
		}
	}
	for path, want := range map[string][]string{
		"pinned":   {"192.0.2.1 a.test", "192.0.2.1 b.test", "192.0.2.2 a.test"},
		"streams":  {"archive", "other", "siem"},
		"declared": {"it", "law", "sales"},
		"triggers": {"openai-api new_service", "unknown:" + hostile + " new_service"}, // never assessed
	} {
		for _, limit := range []int{1, 2, 10_000} {
			if got := g.walk(t, path, limit, in); !slices.Equal(got, want) {
				t.Errorf("%s, %d at a time: %q, want %q", path, limit, got, want)
			}
		}
		if resp, body := g.ask(t, "GET", "/api/v1/"+path+"?cursor=!", "", in); resp.StatusCode != 400 {
			t.Errorf("%s with no cursor of ours: %d %s", path, resp.StatusCode, body)
		}
	}
}

// walk returns the rows of a list, limit at a time, each as its names.
func (g *gateway) walk(t *testing.T, path string, limit int, in func(*http.Request)) (rows []string) {
	t.Helper()
	for cursor := ""; ; {
		resp, body := g.ask(t, "GET", fmt.Sprintf("/api/v1/%s?limit=%d&cursor=%s", path, limit, cursor), "", in)
		var list map[string]json.RawMessage
		if err := json.Unmarshal([]byte(body), &list); err != nil || resp.StatusCode != 200 {
			t.Fatalf("%s: %d %s", path, resp.StatusCode, body)
		}
		var page []struct{ ID, Kind, Name, Client, Host string }
		for k, v := range list {
			if k == "next" {
				json.Unmarshal(v, &cursor)
			} else if err := json.Unmarshal(v, &page); err != nil {
				t.Fatal(err)
			}
		}
		if len(page) > limit || len(page) == 0 {
			t.Fatalf("%s: %d rows, limit %d", path, len(page), limit)
		}
		for _, p := range page {
			rows = append(rows, strings.Join(strings.Fields(p.ID+" "+p.Kind+" "+p.Name+" "+p.Client+" "+p.Host), " "))
		}
		if cursor == "" {
			return rows
		}
	}
}
