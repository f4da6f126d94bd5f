package assess_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/risk"
)

// TestSome: the rows of some services are those that Rows has of them, and there
// is a row for each of IDs and no other.
func TestSome(t *testing.T) {
	v := seeded(t)
	note(t, v, inventory.TopicRisk, "gemini", assess.Note{Treatment: &risk.Treatment{Option: risk.Modify, Plan: "train people", Owner: "ann"}})
	r := register(t, v) // gemini was not seen in the period, and is treated
	all, err := r.Rows()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for i := range all {
		ids = append(ids, all[i].ID)
	}
	got := r.IDs()
	slices.Sort(ids)
	if slices.Sort(got); !slices.Equal(got, ids) || len(got) != 3 {
		t.Fatalf("IDs = %q, Rows have %q", got, ids)
	}
	for _, some := range [][]string{{}, {"claude"}, {"gemini", "openai-api"}, {"nobody", "claude"}, ids} {
		rows, err := r.Some(some)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, id := range some {
			if !slices.Contains(ids, id) {
				continue
			}
			n++
			if row := find(t, rows, id); !reflect.DeepEqual(row, find(t, all, id)) {
				t.Errorf("%s of %q:\n%+v\nof all:\n%+v", id, some, row, find(t, all, id))
			}
		}
		if len(rows) != n {
			t.Errorf("%d rows of %q, want %d", len(rows), some, n)
		}
	}
}
