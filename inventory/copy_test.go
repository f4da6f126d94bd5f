package inventory_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/traffic"
)

var copyKey = [32]byte{1}

const copyName = "ledger.copy"

// ledgerStore is a store whose ledger a test takes away, or cuts.
type ledgerStore struct {
	inventory.Store
	down atomic.Bool
	read atomic.Int64 // entries that were read
}

func (l *ledgerStore) Version(ctx context.Context) (int64, error) {
	if l.down.Load() {
		return 0, errAway
	}
	return l.Store.Version(ctx)
}

func (l *ledgerStore) Entries(ctx context.Context, after int64, f func(*ledger.Entry) error) error {
	if l.down.Load() {
		return errAway
	}
	return l.Store.Entries(ctx, after, func(e *ledger.Entry) error {
		l.read.Add(1)
		return f(e)
	})
}

// jot puts n fields on record.
func jot(t testing.TB, v *inventory.Inventory, n int) {
	t.Helper()
	_, err := v.Write(t.Context(), "ann", func(*inventory.Book) (notes []inventory.Note, _ error) {
		for i := range n {
			notes = append(notes, inventory.Note{Topic: inventory.TopicField, Subject: fmt.Sprintf("s%d#owner", i%3), Data: i})
		}
		return notes, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// entriesOf returns the whole ledger as an inventory knows it.
func entriesOf(v *inventory.Inventory) (list []string) {
	for i := range 3 {
		for _, e := range v.Book().History(inventory.TopicField, fmt.Sprintf("s%d#owner", i)) {
			list = append(list, fmt.Sprint(e.Seq, e.Time, e.Kind, e.Subject, e.By, string(e.Data), e.Prev, e.Hash))
		}
	}
	return list
}

// ran is an inventory with a ledger and a copy of it.
func ran(t *testing.T, n int) (dir string, store *ledgerStore, chain ledger.Chain) {
	t.Helper()
	dir = t.TempDir()
	store = &ledgerStore{Store: openStore(t, dir)}
	v := newInventory(t, inventory.Config{Dir: dir, Store: store, Copy: copyKey})
	jot(t, v, n-2)
	stop := start(t, v)
	await(t, "a copy", func() bool {
		_, err := os.Stat(filepath.Join(dir, copyName))
		return err == nil
	})
	jot(t, v, 2) // its tail
	stop()
	return dir, store, v.Book().Chain()
}

// TestCopy begins with the copy of the ledger, and without it where it is
// missing, damaged, or sealed under another key: what is known is the same.
func TestCopy(t *testing.T) {
	for name, tt := range map[string]struct {
		harm func(t *testing.T, path string)
		key  [32]byte
		used bool

		damaged bool // Verify says so
	}{
		"whole":   {harm: func(*testing.T, string) {}, key: copyKey, used: true},
		"missing": {harm: func(t *testing.T, path string) { os.Remove(path) }, key: copyKey},
		"cut": {harm: func(t *testing.T, path string) {
			i, err := os.Stat(path)
			if err != nil || os.Truncate(path, i.Size()-3) != nil {
				t.Fatal(err)
			}
		}, key: copyKey, used: true}, // of its tail
		"changed": {harm: func(t *testing.T, path string) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			b[len(b)/2] ^= 1
			b[40] ^= 1
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}, key: copyKey, damaged: true},
		"other key": {harm: func(*testing.T, string) {}, key: [32]byte{2}, damaged: true},
	} {
		t.Run(name, func(t *testing.T) {
			dir, store, chain := ran(t, 20)
			plain := newInventory(t, inventory.Config{Dir: dir, Store: store})
			tt.harm(t, filepath.Join(dir, copyName))
			store.read.Store(0)
			v := newInventory(t, inventory.Config{Dir: dir, Store: store, Copy: tt.key})
			if v.Book().Chain() != chain || chain.Seq < 20 {
				t.Errorf("chain = %v, want %v", v.Book().Chain(), chain)
			}
			if got, want := fmt.Sprint(entriesOf(v)), fmt.Sprint(entriesOf(plain)); got != want {
				t.Errorf("entries:\n%s\nwant\n%s", got, want)
			}
			if all := store.read.Load() >= chain.Seq; all == tt.used {
				t.Errorf("%d entries were read from the store, copy used = %v, want %v", store.read.Load(), !all, tt.used)
			}
			out, err := v.Verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if told := len(out.Problems) == 1 && strings.Contains(out.Problems[0], "was damaged"); told != tt.damaged || !told && len(out.Problems) > 0 {
				t.Errorf("verify: %q", out.Problems)
			}
			jot(t, v, 3) // it can be written to
			if v.Book().Chain().Seq != chain.Seq+3 || v.Health() != nil {
				t.Errorf("%v, %v after three more", v.Book().Chain(), v.Health())
			}
		})
	}
}

// TestCopyIsSecret: names of services and people are nowhere in the copy.
func TestCopyIsSecret(t *testing.T) {
	dir, _, _ := ran(t, 5)
	b, err := os.ReadFile(filepath.Join(dir, copyName))
	if err != nil {
		t.Fatal(err)
	}
	i, err := os.Stat(filepath.Join(dir, copyName))
	if err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", i.Mode(), err)
	}
	for _, word := range []string{"owner", "ann", "field"} {
		if bytes.Contains(b, []byte(word)) {
			t.Errorf("the copy says %q", word)
		}
	}
}

// TestStartWithoutStore: a copy is enough to begin with, decisions hold, and
// what is decided elsewhere is seen when the store is back.
func TestStartWithoutStore(t *testing.T) {
	dir := t.TempDir()
	store := &ledgerStore{Store: openStore(t, dir)}
	cfg := inventory.Config{Dir: dir, Store: store, Copy: copyKey, Away: true}
	other := newInventory(t, inventory.Config{Dir: dir, Store: store})
	a := newInventory(t, cfg)
	stop := start(t, a)
	a.Record(sighting())
	await(t, "a sighting", func() bool { return a.Durable() == 1 })
	if _, err := a.Decide(t.Context(), inventory.Change{Service: "openai-api", Verb: inventory.Refuse, By: "ann"}); err != nil {
		t.Fatal(err)
	}
	stop()
	store.down.Store(true)
	if _, err := inventory.New(t.Context(), inventory.Config{Dir: dir, Store: store}); err == nil {
		t.Error("without a copy it began without its store")
	}
	v := newInventory(t, cfg)
	start(t, v)
	if got := v.Status("openai-api"); got != traffic.StatusRefused {
		t.Errorf("status without the store = %q, want refused", got)
	}
	if v.Health() == nil || v.Lapse() == nil {
		t.Error("nothing says that the store is away")
	}
	store.down.Store(false)
	await(t, "the store is back", func() bool { return v.Health() == nil })
	if _, err := other.Decide(t.Context(), inventory.Change{Service: "openai-api", Verb: inventory.Approve, By: "ann"}); err != nil {
		t.Fatal(err)
	}
	await(t, "a decision of another", func() bool { return v.Status("openai-api") == traffic.StatusApproved })
}

// cutStore gives a store with the first n entries of another's ledger.
func cutStore(t *testing.T, from inventory.Store, n int64) *sqlite.Store {
	t.Helper()
	s := openStore(t, t.TempDir())
	var list []ledger.Entry
	if err := from.Entries(t.Context(), 0, func(e *ledger.Entry) error {
		if e.Seq <= n {
			list = append(list, *e)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestShorter: a ledger that lost its last entries gets them back, and that is
// on record.
func TestShorter(t *testing.T) {
	dir, store, chain := ran(t, 20)
	cut := cutStore(t, store, 12)
	v := newInventory(t, inventory.Config{Dir: dir, Store: cut, Copy: copyKey})
	if got := v.Book().Chain().Seq; got != chain.Seq+1 || v.Health() != nil {
		t.Fatalf("%d entries, %v; want the %d and a note", got, v.Health(), chain.Seq)
	}
	if n, err := cut.Version(t.Context()); n != chain.Seq+1 || err != nil {
		t.Errorf("the store has %d entries, %v", n, err)
	}
	a, ok, err := inventory.Newest[inventory.Alert](v.Book(), inventory.TopicAlert, inventory.AlertSubject(inventory.LedgerPutBack, fmt.Sprint(chain.Seq)))
	if !ok || err != nil || a.Kind != inventory.LedgerPutBack {
		t.Errorf("no alert: %v, %v, %v", a, ok, err)
	}
	if out, err := v.Verify(t.Context()); err != nil || len(out.Problems) != 1 || !strings.Contains(out.Problems[0], "from 13 on: they were put back") {
		t.Errorf("verify by who put them back: %+v, %v", out, err)
	}
}

// TestEmptied: a store that lost all is not written to before somebody decides.
func TestEmptied(t *testing.T) {
	for _, accept := range []bool{false, true} {
		t.Run(fmt.Sprint("accept ", accept), func(t *testing.T) {
			dir, _, chain := ran(t, 20)
			empty := openStore(t, t.TempDir())
			cfg := inventory.Config{Dir: dir, Store: empty, Copy: copyKey}
			running := newInventory(t, cfg)
			start(t, running)
			if err := running.Lapse(); !errors.Is(err, inventory.ErrLost) {
				t.Fatalf("lapse = %v, want ErrLost", err)
			}
			_, err := running.Write(t.Context(), "ann", func(*inventory.Book) ([]inventory.Note, error) {
				return []inventory.Note{{Topic: inventory.TopicField, Subject: "x#owner", Data: 1}}, nil
			})
			if n, _ := empty.Version(t.Context()); !errors.Is(err, inventory.ErrLost) || n != 0 {
				t.Errorf("write: %v, %d entries; want ErrLost and none", err, n)
			}
			if got := running.Book().Chain(); got != chain {
				t.Errorf("known = %v, want %v: what was decided holds", got, chain)
			}
			admin := newInventory(t, cfg)
			if accept {
				if end, err := admin.Accept(t.Context()); err != nil || end.Seq != 0 {
					t.Fatal(end, err)
				}
				jot(t, admin, 2)
				if again := newInventory(t, cfg); again.Lapse() != nil || again.Book().Chain().Seq != 2 {
					t.Errorf("after accept: %v, %v", again.Lapse(), again.Book().Chain())
				}
				return
			}
			if n, err := admin.PutBack(t.Context()); err != nil || int64(n) != chain.Seq {
				t.Fatal(n, err)
			}
			await(t, "the running one sees it", func() bool { return running.Lapse() == nil })
			jot(t, running, 1)
		})
	}
}

// TestReplaced: a ledger with other entries is not taken for the one that is
// known, whether it is shorter, as long or longer.
func TestReplaced(t *testing.T) {
	for _, n := range []int{5, 20, 40} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			dir, _, chain := ran(t, 20)
			otherDir := t.TempDir()
			other := openStore(t, otherDir)
			jot(t, newInventory(t, inventory.Config{Dir: otherDir, Store: other}), n)
			v := newInventory(t, inventory.Config{Dir: dir, Store: other, Copy: copyKey})
			if err := v.Lapse(); !errors.Is(err, inventory.ErrLost) {
				t.Errorf("lapse = %v, want ErrLost", err)
			}
			_, err := v.Write(t.Context(), "ann", func(*inventory.Book) ([]inventory.Note, error) {
				return []inventory.Note{{Topic: inventory.TopicField, Subject: "x#owner", Data: 1}}, nil
			})
			if got, _ := other.Version(t.Context()); err == nil || got != int64(n) || v.Book().Chain() != chain {
				t.Errorf("write: %v, %d entries, known %v", err, got, v.Book().Chain())
			}
			if n > 20 {
				if _, err := v.PutBack(t.Context()); err == nil {
					t.Error("put back onto a longer one")
				}
			}
		})
	}
}

// TestVerifyHeads: a ledger that was cut off at its end is noticed by heads that
// were noted before, and by the copy that is kept.
func TestVerifyHeads(t *testing.T) {
	dir, store, chain := ran(t, 20)
	whole := newInventory(t, inventory.Config{Dir: dir, Store: store})
	var early ledger.Chain
	if err := store.Entries(t.Context(), 0, func(e *ledger.Entry) error {
		if e.Seq == 7 {
			early = ledger.Chain{Seq: 7, Head: e.Hash}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	check := func(v *inventory.Inventory, problems int, found int64, heads ...ledger.Chain) {
		t.Helper()
		out, err := v.Verify(t.Context(), heads...)
		if err != nil || len(out.Problems) != problems || out.Heads != found {
			t.Errorf("problems %q, %d heads, %v; want %d and %d", out.Problems, out.Heads, err, problems, found)
		}
	}
	check(whole, 0, 2, early, chain)
	check(whole, 1, 1, early, ledger.Chain{Seq: 9, Head: early.Head})
	check(whole, 1, 0, ledger.Chain{Seq: chain.Seq + 1, Head: early.Head})
	cut := newInventory(t, inventory.Config{Dir: t.TempDir(), Store: cutStore(t, store, 12)})
	check(cut, 0, 1, early)
	check(cut, 1, 1, early, chain)
	other := openStore(t, t.TempDir())
	check(newInventory(t, inventory.Config{Dir: dir, Store: other, Copy: copyKey}), 1, 0) // by the copy
}

// writingStore is a store whose ledger grows while it is asked for its length.
type writingStore struct {
	inventory.Store
	meanwhile func()
}

func (s *writingStore) Version(ctx context.Context) (int64, error) {
	n, err := s.Store.Version(ctx)
	if f := s.meanwhile; f != nil {
		s.meanwhile = nil
		f()
	}
	return n, err
}

// TestWrittenMeanwhile: an entry that this process itself writes while the store is
// asked how long the ledger is was not lost by the store.
func TestWrittenMeanwhile(t *testing.T) {
	for _, before := range []int{0, 3} {
		t.Run(fmt.Sprint(before), func(t *testing.T) {
			dir := t.TempDir()
			store := &writingStore{Store: openStore(t, dir)}
			v := newInventory(t, inventory.Config{Dir: dir, Store: store})
			if before > 0 {
				jot(t, v, before)
			}
			store.meanwhile = func() { jot(t, v, 1) }
			if err := v.Refresh(t.Context()); err != nil || v.Lapse() != nil {
				t.Errorf("%v, lapse %v", err, v.Lapse())
			}
			if got := v.Book().Chain().Seq; got != int64(before)+1 {
				t.Errorf("%d entries, want %d", got, before+1)
			}
		})
	}
}
