package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// put appends one entry for each subject, in one go.
func put(t *testing.T, s inventory.Store, end *ledger.Chain, subjects ...string) {
	t.Helper()
	if err := s.Append(t.Context(), entries(end, subjects...)); err != nil {
		t.Fatal(err)
	}
}

func entries(end *ledger.Chain, subjects ...string) []ledger.Entry {
	list := make([]ledger.Entry, len(subjects))
	for i, subject := range subjects {
		list[i] = ledger.Entry{Time: start, Kind: "decision", Subject: subject, By: "ann", Data: json.RawMessage(`{"reason":"<\u003e\u0000"}`)}
		end.Extend(&list[i])
	}
	return list
}

// testLedger appends, reads back, and tries to append what does not follow.
func testLedger(t *testing.T, s inventory.Store) {
	if n, err := s.Version(t.Context()); n != 0 || err != nil {
		t.Errorf("version of an empty ledger = %d, %v", n, err)
	}
	var end ledger.Chain
	put(t, s, &end, "openai", "x'); --")
	put(t, s, &end, "claude")
	if n, err := s.Version(t.Context()); n != 3 || err != nil {
		t.Errorf("version = %d, %v; want 3", n, err)
	}
	var chain ledger.Chain
	var subjects []string
	read := func(after int64) {
		t.Helper()
		err := s.Entries(t.Context(), after, func(e *ledger.Entry) error {
			subjects = append(subjects, e.Subject)
			return chain.Follow(e)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	read(0)
	if chain != end || fmt.Sprint(subjects) != "[openai x'); -- claude]" {
		t.Errorf("read %q, end %+v; want the end %+v", subjects, chain, end)
	}
	put(t, s, &end, "gemini")
	if read(3); chain != end {
		t.Errorf("after the fourth entry the end is %+v, want %+v", chain, end)
	}

	for name, stale := range map[string]ledger.Chain{
		"old":    {Seq: 3},
		"ahead":  {Seq: 5, Head: end.Head},
		"forged": {Seq: 4, Head: ledger.Hash{1}},
	} {
		if err := s.Append(t.Context(), entries(&stale, "late")); !errors.Is(err, inventory.ErrMoved) {
			t.Errorf("appending to the %s end: %v, want ErrMoved", name, err)
		}
	}
	if n, err := s.Version(t.Context()); n != 4 || err != nil {
		t.Errorf("version after refused entries = %d, %v; want 4", n, err)
	}
}

// testRace lets many append to the same end: one of each round wins.
func testRace(t *testing.T, s inventory.Store) {
	var end ledger.Chain
	for round := range 5 {
		var won atomic.Int32
		var next ledger.Chain
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				mine := end
				list := entries(&mine, fmt.Sprintf("service-%d", i), "second")
				switch err := s.Append(t.Context(), list); {
				case err == nil:
					won.Add(1)
					next = mine
				case !errors.Is(err, inventory.ErrMoved):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Fatalf("round %d: %d of 8 appended, want 1", round, won.Load())
		}
		end = next
	}
	if n, err := s.Version(t.Context()); n != 10 || err != nil {
		t.Errorf("version = %d, %v; want 10", n, err)
	}
}
