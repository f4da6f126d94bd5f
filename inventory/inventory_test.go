package inventory_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
)

func TestRecord(t *testing.T) {
	dir := t.TempDir()
	v := newInventory(t, inventory.Config{Dir: dir, Store: openStore(t, dir)})
	start(t, v)
	v.Record(sighting())
	v.Record(sighting())
	await(t, "two durable sightings", func() bool { return v.Durable() == 2 })
	r := row(t, v, "openai-api")
	if r.Requests != 2 || r.Users != 1 || r.Clients != 1 || r.Accounts != 1 || r.Models != 1 || r.Up != 200 || r.Down != 400 {
		t.Errorf("row = %+v", r)
	}
	if r.Findings["secret"] != 2 || r.Decisions["redact"] != 2 || r.Coverage.Inspected != 2 || r.Status != "unreviewed" || r.How != "catalogue" {
		t.Errorf("row = %+v", r)
	}
	d, err := v.Service(t.Context(), "OPENAI api")
	if err != nil {
		t.Fatal(err)
	}
	if len(d.AccountList) != 1 || d.AccountList[0].Organisation != "org-1" || d.AccountList[0].Key != "0123456789abcdef" {
		t.Errorf("accounts = %+v", d.AccountList)
	}
	if len(d.Hosts) != 1 || d.Hosts[0].Name != "api.openai.com" || d.Detectors["aws-access-key"] != 2 || d.Rules["redact-secrets"] != 2 {
		t.Errorf("hosts, detectors, rules = %+v, %v, %v", d.Hosts, d.Detectors, d.Rules)
	}
}

// TestShutdownDrains ends Run at once: what was recorded before is there.
func TestShutdownDrains(t *testing.T) {
	dir := t.TempDir()
	v := newInventory(t, inventory.Config{Dir: dir, Store: openStore(t, dir), Queue: 64})
	stop := start(t, v)
	const n = 3000
	for range n {
		v.Record(sighting())
	}
	stop()
	s := v.Stats()
	if s.Durable+s.Dropped != n || s.Queue != 0 {
		t.Errorf("durable %d + dropped %d, queue %d; want %d in all, 0", s.Durable, s.Dropped, s.Queue, n)
	}
	if s.SpoolBytes != 0 {
		t.Errorf("%d bytes left in the spool beside a healthy store", s.SpoolBytes)
	}
	if got := row(t, v, "openai-api").Requests; got != s.Durable {
		t.Errorf("%d requests in the store, want the %d durable ones", got, s.Durable)
	}
	v.Record(sighting()) // too late: counted, not lost unseen
	if got := v.Stats().Dropped; got != s.Dropped+1 {
		t.Errorf("dropped after the end = %d, want %d", got, s.Dropped+1)
	}
}

// TestStoreAway takes the store away and gives it back.
func TestStoreAway(t *testing.T) {
	dir := t.TempDir()
	var away atomic.Bool
	away.Store(true)
	real := openStore(t, dir)
	v := newInventory(t, inventory.Config{Dir: dir, Store: &brokenStore{real, func(ctx context.Context, e []inventory.Event) error {
		if away.Load() {
			return errAway
		}
		return real.Merge(ctx, e)
	}}})
	start(t, v)
	for range 50 {
		v.Record(sighting())
	}
	await(t, "durable in the spool", func() bool { return v.Durable() == 50 })
	s := v.Stats()
	if s.Spilled != 50 || s.SpoolBytes == 0 || s.StoreErrors == 0 {
		t.Errorf("stats = %+v, want 50 spilled", s)
	}
	if err := v.Health(); err == nil || !strings.Contains(err.Error(), "away") {
		t.Errorf("Health = %v, want what is wrong", err)
	}
	away.Store(false)
	await(t, "replay", func() bool { return v.Health() == nil })
	if s := v.Stats(); s.Replayed != 50 || s.SpoolBytes != 0 || s.Durable != 50 || s.Dropped != 0 {
		t.Errorf("stats = %+v, want 50 replayed, none dropped", s)
	}
	if got := row(t, v, "openai-api").Requests; got != 50 {
		t.Errorf("requests = %d, want 50", got)
	}
}

