package redis_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/gnomon-proxy/gnomon/internal/testredis"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/redis"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
)

// TestServicesAreNew: what a gateway remembers of the rows of the register is
// what Redis has, whichever gateway changed it, and rows that were given out
// stay as they are.
func TestServicesAreNew(t *testing.T) {
	url := "redis://" + testredis.Start(t).Addr
	stores := []*redis.Store{open(t, url), open(t, url)}
	random := rand.New(rand.NewPCG(1, 2))
	var old [][]inventory.Service
	var were [][]byte
	same := func(when string) {
		t.Helper()
		want := listed(t, open(t, url))
		for i, s := range stores {
			got := listed(t, s)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%s, store %d: %d rows\n%+v\nwant %d\n%+v", when, i, len(got), got, len(want), want)
			}
			text, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			old, were = append(old, got), append(were, text)
		}
	}
	for turn := range 10 {
		events := storetest.Events(uint64(turn), 20)
		for i := range events {
			n := random.IntN(5 + turn)
			events[i].ServiceID, events[i].Service = fmt.Sprintf("service-%d", n), fmt.Sprintf("Service %d of turn %d", n, turn)
			events[i].User = fmt.Sprintf("u-%d", random.IntN(50))
		}
		if err := stores[turn/2%2].Merge(t.Context(), events); err != nil {
			t.Fatal(err)
		}
		same(fmt.Sprint("turn ", turn))
	}
	if _, err := stores[0].Erase(t.Context(), "u-1"); err != nil {
		t.Fatal(err)
	}
	same("erasure")
	if _, err := stores[1].Prune(t.Context(), inventory.Cutoffs{Rollups: storetest.Events(1, 1)[0].Time.AddDate(1, 0, 0)}); err != nil {
		t.Fatal(err)
	}
	same("retention")
	for i := range old {
		if now, err := json.Marshal(old[i]); err != nil || !bytes.Equal(now, were[i]) {
			t.Errorf("rows that were given out have changed (%v):\n%s\nwere\n%s", err, now, were[i])
		}
	}
}

func listed(t *testing.T, s *redis.Store) []inventory.Service {
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
