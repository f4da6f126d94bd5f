package published_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/published"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/rules/overlay"
)

// shelf holds what is published in memory.
type shelf struct {
	mu   sync.Mutex
	text map[string][]byte
	kept map[string]bool
}

func newShelf() *shelf { return &shelf{text: make(map[string][]byte), kept: make(map[string]bool)} }

func (s *shelf) SetPublished(_ context.Context, id string, _ [32]byte, text []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text[id] = text
	return nil
}

func (s *shelf) KeepPublished(_ context.Context, id string, keep bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept[id] = keep
	return nil
}

func (s *shelf) Published(_ context.Context, id string, _ [32]byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.text[id] == nil {
		return nil, errors.New("it is not there")
	}
	return s.text[id], nil
}

func newBoard(t *testing.T) (*published.Board, *shelf) {
	t.Helper()
	dir := t.TempDir()
	st, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	inv, err := inventory.New(t.Context(), inventory.Config{Dir: dir, Store: st})
	if err != nil {
		t.Fatal(err)
	}
	key, err := published.NewKey([32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	s := newShelf()
	return &published.Board{Inventory: inv, Shelf: s, Key: key}, s
}

func pack(t *testing.T, text string) overlay.Pack {
	t.Helper()
	p, err := overlay.New(map[string][]byte{"policies/a.yaml": []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPublish(t *testing.T) {
	b, s := newBoard(t)
	read := func() published.History { return published.Read(b.Inventory.Book(), &b.Key) }
	if h := read(); h.Last().Number != 0 {
		t.Errorf("before anything was published: %+v", h)
	}
	if _, err := b.Publish(t.Context(), published.Order{By: "ann", Withdraw: true}); err == nil {
		t.Error("nothing was withdrawn")
	}
	if _, err := b.Publish(t.Context(), published.Order{By: "ann"}); err == nil {
		t.Error("no rules were published")
	}
	v, err := b.Publish(t.Context(), published.Order{By: "ann", Reason: "no cards <b>", Pack: pack(t, "one"), After: -1})
	if err != nil || v.Number != 1 {
		t.Fatalf("%+v, %v", v, err)
	}
	last := read().Last()
	if last.By != "ann" || last.Reason != "no cards <b>" || len(last.Files) != 1 || last.Files[0].Name != "policies/a.yaml" || last.Files[0].Size != 3 || !last.At.Equal(v.At) {
		t.Errorf("on record: %+v", last)
	}
	if p, err := b.Fetch(t.Context(), last); err != nil || string(p[0].Data) != "one" {
		t.Errorf("fetched: %v, %v", p, err)
	}
	if _, err := b.Publish(t.Context(), published.Order{By: "bob", Pack: pack(t, "two"), After: 0}); err == nil || !strings.Contains(err.Error(), "by ann") {
		t.Errorf("on top of what is not the last version: %v", err)
	}
	if v, err = b.Publish(t.Context(), published.Order{By: "bob", Pack: pack(t, "two"), After: 1}); err != nil || v.Number != 2 {
		t.Fatalf("%+v, %v", v, err)
	}
	if s.kept[last.ID] || !s.kept[v.ID] {
		t.Errorf("kept: %v, want the last version only", s.kept)
	}
	refuse := errors.New("not now")
	if _, err := b.Publish(t.Context(), published.Order{Pack: pack(t, "three"), After: -1, If: func(*inventory.Book) error { return refuse }}); !errors.Is(err, refuse) {
		t.Errorf("error %v", err)
	}
	b.Taken = func() int64 { return 7 } // of a ledger that was lost
	if v, err = b.Publish(t.Context(), published.Order{By: "ann", Withdraw: true, After: -1}); err != nil || v.Number != 8 || !read().Last().Withdrawn {
		t.Errorf("withdrawn: %+v, %v", v, err)
	}
}

// TestPublishAtOnce: of two who publish on top of the same version one is told.
func TestPublishAtOnce(t *testing.T) {
	b, _ := newBoard(t)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		p := pack(t, fmt.Sprint(i))
		wg.Go(func() { _, errs[i] = b.Publish(t.Context(), published.Order{By: "ann", Pack: p, After: 0}) })
	}
	wg.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
		} else if _, moved := errors.AsType[*published.MovedError](err); !moved {
			t.Error(err)
		}
	}
	if h := published.Read(b.Inventory.Book(), &b.Key); done != 1 || len(h.Versions) != 1 {
		t.Errorf("%d published, %d versions on record, want one", done, len(h.Versions))
	}
}

// TestForged puts entries into the ledger as somebody can who writes to the store
// and has no key.
func TestForged(t *testing.T) {
	b, s := newBoard(t)
	for _, text := range []string{"one", "two"} {
		if _, err := b.Publish(t.Context(), published.Order{By: "ann", Pack: pack(t, text), After: -1}); err != nil {
			t.Fatal(err)
		}
	}
	two := *published.Read(b.Inventory.Book(), &b.Key).Last()
	entries := b.Inventory.Book().History(inventory.TopicRules, "")
	first := string(entries[0].Data)
	other, _ := newBoard(t)
	other.Inventory = b.Inventory
	var err error
	if other.Key, err = published.NewKey([32]byte{2}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, data string }{
		{"an old version again", first},
		{"the last one again", string(entries[1].Data)},
		{"an old version with a new number", strings.Replace(first, `"version":1`, `"version":9`, 1)},
		{"another name", strings.Replace(string(entries[1].Data), "ann", "bob", 1)},
		{"no seal", `{"rules":{"version":9,"withdrawn":true}}`},
		{"no rules", `{}`},
		{"something else", `[1]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := published.Read(b.Inventory.Book(), &b.Key).Foreign
			_, err := b.Inventory.Write(t.Context(), "mallory", func(*inventory.Book) ([]inventory.Note, error) {
				return []inventory.Note{{Topic: inventory.TopicRules, Data: json.RawMessage(tt.data)}}, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			h := published.Read(b.Inventory.Book(), &b.Key)
			if h.Last().ID != two.ID || h.Foreign != before+1 {
				t.Errorf("%d versions, %d foreign entries; the last is %+v", len(h.Versions), h.Foreign, h.Last())
			}
		})
	}
	if h := published.Read(b.Inventory.Book(), &other.Key); len(h.Versions) != 0 {
		t.Errorf("under another key: %+v", h.Versions)
	}
	text, err := pack(t, "evil").Encode()
	if err != nil {
		t.Fatal(err)
	}
	s.text[two.ID] = text
	if _, err := b.Fetch(t.Context(), &two); err == nil || !strings.Contains(err.Error(), "not those that the ledger names") {
		t.Errorf("other rules under its id: %v", err)
	}
}

func TestUses(t *testing.T) {
	b, _ := newBoard(t)
	seq := func() int64 { return b.Inventory.Book().Chain().Seq }
	for i, tt := range []struct {
		use published.Use
		new int64
	}{
		{published.Use{Gateway: "a"}, 0},
		{published.Use{Gateway: "a", Version: 1}, 1},
		{published.Use{Gateway: "a", Version: 1}, 0},
		{published.Use{Gateway: "a", Version: 1, Refused: 2, Problem: "one"}, 1},
		{published.Use{Gateway: "a", Version: 1, Refused: 2, Problem: "two"}, 0},
		{published.Use{Gateway: "b", Version: 2}, 1},
		{published.Use{Gateway: "a"}, 1},
	} {
		before := seq()
		if err := b.Note(t.Context(), tt.use); err != nil {
			t.Fatal(err)
		}
		if got := seq() - before; got != tt.new {
			t.Errorf("%d: %d entries, want %d", i, got, tt.new)
		}
	}
	list, err := published.Uses(b.Inventory.Book())
	if err != nil || len(list) != 2 || list[0].Gateway != "a" || list[0].Version != 0 || list[1].Version != 2 {
		t.Errorf("%+v, %v", list, err)
	}
}
