package inventory

import (
	"net/netip"
	"testing"
)

func TestReveal(t *testing.T) {
	m, err := newMask(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	id, people := m.user(nil, "alice@example.org")
	if len(people) != 1 || people[0].ID != id {
		t.Fatalf("hide = %q, %+v; want the sealed name with it", id, people)
	}
	name, err := m.reveal(people[0])
	if err != nil || name != "alice@example.org" {
		t.Errorf("reveal = %q, %v", name, err)
	}
	if other, _ := m.user(nil, "bob@example.org"); other == id {
		t.Error("two users have one pseudonym")
	}
	addr := netip.MustParseAddr("192.0.2.7")
	user, _ := m.user(nil, addr.String())
	if client, _ := m.client(nil, addr); client[2:] == user[2:] {
		t.Error("a user and a client of one name can be told to be the same")
	}
	m.stored([]Event{{People: people}})
	if _, again := m.user(nil, "alice@example.org"); again != nil {
		t.Error("a name that is stored is sealed again")
	}
	m.forget()
	if same, again := m.user(nil, "alice@example.org"); same != id || again == nil {
		t.Error("a name that may be gone from the store is not sealed again")
	}
	stranger, err := newMask(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stranger.reveal(people[0]); err == nil {
		t.Error("a name was opened with another key")
	}
	people[0].ID = "u-000000000000"
	if _, err := m.reveal(people[0]); err == nil {
		t.Error("a sealed name was moved to another pseudonym")
	}
}
