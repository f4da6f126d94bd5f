package console_test

import (
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
)

// outcome waits for a verification and returns what it found.
func (g *gateway) outcome(t *testing.T, place string, in func(*http.Request)) *inventory.Verification {
	t.Helper()
	var c console.Check
	for end := time.Now().Add(time.Minute); ; {
		resp, body := g.ask(t, "GET", place, "", in)
		if err := json.Unmarshal([]byte(body), &c); resp.StatusCode != 200 || err != nil {
			t.Fatalf("%s: %d %s", place, resp.StatusCode, body)
		}
		switch {
		case c.State == console.JobDone && c.Done == 1 && c.Result != nil && !c.Ended.IsZero():
			return c.Result
		case c.State != console.JobRuns || c.Result != nil || time.Now().After(end):
			t.Fatalf("a verification that neither runs nor is done: %s", body)
		}
	}
}

// slowStore reads sightings when it is told to.
type slowStore struct {
	*sqlite.Store
	reads chan struct{}
}

func (s slowStore) Batches(ctx context.Context, after int64, f func(*inventory.Batch) error) error {
	return s.Store.Batches(ctx, after, func(b *inventory.Batch) error {
		select {
		case <-s.reads:
		case <-ctx.Done():
			return ctx.Err()
		}
		return f(b)
	})
}

// TestVerification: a verification goes on after the answer, says how far it is,
// is the only one, and what it found can be asked for later.
func TestVerification(t *testing.T) {
	reads := make(chan struct{})
	g := start(t, func(c *console.Config) {
		c.Limits = console.Limits{PerSecond: 1e6, Burst: 1e6, Failures: 1e6}
		store, err := sqlite.Open(t.Context(), filepath.Dir(c.Socket))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		if c.Inventory, err = inventory.New(t.Context(), inventory.Config{Dir: filepath.Dir(c.Socket), Store: slowStore{store, reads}}); err != nil {
			t.Fatal(err)
		}
	})
	in := g.token(t, "aud", access.Auditor)
	ask := func(method, path, body string) (*http.Response, string) {
		t.Helper()
		return g.ask(t, method, path, body, in)
	}
	resp, body := ask("POST", "/api/v1/ledger/verifications", "") // all of it may be left out
	place := resp.Header.Get("Location")
	if resp.StatusCode != 202 || !strings.HasPrefix(place, "/api/v1/ledger/verifications/") || !strings.Contains(body, `"state":"running"`) {
		t.Fatalf("%d %v %s", resp.StatusCode, resp.Header, body)
	}
	resp, body = ask("POST", "/api/v1/ledger/verifications", `{"heads": []}`)
	checkProblem(t, "another one", resp, body, 503)
	if _, body = ask("GET", place, ""); !strings.Contains(body, `"state":"running"`) || strings.Contains(body, "result") {
		t.Errorf("while it runs: %s", body)
	}
	close(reads)
	if v := g.outcome(t, place, in); v.Entries == 0 || v.Batches == 0 || len(v.Problems) != 0 {
		t.Errorf("found %+v", v)
	}
	if _, body = ask("GET", "/api/v1/ledger/verifications", ""); strings.Count(body, `"state":"done"`) != 1 {
		t.Errorf("the list: %s", body)
	}
	resp, body = ask("GET", "/api/v1/ledger/verifications/other", "")
	checkProblem(t, "another name", resp, body, 404)
	resp, body = ask("POST", "/api/v1/ledger/verifications", `{"heads": [`+strings.Repeat(`"1:x",`, 200)+`"1:x"]}`)
	checkProblem(t, "too many heads", resp, body, 400)
}

// TestVerificationEnds: the end of the gateway does not wait for a verification.
func TestVerificationEnds(t *testing.T) {
	g := start(t, func(c *console.Config) {
		store, err := sqlite.Open(t.Context(), filepath.Dir(c.Socket))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		if c.Inventory, err = inventory.New(t.Context(), inventory.Config{Dir: filepath.Dir(c.Socket), Store: slowStore{store, nil}}); err != nil {
			t.Fatal(err)
		}
	})
	if resp, body := g.ask(t, "POST", "/api/v1/ledger/verifications", `{"heads": []}`, g.token(t, "aud", access.Auditor)); resp.StatusCode != 202 {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
}
