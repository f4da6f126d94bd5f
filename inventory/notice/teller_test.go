package notice_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/notice"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
)

// office is an inventory and what was told of it.
type office struct {
	*inventory.Inventory
	t    *testing.T
	mark string
	told []string
}

func newOffice(t *testing.T) *office {
	t.Helper()
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	inv, err := inventory.New(t.Context(), inventory.Config{Dir: dir, Store: s})
	if err != nil {
		t.Fatal(err)
	}
	return &office{Inventory: inv, t: t, mark: filepath.Join(dir, "told.json")}
}

func (o *office) open() *notice.Teller {
	o.t.Helper()
	teller, err := notice.Open(o.mark, o, func(list []notice.Notice) {
		for _, n := range list {
			o.told = append(o.told, n.About)
		}
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		o.t.Fatal(err)
	}
	return teller
}

// run lets a teller look twice, as it does when it ends.
func (o *office) run(t *notice.Teller) {
	ctx, stop := context.WithCancel(o.t.Context())
	stop()
	if err := t.Run(ctx); err != nil {
		o.t.Error(err)
	}
}

func (o *office) write(notes ...inventory.Note) {
	o.t.Helper()
	if _, err := o.Write(o.t.Context(), "os:ann", func(*inventory.Book) ([]inventory.Note, error) { return notes, nil }); err != nil {
		o.t.Fatal(err)
	}
}

func note(subject string) inventory.Note {
	return inventory.Note{Topic: inventory.TopicStatement, Subject: subject, Data: struct{}{}}
}

func (o *office) want(want string) {
	o.t.Helper()
	if got := fmt.Sprint(o.told); got != want {
		o.t.Errorf("told %s, want %s", got, want)
	}
}

// TestTeller: entries are told in order, once each, also those that came while
// nobody was there to tell, and none of those from before the first start.
func TestTeller(t *testing.T) {
	o := newOffice(t)
	o.write(note("before"))
	first := o.open()
	o.write(note("a"), inventory.Note{Topic: inventory.TopicSeal, Data: struct{}{}}, note("b"))
	o.run(first)
	o.want("[a b]")
	o.run(first)
	o.write(note("c"))
	o.run(o.open())
	o.want("[a b c]")
	o.write(note("d"))
	_ = o.open() // a process that ends before it tells anything
	o.run(o.open())
	o.want("[a b c d]")
}

// TestTellerRepeats: what was told and not noted is told again.
func TestTellerRepeats(t *testing.T) {
	o := newOffice(t)
	teller := o.open()
	mark, err := os.ReadFile(o.mark)
	if err != nil {
		t.Fatal(err)
	}
	o.write(note("a"))
	o.run(teller)
	if err := os.WriteFile(o.mark, mark, 0o600); err != nil {
		t.Fatal(err)
	}
	o.run(o.open())
	o.want("[a a]")
}

// TestTellerOfShorterLedger: it goes on at the end of a ledger that was put in the
// place of a longer one.
func TestTellerOfShorterLedger(t *testing.T) {
	o := newOffice(t)
	o.write(note("a"))
	if err := os.WriteFile(o.mark, []byte(`{"told":40}`), 0o600); err != nil {
		t.Fatal(err)
	}
	teller := o.open()
	o.run(teller)
	o.write(note("b"))
	o.run(teller)
	o.want("[b]")
}

func TestTellerBadMark(t *testing.T) {
	o := newOffice(t)
	if err := os.WriteFile(o.mark, []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := notice.Open(o.mark, o, func([]notice.Notice) {}, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a damaged mark is taken")
	}
}