// TestCommittedButFailed is a store that commits and then fails to say so: the
// replay must not count twice.
func TestCommittedButFailed(t *testing.T) {
	dir := t.TempDir()
	var failed atomic.Bool
	real := openStore(t, dir)
	v := newInventory(t, inventory.Config{Dir: dir, Store: &brokenStore{real, func(ctx context.Context, e []inventory.Event) error {
		if err := real.Merge(ctx, e); err != nil || failed.Swap(true) {
			return err
		}
		return errAway
	}}})
	start(t, v)
	v.Record(sighting())
	await(t, "replay", func() bool { return v.Stats().Replayed == 1 })
	if got := row(t, v, "openai-api").Requests; got != 1 {
		t.Errorf("requests = %d, want 1", got)
	}
}

// TestNothingTakesIt counts what neither the store nor the spool takes.
func TestNothingTakesIt(t *testing.T) {
	dir := t.TempDir()
	real := openStore(t, dir)
	v := newInventory(t, inventory.Config{Dir: dir, SpoolBytes: 1, Store: &brokenStore{real, func(context.Context, []inventory.Event) error { return errAway }}})
	start(t, v)
	v.Record(sighting())
	await(t, "a counted drop", func() bool { return v.Stats().Dropped == 1 })
	if err := v.Health(); err == nil || !strings.Contains(err.Error(), "lost") {
		t.Errorf("Health = %v, want that sightings are lost", err)
	}
	if v.Durable() != 0 {
		t.Errorf("durable = %d, want 0", v.Durable())
	}
}

// TestRecordNeverBlocks hangs the store: Record returns, and every sighting is
// durable, queued or counted as dropped.
func TestRecordNeverBlocks(t *testing.T) {
	dir := t.TempDir()
	real := openStore(t, dir)
	entered, release := make(chan struct{}, 1), make(chan struct{})
	v := newInventory(t, inventory.Config{Dir: dir, Queue: 8, Store: &brokenStore{real, func(_ context.Context, e []inventory.Event) error {
		select {
		case entered <- struct{}{}:
		default:
		}
		<-release
		return real.Merge(context.Background(), e)
	}}})
	stop := start(t, v)
	v.Record(sighting())
	<-entered
	const n = 500
	for range n {
		v.Record(sighting())
	}
	await(t, "sightings in the spool", func() bool { return v.Stats().Spilled > 0 })
	close(release)
	stop()
	s := v.Stats()
	if s.Durable+s.Dropped != n+1 {
		t.Errorf("durable %d + dropped %d, want %d", s.Durable, s.Dropped, n+1)
	}
	if got := row(t, v, "openai-api").Requests; got != s.Durable {
		t.Errorf("requests = %d, want %d", got, s.Durable)
	}
}

// TestDamagedSpool starts over a spool that another version or a broken disk
// left behind.
func TestDamagedSpool(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "spool"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "spool", "0000000000000001.spool"), []byte("GNSPOOL\x01\x00\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	v := newInventory(t, inventory.Config{Dir: dir, Store: openStore(t, dir)})
	start(t, v)
	await(t, "damage counted", func() bool { return v.Stats().Damaged == 1 })
	await(t, "empty spool", func() bool { return v.Stats().SpoolBytes == 0 })
}

func TestSecondRun(t *testing.T) {
	dir := t.TempDir()
	store := openStore(t, dir)
	first := newInventory(t, inventory.Config{Dir: dir, Store: store})
	start(t, first)
	first.Record(sighting())
	await(t, "the first runs", func() bool { return first.Durable() == 1 })
	if err := newInventory(t, inventory.Config{Dir: dir, Store: store}).Run(t.Context()); err == nil {
		t.Error("a second Run in the same folder succeeded")
	}
}

func TestSaver(t *testing.T) {
	dir := t.TempDir()
	v := newInventory(t, inventory.Config{Dir: dir, Store: openStore(t, dir)})
	s := v.Saver(t.Context())
	for range 2500 {
		s.Record(sighting())
	}
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	if got := row(t, v, "openai-api").Requests; got != 2500 {
		t.Errorf("requests = %d, want 2500", got)
	}
}

func TestSaverFails(t *testing.T) {
	dir := t.TempDir()
	v := newInventory(t, inventory.Config{Dir: dir, Store: &brokenStore{openStore(t, dir), func(context.Context, []inventory.Event) error { return errAway }}})
	s := v.Saver(t.Context())
	s.Record(sighting())
	if err := s.Flush(); err == nil {
		t.Error("Flush succeeded over a store that failed")
	}
}
