package sqlite_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
)

// TestVerify checks a sound store, and then one that was changed from outside in
// each of several ways.
func TestVerify(t *testing.T) {
	for name, tt := range map[string]struct {
		query string
		sound bool
	}{
		"sound":            {"", true},
		"changed row":      {"UPDATE sightings SET merged = merged + 1 WHERE seq = 2", false},
		"removed row":      {"DELETE FROM sightings WHERE seq = 2", false},
		"removed first":    {"DELETE FROM sightings WHERE seq = 1", false},
		"removed last":     {"DELETE FROM sightings WHERE seq = 3", false},
		"removed new":      {"DELETE FROM sightings WHERE seq = 4", false},
		"removed newest":   {"DELETE FROM sightings WHERE seq = 5", false},
		"removed all new":  {"DELETE FROM sightings WHERE seq > 3", false},
		"changed new":      {"UPDATE sightings SET span = span + 1 WHERE seq = 5", false},
		"changed entry":    {"DROP TRIGGER ledger_stays; UPDATE ledger SET by = 'eve' WHERE seq = 1", false},
		"removed entry":    {"DROP TRIGGER ledger_lasts; DELETE FROM ledger WHERE seq = 1", false},
		"changed register": {"UPDATE services SET n = n + 1", false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			store := open(t, dir)
			a, err := inventory.New(t.Context(), inventory.Config{Dir: dir, Store: store})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := a.Write(t.Context(), "ann", func(*inventory.Book) ([]inventory.Note, error) {
				return []inventory.Note{{Topic: inventory.TopicField, Subject: "x", Data: 1}}, nil
			}); err != nil {
				t.Fatal(err)
			}
			for seed := range uint64(5) {
				if err := store.Merge(t.Context(), storetest.Events(seed, 20)[:1]); err != nil {
					t.Fatal(err)
				}
				if seed == 2 {
					if _, err := a.SealNow(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := store.Settle(t.Context()); err != nil {
				t.Fatal(err)
			}
			if tt.query != "" {
				if err := store.Exec(t.Context(), tt.query); err != nil {
					t.Fatal(err)
				}
			}
			got, err := a.Verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if sound := len(got.Problems) == 0; sound != tt.sound {
				t.Errorf("verification = %+v", got)
			}
			if tt.query == "" && (got.Entries != 2 || got.Batches != 5 || got.Seals != 1 || got.Unsealed != 2) {
				t.Errorf("verification = %+v, want 2 entries, 5 batches, 1 seal, 2 not sealed", got)
			}
		})
	}
}

// TestPrunePartly deletes some sightings of a seal, twice: what is left can still
// be checked against it, and a change of that is found.
func TestPrunePartly(t *testing.T) {
	for name, spoil := range map[string]bool{"sound": false, "changed": true} {
		t.Run(name, func(t *testing.T) {
			first := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) // of storetest's events, which lie within three days
			now := first.AddDate(0, 0, 5)
			dir := t.TempDir()
			store := open(t, dir)
			a, err := inventory.New(t.Context(), inventory.Config{Dir: dir, Store: store, Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			for seed := range uint64(3) { // batches of like times come after each other
				if err := store.Merge(t.Context(), storetest.Events(seed, 50)); err != nil {
					t.Fatal(err)
				}
			}
			for i := range 2 {
				now = first.AddDate(0, 0, 90).Add(time.Duration(i+1) * 20 * time.Hour)
				if done, err := a.PruneNow(t.Context()); err != nil || done.Events == 0 || done.Events >= 150 {
					t.Fatalf("deleted %+v, %v; want some", done, err)
				}
				v, err := a.Verify(t.Context())
				if err != nil || len(v.Problems) != 0 || v.Seals != 1 || v.Pruned != 1 || v.Events == 0 {
					t.Fatalf("after deletion %d: %+v, %v; want the seal to hold", i+1, v, err)
				}
			}
			if spoil {
				// Of a batch before which one was deleted, the chain of the rows
				// tells nothing: only the seal does.
				if err := store.Exec(t.Context(), `UPDATE sightings SET data = (SELECT data FROM sightings s WHERE s.seq <> sightings.seq AND length(s.ids) = length(sightings.ids) AND s.data <> sightings.data LIMIT 1)
					WHERE seq = (SELECT min(a.seq) FROM sightings a JOIN sightings b ON length(a.ids) = length(b.ids) AND a.seq <> b.seq AND NOT EXISTS (SELECT 1 FROM sightings c WHERE c.seq = a.seq - 1))`); err != nil {
					t.Fatal(err)
				}
				v, err := a.Verify(t.Context())
				if err != nil || !strings.Contains(strings.Join(v.Problems, "\n"), "does not hold") {
					t.Errorf("a changed sighting beside deleted ones: %+v, %v", v, err)
				}
				return
			}
			now = first.AddDate(1, 0, 0)
			if done, err := a.PruneNow(t.Context()); err != nil || done.Events == 0 {
				t.Fatalf("deleted %+v, %v", done, err)
			}
			if v, err := a.Verify(t.Context()); err != nil || len(v.Problems) != 0 || v.Pruned != 1 || v.Events != 0 {
				t.Errorf("with nothing left: %+v, %v", v, err)
			}
		})
	}
}
