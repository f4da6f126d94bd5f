package sqlite_test

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
)

// TestSnapshot reads an inventory that holds still while sightings come and are
// counted.
func TestSnapshot(t *testing.T) {
	dir := t.TempDir()
	store := open(t, dir)
	v, err := inventory.New(t.Context(), inventory.Config{Dir: dir, Store: store})
	if err != nil {
		t.Fatal(err)
	}
	requests := func(v *inventory.Inventory) (listed, summed int64) {
		t.Helper()
		rows, err := v.Services(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			listed += rows[i].Requests
		}
		sums, err := v.Sums(t.Context(), 0, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range sums {
			summed += s.N
		}
		return listed, summed
	}
	if err := store.Merge(t.Context(), storetest.Events(1, 50)); err != nil {
		t.Fatal(err)
	}
	before, _ := requests(v)
	err = v.Still(t.Context(), func(still *inventory.Inventory) error {
		for seed := range uint64(3) {
			if err := store.Merge(t.Context(), storetest.Events(2+seed, 50)); err != nil {
				return err
			}
			if err := store.Settle(t.Context()); err != nil {
				return err
			}
			if listed, summed := requests(still); listed != before || summed != before {
				t.Errorf("%d requests in the register, %d in the sums; want %d as it was", listed, summed, before)
			}
			if got, err := still.VerifySums(t.Context()); err != nil || len(got.Problems) > 0 || got.Lists == 0 {
				t.Errorf("%+v, %v", got, err)
			}
		}
		if _, err := still.SealNow(t.Context()); err == nil {
			t.Error("a snapshot was changed")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if after, _ := requests(v); after <= before {
		t.Errorf("%d requests afterwards, %d before", after, before)
	}
}
