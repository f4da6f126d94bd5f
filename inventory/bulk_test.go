package inventory_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestDecideAll decides on many services at once: all or none.
func TestDecideAll(t *testing.T) {
	a, b, _ := pair(t, nil)
	change := func(service, verb string) inventory.Change {
		return inventory.Change{Service: service, Verb: inventory.Verb(verb), By: "ann", Reason: "because"}
	}
	if _, err := a.DecideAll(t.Context(), []inventory.Change{change("x", "approve"), change("y", "approve")}, false); !errors.Is(err, inventory.ErrUnknown) ||
		strings.Count(err.Error(), "no service") != 2 {
		t.Errorf("two unknown services: %v", err)
	}
	dir := t.TempDir()
	v := newInventory(t, inventory.Config{Dir: dir, Store: openStore(t, dir), Catalogue: catalogue})
	for _, tt := range []struct {
		name    string
		changes []inventory.Change
	}{
		{"unknown", []inventory.Change{change("chatgpt", "refuse"), change("frob", "refuse")}},
		{"twice", []inventory.Change{change("chatgpt", "refuse"), change("ChatGPT", "refuse")}},
		{"verb", []inventory.Change{change("chatgpt", "refuse"), change("claude", "bless")}},
		{"review", []inventory.Change{change("chatgpt", "refuse"), {Service: "claude", Verb: inventory.Approve, Review: "soon"}}},
	} {
		if _, err := v.DecideAll(t.Context(), tt.changes, false); err == nil {
			t.Errorf("%s: no error", tt.name)
		}
	}
	changes := []inventory.Change{change("chatgpt", "refuse"), {Service: "Claude", Verb: inventory.Approve, By: "ann", Owner: "bob", Deputy: "cid", Review: "2027-01-31", Conditions: []string{"no code"}}}
	list, err := v.DecideAll(t.Context(), changes, true)
	if err != nil || list[1].Status != traffic.StatusConditional || list[1].Was != traffic.StatusUnreviewed || list[1].Service != "Claude" || list[1].Owner != "bob" {
		t.Errorf("preview %+v, %v", list, err)
	}
	if n := v.Book().Chain().Seq; n != 0 {
		t.Fatalf("%d entries after mistakes and a preview, want none", n)
	}
	if _, err := v.DecideAll(t.Context(), changes, false); err != nil {
		t.Fatal(err)
	}
	if v.Status("chatgpt") != traffic.StatusRefused || v.Status("claude") != traffic.StatusConditional {
		t.Error("the statuses did not change at once")
	}
	if got := v.Book().FieldValue("claude", "next_review") + v.Book().FieldValue("claude", "deputy"); got != "2027-01-31cid" {
		t.Errorf("fields %q", got)
	}
	if list, err := b.DecideAll(t.Context(), nil, false); len(list) != 0 || err != nil {
		t.Errorf("nothing to decide: %v, %v", list, err)
	}
}
