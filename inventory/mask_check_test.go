package inventory_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestOtherKey opens an inventory under another people.key, and under none: it is
// refused, whether a seal tells of the key or only the names that are hidden under
// it, and nothing is made. A key that is lost can be replaced, which verify tells.
func TestOtherKey(t *testing.T) {
	for name, sealed := range map[string]bool{"sealed": true, "not sealed": false} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			store, err := sqlite.Open(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { store.Close() })
			open := func(anyKey bool) (*inventory.Inventory, error) {
				return inventory.New(t.Context(), inventory.Config{Dir: dir, Store: store, AnyKey: anyKey})
			}
			v, err := open(false)
			if err != nil {
				t.Fatal(err)
			}
			use := func(v *inventory.Inventory) {
				t.Helper()
				saver, now := v.Saver(t.Context()), time.Now()
				saver.Record(&traffic.Sighting{
					ID: traffic.NewID(now), Time: now, User: "ann", Requests: 1, Verdict: traffic.Verdict{Service: "Test", ID: "test", How: traffic.HowCatalogue},
				})
				if err := saver.Flush(); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := v.Rotate(t.Context(), "test", "ann"); err != nil {
				t.Fatal(err)
			}
			use(v)
			if sealed {
				if _, err := v.SealNow(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			path := filepath.Join(dir, "people.key")
			key, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			refused := func(what string, missing bool) {
				t.Helper()
				_, err := open(false)
				other := inventory.CheckKey(t.Context(), store, dir)
				for _, err := range []error{err, other} {
					if k, ok := errors.AsType[*inventory.KeyError](err); !ok || k.Missing != missing || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "sightings were changed") {
						t.Errorf("%s: %v", what, err)
					}
				}
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			refused("missing", true)
			if _, err := os.Stat(path); err == nil {
				t.Error("a new key was made in place of the one that is missing")
			}
			other := []byte(strings.Repeat("x", 64))
			if err := os.WriteFile(path, other, 0o600); err != nil {
				t.Fatal(err)
			}
			refused("another", false)

			lost, err := open(true) // for good
			if err != nil {
				t.Fatal(err)
			}
			if _, err := lost.TakeKey(t.Context(), "the disk is broken", "ann"); err != nil {
				t.Fatal(err)
			}
			if _, err := lost.TakeKey(t.Context(), "again", "ann"); err == nil {
				t.Error("a key took its own place")
			}
			if lost, err = open(false); err != nil {
				t.Fatal(err)
			}
			use(lost)
			if _, err := lost.SealNow(t.Context()); err != nil {
				t.Fatal(err)
			}
			got, err := lost.Verify(t.Context())
			if err != nil || len(got.Problems) != 0 || (got.OtherKey == 1) != sealed {
				t.Errorf("under a new key: %+v, %v", got, err)
			}
			if err := os.WriteFile(path, key, 0o600); err != nil {
				t.Fatal(err)
			}
			refused("the first one again", false)
		})
	}
}
