package inventory_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestRotateDue lets quarters pass. A rotation takes effect when the quarter
// began, but what is sealed keeps its pseudonyms.
func TestRotateDue(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 12, 30, 10, 0, 0, 0, time.UTC)
	v := newInventory(t, inventory.Config{Dir: dir, Store: openStore(t, dir), Now: func() time.Time { return now }, Rotate: inventory.RotateQuarter})
	see := func(at time.Time) {
		saver := v.Saver(t.Context())
		s := sighting()
		s.ID, s.Time = traffic.NewID(at), at
		saver.Record(s)
		if err := saver.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	v.RotateDue(t)
	if list, _ := v.Book().Generations(); len(list) != 1 {
		t.Fatalf("a record that has not begun was rotated: %+v", list)
	}
	see(now)
	if _, err := v.SealNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	v.RotateDue(t)
	now = time.Date(2027, 1, 1, 0, 5, 0, 0, time.UTC)
	see(now.Add(-time.Minute))
	for range 2 { // once a quarter
		v.RotateDue(t)
	}
	now = time.Date(2027, 4, 3, 0, 0, 0, 0, time.UTC) // it was off for two days
	see(now.Add(-time.Hour))
	if _, err := v.SealNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	v.RotateDue(t)
	list, err := v.Book().Generations()
	if err != nil || len(list) != 3 {
		t.Fatalf("generations: %+v, %v; want 3", list, err)
	}
	if want := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); !list[1].Since.Equal(want) || list[1].By != "gnomon" {
		t.Errorf("the second generation: %+v; want it since %s", list[1], want)
	}
	if !list[2].Since.After(now.Add(-time.Hour)) {
		t.Errorf("the third generation begins at %s, before what is sealed", list[2].Since)
	}
	check, err := v.Verify(t.Context())
	if err != nil || len(check.Problems) > 0 || check.Seals != 2 {
		t.Errorf("Verify = %+v, %v", check, err)
	}
}

// TestRotateSink shows that streams get the pseudonyms that are shown, and no
// sealed names under others.
func TestRotateSink(t *testing.T) {
	dir := t.TempDir()
	var got []inventory.Event
	v := newInventory(t, inventory.Config{Dir: dir, Store: openStore(t, dir), Sink: func(events []inventory.Event) { got = append(got, slices.Clone(events)...) }})
	if _, err := v.Rotate(t.Context(), " ", "ann"); !invalid(err) {
		t.Errorf("without a reason: %v", err)
	}
	if _, err := v.Rotate(t.Context(), "why", "ann"); err != nil {
		t.Fatal(err)
	}
	s := sighting()
	s.Time = time.Now().Add(time.Minute)
	stop := start(t, v)
	v.Record(s)
	stop()
	if len(got) != 1 || got[0].User != v.Pseudonym(s.User) || len(got[0].People) != 0 {
		t.Errorf("handed on: %+v; want one of %s", got, v.Pseudonym(s.User))
	}
	if b, err := inventory.Line(&got[0]); err != nil || bytes.Contains(b, []byte(`"u-`)) {
		t.Errorf("it has the id that is kept: %s, %v", b, err)
	}
}

// TestRotateException grants an exception that holds on after a rotation.
func TestRotateException(t *testing.T) {
	p := seenAlice(t)
	ctx := context.WithoutCancel(t.Context())
	x, err := p.AskException(ctx, inventory.Asking{Person: p.alice, Service: "openai-api", Reason: "why", Until: time.Now().AddDate(0, 0, 7).Format(time.DateOnly)}, p.alice)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.GrantException(ctx, x.ID, inventory.Grant{}, "rita"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Rotate(ctx, "why", "ann"); err != nil {
		t.Fatal(err)
	}
	if list := p.Exempt(nil, &traffic.Flow{User: "alice@example.org"}, "openai-api"); len(list) != 1 {
		t.Errorf("exempt from %+v, want one", list)
	}
}
