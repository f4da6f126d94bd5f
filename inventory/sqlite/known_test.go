package sqlite_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
)

// TestServicesAreNew: what is remembered of the rows of the register is what the
// file has, whoever counted, also while others count.
func TestServicesAreNew(t *testing.T) {
	dir := t.TempDir()
	stores := []*sqlite.Store{open(t, dir), open(t, dir)}
	random := rand.New(rand.NewPCG(1, 2))
	var old [][]inventory.Service // all that was given out, which stays
	var were [][]byte             // what it was
	merge := func(s *sqlite.Store, seed, services int) {
		events := storetest.Events(uint64(seed), 20)
		for i := range events {
			n := random.IntN(services)
			events[i].ServiceID, events[i].Service = fmt.Sprintf("service-%d", n), fmt.Sprintf("Service %d of turn %d", n, seed)
			events[i].User = fmt.Sprintf("u-%d", random.IntN(50))
		}
		if err := s.Merge(t.Context(), events); err != nil {
			t.Error(err)
		}
	}
	same := func(turn int) {
		t.Helper()
		want := listed(t, open(t, dir))
		for i, s := range stores {
			got := listed(t, s)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("turn %d, store %d: %d rows\n%+v\nwant %d\n%+v", turn, i, len(got), got, len(want), want)
			}
			if again := listed(t, s); &again[0] != &got[0] {
				t.Errorf("turn %d, store %d: rows were made anew, and nothing has changed", turn, i)
			}
			old = append(old, got)
			text, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			were = append(were, text)
		}
	}
	for turn := range 12 {
		merge(stores[turn/2%2], turn, 5+turn)
		if turn == 6 {
			if _, err := stores[0].Prune(t.Context(), inventory.Cutoffs{}); err != nil {
				t.Fatal(err)
			}
		}
		same(turn)
	}
	var wg sync.WaitGroup
	for range 4 { // who reads while others count sees some state, and later the last one
		wg.Go(func() {
			for range 10 {
				if _, err := stores[0].Services(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for turn := range 10 {
		merge(stores[0], 100+turn, 30)
	}
	wg.Wait()
	same(200)
	for i := range old {
		if now, err := json.Marshal(old[i]); err != nil || !bytes.Equal(now, were[i]) {
			t.Errorf("rows that were given out have changed (%v):\n%s\nwere\n%s", err, now, were[i])
		}
	}
}

func listed(t *testing.T, s *sqlite.Store) []inventory.Service {
	t.Helper()
	list, err := s.Services(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(list, func(a, b inventory.Service) int { return cmp.Compare(a.ID, b.ID) }) {
		t.Errorf("rows are not in the order of their ids")
	}
	return list
}
