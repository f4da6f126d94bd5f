package inventory_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// clock is a time that a test moves.
type clock struct{ past atomic.Int64 }

func (c *clock) now() time.Time           { return time.Now().Add(time.Duration(c.past.Load())) }
func (c *clock) advance(by time.Duration) { c.past.Add(int64(by)) }

// people is an inventory that has seen alice, and the names of bytes of its log.
type people struct {
	*inventory.Inventory
	clock
	dir   string
	log   bytes.Buffer
	alice string
}

func seenAlice(t *testing.T) *people {
	t.Helper()
	p := &people{dir: t.TempDir()}
	p.Inventory = newInventory(t, inventory.Config{Dir: p.dir, Store: openStore(t, p.dir), Now: p.now, Log: slog.New(slog.NewTextHandler(&p.log, nil))})
	stop := start(t, p.Inventory)
	p.Record(sighting())
	stop()
	p.alice = p.Pseudonym("alice@example.org")
	return p
}

var reviewers = []string{"Rita", "ralf"}

func (p *people) ask(t *testing.T) inventory.Reveal {
	t.Helper()
	r, err := p.RequestReveal(t.Context(), p.alice, "incident 12", "ann", reviewers)
	if err != nil || r.State != inventory.RevealPending || r.By != "ann" {
		t.Fatalf("RequestReveal = %+v, %v", r, err)
	}
	return r
}

func TestRevealByTwo(t *testing.T) {
	p := seenAlice(t)
	ctx := t.Context()
	r := p.ask(t)
	if _, _, err := p.ShowReveal(ctx, r.Request, "ann"); !refused(err) {
		t.Errorf("shown before anybody allowed it: %v", err)
	}
	for _, who := range []string{"ann", "ANN ", "token:ann", "mallory", ""} {
		if _, err := p.AllowReveal(ctx, r.Request, who, append(reviewers, "ann")); !refused(err) {
			t.Errorf("%q allowed it: %v", who, err)
		}
	}
	if got, err := p.AllowReveal(ctx, r.Request, "rita", reviewers); err != nil || got.State != inventory.RevealAllowed || got.Reviewer != "rita" {
		t.Fatalf("AllowReveal = %+v, %v", got, err)
	}
	if _, err := p.AllowReveal(ctx, r.Request, "ralf", reviewers); !refused(err) {
		t.Errorf("allowed twice: %v", err)
	}
	if _, _, err := p.ShowReveal(ctx, r.Request, "rita"); !refused(err) {
		t.Errorf("shown to the reviewer: %v", err)
	}
	name, got, err := p.ShowReveal(ctx, r.Request, "ann")
	if err != nil || name != "alice@example.org" || got.State != inventory.RevealShown {
		t.Fatalf("ShowReveal = %q, %+v, %v", name, got, err)
	}
	if name, _, err := p.ShowReveal(ctx, r.Request, "ann"); !refused(err) || name != "" {
		t.Errorf("shown a second time: %q, %v", name, err)
	}
	p.steps(t, "requested ann", "allowed rita", "shown ann")
}

func refused(err error) bool {
	_, ok := errors.AsType[*inventory.RevealError](err)
	return ok
}

// steps compares what is on record, and looks for the name in everything that
// was written.
func (p *people) steps(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	err := p.Entries(t.Context(), 0, func(e *ledger.Entry) error {
		if inventory.Topic(e.Kind) != inventory.TopicReveal {
			return nil
		}
		for _, step := range []string{"requested", "allowed", "refused", "shown"} {
			if bytes.Contains(e.Data, []byte(`"step":"`+step+`"`)) {
				got = append(got, step+" "+e.By)
			}
		}
		if e.Subject != p.alice {
			t.Errorf("subject = %q, want the pseudonym", e.Subject)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("on record: %q, want %q", got, want)
	}
	err = filepath.WalkDir(p.dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte("alice")) {
			t.Errorf("%s holds the name", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(p.log.String(), "alice") {
		t.Errorf("the log holds the name: %s", p.log.String())
	}
}

func TestRevealLapses(t *testing.T) {
	p := seenAlice(t)
	late := p.ask(t)
	p.advance(7*24*time.Hour + time.Minute)
	if _, err := p.AllowReveal(t.Context(), late.Request, "rita", reviewers); !refused(err) {
		t.Errorf("allowed after a week: %v", err)
	}
	r := p.ask(t)
	if _, err := p.AllowReveal(t.Context(), r.Request, "rita", reviewers); err != nil {
		t.Fatal(err)
	}
	p.advance(24*time.Hour + time.Minute)
	if name, _, err := p.ShowReveal(t.Context(), r.Request, "ann"); !refused(err) || name != "" {
		t.Errorf("shown after a day: %q, %v", name, err)
	}
	list, err := p.Reveals()
	if err != nil || len(list) != 2 || list[0].Request != r.Request || list[0].State != inventory.RevealLapsed || list[1].State != inventory.RevealLapsed {
		t.Errorf("Reveals = %+v, %v; want two that lapsed, the newest first", list, err)
	}
}

func TestRevealRefused(t *testing.T) {
	p := seenAlice(t)
	ctx := t.Context()
	r := p.ask(t)
	if _, err := p.RefuseReveal(ctx, r.Request, "no", "mallory", reviewers); !refused(err) {
		t.Errorf("anybody can refuse: %v", err)
	}
	if got, err := p.RefuseReveal(ctx, r.Request, "not needed", "ralf", reviewers); err != nil || got.State != inventory.RevealRefused || got.Answer != "not needed" {
		t.Errorf("RefuseReveal = %+v, %v", got, err)
	}
	if _, _, err := p.ShowReveal(ctx, r.Request, "ann"); !refused(err) {
		t.Errorf("shown though refused: %v", err)
	}
	var invalid *inventory.InvalidError
	if _, err := p.RequestReveal(ctx, p.alice, " ", "ann", reviewers); !errors.As(err, &invalid) {
		t.Errorf("a request without a reason: %v", err)
	}
	for _, alone := range [][]string{nil, {"ann"}, {"Ann", "os:ann"}} {
		if _, err := p.RequestReveal(ctx, p.alice, "why", "ann", alone); !refused(err) {
			t.Errorf("a request that nobody else of %q could allow: %v", alone, err)
		}
	}
	if _, err := p.RequestReveal(ctx, "u-000000000000", "why", "ann", reviewers); !refused(err) {
		t.Errorf("a request for nobody: %v", err)
	}
	if _, err := p.AllowReveal(ctx, "r-nothing", "rita", reviewers); !refused(err) {
		t.Errorf("a request that does not exist was allowed: %v", err)
	}
}

// TestRevealOnce lets many ask for the showing at once, through two inventories.
func TestRevealOnce(t *testing.T) {
	p := seenAlice(t)
	other := newInventory(t, inventory.Config{Dir: p.dir, Store: openStore(t, p.dir)})
	r := p.ask(t)
	if _, err := p.AllowReveal(t.Context(), r.Request, "rita", reviewers); err != nil {
		t.Fatal(err)
	}
	shown := make(chan string)
	for i := range 8 {
		v := []*inventory.Inventory{p.Inventory, other}[i%2]
		go func() {
			name, _, _ := v.ShowReveal(context.Background(), r.Request, "ann")
			shown <- name
		}()
	}
	n := 0
	for range 8 {
		if <-shown != "" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the name was shown %d times, want once", n)
	}
}
