package inventory_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
)

func TestErase(t *testing.T) {
	p := seenAlice(t)
	ctx := t.Context()
	before := row(t, p.Inventory, "openai-api")
	if before.Users != 1 || before.Requests != 1 {
		t.Fatalf("before: %+v", before)
	}
	asked := p.ask(t)
	e, err := p.Erase(ctx, p.alice, "asked for it", "ann")
	if err != nil || e.Deleted.Names != 1 || e.Deleted.Facets == 0 || e.Deleted.Usage != 1 {
		t.Fatalf("Erase = %+v, %v", e, err)
	}
	after := row(t, p.Inventory, "openai-api")
	if after.Users != 0 || after.Requests != before.Requests || after.Up != before.Up || after.Clients != 1 {
		t.Errorf("after: %+v; want the counts of before and no user", after)
	}
	if _, err := p.Seen().Subject(ctx, inventory.KindUser, p.alice); !errors.Is(err, inventory.ErrUnknown) {
		t.Errorf("the user is still there: %v", err)
	}
	n := int64(0)
	err = p.Seen().Usage(ctx, 0, 1<<40, func(k inventory.UsageKey, u inventory.UsageTally) error {
		if n += u.N; k.User != "" {
			t.Errorf("usage of %q", k.User)
		}
		return nil
	})
	if err != nil || n != before.Requests {
		t.Errorf("usage: %d requests, %v; want %d", n, err, before.Requests)
	}
	if _, err := p.AllowReveal(ctx, asked.Request, "rita", reviewers); err != nil {
		t.Fatal(err)
	}
	if name, _, err := p.ShowReveal(ctx, asked.Request, "ann"); !refused(err) || name != "" {
		t.Errorf("an erased name was shown: %q, %v", name, err)
	}
	note, ok, err := inventory.Newest[inventory.Erasure](p.Book(), inventory.TopicDeletion, p.alice)
	if err != nil || !ok || note.Reason != "asked for it" || note.Deleted != e.Deleted {
		t.Errorf("on record: %+v, %v, %v", note, ok, err)
	}
	var invalid *inventory.InvalidError
	for _, tt := range []struct{ id, reason string }{{p.alice, "again"}, {"alice", "why"}, {p.alice, " "}} {
		if _, err := p.Erase(ctx, tt.id, tt.reason, "ann"); !errors.As(err, &invalid) {
			t.Errorf("Erase(%q, %q): %v", tt.id, tt.reason, err)
		}
	}
}

// halfStore ends an erasure after it has begun, as the end of the process does.
type halfStore struct {
	inventory.Store
	ends bool
}

func (s *halfStore) Erase(ctx context.Context, id string) (inventory.Erased, error) {
	if s.ends {
		return inventory.Erased{}, errAway
	}
	return s.Store.(inventory.Eraser).Erase(ctx, id)
}

// TestEraseInterrupted has a plan on record before anything is deleted, and
// another process finish it, once.
func TestEraseInterrupted(t *testing.T) {
	p := seenAlice(t)
	store := &halfStore{openStore(t, p.dir), true}
	dying := newInventory(t, inventory.Config{Dir: p.dir, Store: store, Now: p.now})
	if _, err := dying.Erase(t.Context(), p.alice, "asked for it", "ann"); !errors.Is(err, errAway) {
		t.Fatalf("Erase = %v", err)
	}
	next := newInventory(t, inventory.Config{Dir: p.dir, Store: openStore(t, p.dir), Now: p.now})
	history := func() (list []inventory.Erasure) {
		for _, e := range next.Book().History(inventory.TopicDeletion, p.alice) {
			one, err := inventory.Read[inventory.Erasure](&e)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, one)
		}
		return list
	}
	prune := func() {
		t.Helper()
		if _, err := next.PruneNow(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	prune() // it may be under way still
	if got := history(); len(got) != 1 || !got[0].Planned || got[0].Reason != "asked for it" {
		t.Fatalf("on record: %+v, want the plan", got)
	}
	p.advance(11 * time.Minute)
	prune()
	prune()
	if got := history(); len(got) != 2 || got[1].Planned || got[1].Deleted.Names != 1 || got[1].Reason != "asked for it" {
		t.Errorf("on record: %+v, want the plan and what became of it", got)
	}
	if _, err := next.Seen().Person(t.Context(), p.alice); !errors.Is(err, inventory.ErrUnknown) {
		t.Errorf("the name is still there: %v", err)
	}
}

// TestEraseAdds erases one of two people of one day: what they did is added up.
func TestEraseAdds(t *testing.T) {
	dir := t.TempDir()
	v := newInventory(t, inventory.Config{Dir: dir, Store: openStore(t, dir)})
	stop := start(t, v)
	for _, who := range []string{"alice", "bob", ""} {
		s := sighting()
		s.User = who
		v.Record(s)
	}
	stop()
	for i, who := range []string{"alice", "bob"} {
		if _, err := v.Erase(t.Context(), v.Pseudonym(who), "why", "ann"); err != nil {
			t.Fatal(err)
		}
		if got := row(t, v, "openai-api"); got.Users != int64(1-i) || got.Requests != 3 {
			t.Errorf("after %s: %d users, %d requests; want %d, 3", who, got.Users, got.Requests, 1-i)
		}
	}
	n, rows := int64(0), 0
	err := v.Seen().Usage(t.Context(), 0, 1<<40, func(k inventory.UsageKey, u inventory.UsageTally) error {
		n, rows = n+u.N, rows+1
		return nil
	})
	if err != nil || n != 3 || rows != 1 {
		t.Errorf("usage: %d requests in %d rows, %v; want 3 in one", n, rows, err)
	}
}
