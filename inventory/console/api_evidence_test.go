package console_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/console"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
)

// slow is a log that takes its time.
type slow struct{ slog.Handler }

func (slow) Enabled(context.Context, slog.Level) bool { return true }

func (slow) Handle(context.Context, slog.Record) error {
	time.Sleep(20 * time.Millisecond)
	return nil
}

// TestPackAfterPack: who sees that a pack has ended can ask for the next.
func TestPackAfterPack(t *testing.T) {
	scratch := t.TempDir()
	g := start(t, func(c *console.Config) {
		c.Limits = console.Limits{PerSecond: 1e6, Burst: 1e6, Failures: 1e6}
		c.Scratch, c.Log = scratch, slog.New(slow{slog.DiscardHandler})
		c.Evidence = func(context.Context, string, string, string, string) (int, error) { return 0, errors.New("no room") }
	})
	in := g.token(t, "auditor", access.Auditor)
	for range 10 {
		resp, body := g.ask(t, "POST", "/api/v1/evidence", `{"period": "2026Q3", "organisation": ""}`, in)
		if resp.StatusCode != 200 {
			t.Fatalf("%d %s", resp.StatusCode, body)
		}
		for end := time.Now().Add(time.Minute); strings.Contains(body, `"state":"running"`); {
			if time.Now().After(end) {
				t.Fatalf("does not end: %s", body)
			}
			_, body = g.ask(t, "GET", "/api/v1/evidence", "", in)
		}
	}
}

// TestPackDiffers: a pack that is made and says that sums differ is told from one
// in which all is well.
func TestPackDiffers(t *testing.T) {
	g := whole(t)
	in := g.token(t, "auditor", access.Auditor)
	resp, body := g.ask(t, "POST", "/api/v1/evidence", `{"period": "2026Q3", "organisation": ""}`, in)
	if resp.StatusCode != 200 || !strings.Contains(body, `"sums_differ":0`) {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	place := resp.Header.Get("Location")
	for end := time.Now().Add(time.Minute); strings.Contains(body, `"state":"running"`); {
		if time.Now().After(end) {
			t.Fatalf("does not end: %s", body)
		}
		_, body = g.ask(t, "GET", place, "", in)
	}
	if !strings.Contains(body, `"state":"done"`) || !strings.Contains(body, `"sums_differ":3`) { // as whole has it
		t.Errorf("made: %s", body)
	}
}
