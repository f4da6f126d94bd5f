package inventory_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"net/netip"

	"github.com/gnomon-proxy/gnomon/internal/leaks"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		crash(dir)
	}
	leaks.Main(m)
}

func openStore(t testing.TB, dir string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func newInventory(t testing.TB, cfg inventory.Config) *inventory.Inventory {
	t.Helper()
	v, err := inventory.New(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// start runs v and returns what ends it and waits.
func start(t testing.TB, v *inventory.Inventory) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- v.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

// await waits until cond holds; limit is there to catch hangs only.
func await(t testing.TB, what string, cond func() bool) {
	t.Helper()
	const limit = time.Minute
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for begun := time.Now(); !cond(); <-tick.C {
		if time.Since(begun) > limit {
			t.Fatalf("%s: not within %v", what, limit)
		}
	}
}

func sighting() *traffic.Sighting {
	now := time.Now()
	return &traffic.Sighting{
		ID: traffic.NewID(now), Time: now, Sensor: traffic.SensorProxy, Client: netip.MustParseAddr("192.0.2.7"), User: "alice@example.org",
		Host: "api.openai.com", Method: "POST", Path: "/v1/chat/completions",
		Verdict:  traffic.Verdict{Service: "OpenAI API", ID: "openai-api", Vendor: "OpenAI", Category: "model_api", How: traffic.HowCatalogue, Surface: traffic.SurfaceAPI},
		Account:  traffic.Account{Kind: traffic.AccountAPIKey, Organisation: "org-1", Key: "0123456789abcdef"},
		Model:    "gpt-5",
		Findings: map[string]int{"aws-access-key": 1}, Classes: map[traffic.Class]int{traffic.ClassSecret: 1},
		Decision: traffic.Decision{Action: traffic.ActionRedact, Rule: "redact-secrets"}, Coverage: traffic.Coverage{Depth: traffic.Inspected},
		Requests: 1, Up: 100, Down: 200, Code: 200,
	}
}

func row(t testing.TB, v *inventory.Inventory, id string) inventory.Service {
	t.Helper()
	rows, err := v.Services(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("no row %q in %d rows", id, len(rows))
	return inventory.Service{}
}

var errAway = errors.New("the store is away")

// brokenStore is a store whose Merge a test decides upon.
type brokenStore struct {
	inventory.Store
	merge func(ctx context.Context, events []inventory.Event) error
}

func (b *brokenStore) Merge(ctx context.Context, events []inventory.Event) error {
	return b.merge(ctx, events)
}
