package inventory_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/spool"
)

// journals are the files of what is on its way to the store.
func journals(t *testing.T, dir string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "spool", "*.journal"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestJournal hangs the store: what waits for it is in a file soon, which ends
// with the wait.
func TestJournal(t *testing.T) {
	dir := t.TempDir()
	real := openStore(t, dir)
	release := make(chan struct{})
	v := newInventory(t, inventory.Config{Dir: dir, Store: &brokenStore{real, func(_ context.Context, e []inventory.Event) error {
		<-release
		return real.Merge(context.Background(), e)
	}}})
	stop := start(t, v)
	const n = 100
	for range n {
		v.Record(sighting())
	}
	await(t, "sightings in the journal", func() bool { return v.Stats().Journalled == n })
	if got := v.Durable(); got != 0 {
		t.Errorf("durable = %d beside a store that hangs, want 0", got)
	}
	if len(journals(t, dir)) == 0 {
		t.Error("no file of the journal")
	}
	close(release)
	stop()
	if left := journals(t, dir); len(left) > 0 {
		t.Errorf("journals left after the end: %q", left)
	}
	if got := row(t, v, "openai-api").Requests; got != n {
		t.Errorf("requests = %d, want %d", got, n)
	}
}

// TestJournalLeft starts over what a process had noted when it was killed: half of
// it had been merged, and it was cut while it wrote. All are counted once, and
// handed on.
func TestJournalLeft(t *testing.T) {
	dir := t.TempDir()
	store := openStore(t, dir)
	const n = 40
	noted := left(t, dir, n)
	if err := store.Merge(t.Context(), noted[:n/2]); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	handed := make(map[string]int)
	sink := func(events []inventory.Event) {
		mu.Lock()
		defer mu.Unlock()
		for _, e := range events {
			handed[e.ID]++
		}
	}
	v := newInventory(t, inventory.Config{Dir: dir, Store: store, Sink: sink})
	stop := start(t, v)
	v.Record(sighting())
	await(t, "what was left over", func() bool { return v.Stats().Replayed == n && v.Durable() == 1 })
	stop()
	if s := v.Stats(); s.Damaged != 0 || s.SpoolBytes != 0 || s.Dropped != 0 {
		t.Errorf("stats = %+v, want nothing damaged, left or dropped", s)
	}
	if got := row(t, v, "openai-api").Requests; got != n+1 {
		t.Errorf("requests = %d, want %d", got, n+1)
	}
	for _, e := range noted {
		if handed[e.ID] != 1 {
			t.Errorf("%s was handed on %d times", e.ID, handed[e.ID])
		}
	}
	if left := journals(t, dir); len(left) > 0 {
		t.Errorf("journals left after the end: %q", left)
	}
}

// left leaves a journal with n events behind, and half of another one.
func left(t *testing.T, dir string, n int) (events []inventory.Event) {
	t.Helper()
	sp, err := spool.Open(filepath.Join(dir, "spool"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer sp.Close()
	j := sp.Journal()
	for i := range n + 1 {
		s := sighting()
		e := inventory.Event{ID: s.ID, Time: s.Time.UTC(), Sensor: s.Sensor, User: fmt.Sprintf("u-%012d", i), Host: s.Host, ServiceID: s.Verdict.ID, Service: s.Verdict.Service, How: s.Verdict.How, Depth: s.Coverage.Depth, Requests: 1}
		if err := j.Add(func(b []byte) ([]byte, error) { return inventory.AppendLine(b, &e) }); err != nil {
			t.Fatal(err)
		}
		if err := j.Note(); err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	file := journals(t, dir)[0]
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, info.Size()-7); err != nil {
		t.Fatal(err)
	}
	return events[:n]
}

// TestJournalFails takes the journal away: sightings reach the store all the same,
// and the log says what that means.
func TestJournalFails(t *testing.T) {
	dir := t.TempDir()
	var mu sync.Mutex
	var log strings.Builder
	v := newInventory(t, inventory.Config{Dir: dir, Store: openStore(t, dir), Log: slog.New(slog.NewTextHandler(locked{&mu, &log}, nil))})
	stop := start(t, v)
	v.Record(sighting())
	await(t, "the first", func() bool { return v.Durable() == 1 })
	if err := os.RemoveAll(filepath.Join(dir, "spool")); err != nil {
		t.Fatal(err)
	}
	before := v.Stats().Journalled
	v.Record(sighting())
	await(t, "the second", func() bool { return v.Durable() == 2 })
	stop()
	mu.Lock()
	defer mu.Unlock()
	if v.Stats().Journalled != before || !strings.Contains(log.String(), "the journal can't be written") {
		t.Errorf("journalled %d, want %d; log:\n%s", v.Stats().Journalled, before, log.String())
	}
}

type locked struct {
	mu *sync.Mutex
	w  *strings.Builder
}

func (l locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}
