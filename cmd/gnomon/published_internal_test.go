package main

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/published"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/rules/overlay"
)

// anyShelf takes what is published.
type anyShelf struct{}

func (anyShelf) SetPublished(context.Context, string, [32]byte, []byte) error { return nil }
func (anyShelf) KeepPublished(context.Context, string, bool) error            { return nil }
func (anyShelf) Published(context.Context, string, [32]byte) ([]byte, error)  { return nil, nil }

// TestNoOlderRules: a gateway that has taken a version takes none below it from a
// ledger that somebody has begun anew, and what is published where it is known is above it.
func TestNoOlderRules(t *testing.T) {
	dir := t.TempDir()
	st, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	inv, err := inventory.New(t.Context(), inventory.Config{Dir: dir, Store: st})
	if err != nil {
		t.Fatal(err)
	}
	pack, err := overlay.New(map[string][]byte{"policies/a.yaml": []byte(noContacts)})
	if err != nil {
		t.Fatal(err)
	}
	p := &publishedRules{board: &published.Board{Inventory: inv, Shelf: anyShelf{}}, dir: dir, log: slog.New(slog.DiscardHandler), floor: 7}
	p.use.Version = 7
	publish := func() {
		t.Helper()
		if _, err := p.board.Publish(t.Context(), published.Order{By: "ann", Pack: pack, After: -1}); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		publish()
		if v, err := p.next(); v != nil || err == nil || !strings.Contains(err.Error(), "version 7 was taken before") {
			t.Errorf("next: %+v, %v", v, err)
		}
	}
	p.board.Taken = func() int64 { return p.floor }
	publish()
	v, err := p.next()
	if err != nil || v == nil || v.Number != 8 {
		t.Fatalf("next: %+v, %v, want version 8", v, err)
	}
	folder, err := p.unpack(v, pack)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.keep(folder); err != nil {
		t.Fatal(err)
	}
	if got, err := readTaken(dir); err != nil || got.Number != 8 {
		t.Errorf("taken: %+v, %v", got, err)
	}
	p.said(v, nil)
	if v, err := p.next(); v != nil || err != nil {
		t.Errorf("after it was taken: %+v, %v", v, err)
	}
}
