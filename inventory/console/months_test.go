package console_test

import (
	"context"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/console"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
	"github.com/gnomon-proxy/gnomon/inventory/declared"
	"github.com/gnomon-proxy/gnomon/inventory/export"
)

// TestWholeMonths: a viewer can't take one day from another by asking for two
// periods.
func TestWholeMonths(t *testing.T) {
	var g *gateway
	g = start(t, func(c *console.Config) {
		c.K = 5
		c.Drift = func(context.Context, time.Time) ([]declared.Difference, []string, error) { return nil, nil, nil }
		c.Table = func(context.Context, console.TableOrder) (*export.Table, error) { return new(export.Table), nil }
		c.Risks = func(ctx context.Context, _, _ string) (*assess.Register, error) { return risksOf(ctx, g.inv) }
	})
	viewer, auditor := g.token(t, "viewer", access.Viewer), g.token(t, "auditor", access.Auditor)
	for path, want := range map[string]int{
		"/risks":                                  200,
		"/risks?period=2025-11":                   200,
		"/risks?period=2025Q4":                    200,
		"/risks?period=2025-10-01..2025-11-30":    200,
		"/risks?period=2025-10-01..2025-11-29":    400,
		"/risks?period=2025-10-02..2025-11-30":    400,
		"/figures?period=2025-10-02..2025-11-30":  400,
		"/triggers?period=2025-10-02..2025-11-30": 400,
		"/drift":                  200,
		"/drift?since=2025-10-01": 200,
		"/drift?since=2025-10-02": 400,
		"/tables/risks?period=2025-11-02..2025-11-30": 400,
		"/tables/drift?since=2025-10-02":              400,
	} {
		if resp, body := g.ask(t, "GET", "/api/v1"+path, "", viewer); resp.StatusCode != want {
			t.Errorf("a viewer asks %s: %d %s, want %d", path, resp.StatusCode, body, want)
		}
		if resp, body := g.ask(t, "GET", "/api/v1"+path, "", auditor); resp.StatusCode == 400 {
			t.Errorf("an auditor asks %s: %s", path, body)
		}
	}
}
