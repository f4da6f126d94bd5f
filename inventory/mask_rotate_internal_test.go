package inventory

import (
	"math/rand/v2"
	"testing"
	"time"
)

// RotateDue is what Run calls now and then.
func (v *Inventory) RotateDue(t *testing.T) {
	t.Helper()
	if err := v.rotateDue(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestAlias shows that an alias leads back, that no two people share one, and
// that every generation has its own.
func TestAlias(t *testing.T) {
	m, err := newMask(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	seen := make(map[string]string)
	for range 2000 {
		id := formatPseudonym("uc"[r.IntN(2)], 0, r.Uint64()&(1<<pseudonymBits-1))
		if m.alias(0, id) != id {
			t.Fatalf("%s is called otherwise in the first generation", id)
		}
		for g := int64(1); g < 4; g++ {
			a := m.alias(g, id)
			if back, of := m.kept(a); back != id || of != g || a[0] != id[0] {
				t.Fatalf("%s is %s in generation %d, which leads to %s of %d", id, a, g, back, of)
			}
			if other, ok := seen[a[2:]]; ok && other != id {
				t.Fatalf("%s and %s are both %s", id, other, a)
			}
			seen[a[2:]] = id
		}
	}
	stranger, err := newMask(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if id := "u-3f9c02ab17de"; m.alias(1, id) == stranger.alias(1, id) {
		t.Error("two keys give one alias")
	}
	for _, bad := range []string{"", "u", "u-", "u-1", "x-3f9c02ab17de", "u01-3f9c02ab17de", "u0-3f9c02ab17de", "u-1-3f9c02ab17de", "u-3F9C02AB17DE", "u-3f9c02ab17d", "u+1-3f9c02ab17de", "u99999999999-3f9c02ab17de"} {
		if IsPseudonym(bad) {
			t.Errorf("%q passes for a pseudonym", bad)
		}
		if m.alias(2, bad) != bad {
			t.Errorf("%q has an alias", bad)
		}
	}
}

func TestRotationStart(t *testing.T) {
	at := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	for r, want := range map[Rotation]string{RotateMonth: "2026-11-01", RotateQuarter: "2026-10-01", RotateYear: "2026-01-01", RotateNever: "0001-01-01", "": "0001-01-01"} {
		if got := r.start(at).Format(time.DateOnly); got != want {
			t.Errorf("%q: began on %s, want %s", r, got, want)
		}
	}
}
