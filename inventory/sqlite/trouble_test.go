package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// run starts an inventory over s.
func run(t *testing.T, dir string, s *sqlite.Store) *inventory.Inventory {
	t.Helper()
	v, err := inventory.New(t.Context(), inventory.Config{Dir: dir, Store: s})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- v.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return v
}

func await(t *testing.T, what string, cond func() bool) {
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

func record(v *inventory.Inventory, n int) {
	for i := range n {
		now := time.Now()
		v.Record(&traffic.Sighting{
			ID: traffic.NewID(now), Time: now, Host: "api.test", Model: fmt.Sprintf("model-%d-%s", i, strings.Repeat("x", 200)),
			Verdict: traffic.Verdict{Service: "Test", ID: "test", How: traffic.HowCatalogue}, Requests: 1,
		})
	}
}

func requests(t *testing.T, v *inventory.Inventory) int64 {
	t.Helper()
	rows, err := v.Services(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var n int64
	for _, r := range rows {
		n += r.Requests
	}
	return n
}

// TestLocked records while another connection holds the lock: sightings are
// durable in the spool, reading and Status go on, and all is merged afterwards.
func TestLocked(t *testing.T) {
	dir := t.TempDir()
	v := run(t, dir, open(t, dir))
	unlock, err := open(t, dir).Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	record(v, 20)
	await(t, "durable in the spool", func() bool { return v.Durable() == 20 })
	if s := v.Stats(); s.Spilled != 20 || v.Health() == nil {
		t.Errorf("spilled = %d, health = %v; want 20 and what is wrong", s.Spilled, v.Health())
	}
	if got := requests(t, v); got != 0 {
		t.Errorf("%d requests in a locked store, want 0", got)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	await(t, "replay", func() bool { return v.Health() == nil })
	if got := requests(t, v); got != 20 {
		t.Errorf("requests = %d, want 20", got)
	}
}

// TestDecisionWaits decides while the store is locked for a moment: a person's
// decision has no spool to go to, so it waits.
func TestDecisionWaits(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	unlock, err := open(t, dir).Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		var end ledger.Chain
		e := ledger.Entry{Time: time.Now(), Kind: string(inventory.TopicDecision), Subject: "x", Data: []byte("{}")}
		end.Extend(&e)
		done <- s.Append(context.Background(), []ledger.Entry{e})
	}()
	select {
	case err := <-done:
		t.Fatalf("Append came back over a locked store: %v", err)
	case <-time.After(300 * time.Millisecond): // longer than the driver waits
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestDiskFull lets the file not grow.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	v := run(t, dir, s)
	if err := s.Fill(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	record(v, 400)
	await(t, "durable in the spool", func() bool { return v.Durable() == 400 })
	if err := v.Health(); err == nil || !strings.Contains(err.Error(), "full") {
		t.Errorf("health = %v, want that the disk is full", err)
	}
	if err := s.Fill(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	await(t, "replay", func() bool { return v.Health() == nil })
	if got := requests(t, v); got != 400 {
		t.Errorf("requests = %d, want 400", got)
	}
}

func TestNoDatabase(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, sqlite.FileName), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), dir); err == nil || !strings.Contains(err.Error(), sqlite.FileName) {
		t.Errorf("Open of something else: %v, want an error that names the file", err)
	}
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	first, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	events := storetest.Events(1, 100)
	if err := first.Merge(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := open(t, dir)
	if err := second.Merge(t.Context(), events); err != nil { // known, also after a restart
		t.Fatal(err)
	}
	list, err := second.Services(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got, want int64
	for _, r := range list {
		got += r.Requests
	}
	for _, e := range events {
		want += e.Requests
	}
	if got != want {
		t.Errorf("requests = %d, want %d", got, want)
	}
}
