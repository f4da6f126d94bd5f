package sqlite_test

import (
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func total(t *testing.T, s *sqlite.Store) (n int64) {
	t.Helper()
	list, err := s.Services(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		n += r.Requests
	}
	return n
}

func requestsOf(events []inventory.Event) (n int64) {
	for i := range events {
		n += events[i].Requests
	}
	return n
}

// TestOtherProcess reads and merges through two stores over one file: each sees
// at once what the other has merged, and nothing counts twice.
func TestOtherProcess(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, dir), open(t, dir)
	var want int64
	for seed := range uint64(6) {
		events := storetest.Events(seed, 50)
		want += requestsOf(events)
		writer, reader := a, b
		if seed%2 == 1 {
			writer, reader = b, a
		}
		if err := writer.Merge(t.Context(), events); err != nil {
			t.Fatal(err)
		}
		if err := reader.Merge(t.Context(), events[:20]); err != nil { // known
			t.Fatal(err)
		}
		if got := total(t, reader); got != want {
			t.Fatalf("requests = %d, want %d", got, want)
		}
	}
}

// TestReadLocked reads while another process holds the lock: the figures are
// those from before, and complete afterwards.
func TestReadLocked(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	first, second := storetest.Events(1, 50), storetest.Events(2, 50)
	if err := s.Merge(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	before := total(t, s)
	if err := s.Merge(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	unlock, err := open(t, dir).Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := total(t, s); got != before {
		t.Errorf("requests in a locked store = %d, want %d", got, before)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if got, want := total(t, s), before+requestsOf(second); got != want {
		t.Errorf("requests = %d, want %d", got, want)
	}
}

// TestManyNames settles more figures than one transaction takes.
func TestManyNames(t *testing.T) {
	s := open(t, t.TempDir())
	const n = 9000
	events := storetest.Events(1, n)
	for i := range events {
		events[i].User, events[i].Requests, events[i].Fresh = traffic.NewID(time.Now())[12:], 1, true
	}
	for len(events) > 0 {
		if err := s.Merge(t.Context(), events[:1000]); err != nil {
			t.Fatal(err)
		}
		events = events[1000:]
	}
	if got := total(t, s); got != n {
		t.Errorf("requests = %d, want %d", got, n)
	}
}

// TestSightings reads single sightings back, before and after the figures hold
// them, and after those of an hour are past their time.
func TestSightings(t *testing.T) {
	s := open(t, t.TempDir())
	events := storetest.Events(1, 400)
	if err := s.Merge(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	oldest, newest := events[0].Time, events[0].Time
	for i := range events {
		if events[i].Time.Before(oldest) {
			oldest = events[i].Time
		}
		if events[i].Time.After(newest) {
			newest = events[i].Time
		}
	}
	read := func(from time.Time) map[string]int64 {
		got := make(map[string]int64)
		if err := s.Sightings(t.Context(), from, newest.Add(1), func(e *inventory.Event) error { got[e.ID] += e.Requests; return nil }); err != nil {
			t.Fatal(err)
		}
		return got
	}
	got := read(oldest)
	if len(got) != len(events) {
		t.Errorf("%d sightings, want %d", len(got), len(events))
	}
	for i := range events {
		if got[events[i].ID] != events[i].Requests {
			t.Fatalf("requests of %s = %d, want %d", events[i].ID, got[events[i].ID], events[i].Requests)
		}
	}
	middle := oldest.Add(newest.Sub(oldest) / 2)
	after := len(read(middle))
	if _, err := s.Prune(t.Context(), inventory.Cutoffs{Sightings: middle, Hours: oldest, Rollups: oldest, People: oldest}); err != nil {
		t.Fatal(err)
	}
	left := read(oldest)
	if len(left) < after || len(left) > after+20 { // rows of about a minute go as a whole
		t.Errorf("%d sightings are left, want the %d that are younger", len(left), after)
	}
	if got, want := total(t, s), requestsOf(events); got != want {
		t.Errorf("requests = %d, want %d as before", got, want)
	}
}
