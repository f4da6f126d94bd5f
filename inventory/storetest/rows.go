package storetest

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
)

// ServicesAreNew: what a store remembers of the rows of the register is what is
// kept, whichever of the stores that open returns has changed it, also while others
// change it, and rows that were given out stay as they are. open returns another
// store over the same place each time. Changes that others see at once are made
// at the end.
func ServicesAreNew(t *testing.T, open func() inventory.Store, changes ...func(inventory.Store) error) {
	r := rememberedRows{t: t, open: open, stores: []inventory.Store{open(), open()}, random: rand.New(rand.NewPCG(1, 2))}
	for turn := range 12 {
		r.merge(r.stores[turn/2%2], turn, 5+turn)
		if turn == 6 {
			if _, err := r.stores[0].Prune(t.Context(), inventory.Cutoffs{}); err != nil {
				t.Fatal(err)
			}
		}
		r.same(fmt.Sprint("turn ", turn))
	}
	var wg sync.WaitGroup
	for range 4 { // who reads while others count sees some state, and later the last one
		wg.Go(func() {
			for range 10 {
				if _, err := r.stores[0].Services(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for turn := range 10 {
		r.merge(r.stores[0], 100+turn, 30)
	}
	wg.Wait()
	r.same("after the race")
	for i, change := range changes {
		if err := change(r.stores[i%2]); err != nil {
			t.Fatal(err)
		}
		r.same(fmt.Sprint("change ", i))
	}
	r.unchanged()
}

type rememberedRows struct {
	t      *testing.T
	open   func() inventory.Store
	stores []inventory.Store
	random *rand.Rand
	old    [][]inventory.Service // all that was given out
	were   [][]byte              // what it was
}

func (r *rememberedRows) merge(s inventory.Store, seed, services int) {
	r.t.Helper()
	events := Events(uint64(seed), 20)
	for i := range events {
		n := r.random.IntN(services)
		events[i].ServiceID, events[i].Service = fmt.Sprintf("service-%d", n), fmt.Sprintf("Service %d of turn %d", n, seed)
		events[i].User = fmt.Sprintf("u-%d", r.random.IntN(50))
	}
	merge(r.t, s, events)
}

// same holds what each store says against one that remembers nothing.
func (r *rememberedRows) same(when string) {
	r.t.Helper()
	want := r.list(r.open())
	for i, s := range r.stores {
		got := r.list(s)
		if !reflect.DeepEqual(got, want) {
			r.t.Fatalf("%s, store %d: %d rows\n%+v\nwant %d\n%+v", when, i, len(got), got, len(want), want)
		}
		if again := r.list(s); &again[0] != &got[0] {
			r.t.Errorf("%s, store %d: rows were made anew, and nothing has changed", when, i)
		}
		text, err := json.Marshal(got)
		if err != nil {
			r.t.Fatal(err)
		}
		r.old, r.were = append(r.old, got), append(r.were, text)
	}
}

func (r *rememberedRows) list(s inventory.Store) []inventory.Service {
	r.t.Helper()
	list, err := s.Services(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	if !slices.IsSortedFunc(list, func(a, b inventory.Service) int { return cmp.Compare(a.ID, b.ID) }) {
		r.t.Error("rows are not in the order of their ids")
	}
	return list
}

func (r *rememberedRows) unchanged() {
	r.t.Helper()
	for i := range r.old {
		if now, err := json.Marshal(r.old[i]); err != nil || !bytes.Equal(now, r.were[i]) {
			r.t.Errorf("rows that were given out have changed (%v):\n%s\nwere\n%s", err, now, r.were[i])
		}
	}
}
