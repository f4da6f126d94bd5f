package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// erasable returns events of several people, and of what hid one of them. The
// user u-1 and the client c-1 are in many of them.
func erasable() []inventory.Event {
	events := rich(31, 300)
	for i := range events {
		e := &events[i]
		for _, id := range []string{e.User, e.Client} {
			if id != "" {
				e.People = append(e.People, inventory.Person{ID: id, Sealed: []byte("sealed " + id)})
			}
		}
	}
	for i, client := range []string{"c-1", "c-2", "c-1", ""} {
		at := start.AddDate(0, 0, i)
		events = append(events, inventory.Event{ID: events[0].ID[:16] + fmt.Sprintf("%016d", i), Time: at, Blind: "doh", Host: "dns.example", Client: client, Requests: 3, Depth: "blind"})
	}
	return events
}

// Erasable merges what CheckErased knows.
func Erasable(t testing.TB, s inventory.Store) {
	t.Helper()
	for chunk := range slices.Chunk(erasable(), 70) {
		if err := s.Merge(t.Context(), chunk); err != nil {
			t.Fatal(err)
		}
	}
}

// CheckErased compares a store that has erased people of Erasable with a plain
// count of the events in which these are nobody. The people need their own
// subjects gone, nobody else loses anything.
func CheckErased(t testing.TB, s inventory.Store, erased ...string) {
	t.Helper()
	ctx := t.Context()
	events, nobodys := erasable(), erasable()
	gone := func(id string) bool { return slices.Contains(erased, id) }
	for i := range nobodys {
		e := &nobodys[i]
		if gone(e.User) {
			e.User = ""
		}
		if gone(e.Client) {
			e.Client = ""
		}
	}
	before, after := inventory.NewFold(), inventory.NewFold()
	for i := range events {
		before.Add(&events[i])
		after.Add(&nobodys[i])
	}
	checkUsage(t, s, after)
	checkBlind(t, s, after)
	checkSubjects(t, s, before, gone)
	for _, id := range []string{"u-1", "u-2", "u-3", "c-1", "c-2"} {
		if _, err := s.Person(ctx, id); gone(id) != errors.Is(err, inventory.ErrUnknown) || !gone(id) && err != nil {
			t.Errorf("the name behind %s: %v", id, err)
		}
	}
	list, err := s.Services(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range list {
		d, err := s.Service(ctx, row.ID)
		if err != nil {
			t.Fatal(err)
		}
		users, clients := facetNames(before, row.ID, inventory.KindUser, gone), facetNames(before, row.ID, inventory.KindClient, gone)
		if got := useNames(d.UserList); !slices.Equal(got, users) || row.Users != int64(len(users)) {
			t.Errorf("%s: users %v (%d), want %v", row.ID, got, row.Users, users)
		}
		if got := useNames(d.ClientList); !slices.Equal(got, clients) || row.Clients != int64(len(clients)) {
			t.Errorf("%s: clients %v (%d), want %v", row.ID, got, row.Clients, clients)
		}
		if want := before.Services[row.ID]; row.Requests != want.N || row.Up != want.Up {
			t.Errorf("%s: %d requests, %d bytes; want those of before, %d and %d", row.ID, row.Requests, row.Up, want.N, want.Up)
		}
	}
}

func facetNames(f *inventory.Fold, subject string, kind inventory.Kind, gone func(string) bool) (names []string) {
	for k := range f.Facets {
		if k.Subject == subject && k.Kind == kind && !gone(k.Name) {
			names = append(names, k.Name)
		}
	}
	slices.Sort(names)
	return names
}

func useNames(list []inventory.Use) (names []string) {
	for _, u := range list {
		names = append(names, u.Name)
	}
	slices.Sort(names)
	return names
}

// inMillis returns what a store keeps of times.
func inMillis(u inventory.UsageTally) inventory.UsageTally {
	u.First, u.Last = u.First.Truncate(time.Millisecond).UTC(), u.Last.Truncate(time.Millisecond).UTC()
	return u
}

func checkUsage(t testing.TB, s inventory.Store, want *inventory.Fold) {
	t.Helper()
	got := make(map[inventory.UsageKey]inventory.UsageTally)
	err := s.Usage(t.Context(), 0, 1<<40, func(k inventory.UsageKey, u inventory.UsageTally) error {
		if _, twice := got[k]; twice {
			t.Errorf("usage %+v is there twice", k)
		}
		got[k] = inMillis(u)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for k, u := range want.Usage {
		if g, ok := got[k]; !ok || g != inMillis(*u) {
			t.Errorf("usage %+v\n got %+v\nwant %+v", k, g, inMillis(*u))
		}
		delete(got, k)
	}
	for k := range maps.Keys(got) {
		t.Errorf("usage that must not be there: %+v", k)
	}
}

func checkBlind(t testing.TB, s inventory.Store, want *inventory.Fold) {
	t.Helper()
	spots, err := s.BlindSpots(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var flows, all int64
	clients := make(map[string]bool)
	for k, tally := range want.Blind {
		all += tally.N
		if k.Client != "" {
			clients[k.Client] = true
		}
	}
	var listed []string
	for _, b := range spots {
		flows += b.Flows
		listed = append(listed, useNames(b.ClientList)...)
	}
	if flows != all || len(listed) != len(clients) || slices.ContainsFunc(listed, func(c string) bool { return !clients[c] }) {
		t.Errorf("blind spots: %d flows of %v, want %d of %v", flows, listed, all, clients)
	}
}

// checkSubjects compares who was seen with each subject.
func checkSubjects(t testing.TB, s inventory.Store, before *inventory.Fold, gone func(string) bool) {
	t.Helper()
	for k := range before.Facets {
		if k.Kind != inventory.KindTotal {
			continue
		}
		for _, kind := range []inventory.Kind{inventory.KindUser, inventory.KindClient, inventory.KindGroup, inventory.KindKey, inventory.KindModel, inventory.KindAgent, inventory.KindTool, inventory.KindServer} {
			if len(k.Subject) <= len(kind) || k.Subject[:len(kind)+1] != string(kind)+"=" {
				continue
			}
			name := k.Subject[len(kind)+1:]
			d, err := s.Subject(t.Context(), kind, name)
			if gone(name) {
				if !errors.Is(err, inventory.ErrUnknown) {
					t.Errorf("%s %s is still there: %v", kind, name, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s %s: %v", kind, name, err)
				continue
			}
			for _, who := range []inventory.Kind{inventory.KindUser, inventory.KindClient} {
				want := facetNames(before, k.Subject, who, gone)
				if got := useNames(d.Facets[who]); !slices.Equal(got, want) || d.Counts[who] != int64(len(want)) {
					t.Errorf("%s %s: %ss %v (%d), want %v", kind, name, who, got, d.Counts[who], want)
				}
			}
		}
	}
}

// testErase erases a user and then a client: what they did is nobody's, and
// nothing else changes.
func testErase(t *testing.T, s inventory.Store) {
	e, ok := s.(inventory.Eraser)
	if !ok {
		t.Fatal("this store can't erase a person")
	}
	ctx := t.Context()
	Erasable(t, s)
	CheckErased(t, s)
	done, err := e.Erase(ctx, "u-1")
	if err != nil || done.Names != 1 || done.Facets == 0 || done.Usage == 0 || done.Blind != 0 {
		t.Errorf("Erase of a user = %+v, %v", done, err)
	}
	CheckErased(t, s, "u-1")
	if done, err := e.Erase(ctx, "u-1"); err != nil || done != (inventory.Erased{}) {
		t.Errorf("Erase of nobody = %+v, %v", done, err)
	}
	if done, err = e.Erase(ctx, "c-1"); err != nil || done.Names != 1 || done.Facets == 0 || done.Usage == 0 || done.Blind != 1 {
		t.Errorf("Erase of a client = %+v, %v", done, err)
	}
	CheckErased(t, s, "u-1", "c-1")
	ended, end := context.WithCancel(ctx)
	end()
	if _, err := e.Erase(ended, "u-2"); err == nil {
		t.Error("Erase that was called off before it began returns no error")
	}
	CheckErased(t, s, "u-1", "c-1")
}
