package inventory_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestServicesAtOnce: what is kept of the register is right at once after a
// merge, a decision by this process or another one, the end of an approval and
// other rules.
func TestServicesAtOnce(t *testing.T) {
	dir := t.TempDir()
	store := openStore(t, dir)
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	catalogue := []rules.Service{{ID: "decided", Name: "Decided Upon"}}
	cfg := inventory.Config{Dir: dir, Store: store, Now: func() time.Time { return now }, Catalogue: func() []rules.Service { return catalogue }}
	v := newInventory(t, cfg)
	if rows, err := v.Services(t.Context()); err != nil || len(rows) != 0 {
		t.Fatalf("%d rows of nothing, %v", len(rows), err)
	}
	var want int64
	for seed := range uint64(5) {
		events := storetest.Events(seed, 30)
		for i := range events {
			if events[i].ServiceID == "openai" {
				want += events[i].Requests
			}
		}
		if err := store.Merge(t.Context(), events); err != nil {
			t.Fatal(err)
		}
		if got := row(t, v, "openai").Requests; got != want {
			t.Fatalf("merge %d: %d requests, want %d", seed, got, want)
		}
	}
	decide := func(v *inventory.Inventory, id string, verb inventory.Verb, until string) {
		t.Helper()
		if _, err := v.Decide(t.Context(), inventory.Change{Service: id, Verb: verb, By: "ann", Owner: "bo", Reason: "test", Until: until}); err != nil {
			t.Fatal(err)
		}
	}
	decide(v, "openai", inventory.Approve, "2026-11-21")
	if got := row(t, v, "openai"); got.Status != traffic.StatusApproved || got.Owner != "bo" {
		t.Errorf("decided: %s by %q", got.Status, got.Owner)
	}
	decide(newInventory(t, cfg), "decided", inventory.Refuse, "")
	start(t, v)
	await(t, "the decision of another process", func() bool {
		rows, err := v.Services(t.Context())
		return err == nil && slices.ContainsFunc(rows, func(r inventory.Service) bool { return r.ID == "decided" })
	})
	if got := row(t, v, "decided"); got.Service != "Decided Upon" || got.Status != traffic.StatusRefused {
		t.Errorf("decided elsewhere: %q, %s", got.Service, got.Status)
	}
}

// TestServicesEnd: an approval ends with its day, and a new catalogue gives new
// names, though nothing was merged or decided.
func TestServicesEnd(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	catalogue := []rules.Service{{ID: "one", Name: "One"}}
	v := newInventory(t, inventory.Config{
		Dir: dir, Store: openStore(t, dir), Now: func() time.Time { return now }, Catalogue: func() []rules.Service { return catalogue },
	})
	if _, err := v.Decide(t.Context(), inventory.Change{Service: "one", Verb: inventory.Approve, By: "ann", Reason: "test", Until: "2026-11-21"}); err != nil {
		t.Fatal(err)
	}
	if got := row(t, v, "one"); got.Status != traffic.StatusApproved || got.Service != "One" {
		t.Errorf("%q is %s, want One, approved", got.Service, got.Status)
	}
	now = now.AddDate(0, 0, 2)
	if got := row(t, v, "one"); got.Status != traffic.StatusInReview {
		t.Errorf("after its last day it is %s", got.Status)
	}
	catalogue = []rules.Service{{ID: "one", Name: "Number One"}}
	if got := row(t, v, "one"); got.Service != "Number One" {
		t.Errorf("with a new catalogue it is called %q", got.Service)
	}
}

// TestServicesAreEachOnesOwn: who asks may put their rows in another order, and
// take some out.
func TestServicesAreEachOnesOwn(t *testing.T) {
	dir := t.TempDir()
	store := openStore(t, dir)
	v := newInventory(t, inventory.Config{Dir: dir, Store: store})
	if err := store.Merge(t.Context(), storetest.Events(1, 100)); err != nil {
		t.Fatal(err)
	}
	want, err := v.Services(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(want)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				rows, err := v.Services(t.Context())
				if got, _ := json.Marshal(rows); err != nil || string(got) != string(text) {
					t.Error(fmt.Errorf("got %s, %v; want %s", got, err, text))
					return
				}
				slices.Reverse(rows)
				rows[0].Users = -1
				_ = slices.DeleteFunc(rows, func(r inventory.Service) bool { return r.Requests%2 == 0 })
			}
		})
	}
	wg.Wait()
}
