package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// rotated is an inventory over the store under test, and its clock.
type rotated struct {
	*inventory.Inventory
	t   *testing.T
	now *time.Time
}

// see records one request of a user.
func (r rotated) see(user string, at time.Time) {
	r.t.Helper()
	saver := r.Saver(r.t.Context())
	saver.Record(&traffic.Sighting{
		ID: traffic.NewID(at), Time: at, Sensor: traffic.SensorProxy, User: user, Groups: []string{"sales"}, Host: "api.test",
		Verdict: traffic.Verdict{Service: "S", ID: "s", How: traffic.HowCatalogue}, Decision: traffic.Decision{Action: traffic.ActionAllow}, Requests: 1,
	})
	if err := saver.Flush(); err != nil {
		r.t.Fatal(err)
	}
}

// users returns the requests of the users that are listed.
func (r rotated) users() map[string]int64 {
	r.t.Helper()
	list, err := r.Seen().Subjects(r.t.Context(), inventory.KindUser, 100)
	if err != nil {
		r.t.Fatal(err)
	}
	all := make(map[string]int64)
	for _, s := range list {
		all[s.Name] = s.Requests
	}
	return all
}

// logged returns the users of all single sightings, in order.
func (r rotated) logged() string {
	r.t.Helper()
	var list []string
	err := r.Batches(r.t.Context(), 0, func(b *inventory.Batch) error {
		return b.Events(func(e *inventory.Event) error { list = append(list, e.User); return nil })
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return strings.Join(list, " ")
}

// testRotation gives people new pseudonyms between two days, and looks for what
// joins them.
func testRotation(t *testing.T, s inventory.Store) {
	ctx, dir, now := t.Context(), t.TempDir(), start.AddDate(0, 0, 1)
	open := func() rotated {
		v, err := inventory.New(ctx, inventory.Config{Dir: dir, Store: s, Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		return rotated{v, t, &now}
	}
	r, other := open(), open() // two gateways with one key
	r.see("alice", start)
	r.see("bob", start.Add(time.Minute))
	old := r.Pseudonym("alice")
	if got := r.users(); len(got) != 2 || got[old] != 1 {
		t.Fatalf("users before: %v, alice is %s", got, old)
	}
	g, err := r.Rotate(ctx, "a list went astray", "ann")
	if err != nil || g.Number != 1 || g.By != "ann" || g.Reason == "" {
		t.Fatalf("Rotate = %+v, %v", g, err)
	}
	alice := r.Pseudonym("alice")
	if alice == old || !strings.HasPrefix(alice, "u1-") || !inventory.IsPseudonym(alice) {
		t.Fatalf("alice was %s, is %s", old, alice)
	}
	if got := r.users(); len(got) != 0 {
		t.Errorf("nobody was seen since: %v", got)
	}
	now = now.AddDate(0, 0, 1)
	r.see("alice", now)
	r.see("carol", start.Add(2*time.Minute)) // out of an old log
	if got := r.users(); len(got) != 1 || got[alice] != 1 {
		t.Errorf("users after: %v; want what %s did since", got, alice)
	}
	r.checkViews(old, alice, g.Since)
	other.refresh()
	if got := other.Pseudonym("alice"); got != alice {
		t.Errorf("another gateway calls alice %s, not %s", got, alice)
	}
	r.checkSeals(old, alice)
	r.checkReveal(old, alice)
	r.checkErase(old, alice)
}

// refresh brings the book of an inventory up to date.
func (r rotated) refresh() {
	r.t.Helper()
	if _, err := r.Write(r.t.Context(), "test", func(*inventory.Book) ([]inventory.Note, error) { return nil, nil }); err != nil {
		r.t.Fatal(err)
	}
}

func (r rotated) checkViews(old, alice string, since time.Time) {
	ctx := r.t.Context()
	d, err := r.Service(ctx, "s")
	if err != nil || len(d.UserList) != 1 || d.UserList[0].Name != alice || d.UserList[0].Requests != 1 || d.UserList[0].FirstSeen.Before(since) {
		r.t.Errorf("users of the service: %+v, %v", d, err)
	}
	if d != nil && d.Users != 3 {
		r.t.Errorf("%d users of the service, want 3: rotating makes nobody", d.Users)
	}
	one, err := r.Seen().Subject(ctx, inventory.KindUser, alice)
	if err != nil || one.Name != alice || one.Requests != 1 || one.FirstSeen.Before(since) || len(one.Facets[inventory.KindService]) != 1 {
		r.t.Errorf("alice: %+v, %v", one, err)
	}
	if _, err := r.Seen().Subject(ctx, inventory.KindUser, old); !errors.Is(err, inventory.ErrUnknown) {
		r.t.Errorf("the old pseudonym leads to what is seen now: %v", err)
	}
	group, err := r.Seen().Subject(ctx, inventory.KindGroup, "sales")
	if err != nil || len(group.Facets[inventory.KindUser]) != 1 || group.Facets[inventory.KindUser][0].Name != alice {
		r.t.Errorf("people of sales: %+v, %v", group, err)
	}
	if group != nil && group.Counts[inventory.KindUser] != 3 {
		r.t.Errorf("%d people in sales, want 3", group.Counts[inventory.KindUser])
	}
}

// checkSeals shows that a seal made before a rotation holds after it, and that
// each sighting has the pseudonym of its time.
func (r rotated) checkSeals(old, alice string) {
	ctx := r.t.Context()
	seal := func() {
		if s, err := r.SealNow(ctx); err != nil || s == nil {
			r.t.Fatalf("SealNow = %+v, %v", s, err)
		}
	}
	seal()
	before := r.logged()
	if strings.Count(before, old) != 1 || strings.Count(before, alice) != 1 || strings.Count(before, "u-") != 3 {
		r.t.Errorf("sightings of %s; want %s once, %s once and two more of the first generation", before, old, alice)
	}
	if _, err := r.Rotate(ctx, "again", "ann"); err != nil {
		r.t.Fatal(err)
	}
	if got := r.logged(); got != before {
		r.t.Errorf("sealed sightings are of %s after a rotation, and were of %s", got, before)
	}
	*r.now = r.now.AddDate(0, 0, 1)
	r.see("alice", *r.now)
	seal()
	check, err := r.Verify(ctx)
	if err != nil || len(check.Problems) > 0 || check.Seals != 2 {
		r.t.Errorf("Verify = %+v, %v", check, err)
	}
	if n := strings.Count(r.logged(), r.Pseudonym("alice")); n != 1 {
		r.t.Errorf("%d sightings of alice in the third generation, want 1", n)
	}
}

func (r rotated) checkReveal(names ...string) {
	ctx := r.t.Context()
	for _, id := range append(names, r.Pseudonym("alice")) {
		q, err := r.RequestReveal(ctx, id, "why", "ann", []string{"rita"})
		if err != nil {
			r.t.Fatal(err)
		}
		if _, err := r.AllowReveal(ctx, q.Request, "rita", []string{"rita"}); err != nil {
			r.t.Fatal(err)
		}
		if name, got, err := r.ShowReveal(ctx, q.Request, "ann"); err != nil || name != "alice" || got.Pseudonym != id {
			r.t.Errorf("%s is %q, %+v, %v", id, name, got, err)
		}
	}
	if _, err := r.RequestReveal(ctx, "u1-000000000000", "why", "ann", []string{"rita"}); err == nil {
		r.t.Error("a name of nobody was asked for")
	}
}

// checkErase forgets a person under an old pseudonym.
func (r rotated) checkErase(old, alice string) {
	ctx := r.t.Context()
	e, err := r.Erase(ctx, alice, "asked for it", "ann")
	if err != nil || e.Deleted.Names != 1 || e.Deleted.Usage == 0 {
		r.t.Fatalf("Erase = %+v, %v", e, err)
	}
	if got := r.users(); len(got) != 0 {
		r.t.Errorf("users after the erasure: %v", got)
	}
	if _, err := r.RequestReveal(ctx, old, "why", "ann", []string{"rita"}); err == nil {
		r.t.Error("an erased name can be asked for under an older pseudonym")
	}
	err = r.Entries(ctx, 0, func(e *ledger.Entry) error {
		if inventory.Topic(e.Kind) == inventory.TopicDeletion && e.Subject != alice {
			return fmt.Errorf("the erasure is on record on %q, not on what was asked for", e.Subject)
		}
		return nil
	})
	if err != nil {
		r.t.Error(err)
	}
}
