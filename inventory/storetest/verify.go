package storetest

import (
	"cmp"
	"crypto/aes"
	"crypto/cipher"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// testVerifySums: the sums of a store are those of its sightings whatever
// happens to it that is in order.
func testVerifySums(t *testing.T, s inventory.Store) {
	ctx, now := t.Context(), start.AddDate(0, 0, 4)
	dir := t.TempDir()
	v, err := inventory.New(ctx, inventory.Config{Dir: dir, Store: s, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	check := func(when string, sums bool, unbound int64, days ...string) {
		t.Helper()
		got, err := v.Verify(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Problems) > 0 || (got.Sums > 0) != sums || got.Unbound != unbound {
			t.Errorf("%s: %+v; want no problem, %d days unbound", when, got, unbound)
		}
		var compared []string
		for _, d := range got.Days {
			compared = append(compared, d.What+" of "+d.From+" to "+d.To+": "+cmp.Or(d.With, "not")+", "+d.Why)
		}
		for _, want := range days {
			if !slices.ContainsFunc(compared, func(is string) bool { return strings.HasPrefix(is, want) }) {
				t.Errorf("%s: compared are\n%s\nwant %s", when, strings.Join(compared, "\n"), want)
			}
		}
	}
	seal := func() {
		t.Helper()
		if _, err := v.SealNow(ctx); err != nil {
			t.Fatal(err)
		}
	}
	check("empty", false, 0)
	erased := Named(t, dir, "erik")
	known := Near(rich(70, 80))
	for i := range known {
		if known[i].User == "u-2" {
			known[i].User, known[i].People = erased.ID, []inventory.Person{erased}
		}
	}
	merge(t, s, known)
	check("new", true, 0, "sums of services, and who used what of 2026-11-01 to 2026-11-04: sightings, ")
	sealPlainly(t, v)
	check("sealed by an old version", true, 0)
	merge(t, s, append(Near(rich(71, 80)), inventory.Event{ID: rich(90, 1)[0].ID, Time: start, Blind: "doh", Host: "dns.test", Client: "c-1", Requests: 1}))
	check("sealed and new", true, 0)
	seal()
	if _, err := v.Rotate(ctx, "test", "ann"); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour)
	late := rich(72, 40) // of after the rotation
	for i := range late {
		late[i].Time = now.Add(-time.Duration(i) * time.Second)
	}
	merge(t, s, late)
	check("rotated", true, 0)
	seal()
	check("rotated and sealed", true, 0, "single sightings of 2026-11-01 to 2026-11-05: seals, ",
		"sums of services, and who used what of 2026-11-01 to 2026-11-04: seals and sightings, ", "sums of services, and who used what of 2026-11-05 to 2026-11-05: seals, ", "sums of hours of 2026-11-01 to 2026-11-04: seals and sightings, ")
	if e, err := v.Erase(ctx, erased.ID, "asked for it", "ann"); err != nil || e.Deleted.Usage == 0 {
		t.Fatalf("erased %+v, %v", e, err)
	}
	check("erased", true, 0, "sums of services, and who used what of 2026-11-05 to 2026-11-05: seals, not who used what: people were erased since")
	now = start.AddDate(0, 0, 100)
	if _, err := v.PruneNow(ctx); err != nil {
		t.Fatal(err)
	}
	check("sightings deleted", true, 4, "single sightings of 2026-11-01 to 2026-11-05: not, past their time: retention deleted them all",
		"sums of services, and who used what of 2026-11-01 to 2026-11-04: not, sightings are gone that a version sealed which put no sums into seals", "sums of services, and who used what of 2026-11-05 to 2026-11-05: seals, ",
		"sums of hours of 2026-11-01 to 2026-11-05: not, past their time")
	now = start.AddDate(2, 0, 0)
	if _, err := v.PruneNow(ctx); err != nil {
		t.Fatal(err)
	}
	check("all deleted", false, 4, "sums of services, and who used what of 2026-11-01 to 2026-11-05: not, past their time", "values seen with services of 2026-11-01 to 2026-11-05: not, past their time")
}

// Named returns the pseudonym of a user, and the sealed name, as an inventory makes
// them that has its keys in dir.
func Named(t *testing.T, dir, user string) inventory.Person {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "people.key"))
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(raw[32:])
	if err != nil {
		t.Fatal(err)
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		t.Fatal(err)
	}
	key := traffic.Key(raw[:32])
	id := "u-" + key.Hash("u", []byte(user))[:12]
	return inventory.Person{ID: id, Sealed: seal.Seal(nil, nil, []byte(user), []byte(id))}
}

// sealPlainly seals without sums, as versions did that knew none.
func sealPlainly(t *testing.T, v *inventory.Inventory) {
	t.Helper()
	var seal inventory.Seal
	var tree ledger.Tree
	err := v.Batches(t.Context(), 0, func(b *inventory.Batch) error {
		if seal.From == 0 {
			seal.From = b.Seq
		}
		seal.To, seal.Chain = b.Seq, b.Chain
		return b.Events(func(e *inventory.Event) error {
			line, err := inventory.Line(e)
			tree.Add(ledger.Leaf(line))
			if seal.First.IsZero() || e.Time.Before(seal.First) {
				seal.First = e.Time
			}
			if e.Time.After(seal.Last) {
				seal.Last = e.Time
			}
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	seal.Events, seal.Root = tree.Len(), tree.Root()
	if _, err := v.Write(t.Context(), "gnomon", func(*inventory.Book) ([]inventory.Note, error) {
		return []inventory.Note{{Topic: inventory.TopicSeal, Data: &seal}}, nil
	}); err != nil {
		t.Fatal(err)
	}
}
