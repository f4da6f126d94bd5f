package inventory_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
)

func pair(t *testing.T, clock func() time.Time) (a, b *inventory.Inventory, store *sqlite.Store) {
	t.Helper()
	dir := t.TempDir()
	for _, v := range []**inventory.Inventory{&a, &b} {
		s, err := sqlite.Open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		store = s
		if *v, err = inventory.New(t.Context(), inventory.Config{Dir: dir, Store: s, Now: clock}); err != nil {
			t.Fatal(err)
		}
	}
	return a, b, store
}

// TestWrite lets two processes count up one number at once: no turn is lost.
func TestWrite(t *testing.T) {
	a, b, _ := pair(t, nil)
	var wg sync.WaitGroup
	for i := range 20 {
		v := []*inventory.Inventory{a, b}[i%2]
		wg.Go(func() {
			_, err := v.Write(t.Context(), "ann", func(book *inventory.Book) ([]inventory.Note, error) {
				n, _, err := inventory.Newest[int](book, inventory.TopicField, "n")
				return []inventory.Note{{Topic: inventory.TopicField, Subject: "n", Data: n + 1}}, err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	book, err := a.Write(t.Context(), "ann", func(*inventory.Book) ([]inventory.Note, error) { return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	if n, _, err := inventory.Newest[int](book, inventory.TopicField, "n"); n != 20 || err != nil || len(book.History(inventory.TopicField, "n")) != 20 {
		t.Errorf("n = %d after 20 turns, %d entries, %v", n, len(book.History(inventory.TopicField, "n")), err)
	}
}

// TestBookStays shows that a book does not change with what comes after it.
func TestBookStays(t *testing.T) {
	a, _, _ := pair(t, nil)
	note := func(text string) func(*inventory.Book) ([]inventory.Note, error) {
		return func(*inventory.Book) ([]inventory.Note, error) {
			return []inventory.Note{{Topic: inventory.TopicField, Subject: "x", Data: text}}, nil
		}
	}
	before, err := a.Write(t.Context(), "ann", note("first"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Write(t.Context(), "bob", note("second")); err != nil {
		t.Fatal(err)
	}
	if got, _, _ := inventory.Newest[string](before, inventory.TopicField, "x"); got != "first" || before.Chain().Seq != 1 {
		t.Errorf("the older book says %q, %d entries", got, before.Chain().Seq)
	}
	if e, ok := a.Book().Last(inventory.TopicField, "x"); !ok || e.By != "bob" || string(e.Data) != `"second"` {
		t.Errorf("newest entry = %+v", e)
	}
	var invalid *inventory.InvalidError
	if _, err := a.Write(t.Context(), "ann", note(strings.Repeat("x", 2<<20))); !errors.As(err, &invalid) {
		t.Errorf("a note of 2 MiB: %v, want an InvalidError", err)
	}
	failed := errors.New("refused")
	if _, err := a.Write(t.Context(), "ann", func(*inventory.Book) ([]inventory.Note, error) { return nil, failed }); !errors.Is(err, failed) || a.Book().Chain().Seq != 2 {
		t.Errorf("a refused change: %v, %d entries", err, a.Book().Chain().Seq)
	}
}

// TestSeal computes a seal by hand, seals again what came later, and notices
// what was changed in between.
func TestSeal(t *testing.T) {
	a, b, store := pair(t, nil)
	if s, err := a.SealNow(t.Context()); s != nil || err != nil {
		t.Errorf("sealing nothing = %+v, %v", s, err)
	}
	for seed := range uint64(3) {
		if err := store.Merge(t.Context(), storetest.Events(seed, 20)); err != nil {
			t.Fatal(err)
		}
	}
	seal, err := a.SealNow(t.Context())
	if err != nil || seal == nil {
		t.Fatalf("seal = %v, %v", seal, err)
	}
	var tree ledger.Tree
	if err := store.Batches(t.Context(), 0, func(batch *inventory.Batch) error {
		return batch.Events(func(e *inventory.Event) error {
			line, err := inventory.Line(e)
			tree.Add(ledger.Leaf(line))
			return err
		})
	}); err != nil {
		t.Fatal(err)
	}
	if seal.Events != 60 || seal.Root != tree.Root() || seal.Broken != nil {
		t.Errorf("seal = %+v, want 60 events and root %v", seal, tree.Root())
	}
	if again, err := b.SealNow(t.Context()); again != nil || err != nil {
		t.Errorf("sealing again = %+v, %v; want nothing to do", again, err)
	}
	if err := store.Merge(t.Context(), storetest.Events(9, 5)[:1]); err != nil {
		t.Fatal(err)
	}
	next, err := b.SealNow(t.Context())
	if err != nil || next == nil || next.From != seal.To+1 || next.Events != 1 {
		t.Errorf("next seal = %+v, %v; want one event from batch %d", next, err, seal.To+1)
	}
}

// TestPruneNow deletes what is past its time and finds that on record, sealed
// before.
func TestPruneNow(t *testing.T) {
	now := time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC) // storetest's events begin on 1 November
	a, _, store := pair(t, func() time.Time { return now })
	if err := store.Merge(t.Context(), storetest.Events(1, 50)); err != nil {
		t.Fatal(err)
	}
	if done, err := a.PruneNow(t.Context()); err != nil || done != (inventory.Pruned{}) || len(a.Book().History(inventory.TopicDeletion, "")) != 0 {
		t.Errorf("pruned %+v, %v; want nothing", done, err)
	}
	now = now.AddDate(0, 4, 0)
	done, err := a.PruneNow(t.Context())
	if err != nil || done.Events != 50 {
		t.Errorf("pruned %+v, %v; want 50 events", done, err)
	}
	d, ok, err := inventory.Newest[inventory.Deletion](a.Book(), inventory.TopicDeletion, "")
	if !ok || err != nil || d.Deleted != done || !d.Before.Sightings.Equal(now.AddDate(0, 0, -90)) {
		t.Errorf("on record: %+v, %v", d, err)
	}
	if len(a.Book().History(inventory.TopicSeal, "")) != 1 {
		t.Error("what was deleted had not been sealed")
	}
	if v, err := a.Verify(t.Context()); err != nil || len(v.Problems) != 0 {
		t.Errorf("after a deletion: %+v, %v", v, err)
	}
}

// TestPruneInterrupted ends between the deletion and its outcome: the plan, which
// is on record, explains what is missing, and nothing that came later.
func TestPruneInterrupted(t *testing.T) {
	now := time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC)
	a, _, store := pair(t, func() time.Time { return now })
	if err := store.Merge(t.Context(), storetest.Events(1, 50)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.SealNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	cut := inventory.Cutoffs{Sightings: now.AddDate(0, 0, -90)}
	if _, err := store.Prune(t.Context(), cut); err != nil {
		t.Fatal(err)
	}
	if v, err := a.Verify(t.Context()); err != nil || len(v.Problems) == 0 {
		t.Errorf("nothing explains the deletion, and yet: %+v, %v", v, err)
	}
	if _, err := a.Write(t.Context(), "gnomon", func(*inventory.Book) ([]inventory.Note, error) {
		return []inventory.Note{{Topic: inventory.TopicDeletion, Data: inventory.Deletion{Before: cut, Planned: true}}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	if v, err := a.Verify(t.Context()); err != nil || len(v.Problems) != 0 || v.Pruned != 1 {
		t.Errorf("a planned deletion without an outcome: %+v, %v", v, err)
	}
}
