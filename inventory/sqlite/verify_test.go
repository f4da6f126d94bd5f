package sqlite_test

import (
	"testing"

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
		"sound":           {"", true},
		"changed row":     {"UPDATE sightings SET merged = merged + 1 WHERE seq = 2", false},
		"removed row":     {"DELETE FROM sightings WHERE seq = 2", false},
		"removed first":   {"DELETE FROM sightings WHERE seq = 1", false},
		"removed last":    {"DELETE FROM sightings WHERE seq = 3", false},
		"removed new":     {"DELETE FROM sightings WHERE seq = 4", false},
		"removed newest":  {"DELETE FROM sightings WHERE seq = 5", false},
		"removed all new": {"DELETE FROM sightings WHERE seq > 3", false},
		"changed new":     {"UPDATE sightings SET span = span + 1 WHERE seq = 5", false},
		"changed entry":   {"DROP TRIGGER ledger_stays; UPDATE ledger SET by = 'eve' WHERE seq = 1", false},
		"removed entry":   {"DROP TRIGGER ledger_lasts; DELETE FROM ledger WHERE seq = 1", false},
		"other file data": {"UPDATE services SET n = 0", true}, // figures, no evidence
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
