package inventory_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// TestOwn asks who people are and what is kept of them, where some are known by
// name and others are not.
func TestOwn(t *testing.T) {
	dir := t.TempDir()
	v := newInventory(t, inventory.Config{Dir: dir, Store: openStore(t, dir)})
	stop := start(t, v)
	office, lone, home := netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("192.0.2.8"), netip.MustParseAddr("192.0.2.9")
	see := func(user string, client netip.Addr, n int) {
		for range n {
			s := sighting()
			s.Time, s.User, s.Client = time.Now(), user, client
			v.Record(s)
		}
	}
	see("alice", office, 3)
	see("bob", office, 2)
	see("", office, 1)
	see("", lone, 4)
	see("device:laptop", home, 5)
	see("alice", home, 60)
	stop()
	for _, tt := range []struct {
		name     string
		user     string
		client   netip.Addr
		known    inventory.Known
		requests int64
		recent   int
	}{
		{"alice", "alice", office, inventory.KnownUser, 63, 50},
		{"bob elsewhere", "bob", lone, inventory.KnownUser, 2, 2},
		{"an address that people share", "", office, inventory.KnownShared, 0, 0},
		{"an address of one", "", lone, inventory.KnownAddress, 4, 4},
		{"a device", "device:laptop", home, inventory.KnownDevice, 0, 0},
		{"a device with a user's name", "device:alice", home, inventory.KnownDevice, 0, 0},
		{"somebody new", "carol", office, inventory.KnownUser, 0, 0},
		{"nobody", "", netip.Addr{}, inventory.KnownNobody, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o, err := v.Own(t.Context(), tt.user, tt.client)
			if err != nil {
				t.Fatal(err)
			}
			var n int64
			if o.Detail != nil {
				n = o.Detail.Requests
			}
			if o.Known != tt.known || n != tt.requests || len(o.Recent) != tt.recent || o.Partly {
				t.Errorf("%q, %d requests, %d of them single, partly: %v; want %q, %d, %d", o.Known, n, len(o.Recent), o.Partly, tt.known, tt.requests, tt.recent)
			}
			if tt.known != inventory.KnownUser && tt.known != inventory.KnownAddress && o.Person != "" {
				t.Errorf("person %q", o.Person)
			}
			for i, e := range o.Recent {
				if e.User != v.Pseudonym(tt.user) || i > 0 && e.Time.After(o.Recent[i-1].Time) {
					t.Errorf("sighting %d is of %q, at %s", i, e.User, e.Time)
				}
			}
		})
	}
}

// TestOwnOnRecord shows a person the reveals in which the name was shown, and
// its own exceptions.
func TestOwnOnRecord(t *testing.T) {
	p := seenAlice(t)
	ctx := t.Context()
	own := func() *inventory.Own {
		o, err := p.Own(ctx, "alice@example.org", netip.Addr{})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	r := p.ask(t)
	if _, err := p.AllowReveal(ctx, r.Request, "rita", reviewers); err != nil {
		t.Fatal(err)
	}
	if o := own(); len(o.Reveals) != 0 {
		t.Errorf("reveals before the name was shown: %+v", o.Reveals)
	}
	if _, _, err := p.ShowReveal(ctx, r.Request, "ann"); err != nil {
		t.Fatal(err)
	}
	p.askFor(t, "openai-api", "")
	if _, err := p.AskException(ctx, inventory.Asking{Person: p.Pseudonym("bob"), Service: "openai-api", Reason: "why", Until: p.until(1)}, "ann"); err != nil {
		t.Fatal(err)
	}
	o := own()
	if len(o.Reveals) != 1 || o.Reveals[0].Reason != "incident 12" || len(o.Exceptions) != 1 || o.Exceptions[0].Person != p.alice {
		t.Errorf("reveals %+v, exceptions %+v", o.Reveals, o.Exceptions)
	}
}
